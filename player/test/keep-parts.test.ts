import Hls, { type StreamController } from 'hls.js'
import { expect, test, vi } from 'vitest'
import { keepingParts } from '../src/keep-parts'

const THEIRS = Hls.DefaultConfig.streamController

/** What is left of a segment in hls.js when what was shown has been dropped while one of its parts is appended. */
function afterDropping(streamController: typeof StreamController, isCurrent = true) {
  const hls = new Hls({ streamController })
  const segment = { sn: 7, level: 0, type: 'main', stats: { loading: {} }, clearElementaryStreamInfo: vi.fn() }
  const inside = (hls as unknown as { streamController: { fragCurrent: unknown; media: unknown; fragmentTracker: { getState: (one: unknown) => string } } }).streamController
  inside.media = { buffered: { length: 0 } }
  inside.fragCurrent = isCurrent ? segment : null
  hls.trigger(Hls.Events.FRAG_LOADED, { frag: segment, part: segment, networkDetails: null, payload: new ArrayBuffer(0) } as never)
  expect(inside.fragmentTracker.getState(segment)).toBe('APPENDING')
  hls.trigger(Hls.Events.BUFFER_FLUSHED, { type: 'audiovideo', start: 0, end: 1 })
  const state = inside.fragmentTracker.getState(segment)
  inside.media = null
  hls.destroy()
  return { state, isForgotten: segment.clearElementaryStreamInfo.mock.calls.length > 0 }
}

test('what hls.js knows of a segment outlasts that something is dropped while a part of it is appended', () => {
  expect(afterDropping(keepingParts(Hls))).toEqual({ state: 'APPENDING', isForgotten: false })
})

test('what is gone otherwise is forgotten', () => {
  expect(afterDropping(keepingParts(Hls), false)).toEqual({ state: 'NOT_LOADED', isForgotten: true })
})

test('hls.js itself forgets it: once it does not, our stream controller can go', () => {
  expect(afterDropping(THEIRS)).toEqual({ state: 'NOT_LOADED', isForgotten: true })
})

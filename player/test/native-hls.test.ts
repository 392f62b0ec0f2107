import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Cue } from '../src/cues'
import { openNative } from '../src/native-hls'

const CUE: Cue = { id: 'draw-1', pts: 12340, utc: '2026-11-22T12:00:12.340Z', payload: 'go' }
const START = Date.parse('2026-11-22T12:00:00.000Z')

/** As much of a video element as Safari's HLS is read by. */
class SafariVideo extends EventTarget {
  src = ''
  currentTime = 4
  textTracks = Object.assign(new EventTarget(), { [Symbol.iterator]: () => this.tracks[Symbol.iterator]() })
  tracks: { kind: string; mode: string; cues: object[] | null }[] = []
  getStartDate?: () => Date
  removeAttribute = () => { this.src = '' }
  load = () => {}
}

beforeEach(() => { vi.useFakeTimers({ now: START + 10_500 }) })
afterEach(() => { vi.useRealTimers() })

function open(video = new SafariVideo()) {
  const told: [Cue, number][] = []
  const ended: true[] = []
  const engine = openNative('https://h/live/show.m3u8', video as unknown as HTMLVideoElement, {
    onCue: (cue, at) => told.push([cue, at]), onEnd: () => ended.push(true), onFail: () => {}, onResponse: () => {},
  })
  return { video, engine, told, ended }
}

test('the start date of the playlist tells latency and the picture of a cue', () => {
  const { video, engine } = open()
  video.getStartDate = () => new Date(START)
  expect(engine.latency()).toBe(6.5)
  expect(engine.timeOf(CUE)).toBe(12.34)
  expect(engine.timeOf({ ...CUE, utc: '' })).toBeUndefined()
  expect(engine.shownAt()).toBe(START + 4000)
})

test.each([undefined, () => new Date(NaN)])('without one neither is known, and the cues are to be read beside the stream', getStartDate => {
  const { video, engine } = open()
  video.getStartDate = getStartDate
  expect(engine.latency()).toBeUndefined()
  expect(engine.timeOf(CUE)).toBeUndefined()
  expect(engine.carriesCues()).toBe(false)
})

test('cues are read from the metadata track', () => {
  const { video, told, engine } = open()
  const value = { key: 'TXXX', info: 'sluice.cue', data: JSON.stringify(CUE) }
  video.tracks.push(
    { kind: 'subtitles', mode: 'disabled', cues: [{ startTime: 1, value }] },
    { kind: 'metadata', mode: 'disabled', cues: [{ startTime: 12.4, value }, { startTime: 3, value: { ...value, info: 'other' } }, { startTime: 3 }] })
  video.textTracks.dispatchEvent(new Event('addtrack'))
  expect(told).toEqual([[CUE, 12.4]])
  expect(video.tracks.map(track => track.mode)).toEqual(['disabled', 'hidden'])
  engine.close()
  video.dispatchEvent(new Event('timeupdate'))
  expect(told).toHaveLength(1)
  expect(video.src).toBe('')
})

test('what the media element tells goes on', () => {
  const { video, ended } = open()
  expect(video.src).toBe('https://h/live/show.m3u8')
  video.dispatchEvent(new Event('ended'))
  expect(ended).toEqual([true])
})

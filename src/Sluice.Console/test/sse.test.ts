import { expect, test } from 'vitest'
import type { Samples } from '../src/model'
import { append, MAX_SAMPLES } from '../src/samples'
import { SseReader } from '../src/sse'

const TEXT = 'event: hello\ndata: {"a":1}\n\nid: x-7\nevent: journal\ndata: one\ndata: two\n\n: nothing\n\ndata:bare\n\nevent: cut'

test('events are read whatever pieces the text comes in', () => {
  for (let size = 1; size <= TEXT.length; size++) {
    const reader = new SseReader()
    const events = []
    for (let at = 0; at < TEXT.length; at += size) events.push(...reader.push(TEXT.slice(at, at + size)))
    expect(events).toEqual([
      { name: 'hello', id: null, data: '{"a":1}' }, { name: 'journal', id: 'x-7', data: 'one\ntwo' }, { name: 'message', id: 'x-7', data: 'bare' },
    ])
  }
})

test('samples are kept for ten minutes', () => {
  const at = (time: number): Samples => ({ stream: 's', time: [time], active: ['a'], viewers: [1], sources: [{ name: 'a', score: [9], fps: [25], kbps: [1], lagMs: [2], offsetMs: [null] }] })
  let samples: Samples | null = null
  for (let time = 0; time < MAX_SAMPLES + 5; time++) samples = append(samples, at(time))
  expect(samples!.time).toHaveLength(MAX_SAMPLES)
  expect(samples!.time[0]).toBe(5)
  expect(samples!.sources[0]!.offsetMs).toHaveLength(MAX_SAMPLES)
})

import { expect, test } from 'vitest'
import { CueQueue, parseCue, type Cue } from '../src/cues'
import { cueOfId3 } from '../src/id3'
import { cueOfSei } from '../src/sei'

const CUE: Cue = { id: 'draw-1', pts: 12340, utc: '2026-11-22T12:00:00.000Z', payload: 'Grüße' }
const bytes = (text: string) => new TextEncoder().encode(text)
const UUID = new Uint8Array([...bytes('SLUICECUE'), 1, 0, 0, 0, 0, 0, 1].slice(0, 16))

function queue() {
  const raised: string[] = []
  return { raised, cues: new CueQueue(cue => raised.push(cue.id)) }
}

test('a cue is raised once, when its picture is shown', () => {
  const { raised, cues } = queue()
  cues.add(CUE, 10)
  cues.shown(9.96)
  expect(raised).toEqual([])
  cues.add(CUE, 10.04)
  cues.shown(10)
  expect(raised).toEqual([])
  cues.shown(10.04)
  cues.add(CUE, 10.04)
  cues.shown(11)
  expect(raised).toEqual(['draw-1'])
})

test('one that was over before the viewer came is not raised', () => {
  const { raised, cues } = queue()
  cues.add(CUE, 10)
  cues.shown(13)
  expect(raised).toEqual([])
})

test('what waits is told again on another connection, what was raised is not', () => {
  const { raised, cues } = queue()
  cues.add(CUE, 1)
  cues.add({ ...CUE, id: 'draw-2' }, 5)
  cues.shown(1)
  cues.forgetWaiting()
  expect(cues.size).toBe(0)
  cues.add(CUE, 7)
  cues.add({ ...CUE, id: 'draw-2' }, 8)
  cues.shown(8)
  expect(raised).toEqual(['draw-1', 'draw-2'])
})

test('where the stream itself says when, nothing else counts', () => {
  const { raised, cues } = queue()
  cues.add(CUE, 9.5, false)
  cues.add(CUE, 10)
  cues.add(CUE, 9.5, false)
  cues.shown(9.96)
  expect(raised).toEqual([])
  cues.shown(10)
  expect(raised).toEqual(['draw-1'])
})

test('a SEI message of the cue UUID is a cue with its place, any other is none', () => {
  const data = bytes(JSON.stringify(CUE))
  expect(cueOfSei({ type: 5, uuid: UUID, user_data: data })).toEqual({ cue: CUE, lead: 0 })
  expect(cueOfSei({ type: 5, uuid: UUID, user_data: bytes(JSON.stringify({ ...CUE, in: 1240 })) })).toEqual({ cue: CUE, lead: 1240 })
  expect(cueOfSei({ type: 4, uuid: UUID, user_data: data })).toBeNull()
  expect(cueOfSei({ type: 5, uuid: UUID.map(byte => byte ^ 1), user_data: data })).toBeNull()
  expect(cueOfSei({ type: 5, uuid: UUID, user_data: bytes('{"id":') })).toBeNull()
})

test('an ID3 tag carries a cue in its TXXX frame', () => {
  const body = [3, ...bytes('sluice.cue'), 0, ...bytes(JSON.stringify(CUE))]
  const syncsafe = (size: number) => [size >> 21, (size >> 14) & 127, (size >> 7) & 127, size & 127]
  const frame = [...bytes('TXXX'), ...syncsafe(body.length), 0, 0, ...body]
  const tag = new Uint8Array([...bytes('ID3'), 4, 0, 0, ...syncsafe(frame.length), ...frame])
  expect(cueOfId3(tag)).toEqual(CUE)
  for (let length = 0; length < tag.length; length++) expect(cueOfId3(tag.subarray(0, length))).toBeNull()
})

test('an ID3 tag of somebody else is no cue', () => {
  const hex = '49443304000000000034545858580000002a0000036c6976652e637565007b2274223a227265647061636b6574222c226964223a2272702d30303031227d'
  expect(cueOfId3(Uint8Array.from(hex.match(/../g)!, byte => parseInt(byte, 16)))).toBeNull()
})

test('a wall time that is none is left out', () => expect(parseCue('{"id":"a","pts":2,"utc":"soon"}')).toEqual({ id: 'a', pts: 2, utc: '', payload: '' }))

test.each(['', 'null', '[]', '{"id":1,"pts":2}', '{"id":"","pts":2}', '{"id":"a","pts":"2"}'])('%j is no cue', text => expect(parseCue(text)).toBeNull())

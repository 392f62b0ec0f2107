import { expect, test } from 'vitest'
import type { Stream } from '../src/model'
import { hasLine, KINDS, windowName, windowOf } from '../src/plot-data'

test.each<[number[], number, string]>([
  [[], 60, 'The last minute'],
  [[0, 5000], 60, 'The last minute'],
  [[1000, 91_000], 90, 'The last 2 minutes'],
  [[0, 599_000], 599, 'The last 10 minutes'],
  [[0, 900_000], 600, 'The last 10 minutes'],
])('plots show all that is known, from a minute to ten: %j', (time, seconds, name) => expect([windowOf(time), windowName(windowOf(time))]).toEqual([seconds, name]))

test.each<[(number | null)[], boolean]>([[[], false], [[1], false], [[1, null, 2], false], [[null, 0, 0], true]])('%j has a line: %s', (column, line) => expect(hasLine(column)).toBe(line))

const streamOf = (...methods: (string | null)[]) => ({ sources: methods.map((method, n) => ({ name: 'abc'[n], alignment: method && { method, offsetMs: 0, confidence: 1 } })) }) as Stream

test.each<[(string | null)[], string]>([
  [[null, null], 'No source sends.'],
  [[null, 'arrival'], 'b alone sends: it has nothing to be aligned with.'],
  [['arrival', 'arrival'], 'Aligned only by when they arrive, which measures no drift.'],
  [['identical', 'arrival'], 'Not measured yet.'],
])('no alignment is drawn of %j: %s', (methods, words) => expect(KINDS.find(kind => kind.title === 'Alignment')!.nothing(streamOf(...methods))).toBe(words))

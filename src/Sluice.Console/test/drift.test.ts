import { expect, test } from 'vitest'
import { driftOf } from '../src/drift'

test.each<[(number | null)[], (number | null)[]]>([
  [[], []],
  [[null, 7000, 7002, 6999], [null, 0, 2, -1]],
  [[7000, 7001, -2500, -2504], [0, 1, 0, -4]],   // its encoder began anew
  [[7000, null, 9000, 9001], [0, null, 0, 1]],
])('%j drifts by %j', (offsets, drift) => expect(driftOf(offsets)).toEqual(drift))

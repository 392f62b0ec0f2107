import { expect, test } from 'vitest'
import { placement } from '../src/format'

test.each([
  [null, 'unknown'],
  [{ method: 'arrival', offsetMs: 0, confidence: 1 }, 'the reference'],
  [{ method: 'arrival', offsetMs: 12, confidence: 0.25 }, 'arrival, 25 % sure'],
  [{ method: 'correlation', offsetMs: 12, confidence: 1 }, 'correlation, 100 % sure'],
])('the alignment %o is told as %s', (alignment, text) => expect(placement(alignment)).toBe(text))

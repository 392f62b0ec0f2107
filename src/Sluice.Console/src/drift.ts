/** A greater step, in milliseconds, is another time line: its encoder began anew. */
const STEP_MS = 500

/** How far each offset is from where its time line began; null where there is none. Where a source's own clock begins says nothing, how it moves does. */
export function driftOf(offsets: readonly (number | null)[]): (number | null)[] {
  let base: number | null = null
  let last: number | null = null
  return offsets.map(offset => {
    if (offset === null || last === null || Math.abs(offset - last) > STEP_MS) base = offset
    last = offset
    return offset === null || base === null ? null : offset - base
  })
}

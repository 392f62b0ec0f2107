import { parseCue, type Cue } from './cues.ts'

/** Of the TXXX frame that a cue is. */
export const CUE_DESCRIPTION = 'sluice.cue'
const HEADER = 10

/** The cue in an ID3v2.4 tag (frame TXXX, description `sluice.cue`), as an emsg box of CMAF carries it; null where there is none. */
export function cueOfId3(tag: Uint8Array): Cue | null {
  if (tag.length < HEADER || text(tag, 0, 3) !== 'ID3') return null
  const end = Math.min(tag.length, HEADER + syncsafe(tag, 6))
  for (let at = HEADER; at + HEADER <= end; ) {
    const size = syncsafe(tag, at + 4)
    const body = tag.subarray(at + HEADER, Math.min(end, at + HEADER + size))
    if (text(tag, at, 4) === 'TXXX') {
      const cue = cueOfText(body)
      if (cue) return cue
    }
    at += HEADER + size
    if (size === 0) break
  }
  return null
}

/** Encoding (0 Latin-1, 3 UTF-8), description, NUL, value. */
function cueOfText(body: Uint8Array): Cue | null {
  if (body[0] !== 0 && body[0] !== 3) return null
  const zero = body.indexOf(0, 1)
  if (zero < 0 || text(body, 1, zero - 1) !== CUE_DESCRIPTION) return null
  let value = body.subarray(zero + 1)
  if (value.at(-1) === 0) value = value.subarray(0, -1)
  return parseCue(new TextDecoder(body[0] === 3 ? 'utf-8' : 'latin1').decode(value))
}

const text = (bytes: Uint8Array, at: number, length: number) => String.fromCharCode(...bytes.subarray(at, at + length))

/** Four bytes of seven bits each. */
const syncsafe = (bytes: Uint8Array, at: number) => (bytes[at]! << 21) | (bytes[at + 1]! << 14) | (bytes[at + 2]! << 7) | bytes[at + 3]!

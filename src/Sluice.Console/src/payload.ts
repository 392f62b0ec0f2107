/** The longest payload of a cue that the server takes, in bytes of UTF-8. */
export const MAX_PAYLOAD_BYTES = 4096

/** Why a cue's payload is not taken, in words; empty: it is. */
export function payloadFault(payload: string): string {
  const bytes = new TextEncoder().encode(payload).length
  return bytes <= MAX_PAYLOAD_BYTES ? '' : `The payload has ${bytes} bytes as UTF-8; ${MAX_PAYLOAD_BYTES} are the most.`
}

import { leadOf, parseCue, type Cue } from './cues.ts'

/** UUID 534c5549-4345-4355-4501-000000000001 of user_data_unregistered (H.264 §D.2.7): "SLUICECUE", version 1, a cue. */
const CUE_UUID = [0x53, 0x4c, 0x55, 0x49, 0x43, 0x45, 0x43, 0x55, 0x45, 0x01, 0, 0, 0, 0, 0, 0x01]

/** What mpegts.js makes of a SEI message: the first of its NAL unit. */
export interface SeiMessage {
  type: number
  uuid?: Uint8Array
  user_data?: Uint8Array
  /** Of the picture that carries it, in milliseconds of the media element. */
  pts?: number
}

/** The cue in a SEI message, and how many milliseconds after the picture that carries it its own is shown; null where there is none. */
export function cueOfSei(message: SeiMessage): { cue: Cue; lead: number } | null {
  const { type, uuid, user_data: data } = message
  if (type !== 5 || !uuid || !data || uuid.length !== CUE_UUID.length || !CUE_UUID.every((byte, at) => uuid[at] === byte)) return null
  const json = new TextDecoder().decode(data)
  const cue = parseCue(json)
  return cue && { cue, lead: leadOf(json) }
}

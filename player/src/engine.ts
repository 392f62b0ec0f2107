import type { Cue } from './cues.ts'
import type { MediaResponse } from './reports.ts'

/** What the player hears of the engine that plays one URL. */
export interface EngineEvents {
  /** It can't go on. */
  onFail(reason: string): void
  /** The show is over. */
  onEnd(): void
  /** @param at when its picture is shown, in seconds of the media element. */
  onCue(cue: Cue, at: number): void
  /** A server has answered, or has not. */
  onResponse(response: MediaResponse): void
}

/** Plays one URL in a media element until it is closed. */
export interface Engine {
  /** Of CMCD: `h` HLS, `o` other. */
  readonly format: 'h' | 'o'
  /** Seconds behind live that it aims at. */
  readonly target: number
  /** Whether cues come in the stream, as far as it is known. */
  carriesCues(): boolean
  /** Kilobits a second of the stream, where they are told. */
  bitrate(): number | undefined
  /** The wall time of the picture on screen, in milliseconds since 1970, where it is known. */
  shownAt(): number | undefined
  /** Seconds behind live, where it is known. */
  latency(): number | undefined
  /** When the picture of a cue that came another way is shown, in seconds of the media element, where that is known. */
  timeOf(cue: Cue): number | undefined
  close(): void
}

/** Beyond this, clocks that differ are likelier than a viewer so late, in seconds. */
const MAX_BELIEVED_LATENCY = 60

/** How many seconds the picture on screen is behind live, by its wall time and the clock here. */
export function believedLatency(shownAt: number | undefined): number | undefined {
  if (shownAt === undefined) return undefined
  const behind = (Date.now() - shownAt) / 1000
  return behind >= 0 && behind < MAX_BELIEVED_LATENCY ? behind : undefined
}

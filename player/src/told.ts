import type { Cue, CueQueue } from './cues.ts'

/** More than a server has waiting. */
const MAX_TOLD = 100

/** How long after its wall time a cue is kept, or after it was told where it has none, in milliseconds: no viewer is further behind. */
const KEPT_MS = 120_000

/** Cues that came beside the stream: each is placed on its time line as soon as it is known where, and on that of each new connection. */
export class ToldCues {
  private readonly told = new Map<string, { cue: Cue; until: number }>()

  constructor(private readonly queue: CueQueue) {}

  add(cue: Cue): void {
    this.told.set(cue.id, { cue, until: (cue.utc ? Date.parse(cue.utc) : Date.now()) + KEPT_MS })
    if (this.told.size > MAX_TOLD) this.told.delete(this.told.keys().next().value!)
  }

  /** @param timeOf when the picture of a cue is shown, in seconds of the media element; undefined where that is not known yet. */
  place(timeOf: (cue: Cue) => number | undefined): void {
    for (const [id, { cue, until }] of this.told) {
      const at = timeOf(cue)
      if (at !== undefined) this.queue.add(cue, at, false)
      if (this.queue.isDone(id) || Date.now() > until) this.told.delete(id)
    }
  }
}

import type { Cue, CueQueue } from './cues.ts'

/** More than a server has waiting. */
const MAX_TOLD = 100

/** How long after its wall time a cue is kept, in milliseconds: no viewer is further behind. */
const KEPT_MS = 120_000

/** Cues that came beside the stream: each is placed on its time line as soon as it is known where, and on that of each new connection. */
export class ToldCues {
  private readonly told = new Map<string, Cue>()

  constructor(private readonly queue: CueQueue) {}

  add(cue: Cue): void {
    this.told.set(cue.id, cue)
    if (this.told.size > MAX_TOLD) this.told.delete(this.told.keys().next().value!)
  }

  /** @param timeOf when the picture of a cue is shown, in seconds of the media element; undefined where that is not known yet. */
  place(timeOf: (cue: Cue) => number | undefined): void {
    for (const [id, cue] of this.told) {
      const at = timeOf(cue)
      if (at !== undefined) this.queue.add(cue, at, false)
      if (this.queue.isDone(id) || Date.now() - Date.parse(cue.utc) > KEPT_MS) this.told.delete(id)
    }
  }
}

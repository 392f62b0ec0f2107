/** What a look at the media element says. */
export type Look = 'fine' | 'still' | 'stalled' | 'late'

/** How long before it is stalled a media element is still, in milliseconds. */
const ASKING_MS = 2000

/**
 * Tells from looks at a media element, some times a second, whether it plays: `stalled` once nothing moved for too long, `still` a while before, `late` where it plays and so much is
 * buffered that the viewer is far behind live.
 */
export class Progress {
  private time = -1
  private movedAt: number

  /** @param patience in milliseconds: longest time without a new picture before it is given up. */
  constructor(now: number, private readonly patience: number, private readonly mostBuffered = 8) {
    this.movedAt = now
  }

  look(now: number, media: { currentTime: number; paused: boolean; ahead: number }): Look {
    if (media.paused || media.currentTime !== this.time) {
      this.time = media.currentTime
      this.movedAt = now
    }
    const still = now - this.movedAt
    if (still >= this.patience) return 'stalled'
    if (still >= Math.max(this.patience / 2, this.patience - ASKING_MS)) return 'still'
    return media.ahead > this.mostBuffered && !media.paused ? 'late' : 'fine'
  }
}

/** Pictures that were dropped in all: a media element begins anew with each URL, some browsers' go on counting. */
export class DroppedPictures {
  private before = 0
  private last = 0

  /** @param count what the media element says now. */
  total(count: number): number {
    if (count < this.last) this.before += this.last
    this.last = count
    return this.before + count
  }
}

/** Seconds that are buffered beyond the playhead. */
export function bufferAhead({ buffered, currentTime }: HTMLMediaElement): number {
  return buffered.length === 0 ? 0 : Math.max(0, buffered.end(buffered.length - 1) - currentTime)
}

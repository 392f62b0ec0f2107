/** What a look at the media element says. */
export type Look = 'fine' | 'stalled' | 'late'

/**
 * Tells from looks at a media element, some times a second, whether it plays: `stalled` once nothing moved for too long, `late` where so much is
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
    if (now - this.movedAt >= this.patience) return 'stalled'
    return media.ahead > this.mostBuffered ? 'late' : 'fine'
  }
}

/** Seconds that are buffered beyond the playhead. */
export function bufferAhead({ buffered, currentTime }: HTMLMediaElement): number {
  return buffered.length === 0 ? 0 : Math.max(0, buffered.end(buffered.length - 1) - currentTime)
}

const FIRST_PAUSE_MS = 500
const MAX_PAUSE_MS = 8000

/** Which URL is next when one fails: the list from its top, round and round, with a longer pause after each round. */
export class Failover {
  private at = 0
  private round = 0

  constructor(private readonly urls: readonly string[]) {
    if (urls.length === 0) throw new RangeError('None of the URLs can be played in this browser.')
  }

  get url(): string {
    return this.urls[this.at]!
  }

  /** Goes on to the next; returns how long to wait before it is tried, in milliseconds. */
  next(): number {
    this.at = (this.at + 1) % this.urls.length
    if (this.at !== 0) return 0
    return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.round++)
  }

  /** It plays: the next failure is a new one. */
  succeeded(): void {
    this.round = 0
  }
}

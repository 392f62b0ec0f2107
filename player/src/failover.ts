/** After the first round and at most, in milliseconds. */
const AFTER_FAILURE = { first: 500, most: 8000 }
const AFTER_END = { first: 2000, most: 30_000 }

/**
 * Which URL is next when one fails: the list from its top, round and round, with a longer pause after each round. A pause is half as long to half as long again, as it
 * falls: what many viewers lose in one moment they do not all ask for in one moment.
 */
export class Failover {
  private at = 0
  private round = 0
  private pauses = AFTER_FAILURE

  constructor(private readonly urls: readonly string[], private readonly random = Math.random) {
    if (urls.length === 0) throw new RangeError('None of the URLs can be played in this browser.')
  }

  get url(): string {
    return this.urls[this.at]!
  }

  /** Goes on to the next; returns how long to wait before it is tried, in milliseconds. */
  next(): number {
    this.at = (this.at + 1) % this.urls.length
    return this.at === 0 ? this.pause() : 0
  }

  /** The show is over: the next one is looked for from the list's top. Returns how long to wait before. */
  ended(): number {
    this.at = this.round = 0
    this.pauses = AFTER_END
    return this.pause()
  }

  /** It plays: the next failure is a new one. */
  succeeded(): void {
    this.round = 0
    this.pauses = AFTER_FAILURE
  }

  private pause(): number {
    return Math.min(this.pauses.most, this.pauses.first * 2 ** this.round++) * (0.5 + this.random())
  }
}

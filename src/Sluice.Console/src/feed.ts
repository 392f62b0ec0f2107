import { ask, Refused } from './api'
import { SseReader, type ServerEvent } from './sse'

export type FeedState = { kind: 'connecting' } | { kind: 'open' } | { kind: 'lost'; why: string } | { kind: 'refused'; status: number; why: string }

const PAUSES_MS = [300, 1000, 2000, 4000]

/** The server tells something twice a second. After so long without a word, in milliseconds, the connection is dead, though nobody may have closed it: a laptop slept, a router forgot it. */
export const SILENCE_MS = 5000

/** Follows the server's live feed until it is closed; after a drop or a silence the journal goes on where it was. */
export class Feed {
  private isClosed = false
  private attempt = new AbortController()
  private watchdog?: ReturnType<typeof setTimeout>
  private lastId: string | null = null

  /** @param topic `app/name`, or empty: the list of all streams. */
  constructor(private readonly topic: string, private readonly onEvent: (event: ServerEvent) => void, private readonly onState: (state: FeedState) => void) {
    void this.run()
  }

  close(): void {
    this.isClosed = true
    this.attempt.abort()
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.isClosed; failures++) {
      this.onState({ kind: 'connecting' })
      try {
        await this.follow(() => { failures = 0 })
        if (this.isClosed) return
        this.onState({ kind: 'lost', why: 'the server ended the feed' })
      } catch (error) {
        if (this.isClosed) return
        if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
          this.onState({ kind: 'refused', status: error.status, why: error.message })
          return
        }
        this.onState({ kind: 'lost', why: error instanceof Refused ? error.message : 'the server does not answer' })
        if (this.attempt.signal.aborted) failures = 0   // it has waited already
      }
      await new Promise(resolve => setTimeout(resolve, PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]))
    }
  }

  private async follow(onOpen: () => void): Promise<void> {
    const { signal } = this.attempt = new AbortController()
    const headers: HeadersInit = this.lastId === null ? {} : { 'last-event-id': this.lastId }
    this.expectWord()
    try {
      const answer = await ask(`/events${this.topic ? `?stream=${encodeURIComponent(this.topic)}` : ''}`, { headers, signal })
      onOpen()
      this.onState({ kind: 'open' })
      const reader = new SseReader()
      const pieces = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
      for (let piece = await pieces.read(); !piece.done && !this.isClosed; piece = await pieces.read()) {
        this.expectWord()
        for (const event of reader.push(piece.value)) {
          this.lastId = event.id ?? this.lastId
          this.onEvent(event)
        }
      }
    } finally {
      clearTimeout(this.watchdog)
    }
  }

  private expectWord(): void {
    clearTimeout(this.watchdog)
    this.watchdog = setTimeout(() => this.attempt.abort(), SILENCE_MS)
  }
}

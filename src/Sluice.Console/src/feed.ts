import { ask, Refused } from './api'
import { SseReader, type ServerEvent } from './sse'

export type FeedState = { kind: 'connecting' } | { kind: 'open' } | { kind: 'lost'; why: string } | { kind: 'refused'; status: number; why: string }

const PAUSES_MS = [300, 1000, 2000, 4000]

/** Follows the server's live feed until it is closed; after a drop the journal goes on where it was. */
export class Feed {
  private readonly closing = new AbortController()
  private lastId: string | null = null

  /** @param topic `app/name`, or empty: the list of all streams. */
  constructor(private readonly topic: string, private readonly onEvent: (event: ServerEvent) => void, private readonly onState: (state: FeedState) => void) {
    void this.run()
  }

  close(): void {
    this.closing.abort()
  }

  private async run(): Promise<void> {
    for (let failures = 0; !this.closing.signal.aborted; failures++) {
      this.onState({ kind: 'connecting' })
      try {
        await this.follow(() => { failures = 0 })
        this.onState({ kind: 'lost', why: 'the server ended the feed' })
      } catch (error) {
        if (this.closing.signal.aborted) return
        if (error instanceof Refused && (error.status === 401 || error.status === 403)) {
          this.onState({ kind: 'refused', status: error.status, why: error.message })
          return
        }
        this.onState({ kind: 'lost', why: error instanceof Refused ? error.message : 'the server does not answer' })
      }
      await new Promise(resolve => setTimeout(resolve, PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]))
    }
  }

  private async follow(onOpen: () => void): Promise<void> {
    const headers: HeadersInit = this.lastId === null ? {} : { 'last-event-id': this.lastId }
    const answer = await ask(`/events${this.topic ? `?stream=${encodeURIComponent(this.topic)}` : ''}`, { headers, signal: this.closing.signal })
    onOpen()
    this.onState({ kind: 'open' })
    const reader = new SseReader()
    const pieces = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
    for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
      for (const event of reader.push(piece.value)) {
        this.lastId = event.id ?? this.lastId
        this.onEvent(event)
      }
    }
  }
}

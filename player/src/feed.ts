/** Between two attempts where the server refuses, in milliseconds. */
const FIRST_PAUSE_MS = 5000
const MAX_PAUSE_MS = 60_000

/** A stream's cues as the server tells them beside the media: Server-Sent Events. The browser connects again by itself, unless it is refused. */
export class CueFeed {
  private source!: EventSource
  private timer?: ReturnType<typeof setTimeout>
  private pause = FIRST_PAUSE_MS

  constructor(readonly url: string, private readonly onCue: (json: string) => void) {
    this.open()
  }

  close(): void {
    clearTimeout(this.timer)
    this.source.close()
  }

  private open(): void {
    const source = this.source = new EventSource(this.url)
    source.addEventListener('open', () => { this.pause = FIRST_PAUSE_MS })
    source.addEventListener('cue', event => this.onCue(event.data as string))
    source.addEventListener('error', () => {
      if (source.readyState !== EventSource.CLOSED) return
      // Viewers of a show that is over do not all come back in the same moment.
      this.timer = setTimeout(() => this.open(), this.pause * (1 + Math.random()))
      this.pause = Math.min(MAX_PAUSE_MS, this.pause * 2)
    })
  }
}

/** Where Sluice tells the cues of the stream that a URL plays. */
export function cuesUrl(url: string): string {
  const feed = new URL(url, globalThis.location?.href)
  feed.protocol = feed.protocol.replace('ws', 'http')
  feed.pathname = feed.pathname.replace(/\.(flv|m3u8)$/, '.cues')
  return feed.href
}

/** Between two attempts where the server refuses, in milliseconds. */
const FIRST_PAUSE_MS = 5000
const MAX_PAUSE_MS = 60_000

/** What is heard of a feed. */
export interface FeedEvents {
  onCue(json: string): void
  /** The dark is over, or it is not known any more whether it lasts. */
  onLight(): void
}

/** What the server tells of a stream beside the media, its cues and whether it is dark: Server-Sent Events. The browser connects again by itself, unless it is refused. */
export class CueFeed {
  /** Whether nobody feeds the show, and viewers are kept for who may come back; undefined: the server has not said. One that refuses has none to keep. */
  isDark?: boolean
  private source!: EventSource
  private timer?: ReturnType<typeof setTimeout>
  private pause = FIRST_PAUSE_MS

  constructor(readonly url: string, private readonly events: FeedEvents) {
    this.open()
  }

  close(): void {
    clearTimeout(this.timer)
    this.source.close()
  }

  private open(): void {
    const source = this.source = new EventSource(this.url)
    source.addEventListener('open', () => { this.pause = FIRST_PAUSE_MS })
    source.addEventListener('cue', event => this.events.onCue(event.data as string))
    source.addEventListener('state', event => this.heard(isDark(event.data as string)))
    source.addEventListener('error', () => {
      this.heard(source.readyState === EventSource.CLOSED ? false : undefined)
      if (source.readyState !== EventSource.CLOSED) return
      // Viewers of a show that is over do not all come back in the same moment.
      this.timer = setTimeout(() => this.open(), this.pause * (1 + Math.random()))
      this.pause = Math.min(MAX_PAUSE_MS, this.pause * 2)
    })
  }

  private heard(isDark: boolean | undefined): void {
    const wasDark = this.isDark
    this.isDark = isDark
    if (wasDark && !isDark) this.events.onLight()
  }
}

function isDark(json: string): boolean | undefined {
  try {
    const { dark } = JSON.parse(json) as { dark?: unknown }
    return typeof dark === 'boolean' ? dark : undefined
  } catch {
    return undefined
  }
}

/** Where Sluice tells the cues of the stream that a URL plays. */
export function cuesUrl(url: string): string {
  const feed = new URL(url, globalThis.location?.href)
  feed.protocol = feed.protocol.replace('ws', 'http')
  feed.pathname = feed.pathname.replace(/\.(flv|m3u8)$/, '.cues')
  return feed.href
}

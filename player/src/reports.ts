import { encodeCmcd, token, type CmcdValue } from './cmcd.ts'

/** What the player does, by the words of CMCD: starting, playing, rebuffering, paused, ended, fatal, quit. */
export type PlayState = 's' | 'p' | 'r' | 'a' | 'e' | 'f' | 'q'

export interface ReportOptions {
  /** Where reports are posted. */
  url: string
  contentId?: string
  /** Made up where it is left out. */
  sessionId?: string
  /** Between two reports of kind `t`, in milliseconds: 10 000 where it is left out. */
  interval?: number
}

/** What is measured at the moment of a report. */
export interface Measures {
  format: 'h' | 'o'
  lowLatency: boolean
  bufferMs: number
  latencyMs?: number
  dropped: number
  playedMs: number
}

type Send = (url: string, body: string) => Promise<{ status: number }>

const MAX_QUEUED = 100

/**
 * Reports of CMCD v2 in event mode: one POST for each event, `application/cmcd`. After a 410 there are no more; after a 429, a 5xx or no answer
 * the report goes with the next one. Counters (stalls, how long they took) are of the whole session.
 */
export class Reports {
  private readonly session: string
  private readonly timer: ReturnType<typeof setInterval>
  private readonly started = Date.now()
  private queue: string[] = []
  private sending = false
  private stopped = false
  private number = 0
  private state: PlayState = 's'
  private startup?: number
  private stalls = 0
  private stalledMs = 0
  private stalledSince?: number

  constructor(private readonly options: ReportOptions, private readonly measure: () => Measures, private readonly send: Send = post) {
    this.session = options.sessionId ?? crypto.randomUUID()
    this.timer = setInterval(() => this.report('t'), options.interval ?? 10_000)
    this.report('ps')
  }

  /** Another state; the same again is no news. */
  enter(state: PlayState): void {
    if (state === this.state || this.state === 'q') return
    const now = Date.now()
    if (state === 'p') this.startup ??= now - this.started
    if (state === 'r') {
      this.stalls++
      this.stalledSince = now
    } else if (this.stalledSince !== undefined) {
      this.stalledMs += now - this.stalledSince
      this.stalledSince = undefined
    }
    this.state = state
    this.report('ps')
  }

  error(code: string): void {
    this.report('e', { ec: [code] })
  }

  /** The last word of the session. */
  close(): void {
    this.enter('q')
    clearInterval(this.timer)
  }

  private report(event: string, more: Record<string, CmcdValue> = {}): void {
    if (this.stopped) return
    const { format, lowLatency, bufferMs, latencyMs, dropped, playedMs } = this.measure()
    const stalledMs = this.stalledMs + (this.stalledSince === undefined ? 0 : Date.now() - this.stalledSince)
    this.queue.push(encodeCmcd({
      v: 2, e: token(event), ts: Date.now(), sn: this.number++, sid: this.session, cid: this.options.contentId, sf: token(format), st: token(lowLatency ? 'll' : 'l'),
      sta: token(this.state), msd: this.startup, bl: [hundreds(bufferMs)], ltc: latencyMs === undefined ? undefined : hundreds(latencyMs), dfa: dropped || undefined,
      pt: Math.round(playedMs) || undefined, bs: this.state === 'r', bsa: this.stalls ? [this.stalls] : undefined, bsda: stalledMs ? [Math.round(stalledMs)] : undefined, ...more,
    }))
    this.queue = this.queue.slice(-MAX_QUEUED)
    void this.flush()
  }

  private async flush(): Promise<void> {
    if (this.sending) return
    this.sending = true
    try {
      while (this.queue.length > 0 && !this.stopped) {
        const lines = this.queue
        this.queue = []
        const status = await this.send(this.options.url, lines.join('\n')).then(answer => answer.status, () => 503)
        if (status === 410) this.stopped = true
        if (status === 429 || status >= 500) {
          this.queue = [...lines, ...this.queue]
          return
        }
      }
    } finally {
      this.sending = false
    }
  }
}

const hundreds = (value: number) => Math.round(value / 100) * 100

const post: Send = (url, body) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/cmcd' }, body, keepalive: true })

import { encodeCmcd, token, type CmcdValue } from './cmcd.ts'
import type { PlayState } from './play-state.ts'

/** Changes of state, errors, intervals, responses received: as CMCD and hls.js name them. */
export type ReportEvent = 'ps' | 'e' | 't' | 'rr'

export interface ReportOptions {
  /** Where reports are posted. */
  url: string
  contentId?: string
  /** Made up where it is left out. */
  sessionId?: string
  /** Between two reports of kind `t`, in milliseconds: 30 000 where it is left out. */
  interval?: number
  /** Which are sent: all where it is left out. */
  events?: readonly ReportEvent[]
}

/** What a server answered to a request for media. */
export interface MediaResponse {
  url: string
  /** The HTTP status; 0: there was no answer. */
  status: number
  /** When it was asked, in milliseconds since 1970. */
  at: number
  firstByteMs?: number
  /** Left out: it goes on. */
  lastByteMs?: number
  /** Of CMCD: manifest, init segment, pictures with sound. */
  object: 'm' | 'i' | 'av'
}

/** What is measured at the moment of a report. */
export interface Measures {
  format: 'h' | 'o'
  lowLatency: boolean
  bufferMs: number
  latencyMs?: number
  bitrateKbps?: number
  /** Pictures, in the whole session. */
  dropped: number
  /** The wall time of the picture on screen, in milliseconds since 1970, where it is known. */
  shownAt?: number
  /** Of playback: 1 is real time. */
  rate: number
}

type Send = (url: string, body: string) => Promise<{ status: number }>

const EVENTS: readonly ReportEvent[] = ['ps', 'e', 't', 'rr']
const INTERVAL_MS = 30_000
const MAX_QUEUED = 100

/** Of good responses that are files, playlists and media, one of a kind in so many milliseconds is told: LL-HLS has six a second. */
const RESPONSE_MS = 2000

/**
 * Reports of CMCD v2 in event mode: a POST of `application/cmcd` for each event; what servers answered goes with the next one. After a 410 there are no more; after a 429,
 * a 5xx or no answer the reports go with the next one. Counters (stalls, how long they took) are of the whole session; a stall is what comes between pictures, whatever it is due to.
 */
export class Reports {
  private readonly session: string
  private readonly timer: ReturnType<typeof setInterval>
  private readonly started = Date.now()
  private queue: string[] = []
  private sending = false
  private stopped = false
  private isLeft = false
  private number = 0
  private state: PlayState = 's'
  private hasStarted = false
  /** Until it is told. */
  private startup?: number
  private stalls = 0
  private stalledMs = 0
  private stalledSince?: number
  private readonly toldAt = new Map<MediaResponse['object'], number>()

  constructor(private readonly options: ReportOptions, private readonly measure: () => Measures, private readonly send: Send = post) {
    this.session = options.sessionId ?? crypto.randomUUID()
    this.timer = setInterval(() => {
      this.report('t')
      void this.flush()
    }, options.interval ?? INTERVAL_MS)
    this.report('ps')
    void this.flush()
  }

  /** Another state; the same again is no news, nor is an attempt after a fatal error until it plays. */
  enter(state: PlayState): void {
    if (this.isLeft || state === this.state || (this.state === 'f' && (state === 's' || state === 'r'))) return
    const now = Date.now()
    if (state === 'p' && !this.hasStarted) {
      this.hasStarted = true
      this.startup = now - this.started
    }
    const isStalled = state === 'r' || (state === 'f' && this.hasStarted)
    if (isStalled && this.stalledSince === undefined) {
      this.stalls++
      this.stalledSince = now
    } else if (!isStalled && this.stalledSince !== undefined) {
      this.stalledMs += now - this.stalledSince
      this.stalledSince = undefined
    }
    this.state = state
    this.report('ps')
    void this.flush()
  }

  error(code: string): void {
    this.report('e', { ec: [code] })
    void this.flush()
  }

  received({ url, status, at, firstByteMs, lastByteMs, object }: MediaResponse): void {
    const isOneOfMany = status > 0 && status < 400 && lastByteMs !== undefined
    if (isOneOfMany && at - (this.toldAt.get(object) ?? -Infinity) < RESPONSE_MS) return
    if (isOneOfMany) this.toldAt.set(object, at)
    this.report('rr', {
      ts: Math.round(at), url: withoutQuery(url), rc: status, ot: token(object),
      ttfb: firstByteMs === undefined ? undefined : Math.round(firstByteMs), ttlb: lastByteMs === undefined ? undefined : Math.round(lastByteMs),
    })
  }

  /** The page goes: what there is to tell is told now, whatever is on its way. Some pages come back. */
  leave(): void {
    this.enter('q')
    this.isLeft = true
    void this.post()
  }

  comeBack(state: PlayState): void {
    this.isLeft = false
    this.enter(state)
  }

  /** The last word of the session. */
  close(): void {
    this.leave()
    clearInterval(this.timer)
  }

  private report(event: ReportEvent, more: Record<string, CmcdValue | undefined> = {}): void {
    if (this.stopped || this.isLeft || !(this.options.events ?? EVENTS).includes(event)) return
    const { format, lowLatency, bufferMs, latencyMs, bitrateKbps, dropped, shownAt, rate } = this.measure()
    const stalledMs = this.stalledMs + (this.stalledSince === undefined ? 0 : Date.now() - this.stalledSince)
    this.queue.push(encodeCmcd({
      v: 2, e: token(event), ts: Date.now(), sn: this.number++, sid: this.session, cid: this.options.contentId, sf: token(format), st: token(lowLatency ? 'll' : 'l'),
      sta: token(this.state), msd: this.startup, bl: [hundreds(bufferMs)], ltc: latencyMs === undefined ? undefined : hundreds(latencyMs), dfa: dropped || undefined, br: bitrateKbps === undefined ? undefined : [Math.round(bitrateKbps)],
      pt: shownAt === undefined ? undefined : Math.round(shownAt), pr: rate === 1 ? undefined : rate, bs: this.state === 'r', bsa: this.stalls ? [this.stalls] : undefined, bsda: stalledMs ? [Math.round(stalledMs)] : undefined, ...more,
    }))
    this.startup = undefined
    this.queue = this.queue.slice(-MAX_QUEUED)
  }

  private async flush(): Promise<void> {
    if (this.sending) return
    this.sending = true
    let isTaken = true
    while (isTaken && this.queue.length > 0) isTaken = await this.post()
    this.sending = false
  }

  /** Sends what is queued; whether it was taken. */
  private async post(): Promise<boolean> {
    const lines = this.queue
    if (lines.length === 0 || this.stopped) return false
    this.queue = []
    const status = await this.send(this.options.url, lines.join('\n')).then(answer => answer.status, () => 503)
    if (status === 410) this.stopped = true
    const isTaken = status !== 429 && status < 500
    if (!isTaken) this.queue = [...lines, ...this.queue]
    return isTaken
  }
}

/** Keys of viewers stand in the query. */
const withoutQuery = (url: string) => url.split(/[?#]/, 1)[0]!

const hundreds = (value: number) => Math.round(value / 100) * 100

const post: Send = (url, body) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/cmcd' }, body, keepalive: true })

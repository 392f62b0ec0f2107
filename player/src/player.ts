import { capabilities, carrierOf, playable, type Carrier } from './choose.ts'
import { CueQueue, parseCue, type Cue } from './cues.ts'
import type { Engine } from './engine.ts'
import { Failover } from './failover.ts'
import { openFlv } from './flv.ts'
import { openHls } from './hls.ts'
import { bufferAhead, Progress } from './progress.ts'
import { Reports, type ReportOptions } from './reports.ts'

export interface PlayerOptions {
  /** One stream in several ways, best first: `wss://…/show.flv`, `https://…/show.flv`, `https://…/show.m3u8`. What the browser can't play is passed over. */
  urls: readonly string[]
  /** Longest time without a new picture before the next URL is tried, in milliseconds: 5000 where it is left out. */
  patience?: number
  /** CMCD v2 reports. */
  reports?: ReportOptions
}

export type PlayerState = 'starting' | 'playing' | 'rebuffering' | 'waiting' | 'ended'

export interface PlayerEvents {
  state: PlayerState
  /** A URL failed and the next one is tried. */
  fail: { url: string; reason: string }
  /** The picture of a cue is on the screen. */
  cue: Cue
}

const LOOK_MS = 250
const DEFAULT_PATIENCE_MS = 5000

/** Plays a live stream in a media element: down the list of URLs when one fails or stalls, near live, with cues and reports. */
export class SluicePlayer {
  private readonly events = new EventTarget()
  private readonly failover: Failover
  private readonly reports?: Reports
  private readonly cues: CueQueue
  private readonly timer: ReturnType<typeof setInterval>
  private readonly listening = new AbortController()
  private engine: Engine | null = null
  private progress: Progress
  private pause?: ReturnType<typeof setTimeout>
  private attempt = 0
  private pictures = 0
  private playedMs = 0
  private lookedAt = performance.now()
  private current: PlayerState = 'starting'

  constructor(private readonly video: HTMLVideoElement, private readonly options: PlayerOptions) {
    this.failover = new Failover(playable(options.urls, capabilities()))
    this.cues = new CueQueue(cue => this.emit('cue', cue))
    this.progress = this.newProgress()
    if (options.reports) this.reports = new Reports(options.reports, () => this.measure())
    video.addEventListener('playing', () => this.onPlaying(), { signal: this.listening.signal })
    video.addEventListener('waiting', () => { if (this.current === 'playing') this.enter('rebuffering') }, { signal: this.listening.signal })
    video.addEventListener('pause', () => this.reports?.enter('a'), { signal: this.listening.signal })
    this.timer = setInterval(() => this.look(), LOOK_MS)
    this.watchPictures()
    void this.open()
  }

  get state(): PlayerState {
    return this.current
  }

  /** What carries the stream now. */
  get carrier(): Carrier {
    return carrierOf(this.failover.url)!
  }

  /** Seconds behind live, where it is known. */
  get latency(): number | undefined {
    return this.engine?.latency()
  }

  on<Name extends keyof PlayerEvents>(name: Name, listener: (event: PlayerEvents[Name]) => void): void {
    this.events.addEventListener(name, event => listener((event as CustomEvent<PlayerEvents[Name]>).detail), { signal: this.listening.signal })
  }

  /** A cue that came another way, as the server's event `cue`: it is raised with its picture; where the stream does not tell which that is, at its wall time and as much later as the player is behind live. */
  tell(json: string): void {
    const cue = parseCue(json)
    if (!cue) return
    this.cues.add(cue, this.engine?.timeOf(cue) ?? this.video.currentTime + (Date.parse(cue.utc) - Date.now()) / 1000 + (this.latency ?? 0))
  }

  close(): void {
    this.attempt++
    clearInterval(this.timer)
    clearTimeout(this.pause)
    this.reports?.close()
    this.engine?.close()
    this.engine = null
    this.listening.abort()
  }

  private async open(): Promise<void> {
    const attempt = ++this.attempt
    const url = this.failover.url
    const isCurrent = () => attempt === this.attempt
    const engine = await (this.carrier === 'hls' ? openHls : openFlv)(url, this.video, {
      onFail: reason => { if (isCurrent()) this.fail(reason) },
      onEnd: () => { if (isCurrent()) this.end() },
      onCue: (cue, at) => { if (isCurrent()) this.cues.add(cue, at) },
    }).catch((error: unknown) => {
      if (isCurrent()) this.fail(error instanceof Error ? error.message : String(error))
      return null
    })
    if (!isCurrent()) {
      engine?.close()
      return
    }
    this.engine = engine
    this.progress = this.newProgress()
    this.video.play().catch(() => undefined)   // refused until somebody touches the page; muted video may always play
  }

  private fail(reason: string): void {
    const url = this.failover.url
    this.reports?.error(reason)
    this.emit('fail', { url, reason })
    this.reopen(this.failover.next())
  }

  /** The show may go on, or another may begin. */
  private end(): void {
    this.enter('ended')
    this.reports?.enter('e')
    this.reopen(this.failover.next() || 1000)
  }

  private reopen(pause: number): void {
    this.attempt++
    this.engine?.close()
    this.engine = null
    this.cues.forgetWaiting()
    if (this.current !== 'ended') this.enter(pause === 0 ? 'starting' : 'waiting')
    clearTimeout(this.pause)
    this.pause = setTimeout(() => void this.open(), pause)
  }

  private onPlaying(): void {
    this.failover.succeeded()
    this.enter('playing')
  }

  private look(): void {
    const now = performance.now()
    if (this.current === 'playing' && !this.video.paused) this.playedMs += now - this.lookedAt
    this.lookedAt = now
    if (!this.engine) return
    const ahead = bufferAhead(this.video)
    const look = this.progress.look(now, { currentTime: this.video.currentTime, paused: this.video.paused && this.video.readyState > 2, ahead })
    if (look === 'stalled') this.fail('no picture came')
    else if (look === 'late') this.video.currentTime += ahead - this.engine.target
    if (!('requestVideoFrameCallback' in this.video)) this.cues.shown((this.video as HTMLVideoElement).currentTime)
  }

  private watchPictures(): void {
    if (!('requestVideoFrameCallback' in this.video)) return
    const onPicture: VideoFrameRequestCallback = (_, { mediaTime }) => {
      if (this.listening.signal.aborted) return
      this.cues.shown(mediaTime)
      this.pictures = this.video.requestVideoFrameCallback(onPicture)
    }
    this.pictures = this.video.requestVideoFrameCallback(onPicture)
    this.listening.signal.addEventListener('abort', () => this.video.cancelVideoFrameCallback(this.pictures))
  }

  private enter(state: PlayerState): void {
    if (state === this.current) return
    this.current = state
    if (state === 'playing') this.reports?.enter('p')
    if (state === 'rebuffering' || state === 'waiting') this.reports?.enter('r')
    this.emit('state', state)
  }

  private measure() {
    const latency = this.latency
    return {
      format: this.engine?.format ?? 'o', lowLatency: true, bufferMs: bufferAhead(this.video) * 1000, latencyMs: latency === undefined ? undefined : latency * 1000,
      dropped: this.video.getVideoPlaybackQuality().droppedVideoFrames, playedMs: this.playedMs,
    }
  }

  private newProgress(): Progress {
    return new Progress(performance.now(), this.options.patience ?? DEFAULT_PATIENCE_MS)
  }

  private emit<Name extends keyof PlayerEvents>(name: Name, detail: PlayerEvents[Name]): void {
    this.events.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

import { capabilities, carrierOf, playable, type Carrier } from './choose.ts'
import { CueQueue, parseCue, type Cue } from './cues.ts'
import type { Engine } from './engine.ts'
import { Failover } from './failover.ts'
import { CueFeed, cuesUrl } from './feed.ts'
import { openFlv } from './flv.ts'
import { openHls } from './hls.ts'
import { playStateOf } from './play-state.ts'
import { bufferAhead, Progress } from './progress.ts'
import { Reports, type ReportOptions } from './reports.ts'
import { ToldCues } from './told.ts'

export interface PlayerOptions {
  /** One stream in several ways, best first: `wss://…/show.flv`, `https://…/show.flv`, `https://…/show.m3u8`. What the browser can't play is passed over. */
  urls: readonly string[]
  /** Longest time without a new picture before the next URL is tried, in milliseconds: 5000 where it is left out. */
  patience?: number
  /**
   * Where cues are told beside the media: Sluice's `https://…/show.cues`. Left out: beside the URL that plays, where its stream brings no cues itself (AV1 or sound alone in FLV, HLS by
   * the browser). `false`: nowhere.
   */
  cues?: string | false
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
  private readonly told: ToldCues
  private readonly timer: ReturnType<typeof setInterval>
  private readonly listening = new AbortController()
  private engine: Engine | null = null
  private feed?: CueFeed
  private progress: Progress
  private pause?: ReturnType<typeof setTimeout>
  private attempt = 0
  private pictures = 0
  private playedMs = 0
  private lookedAt = performance.now()
  private current: PlayerState = 'starting'
  private hasPlayed = false
  private isPaused = false   // by the viewer

  constructor(private readonly video: HTMLVideoElement, private readonly options: PlayerOptions) {
    this.failover = new Failover(playable(options.urls, capabilities()))
    this.cues = new CueQueue(cue => this.emit('cue', cue))
    this.told = new ToldCues(this.cues)
    this.progress = this.newProgress()
    if (options.reports) this.reports = new Reports(options.reports, () => this.measure())
    const { signal } = this.listening
    video.addEventListener('playing', () => this.onPlaying(), { signal })
    video.addEventListener('waiting', () => { if (this.current === 'playing') this.enter('rebuffering') }, { signal })
    video.addEventListener('pause', () => this.onPause(), { signal })
    video.addEventListener('play', () => this.onPlay(), { signal })
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
    this.told.add(cue)
    this.told.place(one => this.timeOf(one))
  }

  close(): void {
    this.attempt++
    clearInterval(this.timer)
    clearTimeout(this.pause)
    this.reports?.close()
    this.feed?.close()
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
      onResponse: response => { if (isCurrent()) this.reports?.received(response) },
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
    if (!this.isPaused) this.video.play().catch(() => undefined)   // refused until somebody touches the page; muted video may always play
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
    this.reopen(this.failover.next() || 1000)
  }

  private reopen(pause: number): void {
    this.attempt++
    const closed = this.engine
    this.engine = null
    closed?.close()
    this.cues.forgetWaiting()
    if (this.current !== 'ended') this.enter(pause === 0 ? 'starting' : 'waiting')
    clearTimeout(this.pause)
    this.pause = setTimeout(() => void this.open(), pause)
  }

  private onPlaying(): void {
    this.failover.succeeded()
    this.hasPlayed = true
    this.enter('playing')
    this.tellState()
  }

  /** Engines pause, too, when they are closed. */
  private onPause(): void {
    if (!this.engine || !this.video.paused) return
    this.isPaused = true
    this.tellState()
  }

  private onPlay(): void {
    this.isPaused = false
    this.tellState()
  }

  private look(): void {
    const now = performance.now()
    if (this.current === 'playing' && !this.video.paused) this.playedMs += now - this.lookedAt
    this.lookedAt = now
    if (!this.engine) return
    this.followCues(this.engine)
    const ahead = bufferAhead(this.video)
    const look = this.progress.look(now, { currentTime: this.video.currentTime, paused: this.video.paused && this.video.readyState > 2, ahead })
    if (look === 'stalled') this.fail('no picture came')
    else if (look === 'late') this.video.currentTime += ahead - this.engine.target
    const showsPictures = 'requestVideoFrameCallback' in this.video && this.video.videoWidth > 0 && !document.hidden
    if (!showsPictures && this.current === 'playing') this.cues.shown(this.video.currentTime)
  }

  private followCues(engine: Engine): void {
    const { cues } = this.options
    const url = cues ?? (engine.carriesCues() ? false : cuesUrl(this.failover.url))
    if (url !== (this.feed?.url ?? false)) {
      this.feed?.close()
      this.feed = url === false ? undefined : new CueFeed(url, json => this.tell(json))
    }
    this.told.place(cue => this.timeOf(cue))
  }

  /** When the picture of a cue is shown that came beside the stream; where it plays and does not tell, as much after the wall time as it is behind live. */
  private timeOf(cue: Cue): number | undefined {
    if (!this.engine) return undefined
    const known = this.engine.timeOf(cue)
    if (known !== undefined || this.current !== 'playing') return known
    return this.video.currentTime + (Date.parse(cue.utc) - Date.now()) / 1000 + (this.latency ?? this.engine.target)
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
    this.tellState()
    this.emit('state', state)
  }

  private tellState(): void {
    this.reports?.enter(playStateOf(this.current, this.isPaused, this.hasPlayed))
  }

  private measure() {
    const latency = this.latency
    return {
      format: this.engine?.format ?? 'o', lowLatency: true, bufferMs: bufferAhead(this.video) * 1000, latencyMs: latency === undefined ? undefined : latency * 1000,
      bitrateKbps: this.engine?.bitrate(), dropped: this.video.getVideoPlaybackQuality().droppedVideoFrames, playedMs: this.playedMs,
    }
  }

  private newProgress(): Progress {
    return new Progress(performance.now(), this.options.patience ?? DEFAULT_PATIENCE_MS)
  }

  private emit<Name extends keyof PlayerEvents>(name: Name, detail: PlayerEvents[Name]): void {
    this.events.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

import { capabilities, carrierOf, playable, type Carrier } from './choose.ts'
import { CueQueue, parseCue, type Cue } from './cues.ts'
import type { Engine } from './engine.ts'
import { Failover } from './failover.ts'
import { CueFeed, cuesUrl } from './feed.ts'
import { openFlv } from './flv.ts'
import { openHls } from './hls.ts'
import { LastPicture } from './last-picture.ts'
import { playStateOf, type PlayState } from './play-state.ts'
import { bufferAhead, DroppedPictures, Progress } from './progress.ts'
import { Reports, type MediaResponse, type ReportOptions } from './reports.ts'
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

/** How long the server's word that it is dark holds at least, in milliseconds: a connection can die unheard. */
const WORD_HOLDS_MS = 60_000

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
  private progress!: Progress
  private pause?: ReturnType<typeof setTimeout>
  private attempt = new AbortController()
  private pictures = 0
  private readonly lastPicture: LastPicture
  private readonly dropped = new DroppedPictures()
  private isAsked = false   // the server, whether it is dark
  private wordHoldsUntil = 0
  private current: PlayerState = 'starting'
  private hasPlayed = false
  private isShown = false   // what this URL brings
  private isOver = false   // no more will come, what did is still shown
  private isPaused = false   // by the viewer

  constructor(private readonly video: HTMLVideoElement, private readonly options: PlayerOptions) {
    this.failover = new Failover(playable(options.urls, capabilities()))
    this.cues = new CueQueue(cue => this.emit('cue', cue))
    this.told = new ToldCues(this.cues)
    this.lastPicture = new LastPicture(video)
    if (options.reports) this.reports = new Reports(options.reports, () => this.measure())
    const { signal } = this.listening
    video.addEventListener('playing', () => this.onPlaying(), { signal })
    video.addEventListener('waiting', () => { if (this.current === 'playing') this.enter('rebuffering') }, { signal })
    video.addEventListener('pause', () => this.onPause(), { signal })
    video.addEventListener('play', () => this.onPlay(), { signal })
    video.addEventListener('ended', () => { if (this.isOver) this.end() }, { signal })
    video.addEventListener('timeupdate', () => this.look(), { signal })   // timers of a hidden page run once a minute
    window.addEventListener('pagehide', () => this.reports?.leave(), { signal })
    window.addEventListener('pageshow', () => this.reports?.comeBack(this.playState), { signal })
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

  /** A cue that came another way, as the server's event `cue`: it is raised with its picture; where the stream does not tell which that is, at its wall time and as much later as the player is behind live. One without `utc` has its picture in FLV alone. */
  tell(json: string): void {
    const cue = parseCue(json)
    if (!cue) return
    this.told.add(cue)
    this.told.place(one => this.timeOf(one))
  }

  close(): void {
    this.attempt.abort()
    this.listening.abort()
    clearInterval(this.timer)
    clearTimeout(this.pause)
    this.reports?.close()
    this.feed?.close()
    this.engine?.close()
    this.engine = null
    this.lastPicture.release()
  }

  private async open(): Promise<void> {
    const { signal } = this.attempt = new AbortController()
    const url = this.failover.url
    const isCurrent = () => !signal.aborted
    const engine = await (this.carrier === 'hls' ? openHls : openFlv)(url, this.video, {
      onFail: reason => { if (isCurrent() && !this.isOver) this.fail(reason) },
      onEnd: () => { if (isCurrent()) this.onEnd() },
      onCue: (cue, at) => { if (isCurrent()) this.cues.add(cue, at) },
      onResponse: response => { if (isCurrent() && !this.isLookedFor(response)) this.reports?.received(response) },
    }, signal).catch((error: unknown) => {
      if (isCurrent()) this.fail(error instanceof Error ? error.message : String(error))
      return null
    })
    if (!isCurrent()) {
      engine?.close()
      return
    }
    this.engine = engine
    this.expectPictures()
    if (!this.isPaused) this.video.play().catch(() => undefined)   // refused until somebody touches the page; muted video may always play
  }

  private fail(reason: string): void {
    const url = this.failover.url
    if (this.current !== 'ended') {
      this.reports?.error(reason)
      this.emit('fail', { url, reason })
    }
    this.reopen(this.failover.next())
  }

  /** A show that is over is looked for, and not there: that is no news. */
  private isLookedFor({ status }: MediaResponse): boolean {
    return this.current === 'ended' && (status === 0 || status >= 400)
  }

  /** What has come is shown first: until the media element is at its end, or stands. A show that was over before its first picture is not begun. */
  private onEnd(): void {
    this.isOver = true
    if (this.video.ended || !this.isShown) this.end()
  }

  /** The show may go on, or another may begin. */
  private end(): void {
    const pause = this.current === 'ended' ? this.failover.next() : this.failover.ended()
    this.enter('ended')
    this.reopen(pause)
  }

  private reopen(pause: number): void {
    this.attempt.abort()
    this.isOver = this.isShown = false
    if (this.isAsked) this.closeFeed()
    this.isAsked = false
    this.lastPicture.hold()
    this.countDropped()   // before they are counted from 0 again
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
    this.hasPlayed = this.isShown = true
    this.enter('playing')
    this.tellState()
  }

  /** Engines pause, too, when they are closed, and media elements at their end. */
  private onPause(): void {
    if (!this.engine || !this.video.paused || this.video.ended) return
    this.isPaused = true
    this.tellState()
  }

  private onPlay(): void {
    this.isPaused = false
    this.tellState()
    this.look()
  }

  private look(): void {
    const now = performance.now()
    if (!this.engine) return
    const ahead = bufferAhead(this.video)
    const look = this.progress.look(now, { currentTime: this.video.currentTime, paused: this.video.paused && this.video.readyState > 2, ahead })
    if (look === 'still' || look === 'stalled') this.askWhetherDark(now)
    else this.isAsked = false
    this.followCues(this.engine)
    if (look === 'stalled') this.onStall(now)
    else if (look === 'late' && !this.isOver) this.video.currentTime += ahead - this.engine.target
    const showsPictures = 'requestVideoFrameCallback' in this.video && this.video.videoWidth > 0 && !document.hidden
    if (!showsPictures && this.current === 'playing') this.cues.shown(this.video.currentTime)
  }

  /** In the dark no picture comes to anybody: viewers stay for as long as the server says so. */
  private onStall(now: number): void {
    if (this.isOver) this.end()
    else if (!this.feed?.isDark) this.fail('no picture came')
    else if (now >= this.wordHoldsUntil) this.expectPictures()
  }

  private askWhetherDark(now: number): void {
    if (this.isAsked) return
    this.closeFeed()   // a new connection has the newest word, and is alive
    this.isAsked = true
    this.wordHoldsUntil = now + WORD_HOLDS_MS * (1 + Math.random())
  }

  private expectPictures(): void {
    this.progress = new Progress(performance.now(), this.options.patience ?? DEFAULT_PATIENCE_MS)
  }

  private followCues(engine: Engine): void {
    const isNeeded = this.isAsked || !engine.carriesCues()
    const url = this.options.cues ?? (isNeeded ? cuesUrl(this.failover.url) : false)
    if (url !== (this.feed?.url ?? false)) {
      this.closeFeed()
      if (url !== false) this.feed = new CueFeed(url, { onCue: json => this.tell(json), onLight: () => this.expectPictures() })
    }
    this.told.place(cue => this.timeOf(cue))
  }

  private closeFeed(): void {
    this.feed?.close()
    this.feed = undefined
  }

  /** When the picture of a cue is shown that came beside the stream; where it plays and does not tell, as much after the wall time as it is behind live. */
  private timeOf(cue: Cue): number | undefined {
    if (!this.engine) return undefined
    const known = this.engine.timeOf(cue)
    if (known !== undefined || this.current !== 'playing' || !cue.utc) return known
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
    this.reports?.enter(this.playState)
  }

  private get playState(): PlayState {
    return playStateOf(this.current, this.isPaused, this.hasPlayed)
  }

  private measure() {
    const latency = this.latency
    return {
      format: this.engine?.format ?? 'o', lowLatency: true, bufferMs: bufferAhead(this.video) * 1000, latencyMs: latency === undefined ? undefined : latency * 1000,
      bitrateKbps: this.engine?.bitrate(), dropped: this.countDropped(), shownAt: this.engine?.shownAt(), rate: this.video.playbackRate,
    }
  }

  private countDropped(): number {
    return this.dropped.total(this.video.getVideoPlaybackQuality().droppedVideoFrames)
  }

  private emit<Name extends keyof PlayerEvents>(name: Name, detail: PlayerEvents[Name]): void {
    this.events.dispatchEvent(new CustomEvent(name, { detail }))
  }
}

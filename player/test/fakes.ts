import { vi } from 'vitest'
import type { Engine, EngineEvents } from '../src/engine'

/** Listeners of media elements and windows that are there. */
let listening = 0
export const listeners = () => listening

/** Counts who listens. */
class Counted extends EventTarget {
  addEventListener(name: string, listener: EventListener, options: { signal: AbortSignal }): void {
    if (options.signal.aborted) return
    super.addEventListener(name, listener, options)
    listening++
    options.signal.addEventListener('abort', () => { listening-- })
  }
}

/** As much of a video element as the player uses; a test tells it what happens. */
export class FakeVideo extends Counted {
  paused = true
  currentTime = 0
  videoWidth = 640
  videoHeight = 360
  readyState = 4
  readonly HAVE_CURRENT_DATA = 2
  poster = ''
  /** On the screen. */
  picture = 'picture'
  ended = false
  playbackRate = 1
  droppedVideoFrames = 0
  bufferedTo = 0
  getVideoPlaybackQuality = () => ({ droppedVideoFrames: this.droppedVideoFrames })

  getAttribute = () => this.poster || null
  removeAttribute = () => { this.poster = '' }

  /** Who waits for the next picture. */
  callbacks = 0
  requestVideoFrameCallback = () => ++this.callbacks
  cancelVideoFrameCallback = () => { this.callbacks-- }

  get buffered() {
    return { length: this.bufferedTo > 0 ? 1 : 0, end: () => this.bufferedTo }
  }

  async play(): Promise<void> {
    this.paused = false
    this.tell('play')
  }

  pause(): void {
    this.paused = true
    this.tell('pause')
  }

  tell(...names: string[]): void {
    for (const name of names) this.dispatchEvent(new Event(name))
  }
}

/** An engine that a test speaks for. */
export class FakeEngine implements Engine {
  readonly format = 'o'
  readonly target = 1
  carries = true
  time: number | undefined
  shown: number | undefined
  isClosed = false

  constructor(readonly url: string, readonly events: EngineEvents, readonly signal: AbortSignal) {}

  carriesCues = () => this.carries
  bitrate = () => 812.4
  latency = () => undefined
  shownAt = () => this.shown
  timeOf = () => this.time
  close = () => { this.isClosed = true }
}

export class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2
  static readonly all: FakeEventSource[] = []
  readyState = 1

  constructor(readonly url: string) {
    super()
    FakeEventSource.all.push(this)
  }

  close(): void {
    this.readyState = FakeEventSource.CLOSED
  }

  refuse(): void {
    this.close()
    this.dispatchEvent(new Event('error'))
  }

  state(dark: boolean): void {
    this.dispatchEvent(new MessageEvent('state', { data: JSON.stringify({ dark }) }))
  }

  /** The browser connects again by itself. */
  break(): void {
    this.readyState = 0
    this.dispatchEvent(new Event('error'))
    this.readyState = 1
  }

  cue(cue: object): void {
    this.dispatchEvent(new MessageEvent('cue', { data: JSON.stringify(cue) }))
  }
}

/** A video element as it is asked what it can play, a canvas as it is drawn to. */
function createElement(name: string): object {
  if (name === 'video') return { canPlayType: () => '' }
  let drawn = ''
  return {
    getContext: () => ({ drawImage: (video: FakeVideo) => { drawn = video.picture } }),
    toDataURL() {
      if (drawn === 'foreign') throw new Error('SecurityError')
      return `data:image/jpeg,${drawn},${(this as { width?: number }).width}`
    },
  }
}

/** A browser that plays everything, by Media Source Extensions. */
export function stubBrowser(): void {
  FakeEventSource.all.length = 0
  vi.stubGlobal('document', { hidden: false, createElement })
  vi.stubGlobal('window', new Counted())
  vi.stubGlobal('MediaSource', { isTypeSupported: () => true })
  vi.stubGlobal('EventSource', FakeEventSource)
}

import { vi } from 'vitest'
import type { Engine, EngineEvents } from '../src/engine'

/** As much of a video element as the player uses; a test tells it what happens. */
export class FakeVideo extends EventTarget {
  paused = true
  currentTime = 0
  videoWidth = 640
  readyState = 4
  buffered = { length: 0 }
  getVideoPlaybackQuality = () => ({ droppedVideoFrames: 0 })

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
  isClosed = false

  constructor(readonly url: string, readonly events: EngineEvents) {}

  carriesCues = () => this.carries
  bitrate = () => 812.4
  latency = () => undefined
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

  cue(cue: object): void {
    this.dispatchEvent(new MessageEvent('cue', { data: JSON.stringify(cue) }))
  }
}

/** A browser that plays everything, by Media Source Extensions. */
export function stubBrowser(): void {
  FakeEventSource.all.length = 0
  vi.stubGlobal('document', { hidden: false, createElement: () => ({ canPlayType: () => '' }) })
  vi.stubGlobal('MediaSource', { isTypeSupported: () => true })
  vi.stubGlobal('EventSource', FakeEventSource)
}

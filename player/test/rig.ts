import { setMaxListeners } from 'node:events'
import { afterEach, beforeEach, vi } from 'vitest'
import type { EngineEvents } from '../src/engine'
import { SluicePlayer, type PlayerOptions, type PlayerState } from '../src/player'
import { FakeEngine, FakeVideo, stubBrowser } from './fakes'

setMaxListeners(20)   // Node warns of eleven, and a page may listen to all that a player tells

export const URLS = ['wss://h/live/show.flv?key=k', 'https://h/live/show.m3u8?key=k']
export const CUE = { id: 'draw-1', pts: 12340, utc: '2026-11-22T12:00:04.000Z', payload: '' }

/** Those that a player has opened, oldest first. */
export const engines: FakeEngine[] = []

/** The lines that were reported. */
export const sent: string[] = []

/** Stands in for openFlv and openHls. */
export async function open(url: string, _: unknown, events: EngineEvents, signal: AbortSignal): Promise<FakeEngine> {
  const engine = new FakeEngine(url, events, signal)
  engines.push(engine)
  return engine
}

/** Each test of the file has its own clock, browser and reports; chance is always in the middle. */
export function useRig(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-22T12:00:00.000Z') })
    vi.spyOn(Math, 'random').mockReturnValue(0.5)
    stubBrowser()
    sent.length = engines.length = 0
    vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
      sent.push(...body.split('\n'))
      return { status: 204 }
    })
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })
}

/** @param element what the media element is before. */
export async function play(options: Partial<PlayerOptions> = {}, element: Partial<FakeVideo> = {}) {
  const video = Object.assign(new FakeVideo(), element)
  const player = new SluicePlayer(video as unknown as HTMLVideoElement, { urls: URLS, reports: { url: '/cmcd', sessionId: 's', interval: 600_000 }, ...options })
  const raised: string[] = []
  const fails: string[] = []
  const entered: PlayerState[] = []
  player.on('cue', cue => raised.push(cue.id))
  player.on('fail', ({ reason }) => fails.push(reason))
  player.on('state', state => entered.push(state))
  await pass(0)
  return { video, player, raised, fails, entered }
}

/** Time in which pictures move. */
export async function pass(ms: number, video?: FakeVideo): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    if (video) video.currentTime += 0.1
    await vi.advanceTimersByTimeAsync(100)
  }
  await vi.advanceTimersByTimeAsync(1)
}

/** The states that were reported, in the words of CMCD. */
export const states = () => sent.filter(line => line.includes('e=ps')).map(line => /sta=(\w)/.exec(line)![1]).join('')

export const last = () => sent.at(-1)!

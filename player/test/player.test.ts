import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { EngineEvents } from '../src/engine'
import { SluicePlayer, type PlayerOptions } from '../src/player'
import { FakeEngine, FakeEventSource, FakeVideo, stubBrowser } from './fakes'

const engines: FakeEngine[] = []
const open = async (url: string, _: unknown, events: EngineEvents) => {
  const engine = new FakeEngine(url, events)
  engines.push(engine)
  return engine
}
vi.mock('../src/flv.ts', () => ({ openFlv: (...given: Parameters<typeof open>) => open(...given) }))
vi.mock('../src/hls.ts', () => ({ openHls: (...given: Parameters<typeof open>) => open(...given) }))

const URLS = ['wss://h/live/show.flv?key=k', 'https://h/live/show.m3u8?key=k']
const CUE = { id: 'draw-1', pts: 12340, utc: '2026-11-22T12:00:04.000Z', payload: '' }

let sent: string[] = []

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T12:00:00.000Z') })
  stubBrowser()
  sent = []
  engines.length = 0
  vi.stubGlobal('fetch', async (_: string, { body }: { body: string }) => {
    sent.push(...body.split('\n'))
    return { status: 204 }
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

async function play(options: Partial<PlayerOptions> = {}) {
  const video = new FakeVideo()
  const player = new SluicePlayer(video as unknown as HTMLVideoElement, { urls: URLS, reports: { url: '/cmcd', sessionId: 's', interval: 60_000 }, ...options })
  const raised: string[] = []
  player.on('cue', cue => raised.push(cue.id))
  await pass(0)
  return { video, player, raised }
}

/** Time in which pictures move. */
async function pass(ms: number, video?: FakeVideo): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    if (video) video.currentTime += 0.1
    await vi.advanceTimersByTimeAsync(100)
  }
  await vi.advanceTimersByTimeAsync(1)
}

const states = () => sent.filter(line => line.includes('e=ps')).map(line => /sta=(\w)/.exec(line)![1]).join('')
const last = () => sent.at(-1)!

test('a pause is told, and so is that it goes on', async () => {
  const { video, player } = await play()
  video.tell('playing')
  video.pause()
  await video.play()
  video.tell('playing')
  player.close()
  await pass(0)
  expect(states()).toBe('spapq')
  expect(last()).not.toContain('bsa=')
})

test('what is waited for before the first picture is no stall', async () => {
  const { video, player } = await play()
  video.tell('waiting')
  for (const _ of URLS) {
    engines.at(-1)!.events.onFail('no answer')
    await pass(600)
  }
  video.tell('waiting', 'playing')
  player.close()
  await pass(0)
  expect(states()).toBe('sfpq')
  expect(last()).toContain('msd=')
  expect(last()).not.toContain('bsa=')
})

test('between two URLs a stall is counted, whether the media element says so or not, and an engine that is closed does not pause', async () => {
  const { video } = await play()
  video.tell('playing')
  await pass(1000, video)
  engines[0]!.close = () => video.pause()
  engines[0]!.events.onFail('cut')
  await pass(500)
  video.tell('playing')
  await pass(0)
  expect(engines.map(engine => engine.url)).toEqual(URLS)
  expect(states()).toBe('sprp')
  expect(last()).toMatch(/bsa=\(1\),bsda=\(50\d\)/)
  expect(last()).toContain('br=(812)')
})

test('all URLs failed is fatal, until one plays', async () => {
  const { video } = await play()
  video.tell('playing')
  for (let failures = 0; failures < 4; failures++) {
    engines.at(-1)!.events.onFail('no answer')
    await pass(600)
  }
  await pass(500)
  video.tell('playing')
  await pass(0)
  expect(states()).toBe('sprfp')
  expect(last()).toContain('bsa=(1)')
})

test('a viewer who paused is not played to after a failure', async () => {
  const { video } = await play()
  video.tell('playing')
  video.pause()
  engines[0]!.events.onFail('cut')
  await pass(100)
  expect(engines).toHaveLength(2)
  expect(video.paused).toBe(true)
  expect(states()).toBe('spa')
})

test('where the stream brings no cues they are read beside the URL that plays, with its key, and raised once', async () => {
  const { video, raised } = await play()
  video.tell('playing')
  await pass(300, video)
  expect(FakeEventSource.all).toHaveLength(0)
  Object.assign(engines[0]!, { carries: false, time: 2 })
  await pass(300, video)
  const [feed] = FakeEventSource.all
  expect(feed!.url).toBe('https://h/live/show.cues?key=k')
  feed!.cue(CUE)
  feed!.cue(CUE)
  engines[0]!.events.onCue(CUE, 2.2)
  vi.stubGlobal('document', { hidden: true })
  await pass(1500, video)
  expect(raised).toEqual([])
  await pass(500, video)
  expect(raised).toEqual(['draw-1'])
})

test('a cue that comes before it is known where its picture is waits for that, on each connection', async () => {
  const { video, raised } = await play({ cues: 'https://h/live/show.cues' })
  await pass(300)
  FakeEventSource.all[0]!.cue(CUE)
  engines[0]!.events.onFail('cut')
  await pass(300)
  vi.stubGlobal('document', { hidden: true })
  engines[1]!.time = 1
  video.tell('playing')
  await pass(800, video)
  expect(raised).toEqual([])
  await pass(600, video)
  expect(raised).toEqual(['draw-1'])
  expect(FakeEventSource.all).toHaveLength(1)
})

test('where nothing tells the place of a cue it comes as late as the engine aims to be behind live', async () => {
  const { video, raised } = await play({ cues: 'https://h/live/show.cues' })
  video.tell('playing')
  vi.stubGlobal('document', { hidden: true })
  await pass(300, video)
  FakeEventSource.all[0]!.cue(CUE)
  await pass(4300, video)
  expect(raised).toEqual([])
  await pass(1000, video)
  expect(raised).toEqual(['draw-1'])
})

test('a feed that is refused is asked for again, later and later; none is read against the will of the page', async () => {
  await play({ cues: 'https://h/live/show.cues' })
  await pass(300)
  for (const [pause, count] of [[10_100, 2], [20_100, 3]] as const) {
    FakeEventSource.all.at(-1)!.refuse()
    await pass(pause / 2 - 300)
    expect(FakeEventSource.all).toHaveLength(count - 1)
    await pass(pause / 2 + 400)
    expect(FakeEventSource.all).toHaveLength(count)
  }
  FakeEventSource.all.length = 0
  await play({ cues: false })
  engines.at(-1)!.carries = false
  await pass(500)
  expect(FakeEventSource.all).toHaveLength(0)
})

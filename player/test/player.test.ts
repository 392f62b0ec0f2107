import { expect, test, vi } from 'vitest'
import { FakeEventSource } from './fakes'
import { CUE, engines, last, open, pass, play, sent, states, URLS, useRig } from './rig'

vi.mock('../src/flv.ts', () => ({ openFlv: (...given: Parameters<typeof open>) => open(...given) }))
vi.mock('../src/hls.ts', () => ({ openHls: (...given: Parameters<typeof open>) => open(...given) }))
useRig()

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
  expect(sent.filter(line => line.includes('msd='))).toEqual([expect.stringContaining('sta=p')])
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
  const { video } = await play({ cues: 'https://h/live/show.cues' })
  await pass(300, video)
  for (const [pause, count] of [[10_100, 2], [20_100, 3]] as const) {
    FakeEventSource.all.at(-1)!.refuse()
    await pass(pause / 2 - 300, video)
    expect(FakeEventSource.all).toHaveLength(count - 1)
    await pass(pause / 2 + 400, video)
    expect(FakeEventSource.all).toHaveLength(count)
  }
  FakeEventSource.all.length = 0
  await play({ cues: false })
  engines.at(-1)!.carries = false
  await pass(500)
  expect(FakeEventSource.all).toHaveLength(0)
})

test('a paused picture stands, however much is buffered, and jumps when it goes on', async () => {
  const { video } = await play()
  video.tell('playing')
  video.currentTime = 10
  video.pause()
  video.bufferedTo = 70
  await pass(60_000)
  expect(video.currentTime).toBe(10)
  await video.play()
  expect(video.currentTime).toBe(69)
})

test('in a hidden page, whose timers stand still, cues come with the time of the media element', async () => {
  const { video, raised } = await play()
  video.tell('playing')
  vi.stubGlobal('document', { hidden: true })
  engines[0]!.events.onCue(CUE, 2)
  for (video.currentTime = 0; video.currentTime < 3; video.currentTime += 0.25) video.tell('timeupdate')
  expect(raised).toEqual(['draw-1'])
})

test('a cue without a wall time waits for a stream that tells its picture', async () => {
  const { video, player, raised } = await play()
  video.tell('playing')
  vi.stubGlobal('document', { hidden: true })
  player.tell(JSON.stringify({ id: 'draw-1', pts: 3000 }))
  player.tell(JSON.stringify({ id: 'draw-2', pts: 3000, utc: 'soon' }))
  await pass(2000, video)
  expect(raised).toEqual([])
  engines[0]!.time = 3
  await pass(2000, video)
  expect(raised).toEqual(['draw-1', 'draw-2'])
})

test('reports tell the wall time of the picture, the rate, and what was dropped by all URLs', async () => {
  const { video } = await play()
  engines[0]!.shown = 1795348790500.4
  video.playbackRate = 1.1
  video.droppedVideoFrames = 7
  video.tell('playing')
  await pass(0)
  expect(last()).toContain('dfa=7,e=ps')
  expect(last()).toContain('pr=1.1,pt=1795348790500,')
  engines[0]!.close = () => Object.assign(video, { droppedVideoFrames: 0, playbackRate: 1 })
  video.droppedVideoFrames = 9
  engines[0]!.events.onFail('cut')
  await pass(100)
  video.droppedVideoFrames = 2
  video.tell('playing')
  await pass(0)
  expect(last()).toContain('dfa=11,')
  expect(last()).not.toMatch(/p[rt]=/)
})

test('a player that is closed while it opens does not come back', async () => {
  const { player } = await play()
  expect(engines[0]!.signal.aborted).toBe(false)
  player.close()
  expect([engines[0]!.signal.aborted, engines[0]!.isClosed]).toEqual([true, true])
})

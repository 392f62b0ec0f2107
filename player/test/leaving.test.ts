import { expect, test, vi } from 'vitest'
import { FakeEventSource, listeners } from './fakes'
import { engines, open, pass, play, sent, states, useRig } from './rig'

vi.mock('../src/flv.ts', () => ({ openFlv: (...given: Parameters<typeof open>) => open(...given) }))
vi.mock('../src/hls.ts', () => ({ openHls: (...given: Parameters<typeof open>) => open(...given) }))
useRig()

test('a page that goes tells it, even while a report is on its way, and one that comes back goes on', async () => {
  const answers: (() => void)[] = []
  const bodies: string[] = []
  vi.stubGlobal('fetch', (_: string, { body }: { body: string }) => {
    bodies.push(body)
    return new Promise(done => { answers.push(() => done({ status: 204 })) })
  })
  const { video } = await play()
  video.tell('playing')
  window.dispatchEvent(new Event('pagehide'))
  expect(bodies.map(body => body.match(/sta=\w/g)!.join(''))).toEqual(['sta=s', 'sta=psta=q'])
  engines[0]!.events.onFail('the page is gone')
  for (const answer of answers) answer()
  await pass(100)
  expect(bodies).toHaveLength(2)
  window.dispatchEvent(new Event('pageshow'))
  expect(bodies[2]).toContain('sta=r')
})

test('the page that is shown for the first time is no news', async () => {
  await play()
  window.dispatchEvent(new Event('pageshow'))
  await pass(0)
  expect(states()).toBe('s')
})

test.each<[string, (rig: Awaited<ReturnType<typeof play>>) => Promise<void>]>([
  ['it opens', async () => {}],
  ['it plays', async ({ video }) => {
    video.tell('playing')
    await pass(1000, video)
  }],
  ['it waits for its next attempt', async () => {
    for (const _ of [1, 2]) {
      engines.at(-1)!.events.onFail('cut')
      await pass(0)
    }
  }],
  ['it is dark', async () => {
    await pass(3300)
    FakeEventSource.all.at(-1)!.state(true)
    await pass(1000)
  }],
  ['a feed has refused', async ({ video }) => {
    engines[0]!.carries = false
    await pass(300, video)
    FakeEventSource.all.at(-1)!.refuse()
  }],
  ['a show is over', async ({ video }) => {
    video.tell('playing')
    engines[0]!.events.onEnd()
    video.tell('ended')
  }],
])('nothing is left of a player that is closed when %s', async (_, until) => {
  const before = listeners()
  const rig = await play()
  await until(rig)
  expect(vi.getTimerCount()).toBeGreaterThan(0)
  expect(listeners()).toBeGreaterThan(before)
  rig.player.close()
  await pass(0)
  const [told, opened, fed] = [sent.length, engines.length, FakeEventSource.all.length]
  expect([vi.getTimerCount(), listeners(), rig.video.callbacks]).toEqual([0, before, 0])
  expect([engines.every(engine => engine.isClosed), FakeEventSource.all.every(feed => feed.readyState === 2)]).toEqual([true, true])
  rig.video.tell('playing', 'timeupdate', 'pause', 'ended')
  window.dispatchEvent(new Event('pagehide'))
  await pass(60_000)
  expect([sent.length, engines.length, FakeEventSource.all.length]).toEqual([told, opened, fed])
})

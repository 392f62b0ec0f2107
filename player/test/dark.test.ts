import { expect, test, vi } from 'vitest'
import { FakeEventSource } from './fakes'
import { engines, open, pass, play, sent, useRig } from './rig'

vi.mock('../src/flv.ts', () => ({ openFlv: (...given: Parameters<typeof open>) => open(...given) }))
vi.mock('../src/hls.ts', () => ({ openHls: (...given: Parameters<typeof open>) => open(...given) }))
useRig()

/** Pictures came, and come no more. */
async function stall(options: Parameters<typeof play>[0] = {}) {
  const rig = await play(options)
  rig.video.tell('playing')
  await pass(1000, rig.video)
  expect(FakeEventSource.all.filter(feed => feed.readyState === 1)).toHaveLength(options.cues ? 1 : 0)
  rig.video.tell('waiting')
  await pass(3300)
  return { ...rig, feed: FakeEventSource.all.at(-1) }
}

test('where no picture comes the server is asked, and in the dark viewers stay where they are', async () => {
  const { video, feed, fails, entered } = await stall()
  expect([feed!.url, fails]).toEqual(['https://h/live/show.cues?key=k', []])
  feed!.state(true)
  await pass(50_000)
  expect([fails, engines.length, entered, feed!.readyState]).toEqual([[], 1, ['playing', 'rebuffering'], 1])
  expect(sent.join('\n')).not.toContain('e=e,')

  feed!.state(false)
  await pass(500)
  video.tell('playing')
  await pass(5000, video)
  expect([fails, engines.length, entered, feed!.readyState]).toEqual([[], 1, ['playing', 'rebuffering', 'playing'], 2])
})

test('what does not go on when the dark is over has failed', async () => {
  const { feed, fails } = await stall()
  feed!.state(true)
  await pass(10_000)
  feed!.state(false)
  await pass(4800)
  expect([fails, FakeEventSource.all.length]).toEqual([[], 2])
  FakeEventSource.all[1]!.state(false)
  await pass(500)
  expect([fails, engines.length]).toEqual([['no picture came'], 2])
})

test('a server that says it is not dark, refuses or does not answer has no dark', async () => {
  for (const answer of [(feed: FakeEventSource) => feed.state(false), (feed: FakeEventSource) => feed.refuse()]) {
    const { player, feed, fails } = await stall()
    answer(feed!)
    await pass(1500)
    expect(fails).toEqual([])
    await pass(500)
    expect(fails).toEqual(['no picture came'])
    player.close()
    engines.length = FakeEventSource.all.length = 0
  }
  const { fails } = await stall()
  await pass(1500)
  expect(fails).toEqual([])
  await pass(500)
  expect(fails).toEqual(['no picture came'])
})

test('a feed that breaks in the dark tells nothing any more: pictures have their time to come, and it is asked anew', async () => {
  const { feed, fails } = await stall()
  feed!.state(true)
  await pass(20_000)
  feed!.break()
  await pass(4800)
  expect(fails).toEqual([])
  await pass(500)
  expect([fails, engines.length]).toEqual([['no picture came'], 2])
})

test('an old word is asked for again, as connections can die unheard', async () => {
  const { feed, fails } = await stall()
  feed!.state(true)
  await pass(94_000)
  expect([FakeEventSource.all.length, feed!.readyState]).toEqual([2, 2])
  FakeEventSource.all[1]!.state(true)
  await pass(88_000)
  expect([FakeEventSource.all.length, fails]).toEqual([2, []])
  await pass(7000)
  expect([FakeEventSource.all.length, fails]).toEqual([3, ['no picture came']])
})

test('a connection that breaks in the dark has failed', async () => {
  const { feed, fails } = await stall()
  feed!.state(true)
  await pass(1000)
  engines[0]!.events.onFail('cut')
  expect(feed!.readyState).toBe(2)
  await pass(300)
  expect([fails, engines.length]).toEqual([['cut'], 2])
})

test('the page names the feed, or none', async () => {
  const { feed, fails, player } = await stall({ cues: 'https://origin/live/show.cues' })
  expect([feed!.url, fails]).toEqual(['https://origin/live/show.cues', []])
  player.close()
  FakeEventSource.all.length = 0
  const unasked = await stall({ cues: false })
  await pass(2000)
  expect(unasked.fails).toEqual(['no picture came'])
  expect(FakeEventSource.all).toEqual([])
})

test('a word that is none is not heard', async () => {
  const { feed, fails } = await stall()
  for (const data of ['', 'null', '[]', '{"dark":1}']) feed!.dispatchEvent(new MessageEvent('state', { data }))
  await pass(1500)
  expect(fails).toEqual([])
  await pass(500)
  expect(fails).toEqual(['no picture came'])
})

import { expect, test, vi } from 'vitest'
import { engines, open, pass, play, sent, states, useRig } from './rig'

vi.mock('../src/flv.ts', () => ({ openFlv: (...given: Parameters<typeof open>) => open(...given) }))
vi.mock('../src/hls.ts', () => ({ openHls: (...given: Parameters<typeof open>) => open(...given) }))
useRig()

/** As a media element does at its end. */
function toItsEnd(video: Awaited<ReturnType<typeof play>>['video']): void {
  video.ended = true
  video.pause()
  video.tell('ended')
}

/** A show that is over, its last picture on the screen. */
async function playToTheEnd() {
  const rig = await play()
  rig.video.tell('playing')
  engines[0]!.events.onEnd()
  toItsEnd(rig.video)
  rig.video.ended = false
  await pass(0)
  return rig
}

test('what has come of a show is shown before it is over, and the next one is played', async () => {
  const { video, entered } = await play()
  video.tell('playing')
  engines[0]!.events.onEnd()
  await pass(3000, video)
  expect([entered, engines[0]!.isClosed, states()]).toEqual([['playing'], false, 'sp'])
  toItsEnd(video)
  await pass(0)
  expect([entered, engines[0]!.isClosed, states()]).toEqual([['playing', 'ended'], true, 'spe'])
  video.ended = false
  await pass(2000)
  expect([engines.length, video.paused]).toEqual([2, false])
})

test('while there are no media the last picture stands, and in the end the poster of the page', async () => {
  const { video, player } = await play({}, { poster: 'https://page/poster.jpg' })
  expect(video.poster).toBe('https://page/poster.jpg')
  video.tell('playing')
  engines[0]!.close = () => { video.readyState = 0 }
  engines[0]!.events.onFail('cut')
  expect(video.poster).toBe('data:image/jpeg,picture,640')
  await pass(100)
  engines[1]!.events.onFail('404')
  expect(video.poster).toBe('data:image/jpeg,picture,640')
  player.close()
  expect(video.poster).toBe('https://page/poster.jpg')
})

test('a picture that may not be read does not stand, and harms nothing', async () => {
  const { video, player } = await play({}, { picture: 'foreign' })
  video.tell('playing')
  engines[0]!.events.onFail('cut')
  await pass(100)
  expect([video.poster, engines.length]).toEqual(['', 2])
  player.close()
  expect(video.poster).toBe('')
})

test('a media element that does not come to its end is waited for as long as for a picture', async () => {
  const { video, entered, fails } = await play()
  video.tell('playing')
  await pass(1000, video)
  engines[0]!.events.onEnd()
  engines[0]!.events.onFail('the last segment is gone')
  await pass(4000)
  expect(entered).toEqual(['playing'])
  await pass(1500)
  expect([entered, fails]).toEqual([['playing', 'ended'], []])
})

test('a viewer who has paused keeps the last pictures', async () => {
  const { video, entered } = await play()
  video.tell('playing')
  video.pause()
  engines[0]!.events.onEnd()
  await pass(60_000)
  expect([entered, engines.length]).toEqual([['playing'], 1])
})

test('a show that is over before its first picture is not begun', async () => {
  const { entered } = await play()
  engines[0]!.events.onEnd()
  expect(entered).toEqual(['ended'])
})

test('after a show the next one is looked for later and later, from the top of the list, and that it is not there is no news', async () => {
  const { video, fails, entered } = await playToTheEnd()
  const pauses: number[] = []
  while (pauses.length < 12) {
    const [count, begin] = [engines.length, Date.now()]
    while (engines.length === count) await pass(100)
    pauses.push(Math.round((Date.now() - begin) / 1000))
    const { events, url } = engines.at(-1)!
    events.onResponse({ url, status: 404, at: Date.now(), object: 'av' })
    events.onFail('404')
  }
  expect(pauses).toEqual([2, 0, 4, 0, 8, 0, 16, 0, 30, 0, 30, 0])
  expect(engines.slice(1, 3).map(engine => new URL(engine.url).protocol)).toEqual(['wss:', 'https:'])
  expect([fails, entered]).toEqual([[], ['playing', 'ended']])
  expect(sent.join('\n')).not.toMatch(/e=(e|rr),/)

  while (engines.length < 14) await pass(100)
  engines[13]!.events.onResponse({ url: engines[13]!.url, status: 101, at: Date.now(), object: 'av' })
  video.tell('playing')
  engines[13]!.events.onFail('cut')
  await pass(0)
  expect([fails, states()]).toEqual([['cut'], 'spepr'])
  expect(sent.join('\n')).toMatch(/e=rr,.*rc=101/)
})

test('a server that answers and ends at once is not asked more often than one that refuses', async () => {
  await playToTheEnd()
  const begin = Date.now()
  while (engines.length < 8) {
    await pass(100)
    if (!engines.at(-1)!.isClosed) engines.at(-1)!.events.onEnd()
  }
  expect(Date.now() - begin).toBeGreaterThan(25_000)
})

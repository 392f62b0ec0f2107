import { expect, test } from 'vitest'
import { carrierOf, playable } from '../src/choose'
import { Failover } from '../src/failover'
import { DroppedPictures, Progress } from '../src/progress'

const URLS = ['wss://h/live/show.flv?key=a.m3u8', 'https://h/live/show.flv', 'https://h/live/show.m3u8', 'rtmp://h/live/show']

test('a URL tells what carries the stream', () => expect(URLS.map(carrierOf)).toEqual(['wsflv', 'flv', 'hls', null]))

test.each([
  [{ mse: true, nativeHls: false }, URLS.slice(0, 3)],
  [{ mse: false, nativeHls: true }, [URLS[2]]],
  [{ mse: false, nativeHls: false }, []],
])('what cannot be played is passed over: %j', (can, urls) => expect(playable(URLS, can)).toEqual(urls))

test('failures go down the list, and each round waits longer', () => {
  const failover = new Failover(['a', 'b'], () => 0.5)
  const pauses = Array.from({ length: 12 }, () => failover.next())
  expect(pauses).toEqual([0, 500, 0, 1000, 0, 2000, 0, 4000, 0, 8000, 0, 8000])
  failover.succeeded()
  expect([failover.next(), failover.url, failover.next(), failover.url]).toEqual([0, 'b', 500, 'a'])
})

test.each([[0, 0.5], [0.999, 1.499]])('what many viewers lose at once they do not ask for at once: where chance says %d a pause is %d of itself', (chance, share) => {
  const failover = new Failover(['a'], () => chance)
  expect(failover.next()).toBe(500 * share)
  expect(failover.ended()).toBe(2000 * share)
})

test('after a show the list is gone through from its top, slower, until one plays', () => {
  const failover = new Failover(['a', 'b'], () => 0.5)
  failover.next()
  expect([failover.ended(), failover.url]).toEqual([2000, 'a'])
  expect(Array.from({ length: 12 }, () => failover.next())).toEqual([0, 4000, 0, 8000, 0, 16_000, 0, 30_000, 0, 30_000, 0, 30_000])
  failover.succeeded()
  expect([failover.next(), failover.next()]).toEqual([0, 500])
})

test('dropped pictures are counted on where the browser begins anew, and where it does not', () => {
  const dropped = new DroppedPictures()
  expect([3, 5, 0, 2, 1, 1].map(count => dropped.total(count))).toEqual([3, 5, 5, 7, 8, 8])
})

test('a list of nothing is an error in words', () => expect(() => new Failover([])).toThrow(/None of the URLs/))

test('a picture that stands is given up after its patience; a paused one is not', () => {
  const progress = new Progress(0, 5000)
  expect(progress.look(100, { currentTime: 1, paused: false, ahead: 1 })).toBe('fine')
  expect(progress.look(3000, { currentTime: 1, paused: false, ahead: 1 })).toBe('fine')
  expect(progress.look(3100, { currentTime: 1, paused: false, ahead: 1 })).toBe('still')
  expect(progress.look(5100, { currentTime: 1, paused: false, ahead: 1 })).toBe('stalled')
  expect(progress.look(9000, { currentTime: 1, paused: true, ahead: 9 })).toBe('fine')
  expect(progress.look(9100, { currentTime: 1.1, paused: false, ahead: 9 })).toBe('late')
})

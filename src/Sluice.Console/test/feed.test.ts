import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { order } from '../src/api'
import { Feed, SILENCE_MS, type FeedState } from '../src/feed'

/** One request for the feed: what the server sends, and whether the page has given it up. */
interface Asked {
  lastId: string | null
  signal: AbortSignal
  answer: () => void
  send: (text: string) => void
}

let asked: Asked[]

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  asked = []
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => new Promise<Response>((resolve, reject) => {
    const signal = init.signal!
    let body!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: controller => { body = controller } })
    const giveUp = () => {
      reject(signal.reason)
      body.error(signal.reason)
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp)
    asked.push({ lastId: new Headers(init.headers).get('last-event-id'), signal, answer: () => resolve(new Response(stream)), send: text => body.enqueue(new TextEncoder().encode(text)) })
  }))
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const JOURNAL = 'id: x-7\nevent: journal\ndata: {}\n\n'
const ALIVE = 'event: stream\ndata: {}\n\n'

test('a connection that says nothing more is given up, and the journal goes on in a new one', async () => {
  const states: FeedState['kind'][] = []
  const feed = new Feed('live/show', () => {}, state => states.push(state.kind))
  asked[0]!.answer()
  for (let half = 0; half < 20; half++) {
    asked[0]!.send(half === 0 ? JOURNAL : ALIVE)
    await vi.advanceTimersByTimeAsync(500)
  }
  expect(asked).toHaveLength(1)

  await vi.advanceTimersByTimeAsync(SILENCE_MS + 500)
  expect(asked[0]!.signal.aborted).toBe(true)
  expect(asked.map(request => request.lastId)).toEqual([null, 'x-7'])
  asked[1]!.answer()
  await vi.advanceTimersByTimeAsync(0)
  expect(states).toEqual(['connecting', 'open', 'lost', 'connecting', 'open'])
  feed.close()
})

test('a server that takes the connection and does not answer is asked anew', async () => {
  const feed = new Feed('', () => {}, () => {})
  await vi.advanceTimersByTimeAsync(2 * (SILENCE_MS + 500))
  expect(asked).toHaveLength(3)
  feed.close()
})

test('what is closed says nothing more and asks no more', async () => {
  let heard = 0
  const feed = new Feed('', () => heard++, () => heard++)
  asked[0]!.answer()
  await vi.advanceTimersByTimeAsync(0)
  const before = heard
  feed.close()
  await vi.advanceTimersByTimeAsync(60_000)
  expect([heard, asked.length]).toEqual([before, 1])
})

test('an order that is not answered says so in words', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new DOMException('signal timed out', 'TimeoutError')))
  await expect(order('/x')).rejects.toThrow('The server has not answered for 8 s. It may still obey: look before you try again.')
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  await expect(order('/x')).rejects.toThrow('The server cannot be reached.')
})

import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { WebSocketLoader } from '../src/ws-loader'

class FakeSocket {
  static last: FakeSocket
  binaryType = ''
  isClosed = false
  onopen?: () => void
  onmessage?: (event: { data: ArrayBuffer }) => void
  onclose?: (event: { code: number; reason: string }) => void

  constructor(readonly url: string) {
    FakeSocket.last = this
  }

  close(): void {
    this.isClosed = true
  }
}

beforeEach(() => { vi.stubGlobal('WebSocket', FakeSocket) })
afterEach(() => { vi.unstubAllGlobals() })

function open() {
  const told: string[] = []
  const loader = new WebSocketLoader()
  loader.onDataArrival = (chunk, from, received) => told.push(`${chunk.byteLength} from ${from} to ${received}`)
  loader.onComplete = (from, to) => told.push(`complete ${from} to ${to}`)
  loader.onError = (type, { code, msg }) => told.push(`${type as unknown as string} ${code} ${msg}`)
  loader.open({ url: 'wss://h/live/show.flv', duration: 0 })
  return { loader, told, socket: FakeSocket.last }
}

test('what comes goes on, and a close that says so is the end of the show', () => {
  const { loader, told, socket } = open()
  expect([socket.url, socket.binaryType, loader.isWorking()]).toEqual(['wss://h/live/show.flv', 'arraybuffer', true])
  socket.onopen!()
  socket.onmessage!({ data: new ArrayBuffer(9) })
  socket.onmessage!({ data: new ArrayBuffer(4) })
  expect(loader.isWorking()).toBe(true)
  socket.onclose!({ code: 1000, reason: '' })
  expect(told).toEqual(['9 from 0 to 9', '4 from 9 to 13', 'complete 0 to 12'])
  expect(loader.isWorking()).toBe(false)
})

test.each([
  [1006, '', 'the connection was closed (1006)'], [1001, '', 'the connection was closed (1001)'], [1013, 'too slow', 'the connection was closed (1013 too slow)'],
])('a close %i is an error', (code, reason, says) => {
  const { loader, told, socket } = open()
  socket.onopen!()
  socket.onclose!({ code, reason })
  expect([told, loader.isWorking()]).toEqual([[`Exception -1 ${says}`], false])
})

test.each([1000, 1006])('a connection that was never there is no end of a show: %i', code => {
  const { told, socket } = open()
  socket.onclose!({ code, reason: '' })
  expect(told).toEqual([`Exception -1 no connection (${code})`])
})

test('what the browser does not even try is an error, too', () => {
  vi.stubGlobal('WebSocket', class { constructor() { throw new Error('mixed content') } })
  expect(open().told).toEqual(['Exception -1 Error: mixed content'])
})

test('after it was left nothing is told', () => {
  const { loader, told, socket } = open()
  socket.onopen!()
  loader.destroy()
  expect([socket.isClosed, loader.isWorking(), socket.onclose, socket.onmessage]).toEqual([true, false, null, null])
  expect(told).toEqual([])
})

import { beforeEach, expect, test, vi } from 'vitest'
import { openFlv } from '../src/flv'
import { openHls } from '../src/hls'
import type { MediaResponse } from '../src/reports'
import { WebSocketLoader } from '../src/ws-loader'

/** What stands in for mpegts.js and for hls.js: it tells the listeners what a test says. */
const listeners = new Map<string, (...given: unknown[]) => void>()
const loaders: unknown[] = []
const controllers: unknown[] = []
const { Theirs } = vi.hoisted(() => ({ Theirs: class {} }))
const tell = (name: string, ...given: unknown[]) => listeners.get(name)?.(...given)
const names = new Proxy({}, { get: (_, name) => name })

vi.mock('mpegts.js', () => ({
  default: {
    LoggingControl: {}, Events: names, ErrorTypes: names,
    createPlayer: (_: object, config: { customLoader?: unknown }) => ({
      loader: loaders.push(config.customLoader),
      on: (name: string, listener: () => void) => listeners.set(name, listener), attachMediaElement() {}, load() {}, destroy() {},
      _player_engine: { _transmuxer: { _controller: { _remuxer: { getTimestampBase: () => 1000 } } } },
    }),
  },
}))
vi.mock('hls.js', () => ({
  default: class {
    static Events = names
    static isSupported = () => true
    static DefaultConfig = { streamController: Theirs }
    constructor({ streamController }: { streamController: unknown }) { controllers.push(streamController) }
    levels = [{ bitrate: 812_400 }]
    currentLevel = 0
    latency = 1.7
    playingDate = new Date('2026-11-22T12:00:10.000Z')
    on(name: string, listener: () => void) { listeners.set(name, listener) }
    loadSource() {}
    attachMedia() {}
    destroy() {}
  },
}))

const CUE = { id: 'draw-1', pts: 12_340, utc: '2026-11-22T12:00:12.340Z', payload: '' }
const VIDEO = { currentTime: 4, readyState: 4, videoWidth: 640, HAVE_CURRENT_DATA: 2 }

let responses: MediaResponse[]
const events = { onCue: () => {}, onEnd: () => {}, onFail: () => {}, onResponse: (response: MediaResponse) => responses.push(response) }

const current = new AbortController().signal

beforeEach(() => {
  listeners.clear()
  loaders.length = controllers.length = 0
  responses = []
})

test('of FLV the first metadata are the answer, and tell bit rate and the place of cues', async () => {
  const engine = await openFlv('wss://h/live/show.flv', VIDEO as HTMLVideoElement, events, current)
  tell('METADATA_ARRIVED', { originUtc: Date.now() - 6000, originPts: 5000, videodatarate: 800, audiodatarate: 64 })
  tell('METADATA_ARRIVED', {})
  tell('ERROR', 'NETWORK_ERROR', 'Exception', { code: -1, msg: 'cut' })
  expect(responses).toEqual([expect.objectContaining({ url: 'wss://h/live/show.flv', status: 101, firstByteMs: expect.any(Number), object: 'av' })])
  tell('METADATA_ARRIVED', { originUtc: Date.now() - 6000, originPts: 5000, videodatarate: 800, audiodatarate: 64 })
  expect([engine.bitrate(), engine.timeOf(CUE), engine.timeOf({ ...CUE, utc: '' })]).toEqual([864, 6.34, 6.34])
  expect(engine.shownAt()).toBeCloseTo(Date.now() - 1000, -2)
  expect(engine.latency()).toBeCloseTo(1, 1)
})

test('nothing is attached for a player that was closed while its engine was loaded', async () => {
  const closed = AbortSignal.abort()
  await expect(openFlv('wss://h/live/show.flv', VIDEO as HTMLVideoElement, events, closed)).rejects.toThrow(/abort/)
  await expect(openHls('https://h/live/show.m3u8', VIDEO as HTMLVideoElement, events, closed)).rejects.toThrow(/abort/)
  expect(listeners.size).toBe(0)
})

test('of FLV only what comes by WebSocket has a loader of ours', async () => {
  for (const url of ['wss://h/live/show.flv', 'https://h/live/show.flv']) await openFlv(url, VIDEO as HTMLVideoElement, events, current)
  expect(loaders).toEqual([WebSocketLoader, undefined])
})

test('HLS is loaded by a stream controller of ours', async () => {
  await openHls('https://h/live/show.m3u8', VIDEO as HTMLVideoElement, events, current)
  expect(controllers).toEqual([expect.objectContaining({ prototype: expect.any(Theirs) })])
})

test.each([[404, 404], [-1, 0]])('an answer of %i before FLV came is status %i', async (code, status) => {
  await openFlv('https://h/live/show.flv', VIDEO as HTMLVideoElement, events, current)
  tell('ERROR', 'NETWORK_ERROR', 'HttpStatusCodeInvalid', { code, msg: '' })
  expect(responses.map(response => response.status)).toEqual([status])
})

test.each([
  [VIDEO, 'avc1.64001f', true], [VIDEO, 'hvc1.1.6.L93', true], [VIDEO, undefined, true], [VIDEO, 'av01.0.08M.08', false],
  [{ ...VIDEO, videoWidth: 0 }, undefined, false], [{ ...VIDEO, videoWidth: 0, readyState: 1 }, undefined, true],
])('FLV that shows %j in the codec %s brings cues: %s', async (video, videoCodec, carries) => {
  const engine = await openFlv('https://h/live/show.flv', video as HTMLVideoElement, events, current)
  if (videoCodec) tell('MEDIA_INFO', { videoCodec })
  expect(engine.carriesCues()).toBe(carries)
})

test('of HLS each playlist and part is an answer, good or bad', async () => {
  const stats = { loading: { start: 1000, first: 1003, end: 1012 } }
  const engine = await openHls('https://h/live/show.m3u8', VIDEO as HTMLVideoElement, events, current)
  const part = { url: 'https://h/live/show.hls/1.0.m4s', stats }
  tell('MANIFEST_LOADED', '', { url: 'https://h/live/show.m3u8', stats, networkDetails: { status: 200 } })
  tell('LEVEL_LOADED', '', { details: { url: 'https://h/live/show.hls/media.m3u8' }, stats, networkDetails: { status: 206 } })
  tell('FRAG_LOADED', '', { frag: { sn: 1 }, part, networkDetails: null })
  tell('FRAG_LOADED', '', { frag: { sn: 'initSegment', url: 'https://h/live/show.hls/init.mp4', stats }, part: null, networkDetails: { status: 200 } })
  tell('ERROR', '', { type: 'networkError', details: 'fragLoadError', fatal: false, frag: { stats }, part, response: { code: 503 } })
  tell('ERROR', '', { type: 'networkError', details: 'levelLoadTimeOut', fatal: false, context: { url: 'https://h/live/show.hls/media.m3u8' } })
  tell('ERROR', '', { type: 'mediaError', details: 'bufferStalledError', fatal: false, frag: { url: 'x', stats } })
  expect(responses.map(({ status, object }) => `${object} ${status}`)).toEqual(['m 200', 'm 206', 'av 200', 'i 200', 'av 503', 'm 0'])
  expect(responses[2]).toEqual({ url: part.url, status: 200, at: performance.timeOrigin + 1000, firstByteMs: 3, lastByteMs: 12, object: 'av' })
  expect([engine.bitrate(), engine.latency(), engine.timeOf(CUE), engine.carriesCues()]).toEqual([812.4, 1.7, 6.34, true])
  expect([engine.shownAt(), engine.timeOf({ ...CUE, utc: '' })]).toEqual([Date.parse('2026-11-22T12:00:10.000Z'), undefined])
})

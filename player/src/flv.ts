import type Mpegts from 'mpegts.js'
import { believedLatency, type Engine, type EngineEvents } from './engine.ts'
import { cueOfSei, type SeiMessage } from './sei.ts'
import { WebSocketLoader } from './ws-loader.ts'

/** Aimed at, and where catching up begins, in seconds of buffer. */
const TARGET = 0.8
const MAX = 2

/** Codecs whose pictures take SEI messages. */
const WITH_SEI = /^(avc|hvc|hev)/

/** An event that mpegts.js has and its types do not name. */
const SEI_ARRIVED = 'sei_arrived'

/** HTTP-FLV and FLV over WebSocket, by mpegts.js. */
export async function openFlv(url: string, video: HTMLVideoElement, events: EngineEvents, signal: AbortSignal): Promise<Engine> {
  const { default: mpegts } = await import('mpegts.js')
  signal.throwIfAborted()   // the media element may be another player's by now
  mpegts.LoggingControl.enableAll = false
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, {
    enableStashBuffer: false, autoCleanupSourceBuffer: true, autoCleanupMaxBackwardDuration: 20, autoCleanupMinBackwardDuration: 10,
    liveSync: true, liveSyncMaxLatency: MAX, liveSyncTargetLatency: TARGET, liveSyncPlaybackRate: 1.1,
    customLoader: url.startsWith('ws') ? WebSocketLoader : undefined,
  })
  /** The connection's time 0: its wall time, and its place on the server's time line, in milliseconds. */
  let origin: { utc?: number; pts?: number } = {}

  let codec: string | undefined
  let bitrate: number | undefined
  let hasAnswer = false
  const openedAt = Date.now()
  const onAnswer = (status: number, waited?: number) => {
    if (!hasAnswer) events.onResponse({ url, status, at: openedAt, firstByteMs: waited, object: 'av' })
    hasAnswer = true
  }

  player.on(mpegts.Events.METADATA_ARRIVED, (metadata: Record<string, unknown>) => {
    onAnswer(url.startsWith('ws') ? 101 : 200, Date.now() - openedAt)
    const number = (name: string) => (typeof metadata[name] === 'number' ? metadata[name] : undefined)
    origin = { utc: number('originUtc'), pts: number('originPts') }
    const video = number('videodatarate')
    bitrate = video === undefined ? undefined : video + (number('audiodatarate') ?? 0)
  })
  player.on(mpegts.Events.MEDIA_INFO, ({ videoCodec }: { videoCodec?: string }) => { codec = videoCodec })
  player.on(SEI_ARRIVED, (message: SeiMessage) => {
    const told = cueOfSei(message)
    if (told && message.pts !== undefined) events.onCue(told.cue, (message.pts + told.lead) / 1000)
  })
  player.on(mpegts.Events.ERROR, (type: string, detail: string, info?: { msg?: string; code?: number }) => {
    const status = info?.code && info.code > 0 ? info.code : 0
    if (type === mpegts.ErrorTypes.NETWORK_ERROR) onAnswer(status)
    events.onFail(status ? `${detail} ${status}` : info?.msg ?? `${type} ${detail}`)
  })
  player.on(mpegts.Events.LOADING_COMPLETE, () => events.onEnd())
  player.attachMediaElement(video)
  player.load()
  const shownAt = () => {
    const base = timestampBase(player)
    return origin.utc === undefined || base === undefined ? undefined : origin.utc + base + video.currentTime * 1000
  }

  return {
    format: 'o',
    target: TARGET,
    carriesCues: () => (codec === undefined || WITH_SEI.test(codec)) && (video.readyState < video.HAVE_CURRENT_DATA || video.videoWidth > 0),
    bitrate: () => bitrate,
    shownAt,
    latency: () => believedLatency(shownAt()),
    timeOf(cue) {
      const base = timestampBase(player)
      return origin.pts === undefined || base === undefined ? undefined : (cue.pts - origin.pts - base) / 1000
    },
    close: () => player.destroy(),
  }
}

/** The FLV time, in milliseconds, that is 0 in the media element: mpegts.js keeps it to itself. */
function timestampBase(player: Mpegts.Player): number | undefined {
  const inside = player as unknown as { _player_engine?: { _transmuxer?: { _controller?: { _remuxer?: { getTimestampBase?: () => number | undefined } } } } }
  const base = inside._player_engine?._transmuxer?._controller?._remuxer?.getTimestampBase?.()
  return typeof base === 'number' && Number.isFinite(base) ? base : undefined
}

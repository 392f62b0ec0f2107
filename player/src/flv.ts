import type Mpegts from 'mpegts.js'
import type { Cue } from './cues'
import type { Engine, EngineEvents } from './engine'
import { cueOfSei, type SeiMessage } from './sei'

/** Aimed at, and where catching up begins, in seconds of buffer. */
const TARGET = 0.8
const MAX = 2

/** Beyond this, clocks that differ are likelier than a viewer so late, in seconds. */
const MAX_BELIEVED_LATENCY = 60

/** An event that mpegts.js has and its types do not name. */
const SEI_ARRIVED = 'sei_arrived'

/** HTTP-FLV and FLV over WebSocket, by mpegts.js. */
export async function openFlv(url: string, video: HTMLVideoElement, events: EngineEvents): Promise<Engine> {
  const { default: mpegts } = await import('mpegts.js')
  mpegts.LoggingControl.enableAll = false
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, {
    enableStashBuffer: false, autoCleanupSourceBuffer: true, autoCleanupMaxBackwardDuration: 20, autoCleanupMinBackwardDuration: 10,
    liveSync: true, liveSyncMaxLatency: MAX, liveSyncTargetLatency: TARGET, liveSyncPlaybackRate: 1.1,
  })
  let origin: number | undefined

  player.on(mpegts.Events.METADATA_ARRIVED, (metadata: { originUtc?: unknown }) => {
    if (typeof metadata.originUtc === 'number') origin = metadata.originUtc
  })
  player.on(SEI_ARRIVED, (message: SeiMessage) => {
    const cue = cueOfSei(message)
    if (cue) events.onCue(cue, shownAt(cue, message))
  })
  player.on(mpegts.Events.ERROR, (type: string, detail: string, info?: { msg?: string; code?: number }) =>
    events.onFail(info?.code && info.code > 0 ? `${detail} ${info.code}` : info?.msg ?? `${type} ${detail}`))
  player.on(mpegts.Events.LOADING_COMPLETE, () => events.onEnd())
  player.attachMediaElement(video)
  player.load()

  /** UTC names the picture on every connection; where the stream does not tell its origin, the picture that carries the cue stands for it. */
  function shownAt(cue: Cue, message: SeiMessage): number {
    const utc = Date.parse(cue.utc)
    const base = timestampBase(player)
    if (origin !== undefined && base !== undefined && !Number.isNaN(utc)) return (utc - origin - base) / 1000
    return (message.pts ?? 0) / 1000
  }

  return {
    format: 'o',
    target: TARGET,
    latency() {
      const base = timestampBase(player)
      if (origin === undefined || base === undefined) return undefined
      const behind = (Date.now() - origin - base) / 1000 - video.currentTime
      return behind >= 0 && behind < MAX_BELIEVED_LATENCY ? behind : undefined
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

import type { ErrorData, LoaderStats, NullableNetworkDetails } from 'hls.js'
import type { Engine, EngineEvents } from './engine.ts'
import { cueOfId3 } from './id3.ts'
import { keepingParts } from './keep-parts.ts'
import { openNative } from './native-hls.ts'
import type { MediaResponse } from './reports.ts'

/** HLS and LL-HLS, by hls.js; by the media element itself where the browser has no Media Source Extensions. */
export async function openHls(url: string, video: HTMLVideoElement, events: EngineEvents, signal: AbortSignal): Promise<Engine> {
  const { default: Hls } = await import('hls.js')
  signal.throwIfAborted()   // the media element may be another player's by now
  if (!Hls.isSupported()) return openNative(url, video, events)

  const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.1, backBufferLength: 20, streamController: keepingParts(Hls) })
  hls.on(Hls.Events.ERROR, (_, error) => {
    const failed = failedResponse(error)
    if (failed) events.onResponse(failed)
    if (error.fatal) events.onFail(error.response?.code ? `${error.details} ${error.response.code}` : error.details)
  })
  hls.on(Hls.Events.MANIFEST_LOADED, (_, { url, stats, networkDetails }) => events.onResponse(response(url, stats, networkDetails, 'm')))
  hls.on(Hls.Events.LEVEL_LOADED, (_, { details, stats, networkDetails }) => events.onResponse(response(details.url, stats, networkDetails, 'm')))
  hls.on(Hls.Events.FRAG_LOADED, (_, { frag, part, networkDetails }) =>
    events.onResponse(response((part ?? frag).url, (part ?? frag).stats, networkDetails, frag.sn === 'initSegment' ? 'i' : 'av')))
  hls.on(Hls.Events.FRAG_PARSING_METADATA, (_, { samples }) => {
    for (const sample of samples) {
      const cue = cueOfId3(sample.data)
      if (cue) events.onCue(cue, sample.pts)
    }
  })
  hls.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
    if (!details.live) events.onEnd()
  })
  hls.loadSource(url)
  hls.attachMedia(video)
  return {
    format: 'h',
    target: 2,
    carriesCues: () => true,
    bitrate() {
      const level = hls.levels[hls.currentLevel]
      return level && level.bitrate > 0 ? level.bitrate / 1000 : undefined
    },
    shownAt: () => hls.playingDate?.getTime(),
    latency: () => (hls.latency > 0 ? hls.latency : undefined),
    /** By the wall time that the playlist gives to the picture on screen. */
    timeOf(cue) {
      const shown = hls.playingDate?.getTime()
      return shown === undefined || !cue.utc ? undefined : video.currentTime + (Date.parse(cue.utc) - shown) / 1000
    },
    close: () => hls.destroy(),
  }
}

function response(url: string, { loading: { start, first, end } }: LoaderStats, details: NullableNetworkDetails, object: MediaResponse['object']): MediaResponse {
  const { status } = (details ?? {}) as { status?: number }
  return { url, status: status || 200, at: performance.timeOrigin + start, firstByteMs: first - start, lastByteMs: end - start, object }
}

/** Of an error that is one of the network; else null. */
function failedResponse({ type, url, context, frag, part, response: answer }: ErrorData): MediaResponse | null {
  const asked = url ?? part?.url ?? frag?.url ?? context?.url
  if (type !== 'networkError' || !asked) return null
  const start = (part ?? frag)?.stats.loading.start
  return { url: asked, status: answer?.code ?? 0, at: start ? performance.timeOrigin + start : Date.now(), object: frag ? 'av' : 'm' }
}

import type { Engine, EngineEvents } from './engine.ts'
import { cueOfId3 } from './id3.ts'

/** HLS and LL-HLS, by hls.js; by the media element itself where the browser has no Media Source Extensions. */
export async function openHls(url: string, video: HTMLVideoElement, events: EngineEvents): Promise<Engine> {
  const { default: Hls } = await import('hls.js')
  if (!Hls.isSupported()) return openNative(url, video, events)

  const hls = new Hls({ lowLatencyMode: true, enableWorker: false, maxLiveSyncPlaybackRate: 1.1, backBufferLength: 20 })
  hls.on(Hls.Events.ERROR, (_, error) => {
    if (error.fatal) events.onFail(error.response?.code ? `${error.details} ${error.response.code}` : error.details)
  })
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
    latency: () => (hls.latency > 0 ? hls.latency : undefined),
    /** By the wall time that the playlist gives to the picture on screen. */
    timeOf(cue) {
      const shown = hls.playingDate?.getTime()
      return shown === undefined ? undefined : video.currentTime + (Date.parse(cue.utc) - shown) / 1000
    },
    close: () => hls.destroy(),
  }
}

function openNative(url: string, video: HTMLVideoElement, events: EngineEvents): Engine {
  const onError = () => events.onFail(video.error?.message || 'the browser cannot play it')
  const onEnded = () => events.onEnd()
  video.addEventListener('error', onError)
  video.addEventListener('ended', onEnded)
  video.src = url
  return {
    format: 'h',
    target: 6,
    latency: () => undefined,
    timeOf: () => undefined,
    close() {
      video.removeEventListener('error', onError)
      video.removeEventListener('ended', onEnded)
      video.removeAttribute('src')
      video.load()
    },
  }
}

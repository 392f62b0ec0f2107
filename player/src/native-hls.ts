import { parseCue } from './cues.ts'
import { believedLatency, type Engine, type EngineEvents } from './engine.ts'
import { CUE_DESCRIPTION } from './id3.ts'

/** What Safari adds: the wall time of the media element's time 0, by the playlist; NaN where the playlist has none. */
interface DatedVideo extends HTMLVideoElement {
  getStartDate?(): Date
}

/** An ID3 frame, as Safari makes a text track cue of it. */
interface Id3Cue extends TextTrackCue {
  value?: { key?: string; info?: string; data?: unknown }
}

/** HLS by the media element itself. */
export function openNative(url: string, video: DatedVideo, events: EngineEvents): Engine {
  const closing = new AbortController()
  const { signal } = closing
  const startDate = () => {
    const date = video.getStartDate?.().getTime()
    return date === undefined || Number.isNaN(date) ? undefined : date
  }
  const shownAt = () => {
    const start = startDate()
    return start === undefined ? undefined : start + video.currentTime * 1000
  }
  const readCues = () => {
    for (const track of video.textTracks) {
      if (track.kind !== 'metadata') continue
      track.mode = 'hidden'   // without it the browser does not fill the track
      for (const { value, startTime } of (track.cues ?? []) as Iterable<Id3Cue>) {
        if (value?.key !== 'TXXX' || value.info !== CUE_DESCRIPTION || typeof value.data !== 'string') continue
        const cue = parseCue(value.data)
        if (cue) events.onCue(cue, startTime)
      }
    }
  }
  video.addEventListener('error', () => events.onFail(video.error?.message || 'the browser cannot play it'), { signal })
  video.addEventListener('ended', () => events.onEnd(), { signal })
  video.addEventListener('timeupdate', readCues, { signal })
  video.textTracks.addEventListener('addtrack', readCues, { signal })
  video.src = url
  return {
    format: 'h',
    target: 6,
    /** Not every version of every browser gives the events of fragmented MP4. */
    carriesCues: () => false,
    bitrate: () => undefined,
    shownAt,
    latency: () => believedLatency(shownAt()),
    timeOf(cue) {
      const start = startDate()
      return start === undefined || !cue.utc ? undefined : (Date.parse(cue.utc) - start) / 1000
    },
    close() {
      closing.abort()
      video.removeAttribute('src')
      video.load()
    },
  }
}

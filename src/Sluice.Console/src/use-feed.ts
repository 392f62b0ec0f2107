import { useEffect, useReducer, useRef } from 'preact/hooks'
import { Feed, type FeedState } from './feed'
import type { Cue, JournalEntry, Samples, StreamEvent, StreamSummary } from './model'
import { append } from './samples'
import type { ServerEvent } from './sse'

/** Nothing heard for so long: what the page shows is old. */
const STALE_MS = 3000
const MAX_ENTRIES = 300
const MAX_CUES = 20

/** What a page knows by the feed. */
export interface Known {
  feed: FeedState
  /** Since when nothing has been heard, in milliseconds; 0 while it is live. */
  staleMs: number
  streams: StreamSummary[] | null
  event: StreamEvent | null
  samples: Samples | null
  /** Newest first; each with its number in the feed. */
  journal: (JournalEntry & { id: string })[]
  /** Newest first. */
  cues: { cue: Cue; json: string }[]
}

const nothing = (): Known => ({ feed: { kind: 'connecting' }, staleMs: 0, streams: null, event: null, samples: null, journal: [], cues: [] })

/** Follows a topic of the feed while the page is shown. */
export function useFeed(topic: string, keysChanged: number): Known {
  const about = `${keysChanged} ${topic}`
  const known = useRef({ about, now: nothing() })
  // Before anything is drawn: what is known of one stream is never shown as another's.
  if (known.current.about !== about) known.current = { about, now: nothing() }
  const [, redraw] = useReducer((count: number) => count + 1, 0)

  useEffect(() => {
    let heardAt = performance.now()
    const learn = (change: (now: Known) => Known) => {
      known.current = { about, now: change(known.current.now) }
      redraw(undefined)
    }
    const feed = new Feed(topic, event => {
      heardAt = performance.now()
      learn(now => take({ ...now, staleMs: 0 }, event))
    }, state => learn(now => ({ ...now, feed: state })))
    const clock = setInterval(() => {
      const silent = performance.now() - heardAt
      if (silent >= STALE_MS && known.current.now.feed.kind !== 'refused') learn(now => ({ ...now, staleMs: silent }))
    }, 1000)
    return () => {
      clearInterval(clock)
      feed.close()
    }
  }, [about])

  return known.current.now
}

function take(known: Known, event: ServerEvent): Known {
  const data: unknown = JSON.parse(event.data)
  switch (event.name) {
    case 'hello': return (data as { resumed: boolean }).resumed ? known : { ...known, journal: [] }
    case 'streams': return { ...known, streams: (data as { streams: StreamSummary[] }).streams }
    case 'stream': return { ...known, event: data as StreamEvent }
    case 'history': return { ...known, samples: data as Samples }
    case 'sample': return { ...known, samples: append(known.samples, data as Samples) }
    case 'journal': return { ...known, journal: [{ ...data as JournalEntry, id: event.id ?? '' }, ...known.journal].slice(0, MAX_ENTRIES) }
    case 'cue': return { ...known, cues: [{ cue: data as Cue, json: event.data }, ...known.cues.filter(({ cue }) => cue.id !== (data as Cue).id)].slice(0, MAX_CUES) }
    default: return known
  }
}

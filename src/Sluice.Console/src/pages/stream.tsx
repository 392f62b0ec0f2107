import { between, clock, milliseconds } from '../format'
import { shownState, type Stream } from '../model'
import { Audience } from '../parts/audience'
import { Clients } from '../parts/clients'
import { Cues } from '../parts/cues'
import { Journal } from '../parts/journal'
import { Output } from '../parts/output'
import { Plots } from '../parts/plots'
import { Pushes } from '../parts/pushes'
import { SourceCard } from '../parts/source-card'
import { Story } from '../parts/story'
import { Tag } from '../parts/tag'
import type { Known } from '../use-feed'
import { useFollowed } from '../use-followed'

/** One stream: what is on, why, and everything that can be done about it. */
export function StreamPage({ name, known }: { name: string; known: Known }) {
  const { event, journal, samples, cues } = known
  // Players rest while nobody sees the page.
  const shown = useFollowed(() => !document.hidden, document, 'visibilitychange')
  const stream = event?.stream
  const title = (
    <div class="title stream">
      <h1 tabIndex={-1}>{name}</h1>
      {stream && <Tag state={shownState(stream)} />}
      <p class={`headline ${stream?.darkSince ? 'bad-text' : ''}`}>{stream && (stream.darkSince === null ? say(stream) : sayDark(stream, stream.darkSince, event.time))}</p>
    </div>
  )
  if (!stream) {
    return (
      <>
        {title}
        {event ? <p class="panel">There is no stream of this name now. It may have ended, or its name is written differently. <a href="#/">All streams</a></p> : <p class="empty">Waiting for the server …</p>}
      </>
    )
  }
  return (
    <>
      {title}
      <Story stream={stream} journal={journal} now={event.time} />
      <div class="screens">
        <div class="aside">
          <Output stream={stream} shown={shown} cues={cues} />
          <Pushes stream={stream} />
          <Audience stream={stream} event={event} />
        </div>
        <section class="sources" aria-label="Sources">
          {stream.sources.map((source, n) => <SourceCard key={source.name} stream={stream} source={source} number={n} shown={shown} />)}
        </section>
      </div>
      <Plots stream={stream} samples={samples} />
      <div class="columns">
        <Journal journal={journal} />
        <Cues stream={stream} time={event.time} />
      </div>
      <Clients event={event} />
    </>
  )
}

function say({ state, active, delayMs, sources }: Stream): string {
  if (state === 'idle') return 'Nobody sends: there is nothing to see.'
  if (active === null) return 'Sources are there; none has been chosen yet.'
  const usable = sources.filter(source => !source.active && (source.state === 'healthy' || source.state === 'suspect')).length
  const spare = usable === 0 ? 'no other source could take over' : `${usable} ${usable === 1 ? 'other' : 'others'} could take over`
  return `${active} is on${delayMs ? `, ${milliseconds(delayMs)} behind` : ''}; ${spare}.`
}

/** Nothing comes in: since when, and what becomes of the show. */
function sayDark({ endsAt, sources, state }: Stream, since: string, now: string): string {
  const excluded = sources.filter(source => source.state === 'excluded').map(source => source.name)
  const what = state === 'starting' ? 'one has come and is being looked at.'
    : endsAt !== null ? `the show ends in ${between(now, endsAt)} unless one comes back.`
    : `the show is held while anything comes in${excluded.length ? ` (excluded: ${excluded.join(', ')})` : ''}.`
  return `No source has been on since ${clock(since)}. Viewers and pushes stay connected; ${what}`
}

import { useState } from 'preact/hooks'
import { bitrate, count } from '../format'
import { shownState, total, type StreamSummary } from '../model'
import { Tag, toneOf } from '../parts/tag'
import type { Known } from '../use-feed'

/** All streams: how each is, at one glance. */
export function StreamsPage({ known: { streams } }: { known: Known }) {
  const [search, setSearch] = useState('')
  const found = streams?.filter(stream => stream.name.toLowerCase().includes(search.trim().toLowerCase())) ?? []
  return (
    <>
      <div class="title">
        <h1 tabIndex={-1}>Streams</h1>
        <p class="headline">{streams && say(streams)}</p>
        <input type="search" aria-label="Search streams by name" placeholder="Search" value={search} onInput={event => setSearch(event.currentTarget.value)} />
      </div>
      {streams === null ? <p class="empty">Waiting for the server …</p>
        : found.length === 0 ? <p class="empty">{streams.length === 0 ? 'There is no stream yet: configure one, or publish to rtmp://HOST/live/NAME.' : `No stream's name has “${search}” in it.`}</p>
        : <Table streams={found} />}
    </>
  )
}

function Table({ streams }: { streams: StreamSummary[] }) {
  return (
    <table class="streams">
      <thead><tr><th scope="col">Stream</th><th scope="col">State</th><th scope="col">On now</th><th scope="col">Sources</th><th scope="col" class="number">Viewers</th><th scope="col" class="number">Bitrate</th><th scope="col">Pushes</th></tr></thead>
      <tbody>
        {streams.map(stream => (
          <tr key={stream.name}>
            <th scope="row"><a href={`#/${stream.name.split('/').map(encodeURIComponent).join('/')}`}>{stream.name}</a></th>
            <td><Tag state={shownState(stream)} /></td>
            <td data-label="on">{stream.active ?? '–'}</td>
            <td data-label="sources"><Dots stream={stream} /></td>
            <td data-label="viewers" class="number">{count(total(stream.viewers))}</td>
            <td data-label="bitrate" class="number">{bitrate(stream.kbps)}</td>
            <td data-label="pushes">{stream.pushes === 0 ? '–' : stream.pushesInTrouble === 0 ? `${stream.pushes} well` : <strong class="bad-text">{stream.pushesInTrouble} of {stream.pushes} in trouble</strong>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const Dots = ({ stream }: { stream: StreamSummary }) => (
  <span class="dots">
    {stream.sources.map(source => (
      <span key={source.name} class={`dot ${toneOf(source.state)} ${source.state}`} title={`${source.name}: ${source.state}`}>{source.name}<span class="unseen"> {source.state}</span></span>
    ))}
  </span>
)

const troubleOf = ({ darkSince, pushesInTrouble, sources, state }: StreamSummary) => darkSince !== null || pushesInTrouble > 0 || (state !== 'idle' && sources.some(source => source.state === 'failed' || source.state === 'absent'))

function say(streams: StreamSummary[]): string {
  const troubled = streams.filter(stream => troubleOf(stream)).length
  const live = streams.filter(stream => stream.state === 'live').length
  const viewers = streams.reduce((sum, stream) => sum + total(stream.viewers), 0)
  const dark = streams.filter(stream => stream.darkSince !== null).length
  return `${live} of ${streams.length} live, ${dark ? `${dark} dark: nothing comes in, ` : ''}${count(viewers)} ${viewers === 1 ? 'viewer' : 'viewers'}; ${troubled === 0 ? 'nothing is wrong' : `${troubled} ${troubled === 1 ? 'needs' : 'need'} a look`}.`
}

import { useState } from 'preact/hooks'
import { order, streamPath } from '../api'
import { bitrate, milliseconds, placement } from '../format'
import { canSend, type Source, type Stream } from '../model'
import { useFollowed } from '../use-followed'
import { OrderButton } from './order-button'
import { Screen } from './screen'
import { Still } from './still'
import { Tag } from './tag'

const SMALL = matchMedia('(max-width: 640px)')

/** One source: its picture, how it is, and what can be done with it. */
export function SourceCard({ stream, source, number, shown }: { stream: Stream; source: Source; number: number; shown: boolean }) {
  const small = useFollowed(() => SMALL.matches, SMALL, 'change')
  const [live, setLive] = useState(false)
  const path = streamPath(stream.name)
  const label = `Picture of source ${source.name}`
  const nothing = source.state !== 'absent' ? '' : source.lastError === null ? 'Nobody sends.' : `Could not be pulled: ${source.lastError}. It is tried again.`
  const complaint = nothing ? '' : source.complaint ?? (source.parametersDiffer ? `differs: ${source.parametersDiffer}` : '')
  const isUsable = canSend(source)
  const isLast = source.active && !stream.sources.some(other => other !== source && canSend(other))
  return (
    <article class={`source ${source.active ? 'active' : ''}`} aria-label={`Source ${source.name}`} data-source={source.name} style={{ '--line': `var(--s${number % 6})` }}>
      <header><h3>{source.name}</h3>{source.active && <span class="onair">on air</span>}<Tag state={source.state} /></header>
      {small && !live
        ? <button type="button" class="bare" onClick={() => setLive(true)}><span class="unseen">Play source {source.name}</span><Still path={source.path} label={label} nothing={nothing} shown={shown} /></button>
        : <Screen path={source.path} label={label} muted shown={shown} nothing={nothing} />}
      <dl class="figures">
        <div><dt title="100: nothing is wrong. Less for lag, slow or missing pictures, jumps of its clock, and failures in the last minutes.">score</dt><dd>{source.score}</dd></div>
        <div><dt>fps</dt><dd>{source.fps}</dd></div>
        <div><dt>bitrate</dt><dd>{bitrate(source.kbps)}</dd></div>
        <div><dt>lag</dt><dd>{source.state === 'absent' ? '–' : milliseconds(source.lagMs)}</dd></div>
        <div class="wide"><dt>alignment</dt><dd>{placement(source.alignment)}</dd></div>
      </dl>
      <p class="complaint" title={complaint}>{complaint}</p>
      <div class="buttons">
        <OrderButton label="Put on" disabled={source.active || !isUsable} act={() => order(`${path}/switch`, { source: source.name })} question={{
          title: `Put ${source.name} on?`, yes: `Put ${source.name} on`,
          text: `The output goes from ${stream.active ?? 'nothing'} to ${source.name} at its next keyframe, whatever hold and clear times say. Viewers stay connected.`,
        }} />
        {source.state === 'excluded'
          ? <OrderButton label="Include" name={`Include ${source.name}`} act={() => order(`${path}/sources/${encodeURIComponent(source.name)}/include`)} />
          : <OrderButton label="Exclude" act={() => order(`${path}/sources/${encodeURIComponent(source.name)}/exclude`)} question={{
              title: `Exclude ${source.name}?`, yes: `Exclude ${source.name}`,
              text: isLast ? `${source.name} is on and no other source could take over: viewers stay at its last picture until it is included again, or another source comes.`
                : source.active ? `${source.name} is on: the output leaves it at once, and it is not chosen again until it is included.` : `It is not chosen until it is included again.`,
            }} />}
      </div>
    </article>
  )
}

import { useState } from 'preact/hooks'
import { clock } from '../format'
import { isSwitch } from '../model'
import { sentenceOf } from '../sentences'
import type { Known } from '../use-feed'

/** What was decided, and why, newest first. */
export function Journal({ journal }: Pick<Known, 'journal'>) {
  const [all, setAll] = useState(true)
  const shown = all ? journal : journal.filter(isSwitch)
  return (
    <section class="panel journal" aria-label="Journal">
      <header>
        <h2>Journal</h2>
        <button type="button" aria-pressed={!all} onClick={() => setAll(!all)}>Switches only</button>
      </header>
      {shown.length === 0 && <p class="hint">Nothing has happened yet.</p>}
      <ol tabIndex={0} aria-label="Entries, newest first">
        {shown.map(entry => {
          const { text, tone } = sentenceOf(entry)
          return (
            <li key={entry.id} class={`${tone} ${isSwitch(entry) || entry.kind === 'cue' ? 'loud' : ''}`}>
              <time dateTime={entry.time}>{clock(entry.time)}</time>
              <span>{text}</span>
              {entry.kind === 'switch' && entry.note && <span class="hint">{entry.note}</span>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

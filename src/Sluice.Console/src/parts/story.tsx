import { order, streamPath } from '../api'
import { ago, clock } from '../format'
import { canSend, isSwitch, type JournalEntry, type Stream } from '../model'
import { sentenceOf } from '../sentences'
import { OrderButton } from './order-button'

const TITLES: Record<string, string> = { switch: 'Why it switched last', dark: 'Why nothing is on' }

/** Why the stream switched last, and the way back. */
export function Story({ stream, journal, now }: { stream: Stream; journal: JournalEntry[]; now: string }) {
  const last = journal.find(entry => entry.stream === stream.name && isSwitch(entry))
  const back = last?.kind === 'switch' ? stream.sources.find(source => source.name === last.from && !source.active) : undefined
  const canGoBack = back !== undefined && canSend(back)
  return (
    <section class={`story ${last ? sentenceOf(last).tone : 'plain'}`} aria-label="What happened last">
      <div>
        <div class="when-and-what">
          <h2>{TITLES[last?.kind ?? ''] ?? 'What happened last'}</h2>
          <p class="hint">{last && <><time dateTime={last.time}>{clock(last.time)}</time>, {ago(last.time, now)}{last.detectMs !== null && last.kind === 'switch' ? `, noticed after ${last.detectMs} ms` : ''}</>}</p>
        </div>
        <p class="sentence" aria-live="polite">{last ? sentenceOf(last).text : 'Nothing yet: no source has been put on.'}</p>
      </div>
      <div class="back">
        {back && (
          <OrderButton key={back.name} class="primary" disabled={!canGoBack} label={`Switch back to ${back.name}${canGoBack ? '' : `: it ${back.state === 'failed' ? 'has' : 'is'} ${back.state}`}`}
            question={{ title: `Switch back to ${back.name}?`, text: `${back.name} is ${back.state}. The output goes over to it at its next keyframe; viewers stay connected.`, yes: `Switch back to ${back.name}` }}
            act={() => order(`${streamPath(stream.name)}/switch`, { source: back.name })} />
        )}
      </div>
    </section>
  )
}

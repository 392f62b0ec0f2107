import { order, streamPath } from '../api'
import { bitrate, milliseconds } from '../format'
import type { Stream } from '../model'
import { OrderButton } from './order-button'
import { Tag } from './tag'

/** Where the stream is pushed to. */
export function Pushes({ stream }: { stream: Stream }) {
  const path = (push: string) => `${streamPath(stream.name)}/push/${encodeURIComponent(push)}`
  return (
    <section class="panel" aria-label="Pushes">
      <h2>Pushes</h2>
      {stream.push.length === 0 && <p class="hint">This stream is pushed nowhere.</p>}
      <ul class="rows">
        {stream.push.map(push => (
          <li key={push.name} data-push={push.name}>
            <div class="row-head"><strong>{push.name}</strong><Tag state={push.state} />
              <span class="hint">{bitrate(push.kbps)} · lag {push.state === 'connected' ? milliseconds(push.lagMs) : '–'} · {push.reconnects} {push.reconnects === 1 ? 'reconnect' : 'reconnects'}{push.droppedGops ? ` · ${push.droppedGops} GOPs left out` : ''}</span>
            </div>
            {push.state === 'stopped'
              ? <OrderButton label="Start" name={`Start push ${push.name}`} act={() => order(`${path(push.name)}/start`)} />
              : <OrderButton label="Stop" act={() => order(`${path(push.name)}/stop`)} question={{ title: `Stop push ${push.name}?`, yes: `Stop ${push.name}`, text: 'Viewers of that CDN lose the stream until it is started again.' }} />}
            <p class={`trouble ${push.state === 'connected' ? 'over' : ''}`} title={push.lastError ?? ''}>{push.lastError && `Last error: ${push.lastError}`}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

import { order, streamPath } from '../api'
import { bitrate, milliseconds } from '../format'
import type { Stream } from '../model'
import { Confirm } from './confirm'
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
              <span class="hint">{bitrate(push.kbps)} · lag {milliseconds(push.lagMs)} · {push.reconnects} reconnects{push.droppedGops ? ` · ${push.droppedGops} GOPs left out` : ''}</span>
            </div>
            {push.state === 'stopped'
              ? <OrderButton label="Start" name={`Start push ${push.name}`} act={() => order(`${path(push.name)}/start`)} />
              : <Confirm label="Stop" title={`Stop push ${push.name}?`} yes={`Stop ${push.name}`} text="Viewers of that CDN lose the stream until it is started again." act={() => order(`${path(push.name)}/stop`)} />}
            <p class={`trouble ${push.state === 'connected' ? 'over' : ''}`} title={push.lastError ?? ''}>{push.lastError && `Last error: ${push.lastError}`}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}

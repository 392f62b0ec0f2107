import { close } from '../api'
import { ago, bytes, milliseconds } from '../format'
import type { StreamEvent } from '../model'
import { OrderButton } from './order-button'

/** Its viewers have no connection that stays: they are known by what they ask for. */
const HLS = 'hls'

/** Everybody who is connected, and the way to close a connection. */
export function Clients({ event: { clients, clientCount, time } }: { event: StreamEvent }) {
  return (
    <section class="panel" aria-label="Connections">
      <h2>Connections <span class="hint">{clientCount > clients.length ? `${clients.length} of ${clientCount}: those that lag most` : clientCount}</span></h2>
      <div class="scroll" tabIndex={0} role="group" aria-label="Table of connections">
        <table class="plain clients">
          <thead><tr><th scope="col">Who</th><th scope="col">Path</th><th scope="col">From</th><th scope="col">Since</th><th scope="col" class="number">Bytes</th><th scope="col" class="number">Lag</th><th scope="col"><span class="unseen">Close</span></th></tr></thead>
          <tbody>
            {clients.map(client => (
              <tr key={client.id} data-client={client.kind}>
                <th scope="row">{client.protocol} {client.kind}</th><td data-label="path">{client.path}</td><td data-label="from">{client.remote ?? '–'}</td><td data-label="since">{ago(client.since, time)}</td>
                <td data-label="bytes" class="number">{bytes(client.bytesIn + client.bytesOut)}</td><td data-label="lag" class="number">{client.protocol === HLS ? '–' : milliseconds(client.lagMs)}</td>
                <td><OrderButton label={<>Kick<span class="unseen"> {client.protocol} {client.kind} {client.remote}</span></>} act={() => close(client.id)} question={{
                  title: 'Kick this connection?', yes: 'Kick it',
                  text: `${client.protocol} ${client.kind} of ${client.path} from ${client.remote ?? 'unknown'}. ${client.protocol === HLS ? 'It is refused for 30 s.' : 'Nothing keeps it from coming back.'}`,
                }} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

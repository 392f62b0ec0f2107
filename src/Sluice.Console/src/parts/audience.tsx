import { count, milliseconds } from '../format'
import { total, type Stream, type StreamEvent } from '../model'

const NAMES: Record<string, string> = { flv: 'HTTP-FLV', wsflv: 'WS-FLV', rtmp: 'RTMP', hls: 'HLS', whep: 'WebRTC', srt: 'SRT' }

/** The name of a protocol, whether counted (`wsFlv`) or of a connection (`ws-flv`). */
const plain = (protocol: string) => protocol.toLowerCase().replace('-', '')

/** Who watches, by protocol, and how far they are behind. */
export function Audience({ stream, event }: { stream: Stream; event: StreamEvent }) {
  const lags = new Map(event.audience.map(lag => [plain(lag.protocol), lag]))
  return (
    <section class="panel" aria-label="Viewers">
      <h2>Viewers <span class="hint">{count(total(stream.viewers))}</span></h2>
      <table class="plain">
        <thead><tr><th scope="col">Protocol</th><th scope="col" class="number">Viewers</th><th scope="col" class="number">Lag, median</th><th scope="col" class="number">worst</th></tr></thead>
        <tbody>
          {Object.entries(stream.viewers).map(([protocol, viewers]) => {
            const lag = lags.get(plain(protocol))
            return (
              <tr key={protocol}>
                <th scope="row">{NAMES[plain(protocol)] ?? protocol}</th><td class="number">{count(viewers)}</td>
                <td class="number">{lag ? milliseconds(lag.medianLagMs) : '–'}</td><td class="number">{lag ? milliseconds(lag.worstLagMs) : '–'}</td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </section>
  )
}

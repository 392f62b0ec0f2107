import { useRef, useState } from 'preact/hooks'
import { order, streamPath } from '../api'
import { cueTime, FARTHEST_S, timeFault, type When } from '../cue-time'
import { clock } from '../format'
import type { Stream } from '../model'
import { MAX_PAYLOAD_BYTES, payloadFault } from '../payload'

/** Far enough ahead for every player to have the cue before its picture. */
const AHEAD_S = 6

/** After one cue the next can be sent so much later, in milliseconds: Enter pressed twice means one. */
const REST_MS = 1000

/** Sends something that all players do at the same picture. `time` is the server's clock. */
export function Cues({ stream, time }: { stream: Stream; time: string }) {
  const [id, setId] = useState(newId())
  const [payload, setPayload] = useState('')
  const [when, setWhen] = useState<When>({ kind: 'in', seconds: AHEAD_S })
  const [said, setSaid] = useState('')
  const isBusy = useRef(false)
  const canSend = stream.state === 'live'
  const tooLong = payloadFault(payload)
  const fault = tooLong || timeFault(when, time)

  const onKind = (kind: string) => {
    setSaid('')
    setWhen(kind === 'now' ? { kind } : kind === 'in' ? { kind, seconds: AHEAD_S } : { kind: 'at', clock: clock(Date.parse(time) + 60_000) })
  }
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (isBusy.current) return
    isBusy.current = true
    setSaid('Sending …')
    try {
      const answer = await order(`${streamPath(stream.name)}/cues`, { id, payload, at: cueTime(when, time)?.toISOString() })
      const { at } = await answer.json() as { at: string }
      setSaid(`${id} is sent; players raise it with the picture of ${clock(at)}.`)
      setId(newId())
      setTimeout(() => { isBusy.current = false }, REST_MS)
    } catch (refusal) {
      setSaid(`Not sent: ${refusal instanceof Error ? refusal.message : String(refusal)}`)
      isBusy.current = false
    }
  }
  return (
    <section class="panel" aria-label="Cues">
      <h2>Cues</h2>
      <form class="cues" onSubmit={onSubmit}>
        <label>Id <input required maxLength={64} value={id} onInput={event => setId(event.currentTarget.value)} /></label>
        <label>Payload <textarea rows={3} value={payload} placeholder={`what the players' pages get, ${MAX_PAYLOAD_BYTES} bytes at most`} aria-invalid={tooLong !== ''} onInput={event => setPayload(event.currentTarget.value)} /></label>
        <div class="when">
          <label>With the picture
            <select value={when.kind} onChange={event => onKind(event.currentTarget.value)}>
              <option value="now">of now</option><option value="in">in some seconds</option><option value="at">of a time</option>
            </select>
          </label>
          {when.kind === 'in' && <label>Seconds from now <input type="number" required min={0} max={FARTHEST_S} step="any" value={Number.isNaN(when.seconds) ? '' : when.seconds} onInput={event => setWhen({ kind: 'in', seconds: event.currentTarget.valueAsNumber })} /></label>}
          {when.kind === 'at' && <label>Time on your clock <input type="time" required step={1} value={when.clock} onInput={event => setWhen({ kind: 'at', clock: event.currentTarget.value })} /></label>}
        </div>
        <button type="submit" disabled={!canSend || fault !== ''}>Send</button>
      </form>
      <p class="hint said" role="status">{!canSend ? 'A cue goes with a picture: nothing is on now.' : fault || said || sayWhen(when, time)}</p>
    </section>
  )
}

function sayWhen(when: When, now: string): string {
  if (when.kind === 'now') return 'Raised in all players when the picture that comes in now is on their screens.'
  return `Raised in all players when the picture of ${when.kind === 'in' ? `${when.seconds} s from now` : clock(cueTime(when, now)!)} is on their screens.`
}

const newId = () => `cue-${Date.now().toString(36)}`

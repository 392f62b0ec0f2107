import { useState } from 'preact/hooks'
import { order, streamPath } from '../api'
import type { Stream } from '../model'
import { MAX_PAYLOAD_BYTES, payloadFault } from '../payload'

/** How far ahead a cue is sent, so that every player has it before its picture. */
const AHEAD_MS = 6000

/** Sends something that all players do at the same picture. `time` is the server's clock. */
export function Cues({ stream, time }: { stream: Stream; time: string }) {
  const [id, setId] = useState(newId())
  const [payload, setPayload] = useState('')
  const [said, setSaid] = useState('')
  const fault = payloadFault(payload)
  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault()
    try {
      const answer = await order(`${streamPath(stream.name)}/cues`, { id, payload, at: new Date(Date.parse(time) + AHEAD_MS).toISOString() })
      const { at } = await answer.json() as { at?: string }
      setSaid(`${id} is sent${at ? `; players raise it at ${new Date(at).toLocaleTimeString('en-GB')}` : ''}.`)
      setId(newId())
    } catch (refusal) {
      setSaid(`Not sent: ${refusal instanceof Error ? refusal.message : String(refusal)}`)
    }
  }
  return (
    <section class="panel" aria-label="Cues">
      <h2>Cues</h2>
      <form class="cues" onSubmit={onSubmit}>
        <label>Id <input required maxLength={64} value={id} onInput={event => setId(event.currentTarget.value)} /></label>
        <label>Payload <input value={payload} placeholder={`what the players' pages get, ${MAX_PAYLOAD_BYTES} bytes at most`} aria-invalid={fault !== ''} onInput={event => setPayload(event.currentTarget.value)} /></label>
        <button type="submit" disabled={stream.state !== 'live' || fault !== ''}>Send</button>
      </form>
      <p class="hint" role="status">{fault || said || `Raised in all players when the picture of ${AHEAD_MS / 1000} s from now is on their screens.`}</p>
    </section>
  )
}

const newId = () => `cue-${Date.now().toString(36)}`

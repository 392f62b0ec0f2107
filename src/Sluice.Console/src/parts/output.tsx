import { useEffect, useRef, useState } from 'preact/hooks'
import type { Carrier, SluicePlayer } from 'sluice-player'
import { milliseconds } from '../format'
import type { Cue, Stream } from '../model'
import { Screen } from './screen'

/** How long a cue that was raised is written over the picture, in milliseconds. */
const CUE_SHOWN_MS = 6000

const CARRIERS: Record<Carrier, string> = { wsflv: 'WS-FLV', flv: 'HTTP-FLV', hls: 'LL-HLS' }

/** What viewers see, and how far it is behind. */
export function Output({ stream, shown, cues }: { stream: Stream; shown: boolean; cues: { cue: Cue; json: string }[] }) {
  const player = useRef<SluicePlayer | null>(null)
  const [muted, setMuted] = useState(true)
  const [carrier, setCarrier] = useState<Carrier>()
  const [raised, setRaised] = useState<Cue | null>(null)

  useEffect(() => {
    const clock = setInterval(() => setCarrier(player.current?.carrier), 1000)
    return () => clearInterval(clock)
  }, [])
  useEffect(() => { for (const { json } of cues) player.current?.tell(json) }, [cues])
  useEffect(() => {
    if (raised === null) return
    const timer = setTimeout(() => setRaised(null), CUE_SHOWN_MS)
    return () => clearTimeout(timer)
  }, [raised])

  return (
    <section class="output" aria-label="Output">
      <header><h2>Output</h2><span class="hint">what viewers see{stream.delayMs >= 1000 && `: ${milliseconds(stream.delayMs)} behind what is on`}</span></header>
      <div class="stage">
        <Screen path={stream.name} label={`Output of ${stream.name}`} muted={muted} shown={shown} nothing={stream.state === 'idle' && stream.darkSince === null ? 'Nothing is on.' : ''} over={stream.darkSince === null ? '' : 'Nothing comes in.'}
          onPlayer={now => { player.current = now; now?.on('cue', setRaised) }} />
        <p class="cue" role="status" data-cue={raised?.id}>{raised ? `Cue ${raised.id}${raised.payload ? `: ${raised.payload}` : ''}` : ''}</p>
      </div>
      <div class="under">
        <dl class="figures">
          <div><dt>on</dt><dd>{stream.active ?? '–'}</dd></div>
          <div><dt>delay</dt><dd>{milliseconds(stream.delayMs)}</dd></div>
          <div><dt>this player gets</dt><dd>{carrier ? CARRIERS[carrier] : '–'}</dd></div>
        </dl>
        <button type="button" onClick={() => setMuted(!muted)}>{muted ? 'Sound on' : 'Sound off'}</button>
      </div>
    </section>
  )
}

import { useEffect, useRef, useState } from 'preact/hooks'
import { SluicePlayer, type PlayerState } from 'sluice-player'
import { askForKeys, playUrls } from '../api'
import { faultOf, isRefused } from '../faults'

interface Props {
  /** What it plays: `app/name`. */
  path: string
  label: string
  /** Said instead of a picture; empty: there should be one. */
  nothing: string
  /** Said over the picture that players were left with; empty: nothing is. */
  over?: string
  shown: boolean
  muted: boolean
  onPlayer?: (player: SluicePlayer | null) => void
}

const SAYS: Record<PlayerState, string> = { starting: 'Connecting …', playing: '', rebuffering: 'Waiting for pictures …', waiting: 'Trying again …', ended: 'The show is over.' }

/** A live picture, or why there is none. */
export function Screen({ path, label, nothing, over, shown, muted, onPlayer }: Props) {
  const video = useRef<HTMLVideoElement>(null)
  const [state, setState] = useState<PlayerState>('starting')
  const [fault, setFault] = useState('')
  const playing = shown && nothing === ''

  useEffect(() => {
    if (!playing) return
    let player: SluicePlayer
    try {
      player = new SluicePlayer(video.current!, { urls: playUrls(path), cues: false })
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
      return
    }
    setFault('')
    setState('starting')
    player.on('state', now => {
      setState(now)
      if (now === 'playing') setFault('')
    })
    player.on('fail', ({ reason }) => setFault(was => (isRefused(was) ? was : reason)))
    onPlayer?.(player)
    return () => {
      onPlayer?.(null)
      player.close()
    }
  }, [path, playing])

  const wantsKey = nothing === '' && state !== 'playing' && isRefused(fault)
  const says = nothing || over || (wantsKey ? 'It may not be watched without its play key.' : state === 'playing' ? '' : fault ? `${SAYS[state]} (${faultOf(fault)})` : SAYS[state])
  return (
    <div class="screen">
      <video ref={video} muted={muted} playsInline aria-label={label} data-path={path} data-state={playing ? state : 'off'} />
      {says && <p class="says" title={fault}>{says}{wantsKey && <button type="button" class="link" onClick={askForKeys}>Enter a key</button>}</p>}
    </div>
  )
}

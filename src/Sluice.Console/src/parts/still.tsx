import { useEffect, useRef, useState } from 'preact/hooks'
import { SluicePlayer } from 'sluice-player'
import { playUrls } from '../api'
import { faultOf } from '../faults'
import { clock } from '../format'

/** How old a still picture may get, in milliseconds. */
const AGE_MS = 15_000
const PATIENCE_MS = 8000

/** A picture of a source from time to time, for small screens: each is taken by playing for a moment. */
export function Still({ path, label, nothing, shown }: { path: string; label: string; nothing: string; shown: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [takenAt, setTakenAt] = useState<number | null>(null)
  const [fault, setFault] = useState('')
  const wanted = shown && nothing === ''

  useEffect(() => {
    if (!wanted) return
    let stop = () => {}
    const take = () => {
      stop()
      const video = document.createElement('video')
      video.muted = video.playsInline = true
      let player: SluicePlayer
      try {
        player = new SluicePlayer(video, { urls: playUrls(path), cues: false })
      } catch (error) {
        setFault(faultOf(error instanceof Error ? error.message : String(error)))
        return
      }
      player.on('fail', ({ reason }) => setFault(faultOf(reason)))
      const patience = setTimeout(() => stop(), PATIENCE_MS)
      stop = () => {
        clearTimeout(patience)
        player.close()
      }
      video.addEventListener('playing', () => {
        const { current: to } = canvas
        if (to && video.videoWidth > 0) {
          to.width = video.videoWidth
          to.height = video.videoHeight
          to.getContext('2d')!.drawImage(video, 0, 0)
          setTakenAt(Date.now())
          setFault('')
        }
        stop()
      }, { once: true })
    }
    take()
    const timer = setInterval(take, AGE_MS)
    return () => {
      clearInterval(timer)
      stop()
    }
  }, [path, wanted])

  return (
    <div class="screen">
      <canvas ref={canvas} role="img" aria-label={label} data-path={path} data-taken={takenAt !== null} />
      {takenAt !== null && <p class="taken">▶ still of {clock(takenAt)}</p>}
      {(nothing || takenAt === null) && <p class="says">{nothing || `Taking a picture …${fault && ` (${fault})`}`}</p>}
    </div>
  )
}

import { useEffect, useReducer, useRef, useState } from 'preact/hooks'
import { onAsked, type Asked } from '../question'

/** The question that is open. It stays when the button that put it goes: sources change places and connections end while somebody reads. */
export function QuestionBox() {
  const [open, setOpen] = useState<Asked | null>(null)
  const [, redraw] = useReducer((count: number) => count + 1, 0)

  useEffect(() => onAsked(setOpen, () => redraw(undefined)), [])
  if (open === null) return null

  const onClose = () => {
    setOpen(now => (now === open ? null : now))
    if (document.activeElement === document.body) document.querySelector('main')?.focus()   // the button is gone
  }
  // Each has a box of its own: that the last one was closed is told late, and is none of the next one's.
  return <Box key={open.number} asked={open} now={open.now} onClose={onClose} />
}

/** One question; in words what has changed since it was put, and what went wrong with its order. */
function Box({ asked: { question: { title, text, yes, act } }, now, onClose }: { asked: Asked; now: string | null; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  useEffect(() => dialog.current!.showModal(), [])

  const onYes = async () => {
    setBusy(true)
    setError('')
    try {
      await act()
      dialog.current?.close()
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    }
    setBusy(false)
  }
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <h2>{title}</h2>
      <p>{text}</p>
      <p class="error" role="alert">{error}</p>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
        <button type="button" class="primary" disabled={busy} onClick={onYes}>{yes}</button>
      </div>
      <p class="changed" role="alert">{now === text || busy ? '' : `This has changed since you were asked: ${now ?? 'it can\'t be done, or need not be, any more.'}`}</p>
    </dialog>
  )
}

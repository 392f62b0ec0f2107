import { useEffect, useRef, useState } from 'preact/hooks'
import { onPut, type Question } from '../question'

/** The question that is open. It stays when the button that put it goes: sources change places and connections end while somebody reads. */
export function QuestionBox() {
  const [open, setOpen] = useState<{ question: Question; number: number } | null>(null)
  const asked = useRef(0)

  useEffect(() => onPut(question => setOpen({ question, number: ++asked.current })), [])
  if (open === null) return null

  const onClose = () => {
    setOpen(now => (now === open ? null : now))
    if (document.activeElement === document.body) document.querySelector('main')?.focus()   // the button is gone
  }
  // Each has a box of its own: that the last one was closed is told late, and is none of the next one's.
  return <Box key={open.number} question={open.question} onClose={onClose} />
}

/** One question, and in words what went wrong with its order. */
function Box({ question: { title, text, yes, act }, onClose }: { question: Question; onClose: () => void }) {
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
    </dialog>
  )
}

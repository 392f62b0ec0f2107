import { useEffect, useRef, useState } from 'preact/hooks'
import { onPut, type Question } from '../question'

/** The question that is open, and in words what went wrong with it. It stays when the button that put it goes: sources change places and connections end while somebody reads. */
export function QuestionBox() {
  const dialog = useRef<HTMLDialogElement>(null)
  const [open, setOpen] = useState<Question | null>(null)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  useEffect(() => onPut(question => {
    setError('')
    setOpen(question)
  }), [])
  useEffect(() => { if (open) dialog.current!.showModal() }, [open])
  if (open === null) return null

  const onYes = async () => {
    setBusy(true)
    setError('')
    try {
      await open.act()
      dialog.current?.close()
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    }
    setBusy(false)
  }
  const onClose = () => {
    setOpen(null)
    if (document.activeElement === document.body) document.querySelector('main')?.focus()   // the button is gone
  }
  return (
    <dialog ref={dialog} aria-label={open.title} onClose={onClose}>
      <h2>{open.title}</h2>
      <p>{open.text}</p>
      <p class="error" role="alert">{error}</p>
      <div class="buttons">
        <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
        <button type="button" class="primary" disabled={busy} onClick={onYes}>{open.yes}</button>
      </div>
    </dialog>
  )
}

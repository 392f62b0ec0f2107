import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

interface Props {
  /** On the button that opens the question. */
  label: ComponentChildren
  title: string
  question: string
  /** On the button that does it. */
  yes: string
  act: () => Promise<unknown>
  class?: string
  disabled?: boolean
}

/** A button that asks once before it acts, and says in words what went wrong. */
export function Confirm({ label, title, question, yes, act, disabled, ...rest }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [open, setOpen] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  useEffect(() => {
    if (open) dialog.current?.showModal()
  }, [open])

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
    <>
      <button type="button" class={rest.class} disabled={disabled} onClick={() => { setError(''); setOpen(true) }}>{label}</button>
      {open && (
        <dialog ref={dialog} aria-label={title} onClose={() => setOpen(false)}>
          <h2>{title}</h2>
          <p>{question}</p>
          <p class="error" role="alert">{error}</p>
          <div class="buttons">
            <button type="button" onClick={() => dialog.current?.close()}>Cancel</button>
            <button type="button" class="primary" disabled={busy} onClick={onYes}>{yes}</button>
          </div>
        </dialog>
      )}
    </>
  )
}

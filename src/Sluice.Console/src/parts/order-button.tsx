import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { change, put, type Asked, type Question } from '../question'

interface Props {
  label: ComponentChildren
  /** Where the label does not say what it is about. */
  name?: string
  class?: string
  disabled?: boolean
  /** Asked once before it acts; left out: it acts at once. */
  question?: Omit<Question, 'act'>
  act: () => Promise<unknown>
}

/**
 * A button that gives an order. Without a question, what went wrong is written beside it, and read out. It is never `disabled`, which would take the focus from who has it: what was on
 * may not be put on again a moment later.
 */
export function OrderButton({ label, name, class: look, disabled = false, question, act }: Props) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const asked = useRef<Asked | null>(null)
  const now = disabled ? null : question?.text ?? null

  useEffect(() => { if (asked.current) change(asked.current, now) }, [now])
  useEffect(() => () => { if (asked.current) change(asked.current, null) }, [])

  const onClick = async () => {
    if (disabled || busy) return
    setError('')
    if (question) {
      asked.current = put({ ...question, act })
      return
    }
    setBusy(true)
    try {
      await act()
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    }
    setBusy(false)
  }
  return (
    <>
      <button type="button" class={look} aria-label={name} aria-disabled={disabled || busy} onClick={onClick}>{label}</button>
      {error && <span class="error" role="alert">{error}</span>}
    </>
  )
}

import { useState } from 'preact/hooks'

/** A button whose order needs no question; what went wrong is written beside it, and read out. */
export function OrderButton({ label, name, act }: { label: string; name: string; act: () => Promise<unknown> }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const onClick = async () => {
    setBusy(true)
    setError('')
    try {
      await act()
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    }
    setBusy(false)
  }
  return (
    <>
      <button type="button" aria-label={name} disabled={busy} onClick={onClick}>{label}</button>
      {error && <span class="error" role="alert">{error}</span>}
    </>
  )
}

import { useEffect, useState } from 'preact/hooks'

/** What the browser says of the page, and says anew with an event. It is read once more when it is listened to: it may have changed since the first rendering. */
export function useFollowed<T>(read: () => T, target: EventTarget, event: string): T {
  const [value, setValue] = useState(read)
  useEffect(() => {
    const onChange = () => setValue(read)
    onChange()
    target.addEventListener(event, onChange)
    return () => target.removeEventListener(event, onChange)
  }, [])
  return value
}

/** Put before an order. It says and does what it did when it was put, whatever happens while it is open. */
export interface Question {
  title: string
  text: string
  /** On the button that does it. */
  yes: string
  act: () => Promise<unknown>
}

/** A question that was put, and what has become of it since. */
export interface Asked {
  readonly number: number
  readonly question: Question
  /** What it would say if it were put now; null: it would not be put. */
  now: string | null
}

const PUT = 'sluice-question'
const CHANGED = 'sluice-question-changed'

let count = 0

/** Asks the operator, once. */
export function put(question: Question): Asked {
  const asked = { number: ++count, question, now: question.text }
  dispatchEvent(new CustomEvent(PUT, { detail: asked }))
  return asked
}

/** Says what has become of a question that was put. */
export function change(asked: Asked, now: string | null): void {
  if (asked.now === now) return
  asked.now = now
  dispatchEvent(new Event(CHANGED))
}

/** Hears every question that is put, and that one has changed; the answer stops that. */
export function onAsked(hearPut: (asked: Asked) => void, hearChange: () => void): () => void {
  const onPut = (event: Event) => hearPut((event as CustomEvent<Asked>).detail)
  addEventListener(PUT, onPut)
  addEventListener(CHANGED, hearChange)
  return () => {
    removeEventListener(PUT, onPut)
    removeEventListener(CHANGED, hearChange)
  }
}

/** Put before an order. It says and does what it did when it was put, whatever happens while it is open. */
export interface Question {
  title: string
  text: string
  /** On the button that does it. */
  yes: string
  act: () => Promise<unknown>
}

const PUT = 'sluice-question'

/** Asks the operator, once. */
export const put = (question: Question) => { dispatchEvent(new CustomEvent(PUT, { detail: question })) }

/** Hears every question that is put; the answer stops that. */
export function onPut(hear: (question: Question) => void): () => void {
  const onEvent = (event: Event) => hear((event as CustomEvent<Question>).detail)
  addEventListener(PUT, onEvent)
  return () => removeEventListener(PUT, onEvent)
}

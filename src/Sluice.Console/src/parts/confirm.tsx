import type { ComponentChildren } from 'preact'
import { put, type Question } from '../question'

interface Props extends Question {
  /** On the button that opens the question. */
  label: ComponentChildren
  class?: string
  disabled?: boolean
}

/** A button that asks once before it acts. */
export function Confirm({ label, class: look, disabled, ...question }: Props) {
  return <button type="button" class={look} disabled={disabled} onClick={() => put(question)}>{label}</button>
}

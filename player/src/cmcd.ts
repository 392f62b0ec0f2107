/** A value of CMCD v2 (CTA-5004-B) before it is written; a token is written bare, a list in parentheses. */
export type CmcdValue = boolean | number | string | Token | readonly (number | string)[]

/** A bare word, as `st=ll`. */
export class Token {
  constructor(readonly word: string) {}
}

export const token = (word: string) => new Token(word)

/** One report as a dictionary of RFC 8941: keys sorted, what is false or undefined left out. */
export function encodeCmcd(report: Record<string, CmcdValue | undefined>): string {
  return Object.keys(report).sort().flatMap(key => {
    const value = report[key]
    if (value === undefined || value === false) return []
    return [value === true ? key : `${key}=${item(value)}`]
  }).join(',')
}

function item(value: Exclude<CmcdValue, boolean>): string {
  if (value instanceof Token) return value.word
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `"${value.replace(/["\\]/g, '\\$&').replace(/[^\x20-\x7e]/g, '?')}"`
  return `(${value.map(one => item(one)).join(' ')})`
}

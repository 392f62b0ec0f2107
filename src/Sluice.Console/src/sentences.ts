import type { JournalEntry } from './model'

export type Tone = 'good' | 'bad' | 'plain'

/** A journal entry in a sentence, and whether it is good news. */
export function sentenceOf(entry: JournalEntry): { text: string; tone: Tone } {
  const { kind, from, to, reason, note } = entry
  switch (kind) {
    case 'start': return { text: `The show starts with ${to}.`, tone: 'good' }
    case 'switch': return { text: `${why(entry)}; the output went on with ${to}${how(entry)}.`, tone: reason === 'operator' || reason === 'return' ? 'plain' : 'bad' }
    case 'dark': return { text: `${reason === 'operator' ? `An operator took ${from} out of choice` : why(entry)}, and no source could take over: nothing comes in.`, tone: 'bad' }
    case 'resume': return { text: `${to} goes on where it had stopped.`, tone: 'good' }
    case 'end': return { text: `The show ended: ${reason ?? 'nobody sends'}.`, tone: 'bad' }
    case 'source': return source(from, to ?? '', reason, note)
    case 'push': return push(from, to ?? '', reason)
    case 'access': return reason === 'operator' ? { text: `The operator closed a connection (${note?.replace(/ closed$/, '') ?? ''})${from ? `: ${from}` : ''}.`, tone: 'plain' } : { text: `${note ? capital(note) : 'Access refused'}${from ? `: ${from}` : ''}${reason ? ` (${reason})` : ''}.`, tone: 'plain' }
    case 'cue': return { text: `Cue ${to ?? ''} was sent${note ? `: ${note}` : ''}.`, tone: 'plain' }
    default: return { text: `${[kind, from, to, reason, note].filter(Boolean).join(' · ')}.`, tone: 'plain' }
  }
}

/** Why a switch was made. */
function why({ from, to, reason, detectMs }: JournalEntry): string {
  const after = detectMs === null ? '' : ` for ${detectMs} ms`
  switch (reason) {
    case 'closed': return `The connection of ${from} was closed`
    case 'unpublished': return `The encoder of ${from} ended its publication`
    case 'takeover': return `${from} had been silent, and another encoder took its place`
    case 'silent': return `${from} fell silent${after}`
    case 'stalled': return `${from} stood still${after}`
    case 'degraded': return `${from} had become too bad to be shown`
    case 'operator': return `An operator left ${from} for ${to}`
    case 'return': return `${to} has been well long enough to return to`
    default: return `${from} was left${reason ? ` (${reason})` : ''}`
  }
}

const HOW: Record<string, string> = {
  keyframe: ' at its next keyframe',
  lookahead: ' at a keyframe, no picture lost',
  replay: ' by a quick replay, no picture lost',
  merge: ' in the same picture, nothing lost',
}

function how({ method, gapMs }: JournalEntry): string {
  const gap = gapMs === null || gapMs < 100 ? '' : `, the next picture ${gapMs} ms after the last`
  return `${method === null ? '' : HOW[method] ?? ` (${method})`}${gap}`
}

const SOURCE: Record<string, [string, Tone]> = {
  absent: ['is gone', 'bad'],
  probing: ['has come and is being looked at', 'plain'],
  healthy: ['is well', 'good'],
  failed: ['has failed', 'bad'],
  excluded: ['was taken out of choice by the operator', 'plain'],
}

function source(from: string | null, to: string, reason: string | null, note: string | null): { text: string; tone: Tone } {
  if (reason === 'repair') return { text: `A jump in the time stamps of ${to} was taken out${note ? `: ${note}` : ''}.`, tone: 'plain' }
  const [name, state] = lastWord(to)
  if (reason === 'unreachable') return { text: `${name} could not be pulled: ${note}. It is tried again.`, tone: 'bad' }
  const [text, tone] = SOURCE[state] ?? [`is ${state}`, 'plain']
  if (from === `${name} excluded`) return { text: `${name} was included again by the operator; it ${text}.`, tone }
  const because = reason && reason !== 'operator' ? ` (${reason})` : ''
  return { text: `${name} ${text}${because}${note && tone === 'bad' ? `: ${note}` : ''}.`, tone }
}

const PUSH: Record<string, [string, Tone]> = {
  connecting: ['connects', 'plain'],
  connected: ['is connected', 'good'],
  stopped: ['is stopped', 'plain'],
}

function push(from: string | null, to: string, reason: string | null): { text: string; tone: Tone } {
  const [name, state] = lastWord(to)
  if (state === 'waiting') {
    const what = from === `${name} connected` ? 'lost its connection' : from === null ? 'has no connection' : 'could not connect'
    return { text: `Push ${name} ${what}${reason ? `: ${reason}` : ''}. It will try again.`, tone: 'bad' }
  }
  if (reason === 'operator') return { text: `Push ${name} was ${state === 'stopped' ? 'stopped' : 'started'} by the operator.`, tone: 'plain' }
  const [text, tone] = PUSH[state] ?? [`is ${state}`, 'plain']
  return { text: `Push ${name} ${text}${reason ? `: ${reason}` : ''}.`, tone }
}

function lastWord(text: string): [string, string] {
  const space = text.lastIndexOf(' ')
  return [text.slice(0, space), text.slice(space + 1)]
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

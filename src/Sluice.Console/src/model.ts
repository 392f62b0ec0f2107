/** What the server tells, as docs/03-api.md and /openapi/v1.json describe it. */

export type StreamState = 'idle' | 'starting' | 'live' | 'slate'
export type SourceState = 'absent' | 'probing' | 'healthy' | 'suspect' | 'failed' | 'excluded'
export type PushState = 'connecting' | 'connected' | 'waiting' | 'stopped'

export type Viewers = Record<string, number>

export interface Source {
  name: string
  state: SourceState
  path: string
  active: boolean
  score: number
  fps: number
  kbps: number
  gopMs: number
  lagMs: number
  alignment: { method: string; offsetMs: number; confidence: number } | null
  rttMs: number | null
  complaint: string | null
  lastError: string | null
  clearMs: number
  parameters: string | null
  parametersDiffer: string | null
}

export interface Push {
  name: string
  state: PushState
  kbps: number
  lagMs: number
  droppedGops: number
  reconnects: number
  lastError: string | null
}

export interface Stream {
  name: string
  state: StreamState
  active: string | null
  darkSince: string | null
  endsAt: string | null
  delayMs: number
  sources: Source[]
  viewers: Viewers
  push: Push[]
}

export interface Client {
  id: number
  kind: 'publisher' | 'viewer' | 'push' | 'pull'
  protocol: string
  path: string
  remote: string | null
  since: string
  bytesIn: number
  bytesOut: number
  lagMs: number
}

export interface StreamEvent {
  time: string
  stream: Stream | null
  audience: { protocol: string; count: number; medianLagMs: number; worstLagMs: number }[]
  clients: Client[]
  clientCount: number
}

export interface StreamSummary {
  name: string
  state: StreamState
  active: string | null
  darkSince: string | null
  kbps: number
  viewers: Viewers
  sources: { name: string; state: SourceState }[]
  pushes: number
  pushesInTrouble: number
}

export interface JournalEntry {
  time: string
  stream: string
  kind: string
  from: string | null
  to: string | null
  reason: string | null
  method: string | null
  detectMs: number | null
  gapMs: number | null
  note: string | null
}

/** Samples of one stream, one a second, oldest first; all columns have the same length. */
export interface Samples {
  stream: string
  time: number[]
  active: (string | null)[]
  viewers: number[]
  sources: { name: string; score: number[]; fps: number[]; kbps: number[]; lagMs: number[]; offsetMs: (number | null)[] }[]
}

export interface Cue {
  id: string
  pts: number
  utc: string
  payload: string
}

const SWITCHES = new Set(['start', 'switch', 'dark', 'resume', 'end'])

/** Whether an entry tells that something else is on from then, or nothing. */
export const isSwitch = ({ kind }: JournalEntry) => SWITCHES.has(kind)

/** The state that is shown: a show without a source that is on is dark, whatever is about to come. */
export const shownState = ({ state, darkSince }: { state: StreamState; darkSince: string | null }) => (darkSince === null ? state : 'dark')

/** Whether a source can be put on. */
export const canSend = ({ state }: Source) => state === 'healthy' || state === 'suspect' || state === 'probing'

export const total = (viewers: Viewers) => Object.values(viewers).reduce((sum, count) => sum + count, 0)

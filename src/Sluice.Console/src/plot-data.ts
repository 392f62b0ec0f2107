import { driftOf } from './drift'
import type { Samples, Stream } from './model'

type SourceSamples = Samples['sources'][number]

export interface Kind {
  title: string
  unit: string
  column: (source: SourceSamples) => (number | null)[]
  from0: boolean
  /** What it says while there is no line to draw. */
  nothing: (stream: Stream) => string
}

const yet = () => 'Nothing yet.'

export const KINDS: Kind[] = [
  { title: 'Score', unit: '', column: source => source.score, from0: true, nothing: yet },
  { title: 'Pictures', unit: '/s', column: source => source.fps, from0: true, nothing: yet },
  { title: 'Bitrate', unit: 'kbit/s', column: source => source.kbps, from0: true, nothing: yet },
  { title: 'Lag', unit: 'ms', column: source => source.lagMs, from0: true, nothing: yet },
  { title: 'Alignment', unit: 'ms of drift', column: source => driftOf(source.offsetMs), from0: false, nothing: whyNoDrift },
]

const LEAST_S = 60
const MOST_S = 600

/** How much time the plots show, in seconds: all that is known, from a minute to ten. */
export function windowOf(time: readonly number[]): number {
  const span = time.length === 0 ? 0 : (time.at(-1)! - time[0]!) / 1000
  return Math.min(MOST_S, Math.max(LEAST_S, span))
}

/** That time in words. */
export function windowName(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  return minutes <= 1 ? 'The last minute' : `The last ${minutes} minutes`
}

/** Whether a column has a line: two values side by side. */
export const hasLine = (column: readonly (number | null)[]) => column.some((value, n) => n > 0 && value !== null && column[n - 1] !== null)

/** Drift is measured between two sources, by what they show; a source placed by when it arrives has none. */
function whyNoDrift({ sources }: Stream): string {
  const placed = sources.filter(source => source.alignment !== null)
  if (placed.length === 0) return 'No source sends.'
  if (placed.length === 1) return `${placed[0]!.name} alone sends: it has nothing to be aligned with.`
  return placed.every(source => source.alignment!.method === 'arrival') ? 'Aligned only by when they arrive, which measures no drift.' : 'Not measured yet.'
}

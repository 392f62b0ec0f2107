/** Something that is to happen when a certain picture is on the screen: a draw, a goal, a rain of red packets. */
export interface Cue {
  id: string
  /** Milliseconds on the stream's time line. */
  pts: number
  /** The wall time of that picture, ISO 8601; empty: it was not told. */
  utc: string
  payload: string
}

/** Reads a cue off the wire; null where it is none. */
export function parseCue(json: string): Cue | null {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null) return null
    const { id, pts, utc, payload } = value as Record<string, unknown>
    if (typeof id !== 'string' || id.length === 0 || typeof pts !== 'number' || !Number.isFinite(pts)) return null
    return { id, pts, utc: typeof utc === 'string' && !Number.isNaN(Date.parse(utc)) ? utc : '', payload: typeof payload === 'string' ? payload : '' }
  } catch {
    return null
  }
}

/** How many milliseconds after the picture that carries this cue its own is shown. */
export function leadOf(json: string): number {
  const { in: lead } = JSON.parse(json) as { in?: unknown }
  return typeof lead === 'number' && Number.isFinite(lead) ? lead : 0
}

/** How late a cue may be raised: one that was over long before the viewer came is not for them. */
const MAX_LATE_MS = 2000
const MAX_KEPT = 1000

/** Times on the wire are whole milliseconds, those of pictures are not: a picture is the cue's where it is less than this before, in seconds. */
const ROUNDING = 0.001

/**
 * Cues that came and wait for their picture. Servers repeat a cue at each keyframe until its time, so each id is raised once.
 * Times are those of the media element, in seconds.
 */
export class CueQueue {
  private readonly waiting = new Map<string, { cue: Cue; at: number; isExact: boolean }>()
  private readonly known = new Set<string>()

  constructor(private readonly raise: (cue: Cue) => void) {}

  /**
   * @param at when its picture is shown; the newest word counts.
   * @param isExact the stream itself says so: what came another way does not count any more.
   */
  add(cue: Cue, at: number, isExact = true): void {
    if (this.known.has(cue.id)) {
      const known = this.waiting.get(cue.id)
      if (known && (isExact || !known.isExact)) Object.assign(known, { at, isExact })
      return
    }
    if (this.known.size >= MAX_KEPT) this.known.delete(this.known.values().next().value!)
    this.known.add(cue.id)
    this.waiting.set(cue.id, { cue, at, isExact })
  }

  /** It was raised, or was over before. */
  isDone(id: string): boolean {
    return this.known.has(id) && !this.waiting.has(id)
  }

  /** The picture at this time is on the screen. */
  shown(time: number): void {
    for (const [id, { cue, at }] of this.waiting) {
      if (at - ROUNDING > time) continue
      this.waiting.delete(id)
      if ((time - at) * 1000 <= MAX_LATE_MS) this.raise(cue)
    }
  }

  /** Another connection has another time line: what waits will be told again on it. */
  forgetWaiting(): void {
    for (const id of this.waiting.keys()) this.known.delete(id)
    this.waiting.clear()
  }

  get size(): number {
    return this.waiting.size
  }
}

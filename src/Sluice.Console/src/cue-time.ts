/** With which picture a cue goes. */
export type When = { kind: 'now' } | { kind: 'in'; seconds: number } | { kind: 'at'; clock: string }

const HALF_DAY_MS = 12 * 3600_000

/** The server takes cues for the next hour. */
export const FARTHEST_S = 3600

/** The wall time of a cue's picture; null: that of now, as the server has it without a time. `now` is the server's clock; a clock time is one of this machine, the nearest to now. */
export function cueTime(when: When, now: string): Date | null {
  if (when.kind === 'now') return null
  if (when.kind === 'in') return new Date(Date.parse(now) + when.seconds * 1000)
  const [hours = NaN, minutes = NaN, seconds = 0] = when.clock.split(':').map(Number)
  const time = new Date(now)
  time.setHours(hours, minutes, seconds, 0)
  const ahead = time.getTime() - Date.parse(now)
  if (Math.abs(ahead) > HALF_DAY_MS) time.setDate(time.getDate() + (ahead < 0 ? 1 : -1))
  return time
}

/** Why a cue can't have that time, in words; empty: it can. */
export function timeFault(when: When, now: string): string {
  const time = cueTime(when, now)
  if (time === null) return ''
  const ahead = time.getTime() - Date.parse(now)
  if (Number.isNaN(ahead)) return when.kind === 'in' ? 'In how many seconds?' : 'At what time?'
  if (ahead < 0) return 'That time has passed.'
  return ahead > FARTHEST_S * 1000 ? 'A cue can be an hour ahead at most.' : ''
}

import type { Source } from './model'

export const bitrate = (kbps: number) => (kbps >= 10_000 ? `${(kbps / 1000).toFixed(1)} Mbit/s` : `${Math.round(kbps)} kbit/s`)

export const count = (value: number) => value.toLocaleString('en')

export const milliseconds = (ms: number) => (ms >= 1000 && ms % 1000 === 0 ? `${ms / 1000} s` : Math.abs(ms) >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`)

export function bytes(value: number): string {
  for (const [unit, size] of [['GB', 1e9], ['MB', 1e6], ['KB', 1e3]] as const)
    if (value >= size) return `${(value / size).toFixed(1)} ${unit}`
  return `${value} B`
}

/** How a source is aligned. One that is sure by arrival alone is what the others are placed by. */
export function placement(alignment: Source['alignment']): string {
  if (!alignment) return 'unknown'
  return alignment.method === 'arrival' && alignment.confidence === 1 ? 'the reference' : `${alignment.method}, ${Math.round(alignment.confidence * 100)} % sure`
}

/** The time of day on this machine. */
export const clock = (time: string | number | Date) => new Date(time).toLocaleTimeString('en-GB', { hour12: false })

/** The same without its seconds. */
export const clockMinutes = (time: number) => new Date(time).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

/** How long ago, by the server's own clock. */
export const ago = (time: string, now: string) => `${between(time, now)} ago`

/** From one moment to a later one. */
export function between(from: string, to: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

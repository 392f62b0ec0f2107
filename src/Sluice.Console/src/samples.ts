import type { Samples } from './model'

/** As many as the server keeps: ten minutes. */
export const MAX_SAMPLES = 600

/** The samples with newer ones at their end; the oldest go. A new array for each column, so that plots see the change. */
export function append(old: Samples | null, more: Samples): Samples {
  if (old === null || old.sources.length !== more.sources.length) return more
  const join = <T>(left: T[], right: T[]) => [...left, ...right].slice(-MAX_SAMPLES)
  return {
    stream: more.stream,
    time: join(old.time, more.time),
    active: join(old.active, more.active),
    viewers: join(old.viewers, more.viewers),
    sources: old.sources.map((source, n) => {
      const newer = more.sources[n]!
      return {
        name: source.name, score: join(source.score, newer.score), fps: join(source.fps, newer.fps), kbps: join(source.kbps, newer.kbps),
        lagMs: join(source.lagMs, newer.lagMs), offsetMs: join(source.offsetMs, newer.offsetMs),
      }
    }),
  }
}

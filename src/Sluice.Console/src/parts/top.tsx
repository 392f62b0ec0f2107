import type { Known } from '../use-feed'

/** Where one is, and whether what is shown is true now. */
export function Top({ topic, known }: { topic: string; known: Known }) {
  const { text, tone } = sayState(known)
  return (
    <header class="top">
      <a class="brand" href="#/" aria-label="Sluice: all streams">
        <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          <rect width="32" height="32" rx="7" fill="var(--accent)" />
          <path d="M6 9c6 0 6 14 12 14h8M6 16h20M6 23c6 0 6-14 12-14h8" fill="none" stroke="var(--on-accent)" stroke-width="2.6" stroke-linecap="round" />
        </svg>
        Sluice
      </a>
      {topic && <nav aria-label="Where you are"><a href="#/">Streams</a><span aria-hidden="true">/</span><span aria-current="page">{topic}</span></nav>}
      <p class={`pill ${tone}`} role="status">{text}</p>
    </header>
  )
}

function sayState({ feed, staleMs }: Known): { text: string; tone: string } {
  if (feed.kind === 'refused') return { text: 'No access', tone: 'bad' }
  if (staleMs) return { text: `Stale: nothing heard for ${Math.round(staleMs / 1000)} s`, tone: 'bad' }
  if (feed.kind === 'lost') return { text: `Connecting again: ${feed.why}`, tone: 'warn' }
  return feed.kind === 'open' ? { text: 'Connected', tone: 'good' } : { text: 'Connecting', tone: 'warn' }
}

const TONES: Record<string, string> = {
  live: 'good', healthy: 'good', connected: 'good', starting: 'warn', slate: 'warn', probing: 'warn', suspect: 'warn', connecting: 'warn', absent: 'warn', waiting: 'bad', failed: 'bad', dark: 'bad',
  idle: 'plain', excluded: 'plain', stopped: 'plain',
}

/** The colour that a state has everywhere. */
export const toneOf = (state: string) => TONES[state] ?? 'plain'

/** A state in a word. */
export const Tag = ({ state }: { state: string }) => <span class={`tag ${toneOf(state)}`}>{state}</span>

const TONES: Record<string, string> = {
  live: 'good', healthy: 'good', connected: 'good', starting: 'warn', slate: 'warn', probing: 'warn', suspect: 'warn', connecting: 'warn', waiting: 'bad', failed: 'bad', dark: 'bad',
  absent: 'plain', idle: 'plain', excluded: 'plain', stopped: 'plain',
}

/** A state in a word, with the colour that it has everywhere. */
export const Tag = ({ state }: { state: string }) => <span class={`tag ${TONES[state] ?? 'plain'}`}>{state}</span>

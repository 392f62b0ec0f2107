import type { PlayerState } from './player.ts'

/** What the player does, by the words of CMCD: starting, playing, rebuffering, paused, ended, fatal, quit. */
export type PlayState = 's' | 'p' | 'r' | 'a' | 'e' | 'f' | 'q'

/**
 * What viewers of a player in this state see.
 * @param isPaused by the viewer.
 * @param hasPlayed there was a picture before: what is waited for now is a stall, a start otherwise.
 */
export function playStateOf(state: PlayerState, isPaused: boolean, hasPlayed: boolean): PlayState {
  if (state === 'ended') return 'e'
  if (state === 'waiting') return 'f'   // all URLs have failed
  if (isPaused && hasPlayed) return 'a'
  return state === 'playing' ? 'p' : hasPlayed ? 'r' : 's'
}

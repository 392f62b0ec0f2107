/** What a server answers to who may not watch. */
const REFUSED = / 40[13]$/

/** Whether a player failed because the path may not be watched without a key. */
export const isRefused = (reason: string) => REFUSED.test(reason)

/** Why a player failed, in an operator's words; the libraries below it have codes of their own (`NetworkError Exception`, `manifestLoadError 404`). */
export function faultOf(reason: string): string {
  if (isRefused(reason)) return 'it may not be watched without a key'
  if (/ 404$/.test(reason)) return 'nothing is sent there'
  if (/ 5\d\d$/.test(reason)) return 'the server cannot give it now'
  if (reason === 'no picture came') return reason
  if (/network|load|timeout|exception|websocket|early.?eof/i.test(reason)) return 'the connection to the server broke'
  if (/codec|format|append|media|decod|play|demux/i.test(reason)) return 'this browser cannot play it'
  return 'it does not play'
}

/** Orders to the server, and the keys that it asks for. */

const API_KEY = 'sluice.apiKey'
const PLAY_KEY = 'sluice.playKey'

/** Why an order was not obeyed, in the server's words. */
export class Refused extends Error {
  constructor(readonly status: number, message: string) {
    super(message)
  }
}

export const keys = {
  get api() { return sessionStorage.getItem(API_KEY) ?? '' },
  get play() { return sessionStorage.getItem(PLAY_KEY) ?? '' },
  keep(api: string, play: string) {
    sessionStorage.setItem(API_KEY, api)
    sessionStorage.setItem(PLAY_KEY, play)
  },
}

/** Raised where somebody wants to enter keys. */
export const KEYS_WANTED = 'sluice-keys-wanted'

export const askForKeys = () => { dispatchEvent(new Event(KEYS_WANTED)) }

/** An order that has not been answered after so long, in milliseconds, is given up. */
const PATIENCE_MS = 8000

/** A request with the key; the answer if it is a good one. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (keys.api) headers.set('authorization', `Bearer ${keys.api}`)
  const answer = await fetch(`/api/v1${path}`, { ...init, headers, cache: 'no-store' })
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer))
  return answer
}

export const order = (path: string, body: unknown = {}) => command(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

export const close = (clientId: number) => command(`/clients/${clientId}`, { method: 'DELETE' })

async function command(path: string, init: RequestInit): Promise<Response> {
  try {
    return await ask(path, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) })
  } catch (error) {
    if (error instanceof Refused) throw error
    const isLate = error instanceof DOMException && error.name === 'TimeoutError'
    throw new Error(isLate ? `The server has not answered for ${PATIENCE_MS / 1000} s. It may still obey: look before you try again.` : 'The server cannot be reached.')
  }
}

/** A stream's place in the API: slashes of its app are one segment's. */
export function streamPath(name: string): string {
  const slash = name.lastIndexOf('/')
  return `/streams/${encodeURIComponent(name.slice(0, slash))}/${encodeURIComponent(name.slice(slash + 1))}`
}

/**
 * How a path plays, best first; each with the play key where there is one. HTTP-FLV is left out: an answer that never ends takes one of the browser's six connections to a host, and with
 * five screens no order would get through. WebSockets are not among the six.
 */
export function playUrls(path: string): string[] {
  const place = path.split('/').map(encodeURIComponent).join('/')
  const query = keys.play ? `?key=${encodeURIComponent(keys.play)}` : ''
  const { protocol, host } = location
  return [`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/${place}.flv${query}`, `${protocol}//${host}/${place}.m3u8${query}`]
}

async function detailOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null)
  const detail = (problem as { detail?: unknown } | null)?.detail
  return typeof detail === 'string' && detail ? detail : `the server answered ${answer.status}`
}

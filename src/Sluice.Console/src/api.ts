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

/** A request with the key; the answer if it is a good one. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  if (keys.api) headers.set('authorization', `Bearer ${keys.api}`)
  const answer = await fetch(`/api/v1${path}`, { ...init, headers, cache: 'no-store' })
  if (!answer.ok) throw new Refused(answer.status, await detailOf(answer))
  return answer
}

export function order(path: string, body: unknown = {}): Promise<Response> {
  return ask(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
}

export const close = (clientId: number) => ask(`/clients/${clientId}`, { method: 'DELETE' })

/** A stream's place in the API: slashes of its app are one segment's. */
export function streamPath(name: string): string {
  const slash = name.lastIndexOf('/')
  return `/streams/${encodeURIComponent(name.slice(0, slash))}/${encodeURIComponent(name.slice(slash + 1))}`
}

/** How a path plays, best first; each with the play key where there is one. */
export function playUrls(path: string): string[] {
  const place = path.split('/').map(encodeURIComponent).join('/')
  const query = keys.play ? `?key=${encodeURIComponent(keys.play)}` : ''
  const { protocol, host } = location
  return [`${protocol === 'https:' ? 'wss' : 'ws'}://${host}/${place}.flv${query}`, `${protocol}//${host}/${place}.flv${query}`, `${protocol}//${host}/${place}.m3u8${query}`]
}

async function detailOf(answer: Response): Promise<string> {
  const problem: unknown = await answer.json().catch(() => null)
  const detail = (problem as { detail?: unknown } | null)?.detail
  return typeof detail === 'string' && detail ? detail : `the server answered ${answer.status}`
}

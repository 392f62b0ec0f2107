/** What carries the stream, as its URL tells. */
export type Carrier = 'flv' | 'wsflv' | 'hls'

/** What this browser can do. */
export interface Capabilities {
  /** Media Source Extensions with H.264. */
  mse: boolean
  /** The media element plays HLS by itself. */
  nativeHls: boolean
}

export function carrierOf(url: string): Carrier | null {
  const { protocol, pathname } = new URL(url, globalThis.location?.href)
  if (pathname.endsWith('.m3u8')) return 'hls'
  if (!pathname.endsWith('.flv')) return null
  return protocol.startsWith('ws') ? 'wsflv' : 'flv'
}

/** Those of the URLs that can be played here, in the order given. */
export function playable(urls: readonly string[], can: Capabilities): string[] {
  return urls.filter(url => {
    const carrier = carrierOf(url)
    return carrier !== null && (carrier === 'hls' ? can.mse || can.nativeHls : can.mse)
  })
}

export function capabilities(): Capabilities {
  return {
    mse: typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported('video/mp4; codecs="avc1.42E01E,mp4a.40.2"'),
    nativeHls: document.createElement('video').canPlayType('application/vnd.apple.mpegurl') !== '',
  }
}

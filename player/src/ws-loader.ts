import type Mpegts from 'mpegts.js'

/** Closes that say that all has been sent: in so many words, or without any. */
const COMPLETE = [1000, 1005]

/** As mpegts.js counts them. */
const STATUS = { idle: 0, connecting: 1, buffering: 2, error: 3, complete: 4 }

/**
 * FLV over WebSocket for mpegts.js. Its own loader takes every close for the end of the show, even that of a viewer who is sent away and that of a connection which
 * breaks: browsers raise no `error` then.
 */
export class WebSocketLoader implements Mpegts.BaseLoader {
  readonly type = 'websocket-loader'
  readonly _needStash = true
  readonly needStashBuffer = true
  _status = STATUS.idle
  declare onContentLengthKnown: Mpegts.BaseLoader['onContentLengthKnown']
  declare onURLRedirect: Mpegts.BaseLoader['onURLRedirect']
  declare onDataArrival: Mpegts.BaseLoader['onDataArrival']
  declare onError: Mpegts.BaseLoader['onError']
  declare onComplete: Mpegts.BaseLoader['onComplete']
  private socket?: WebSocket
  private received = 0

  get status(): number {
    return this._status
  }

  isWorking(): boolean {
    return this._status === STATUS.connecting || this._status === STATUS.buffering
  }

  open({ url }: Mpegts.MediaSegment): void {
    this._status = STATUS.connecting
    let socket: WebSocket
    try {
      socket = this.socket = new WebSocket(url)
    } catch (error) {
      this.failed(String(error))   // `ws:` in a page that came by `https:`
      return
    }
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => { this._status = STATUS.buffering }
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const from = this.received
      this.received += data.byteLength
      this.onDataArrival(data, from, this.received)
    }
    socket.onclose = ({ code, reason }) => this.closed(code, reason)
  }

  abort(): void {
    if (this.socket) this.socket.onopen = this.socket.onmessage = this.socket.onclose = null
    this.socket?.close()
    this.socket = undefined
    this._status = STATUS.complete
  }

  destroy(): void {
    this.abort()
  }

  private closed(code: number, reason: string): void {
    const wasOpen = this._status === STATUS.buffering
    if (wasOpen && COMPLETE.includes(code)) {
      this._status = STATUS.complete
      this.onComplete(0, this.received - 1)
      return
    }
    const said = reason ? `${code} ${reason}` : `${code}`
    this.failed(wasOpen ? `the connection was closed (${said})` : `no connection (${said})`)
  }

  /** The number of a close is no HTTP status: the code says that there is none. */
  private failed(msg: string): void {
    this._status = STATUS.error
    this.onError('Exception' as unknown as Mpegts.LoaderErrors, { code: -1, msg })
  }
}

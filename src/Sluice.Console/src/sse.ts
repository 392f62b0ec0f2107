export interface ServerEvent {
  name: string
  id: string | null
  data: string
}

/** Server-Sent Events out of text that comes in pieces (WHATWG HTML §9.2.6). */
export class SseReader {
  private rest = ''
  private name = ''
  private id: string | null = null
  private data: string[] = []

  /** The events that are whole with this piece. */
  push(piece: string): ServerEvent[] {
    const lines = (this.rest + piece).split('\n')
    this.rest = lines.pop()!
    const events: ServerEvent[] = []
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) events.push({ name: this.name || 'message', id: this.id, data: this.data.join('\n') })
        this.name = ''
        this.data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') this.name = value
      else if (field === 'data') this.data.push(value)
      else if (field === 'id') this.id = value
    }
    return events
  }
}

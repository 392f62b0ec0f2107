import type Hls from 'hls.js'
import type { Bufferable, SourceBufferName } from 'hls.js'

/**
 * A stream controller for hls.js that stays in low latency. Theirs (1.7.4), when what was shown is dropped from the buffer while a part is appended, forgets which parts of that segment the
 * buffer has; it then wants them again, does not load them, and stands until the segment's parts have left the playlist: five seconds. This one forgets nothing until the part is in the buffer; what
 * was dropped it misses when next something is.
 */
export function keepingParts({ DefaultConfig }: typeof Hls): typeof DefaultConfig.streamController {
  return class extends DefaultConfig.streamController {
    protected override afterBufferFlushed(media: Bufferable, type: SourceBufferName): void {
      const isAppending = this.fragCurrent && this.fragmentTracker.getState(this.fragCurrent) === 'APPENDING'
      if (!isAppending) super.afterBufferFlushed(media, type)
    }
  }
}

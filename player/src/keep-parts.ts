import type Hls from 'hls.js'
import type { Bufferable, SourceBufferName } from 'hls.js'

/**
 * The stream controller of hls.js, but for one fault of it (1.7.4): when what was shown is dropped from the buffer while a part is appended, it forgets which parts of that segment the buffer has; it
 * then wants them again, does not load them, and stands until they have left the playlist: five seconds. This one forgets nothing meanwhile; what was dropped it forgets when next something is.
 */
export function keepingParts({ DefaultConfig }: typeof Hls): typeof DefaultConfig.streamController {
  return class extends DefaultConfig.streamController {
    protected override afterBufferFlushed(media: Bufferable, type: SourceBufferName): void {
      const isAppending = this.fragCurrent && this.fragmentTracker.getState(this.fragCurrent) === 'APPENDING'
      if (!isAppending) super.afterBufferFlushed(media, type)
    }
  }
}

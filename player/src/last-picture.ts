/** Keeps the last picture on the screen while there is no media, as the poster of the media element. */
export class LastPicture {
  private readonly own: string | null

  constructor(private readonly video: HTMLVideoElement) {
    this.own = video.getAttribute('poster')
  }

  /** To be called before the media are taken away. */
  hold(): void {
    const { video } = this
    if (video.readyState < video.HAVE_CURRENT_DATA || video.videoWidth === 0) return
    const canvas = document.createElement('canvas')
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight })
    try {
      canvas.getContext('2d')!.drawImage(video, 0, 0)
      video.poster = canvas.toDataURL('image/jpeg')
    } catch {
      // Pictures that the browser has from another origin may not be read.
    }
  }

  /** The page has its own poster again. */
  release(): void {
    if (this.own === null) this.video.removeAttribute('poster')
    else this.video.poster = this.own
  }
}

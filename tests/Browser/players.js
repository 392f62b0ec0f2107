// Plays streams by sluice-player, as a page of somebody else would, and notes what it tells.
import { SluicePlayer } from 'sluice-player'

const playing = new Map()

/** Of so many pictures the number of one is read. */
const READ_EACH = 4

// A stream that is asked for with ?deaf seems to have no cues in its pictures, as one of AV1 has none.
const { createPlayer } = mpegts
mpegts.createPlayer = (source, config) => {
  const player = createPlayer(source, config)
  const on = player.on.bind(player)
  if (new URL(source.url).searchParams.has('deaf')) player.on = (name, listener) => { if (name !== 'sei_arrived') on(name, listener) }
  return player
}

window.play = (id, options) => {
  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  const counter = new Counter(video)
  const shown = { at: 0, before: 0, wall: 0 }
  const pictures = []
  let count = 0
  const onPicture = (_, { mediaTime }) => {
    Object.assign(shown, { at: mediaTime, before: shown.at, wall: performance.now() })
    if (count++ % READ_EACH === 0) pictures.push({ time: mediaTime, number: counter.read() })
    video.requestVideoFrameCallback(onPicture)
  }
  video.requestVideoFrameCallback(onPicture)
  const player = new SluicePlayer(video, options)
  const seen = { player, video, states: [], carriers: [], fails: [], cues: [], pictures, resumedAfter: -1 }
  player.on('state', state => {
    seen.states.push(state)
    if (state !== 'playing' || seen.carriers.at(-1) === player.carrier) return
    seen.carriers.push(player.carrier)
    if (seen.fails.length > 0) seen.resumedAfter = performance.now() - seen.fails.at(-1).wall
  })
  player.on('fail', fail => seen.fails.push({ ...fail, wall: performance.now(), after: performance.now() - shown.wall }))
  player.on('cue', cue => seen.cues.push({ id: cue.id, at: shown.at, before: shown.before }))
  playing.set(id, seen)
}

window.tell = (id, cue) => playing.get(id).player.tell(JSON.stringify(cue))

window.told = id => {
  const { player, video, ...seen } = playing.get(id)
  return { ...seen, latency: player.latency ?? -1 }
}

/** The number of the picture that stands there while there are no media. */
window.held = async id => {
  const image = new Image()
  image.src = playing.get(id).video.poster
  await image.decode()
  return new Counter(Object.assign(image, { videoWidth: image.naturalWidth, videoHeight: image.naturalHeight })).read()
}

window.leave = id => playing.get(id).player.close()

window.ready = true

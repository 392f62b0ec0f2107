// Plays streams by sluice-player, as a page of somebody else would, and notes what it tells.
import { SluicePlayer } from 'sluice-player'

const playing = new Map()

window.play = (id, options) => {
  const video = document.createElement('video')
  video.muted = true
  document.body.append(video)
  const counter = new Counter(video)
  const shown = { at: 0, before: 0 }
  const onPicture = (_, { mediaTime }) => {
    shown.before = shown.at
    shown.at = mediaTime
    video.requestVideoFrameCallback(onPicture)
  }
  video.requestVideoFrameCallback(onPicture)
  const player = new SluicePlayer(video, options)
  const seen = { player, states: [], carriers: [], fails: [], cues: [] }
  player.on('state', state => {
    seen.states.push(state)
    if (state === 'playing' && seen.carriers.at(-1) !== player.carrier) seen.carriers.push(player.carrier)
  })
  player.on('fail', fail => seen.fails.push(fail))
  player.on('cue', cue => seen.cues.push({ id: cue.id, picture: counter.read(), step: shown.at - shown.before }))
  playing.set(id, seen)
}

window.tell = (id, cue) => playing.get(id).player.tell(JSON.stringify(cue))

window.told = id => {
  const { player, ...seen } = playing.get(id)
  return { ...seen, latency: player.latency ?? -1 }
}

window.leave = id => playing.get(id).player.close()

window.ready = true

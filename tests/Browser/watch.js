// Plays FLV streams by mpegts.js and HLS by hls.js, and notes what a viewer would see. The tests call watch, note and leave; all times are
// milliseconds since 1970, as the tests' own clock has them.
'use strict';

const viewings = new Map();
const sound = new AudioContext();
const listening = sound.audioWorklet.addModule('/silence.js');
const wall = time => performance.timeOrigin + time;

class Viewing {
  constructor(url, config) {
    this.pictures = [];
    this.buffers = [];
    this.events = [];
    this.log = [];
    this.video = document.createElement('video');
    document.body.append(this.video);
    this.counter = new Counter(this.video);

    for (const kind of ['waiting', 'stalled', 'seeking', 'ended', 'error'])
      this.video.addEventListener(kind, () => this.event(kind, this.video.error?.message ?? ''));
    this.onPicture = this.onPicture.bind(this);
    this.video.requestVideoFrameCallback(this.onPicture);
    this.watching = setInterval(() => this.onTick(), 200);

    this.ear = new AudioWorkletNode(sound, 'silence');
    this.ear.port.onmessage = ({ data }) => this.event('silence', `of ${data} ms`);
    sound.createMediaElementSource(this.video).connect(this.ear).connect(sound.destination);

    this.player = url.endsWith('.m3u8') ? this.hls(url, config) : this.flv(url, config);
    this.video.play()?.catch(error => this.event('play refused', error.message));
  }

  flv(url, config) {
    const player = mpegts.createPlayer({ type: 'flv', isLive: true, url }, config);
    player.on(mpegts.Events.ERROR, (type, detail, info) => this.event('player error', `${type} ${detail} ${info?.msg ?? ''}`));
    player.on(mpegts.Events.LOADING_COMPLETE, () => this.event('stream ended', ''));
    player.attachMediaElement(this.video);
    player.load();
    return player;
  }

  hls(url, config) {
    const say = (...words) => this.log.push({ time: wall(performance.now()), line: words.join(' ') });
    const player = new Hls({ ...config, debug: { trace() {}, debug: say, log: say, info: say, warn: say, error: say } });
    player.on(Hls.Events.ERROR, (_, { fatal, details, error }) => this.event(fatal ? 'player error' : 'player warning', `${details} ${error?.message ?? ''}`));
    player.loadSource(url);
    player.attachMedia(this.video);
    return player;
  }

  onPicture(now, shown) {
    this.video.requestVideoFrameCallback(this.onPicture);
    this.pictures.push([wall(shown.presentationTime), shown.mediaTime * 1000, this.counter.read(), shown.presentedFrames]);
  }

  onTick() {
    const { buffered, currentTime } = this.video;
    const ahead = buffered.length === 0 ? 0 : buffered.end(buffered.length - 1) - currentTime;
    const holes = [];
    for (let i = 1; i < buffered.length; i++) holes.push([buffered.end(i - 1) * 1000, buffered.start(i) * 1000]);
    this.buffers.push({ time: wall(performance.now()), position: currentTime * 1000, holes, ahead: ahead * 1000 });
  }

  // The same again and again is said once: players report each append that fails.
  event(kind, detail) {
    const last = this.events.at(-1);
    if (last?.kind === kind && last.detail === detail) return;
    this.events.push({ time: wall(performance.now()), kind, detail });
  }

  note() {
    const { pictures, buffers, events } = this;
    return { pictures, buffers, events, dropped: this.video.getVideoPlaybackQuality().droppedVideoFrames };
  }

  close() {
    clearInterval(this.watching);
    this.player.destroy();
    this.ear.disconnect();
    this.video.remove();
  }
}

async function watch(id, url, config) {
  await listening;
  viewings.set(id, new Viewing(url, config));
}

// What a viewing has noted so far.
function note(id) {
  return viewings.get(id).note();
}

// What its player wrote into its log from one time to another.
function told(id, begin, end) {
  return viewings.get(id).log.filter(({ time }) => time >= begin && time <= end);
}

function leave(id) {
  viewings.get(id)?.close();
  viewings.delete(id);
}

window.ready = typeof mpegts === 'object' && typeof Hls === 'function';

// An audio worklet that says when the sound has been silent: how long, once it is over. Before the first sound it says nothing.
'use strict';

const QUIET = 0.01, LEAST_MS = 20;

registerProcessor('silence', class extends AudioWorkletProcessor {
  heard = false;
  quiet = 0;

  process([input]) {
    const samples = input[0];
    if (samples === undefined || samples.every(sample => Math.abs(sample) < QUIET)) {
      this.quiet += samples?.length ?? 128;
      return true;
    }
    const ms = Math.round(this.quiet * 1000 / sampleRate);
    if (this.heard && ms >= LEAST_MS) this.port.postMessage(ms);
    this.heard = true;
    this.quiet = 0;
    return true;
  }
});

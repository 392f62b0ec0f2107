// Reads the number that a picture carries: 16 cells in two rows, row 1 the bits (lowest left), row 2 their complement; a row is 32/360
// of the picture's height.
'use strict';

const BITS = 16, CELL = 8, ROWS = 64 / 360;

class Counter {
  constructor(video) {
    this.video = video;
    const canvas = document.createElement('canvas');
    canvas.width = BITS * CELL;
    canvas.height = 2 * CELL;
    this.canvas = canvas.getContext('2d', { willReadFrequently: true });
  }

  // The number of the picture on screen; -1 if one of its bits cannot be told.
  read() {
    const { videoWidth, videoHeight } = this.video;
    this.canvas.drawImage(this.video, 0, 0, videoWidth, videoHeight * ROWS, 0, 0, BITS * CELL, 2 * CELL);
    const pixels = this.canvas.getImageData(0, 0, BITS * CELL, 2 * CELL).data;
    let number = 0;
    for (let bit = 0; bit < BITS; bit++) {
      const value = Counter.brightness(pixels, bit, 0), complement = Counter.brightness(pixels, bit, 1);
      if (value > 128 === complement > 128) return -1;
      if (value > complement) number |= 1 << bit;
    }
    return number;
  }

  // The mean of green over the middle of a cell.
  static brightness(pixels, column, row) {
    let sum = 0;
    for (let y = 3; y < 5; y++)
      for (let x = 2; x < 6; x++)
        sum += pixels[4 * ((row * CELL + y) * BITS * CELL + column * CELL + x) + 1];
    return sum / 8;
  }
}

// One picture: the pieces of it that are drawn, and those that are being drawn.

import { holds, levelOf, overlap, sampleBox, sizeOf, tilesOf } from "./geometry.js";

const AT_ONCE = 4; // Pieces that are asked for at a time.
const SKETCH = 128; // Samples along the longer side of a sketch.
const MOST_PIECES = 64; // Of a mebibyte each.
const SKETCHED = "sketch/";
const COVERED = 0.7; // Share of a view that makes a sketch of it unnecessary.
const EVEN = 3; // Levels of 255: no more between neighbours looks even.

export class Picture {
  // `key` identifies what is drawn, `name` says it; `render(box, width, height,
  // signal)` promises a Blob; `alignment` is the generator's; outside `within`, a
  // box or `null`, nothing is drawn. `onChange()` is called after each piece, and
  // `onError(error)` with the first error, after which no more are asked for.
  constructor({ key, name, render, alignment, within, cache, onChange, onError }) {
    Object.assign(this, { key, name, render, alignment, within, cache });
    Object.assign(this, { onChange, onError });
    // By address: what `tilesOf` returns, with {bitmap, spacing, even}.
    this.pieces = new Map();
    this.wanted = [];
    this.running = new Map(); // Likewise, with {controller, done}.
    this.cancelled = false;
  }

  // What of a box can be drawn; `null`: nothing.
  visible(box) {
    return this.within ? overlap(box, this.within) : box;
  }

  tiles(box, spacing) {
    const seen = this.visible(box);
    if (!seen) return [];
    const tiles = tilesOf(seen, levelOf(spacing, this.within ? 0 : undefined));
    const running = [...this.running.values()];
    const going = running.filter(({ controller }) => !controller.signal.aborted);
    const known = [...this.pieces.values(), ...going];
    // More of a tile than is needed may be there, or on its way.
    return tiles.map((tile) => {
      const address = `${tile.name}/${tile.part}`;
      const larger = known.find(
        ({ name, part }) => name === tile.name && holds(part, tile.part),
      );
      return larger ?? { ...tile, address };
    });
  }

  // Draws all of a box in few samples, unless most of it is there.
  async sketch(box, spacing) {
    const seen = this.visible(box);
    const known = this.tiles(box, spacing).every(({ address }) =>
      this.cache.get(`${this.key}/${address}`),
    );
    if (!seen || known || this.covered(seen) > COVERED) return;
    const [width, height] = sizeOf(seen, SKETCH);
    const address = `${SKETCHED}${seen.map((n) => n.toPrecision(6))}`;
    const running = this.running.get(address);
    await (running?.done ?? this.draw({ address, box: seen, width, height }));
  }

  // Draws the tiles of a view, and no longer those that are not of it.
  want(box, spacing) {
    this.wanted = this.tiles(box, spacing);
    const addresses = new Set(this.wanted.map(({ address }) => address));
    for (const [address, { controller }] of this.running) {
      if (!addresses.has(address)) controller.abort();
    }
    this.proceed();
  }

  // Stops drawing tiles; a sketch goes on.
  halt() {
    this.wanted = [];
    for (const [address, { controller }] of this.running) {
      if (!address.startsWith(SKETCHED)) controller.abort();
    }
  }

  get complete() {
    return this.wanted.every(({ address }) => this.pieces.has(address));
  }

  // Whether neighbouring samples of the view hardly differ, so that more of them
  // would show nothing new.
  get even() {
    const pieces = this.wanted.map(({ address }) => this.pieces.get(address));
    return pieces.length > 0 && pieces.every((piece) => piece?.even);
  }

  // The share of a box that is drawn, however coarsely.
  covered(box) {
    const drawn = [...this.pieces.values()];
    let count = 0;
    for (let i = 0; i < 25; i++) {
      const x = box[0] + (((i % 5) + 0.5) / 5) * (box[2] - box[0]);
      const y = box[1] + ((Math.floor(i / 5) + 0.5) / 5) * (box[3] - box[1]);
      const at = ({ box: [x0, y0, x1, y1] }) =>
        x0 <= x && x <= x1 && y0 <= y && y <= y1;
      count += drawn.some(at);
    }
    return count / 25;
  }

  // The pieces in the order in which they are painted over each other.
  layers() {
    return [...this.pieces.values()].sort((a, b) => b.spacing - a.spacing);
  }

  cancel() {
    this.cancelled = true;
    for (const { controller } of this.running.values()) controller.abort();
  }

  proceed() {
    for (const tile of this.wanted) {
      if (this.cancelled || this.running.size >= AT_ONCE) return;
      const { address } = tile;
      const running = this.running.get(address);
      if (!this.pieces.has(address) && (!running || running.controller.signal.aborted)) {
        this.draw(tile).then(() => this.proceed());
      }
    }
  }

  draw(piece) {
    const controller = new AbortController();
    const running = { ...piece, controller };
    this.running.set(piece.address, running);
    running.done = this.drawNow(piece, controller.signal).finally(() => {
      // Another may have begun after this one was given up.
      if (this.running.get(piece.address) === running) {
        this.running.delete(piece.address);
      }
    });
    return running.done;
  }

  async drawNow(piece, signal) {
    const { box, width } = piece;
    try {
      const drawn = await this.fetch(piece, signal);
      const bitmap = await createImageBitmap(drawn);
      if (signal.aborted) return;
      const spacing = (box[2] - box[0]) / width;
      const even = isEven(bitmap);
      this.pieces.set(piece.address, { ...piece, bitmap, spacing, even });
      this.forget();
      this.onChange();
    } catch (error) {
      if (signal.aborted) return;
      this.cancel();
      this.onError(error);
    }
  }

  async fetch({ address, box, width, height }, signal) {
    const key = `${this.key}/${address}`;
    const known = this.cache.get(key);
    if (known) return known;
    const samples = sampleBox(box, width, height, this.alignment);
    const drawn = await this.render(samples, width, height, signal);
    this.cache.set(key, drawn);
    return drawn;
  }

  forget() {
    const kept = new Set(this.wanted.map(({ address }) => address));
    for (const address of this.pieces.keys()) {
      if (this.pieces.size <= MOST_PIECES) return;
      if (!kept.has(address)) this.pieces.delete(address);
    }
  }
}

// Whether each sample is nearly the mean of those beside it, and so says nothing
// that they do not.
function isEven(bitmap) {
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  for (const step of [4, 4 * width]) {
    // A part of the samples tells: 37 is prime to the widths.
    for (let i = step; i < data.length - step; i += 37) {
      const x = (i >> 2) % width;
      if (step === 4 && (x === 0 || x === width - 1)) continue;
      const bend = data[i - step] - 2 * data[i] + data[i + step];
      if (Math.abs(bend) > 2 * EVEN) return false;
    }
  }
  return true;
}

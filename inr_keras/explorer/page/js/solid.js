// A picture on a sphere, a cube or a cylinder, to be turned by hand.
//
// The maps are those of apps.generate --surface, seen from outside: the front half
// of a sphere or a cube shows the frame's circle and the back half its mirror
// image; a cylinder is the frame rolled up, its ends blended over each other.

import { TILE } from "./geometry.js";
import { Pictures } from "./pictures.js";

const WIDE = 1.2; // Half the width of the view; the sphere's radius is 1.
const MOST_PIXELS = 600; // Along a side of the canvas.
const SEAM = 1 / 8; // Of a cylinder's turn.
const RADIUS = 0.6;
const HEIGHT = 1.7;
const EDGE = 1.3; // Of the cube.
const STEEP = 89; // Degrees up or down.
const CAP = [null, null]; // A hit without a picture.

export class Solid {
  // `onTurn()` is called after each turn.
  constructor(canvas, onTurn) {
    this.canvas = canvas;
    this.onTurn = onTurn;
    this.pictures = new Pictures();
    this.longitude = this.latitude = 0;
    canvas.onpointerdown = (event) => canvas.setPointerCapture(event.pointerId);
    canvas.onpointermove = (event) => {
      if (!canvas.hasPointerCapture(event.pointerId)) return;
      const degrees = 180 / Math.max(canvas.clientHeight, 1);
      this.turnBy(-event.movementX * degrees, event.movementY * degrees);
    };
  }

  turnTo({ surface, longitude, latitude }) {
    Object.assign(this, { surface, longitude, latitude });
    this.canvas.setAttribute("aria-label", `Picture on a ${surface}: drag to turn`);
  }

  turnBy(east, north) {
    this.longitude = ((this.longitude + east + 540) % 360) - 180;
    this.latitude = Math.min(Math.max(this.latitude + north, -STEEP), STEEP);
    this.paint();
    this.onTurn();
  }

  show(picture) {
    this.pictures.show(picture);
    this.paint();
  }

  clear() {
    this.pictures.clear();
  }

  // All of the frame, in the samples of one tile.
  view() {
    const box = this.pictures.current?.within ?? [-1, -1, 1, 1];
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return { box, width, height, spacing: (box[2] - box[0]) / TILE };
  }

  sketch() {
    const { box, spacing } = this.view();
    return this.pictures.current?.sketch(box, spacing);
  }

  want() {
    const { box, spacing } = this.view();
    this.pictures.current?.want(box, spacing);
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.paintNow());
  }

  paintNow() {
    if (!this.pictures.current) return;
    const { box } = this.view();
    const texture = flatten(this.pictures.layers(), box);
    this.pictures.settle(box);
    const { canvas } = this;
    const side = Math.min(canvas.clientWidth, canvas.clientHeight);
    const size = Math.max(1, Math.min(side * devicePixelRatio, MOST_PIXELS) | 0);
    canvas.width = canvas.height = size;
    const context = canvas.getContext("2d");
    const image = context.createImageData(size, size);
    const rotate = rotation(this.longitude, this.latitude);
    const towards = rotate(0, 0, 1); // The eye.
    const hit = HITS[this.surface];
    for (let i = 0; i < size * size; i++) {
      const x = (((i % size) + 0.5) / size * 2 - 1) * WIDE;
      const y = ((Math.floor(i / size) + 0.5) / size * 2 - 1) * WIDE;
      const found = hit(rotate(x, y, 0), towards);
      if (found) texture(found, image.data, 4 * i);
    }
    context.putImageData(image, 0, 0);
  }
}

// As in `globes.globe`: y points down, z to the eye.
function rotation(longitude, latitude) {
  const [a, b] = [longitude, -latitude].map((n) => (n * Math.PI) / 180);
  const [cosA, sinA, cosB, sinB] = [
    Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b),
  ];
  return (x, y, z) => {
    const down = y * cosB + z * sinB;
    const near = z * cosB - y * sinB;
    return [x * cosA + near * sinA, down, near * cosA - x * sinA];
  };
}

const along = (origin, to, t) => origin.map((n, i) => n + t * to[i]);
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

// What a ray meets first, from the eye: [u, v, light, ...] with u and v from -1 to 1
// in the frame; `null`: nothing.
const HITS = {
  sphere(origin, to) {
    const square = 1 - dot(origin, origin);
    if (square < 0) return null;
    const near = Math.sqrt(square);
    return [...mirrored(along(origin, to, near)), near];
  },

  cube(origin, to) {
    const half = EDGE / 2;
    let [from, until, side] = [-Infinity, Infinity, 0];
    for (let i = 0; i < 3; i++) {
      if (Math.abs(to[i]) < 1e-9) {
        if (Math.abs(origin[i]) > half) return null;
        continue;
      }
      const ends = [-half, half].map((end) => (end - origin[i]) / to[i]);
      from = Math.max(from, Math.min(...ends));
      const last = Math.max(...ends);
      if (last < until) [until, side] = [last, i];
    }
    if (from > until) return null;
    const point = along(origin, to, until);
    const length = Math.sqrt(dot(point, point));
    return [...mirrored(point.map((n) => n / length)), Math.abs(to[side])];
  },

  cylinder(origin, to) {
    const half = HEIGHT / 2;
    const [ox, , oz] = origin;
    const [tx, , tz] = to;
    const a = tx * tx + tz * tz;
    const b = ox * tx + oz * tz;
    const root = b * b - a * (ox * ox + oz * oz - RADIUS * RADIUS);
    if (root < 0) return null;
    const last = (-b + Math.sqrt(root)) / a;
    const point = along(origin, to, last);
    if (Math.abs(point[1]) <= half) {
      const turn = Math.atan2(point[0], point[2]) / (2 * Math.PI) + 0.5;
      const light = (point[0] * tx + point[2] * tz) / RADIUS;
      const period = 2 / (1 + SEAM);
      const u = turn * period - 1;
      const share = Math.min(turn / SEAM, 1);
      return [u, point[1] / half, light, u + period, 1 - share];
    }
    const t = (Math.sign(to[1]) * half - origin[1]) / to[1];
    const cap = along(origin, to, t);
    const inside = cap[0] ** 2 + cap[2] ** 2 <= RADIUS * RADIUS;
    return inside ? [...CAP, Math.abs(to[1])] : null;
  },
};

// As `surfaces.mirrored`.
function mirrored([x, y, z]) {
  const distance = Math.hypot(x, y);
  if (distance < 1e-12) return [0, 0];
  const scale = (Math.atan2(distance, Math.abs(z)) * 2) / Math.PI / distance;
  return [scale * x, scale * y];
}

// Returns a function that writes the colour of a hit into an image's data.
function flatten(layers, box) {
  const canvas = new OffscreenCanvas(TILE, TILE);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  for (const { box: at, bitmap } of layers) {
    const [x0, y0, x1, y1] = at.map(
      (n, i) => ((n - box[i % 2]) / (box[2 + (i % 2)] - box[i % 2])) * TILE,
    );
    context.clearRect(x0, y0, x1 - x0, y1 - y0);
    context.drawImage(bitmap, x0, y0, x1 - x0, y1 - y0);
  }
  const { data } = context.getImageData(0, 0, TILE, TILE);

  const sample = (u, v, channel) => {
    const x = Math.min(Math.max(((u + 1) / 2) * TILE - 0.5, 0), TILE - 1.001);
    const y = Math.min(Math.max(((v + 1) / 2) * TILE - 0.5, 0), TILE - 1.001);
    const [left, top] = [x | 0, y | 0];
    const [right, down] = [x - left, y - top];
    const i = 4 * (top * TILE + left) + channel;
    const above = data[i] + (data[i + 4] - data[i]) * right;
    const j = i + 4 * TILE;
    const below = data[j] + (data[j + 4] - data[j]) * right;
    return above + (below - above) * down;
  };

  return ([u, v, light, other, share], target, at) => {
    const bright = 0.72 + 0.28 * light;
    for (let channel = 0; channel < 4; channel++) {
      let value = u === null ? (channel < 3 ? 150 : 255) : sample(u, v, channel);
      if (share) value += (sample(other, v, channel) - value) * share;
      target[at + channel] = channel < 3 ? value * bright : value;
    }
  };
}

// Draws without a graphics card.

import { gridOf } from "./grid.js";

const POINTS = 512; // That go through the network at once.
const SLOPE = 0.2;

export class PlainDrawing {
  name = "plain";

  constructor(network) {
    this.network = network;
  }

  // Promises colours `(height * width, channels)`; calls `pause` between parts.
  async draw(layers, box, height, width, pause) {
    const { channels } = this.network.metadata;
    const grid = gridOf(this.network, box, height, width);
    const flipped = layers.map(transposed);
    const colours = new Float32Array(height * width * channels);
    for (let start = 0; start < height * width; start += POINTS) {
      const count = Math.min(POINTS, height * width - start);
      let values = this.features(grid, start, count);
      const out = colours.subarray(start * channels, (start + count) * channels);
      layers.forEach((layer, i) => {
        const outputs = dense(values, flipped[i], layer, count);
        if (layer.colours) outputs.forEach((x, at) => (out[at] += x));
        else values = outputs;
      });
      if (start % (16 * POINTS) === 0) await pause();
    }
    return colours;
  }

  // The network's first inputs: waves, then the tables' vectors.
  features([columns, rows], start, count) {
    const { network } = this;
    const [, , waves] = network.fourier.kernel;
    const size = network.layers[0].kernel[1];
    const values = new Float32Array(count * size);
    for (let point = 0; point < count; point++) {
      const x = (start + point) % columns.size;
      const y = Math.floor((start + point) / columns.size);
      let at = point * size;
      for (let wave = 0; wave < waves; wave++) {
        const i = 2 * (x * waves + wave);
        const j = 2 * (y * waves + wave);
        const [a, b] = [columns.waves, rows.waves];
        values[at++] = a[i] * b[j + 1] + a[i + 1] * b[j];
      }
      network.tables.forEach((description, number) => {
        const table = network.tensor(description.table);
        const [, , channels] = description.table;
        const across = columns.places[number];
        const down = rows.places[number];
        const [right, below] = [across.share[x], down.share[y]];
        const corner = (down.low[y] * description.size + across.low[x]) * channels;
        const next = description.size > 1 ? channels : 0;
        const under = description.size * next;
        for (let i = corner; i < corner + channels; i++) {
          const above = table[i] * (1 - right) + table[i + next] * right;
          const lower = table[i + under] * (1 - right) + table[i + under + next] * right;
          values[at++] = above * (1 - below) + lower * below;
        }
      });
    }
    return values;
  }
}

function transposed({ inputs, outputs, kernel }) {
  const flipped = new Float32Array(kernel.length);
  for (let i = 0; i < inputs; i++) {
    for (let o = 0; o < outputs; o++) flipped[o * inputs + i] = kernel[i * outputs + o];
  }
  return flipped;
}

// Four points at a time: each weight is read once for them.
function dense(values, kernel, { inputs, outputs, bias, colours }, count) {
  const result = new Float32Array(count * outputs);
  for (let point = 0; point < count; point += 4) {
    const at = [0, 1, 2, 3].map((i) => Math.min(point + i, count - 1) * inputs);
    const [p, q, r, s] = at;
    for (let o = 0; o < outputs; o++) {
      const row = o * inputs;
      let a = 0, b = 0, c = 0, d = 0;
      for (let i = 0; i < inputs; i++) {
        const weight = kernel[row + i];
        a += weight * values[p + i];
        b += weight * values[q + i];
        c += weight * values[r + i];
        d += weight * values[s + i];
      }
      const sums = [a, b, c, d];
      for (let i = 0; i < Math.min(4, count - point); i++) {
        const sum = sums[i] + bias[o];
        result[(point + i) * outputs + o] = sum < 0 && !colours ? SLOPE * sum : sum;
      }
    }
  }
  return result;
}

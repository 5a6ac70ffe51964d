// Draws without a graphics card.

import { gridOf } from "./grid.js";
import { Simd } from "./simd.js";

const POINTS = 256; // That go through the network at once.
const PARTS = 16; // Of so many points between pauses.

export class WasmDrawing {
  name = "wasm";

  constructor(network) {
    this.network = network;
    this.simd = new Simd();
  }

  // Promises colours `(height * width, channels)`; calls `pause` between parts.
  async draw(layers, box, height, width, pause) {
    const { channels } = this.network.metadata;
    const grid = gridOf(this.network, box, height, width);
    this.simd.use(layers, POINTS);
    const colours = new Float32Array(height * width * channels);
    for (let start = 0; start < height * width; start += POINTS) {
      const count = Math.min(POINTS, height * width - start);
      this.features(this.simd.inputs(), grid, start, count);
      this.simd.add(colours.subarray(start * channels), count);
      if (start % (PARTS * POINTS) === 0) await pause();
    }
    return colours;
  }

  // Writes the network's first inputs: waves, then the tables' vectors.
  features(values, [columns, rows], start, count) {
    const { network } = this;
    const [, , waves] = network.fourier.kernel;
    const size = network.layers[0].kernel[1];
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
  }
}

// Answers of TensorFlow Serving's API, computed from a network and a drawing.

import { pngOf } from "./png.js";

export class Answers {
  constructor(network, drawing) {
    Object.assign(this, { network, drawing });
    this.metadata = network.metadata;
  }

  // Promises the answer to the body of a request; `pause` is called between parts.
  async predict({ signature_name: signature, inputs, instances }, pause) {
    const name = signature.replace(/_batch$/, "");
    if (!this.metadata.signatures.includes(name)) {
      throw new Error(`There is no signature ${signature}.`);
    }
    if (instances) return { predictions: await this.rows(name, instances, pause) };
    if (name === "metadata") return { outputs: inputs.keys.map((key) => this.entry(key)) };
    const isSingle = name.startsWith("render_") && !Array.isArray(inputs.box[0]);
    if (isSingle) return { outputs: await this.row(name, inputs, pause) };
    const [first] = Object.values(inputs);
    const rows = first.map((_, i) =>
      Object.fromEntries(Object.entries(inputs).map(([key, values]) => [key, values[i]])),
    );
    return { outputs: await this.rows(name, rows, pause) };
  }

  async rows(name, rows, pause) {
    const outputs = [];
    for (const row of rows) outputs.push(await this.row(name, row, pause));
    return outputs;
  }

  async row(name, row, pause) {
    switch (name) {
      case "metadata":
        return this.entry(row.keys);
      case "styles":
        return this.styles(row).map((style) => [...style]);
      case "style_mix":
        return this.mixed(row);
      case "render_styles":
        return this.png(row.styles, row, pause);
      case "render_region":
        return this.png(this.styles({ ...row, seeds: row.seed }), row, pause);
      case "generate_png": {
        const side = this.metadata.resolution;
        const frame = { box: [-1, -1, 1, 1], height: side, width: side };
        return this.png(this.styles(row), frame, pause);
      }
    }
  }

  entry(key) {
    return JSON.stringify(key === "*" ? this.metadata : (this.metadata[key] ?? null));
  }

  styles({ seeds, truncation = 1, label = 0 }) {
    return this.network.styles(seeds, truncation, label);
  }

  mixed({ seeds, other_seeds, amount, truncation, label, other_label }) {
    const one = this.styles({ seeds, truncation, label });
    const other = this.styles({ seeds: other_seeds, truncation, label: other_label });
    return one.map((style, layer) =>
      Array.from(style, (x, i) => (1 - amount[layer]) * x + amount[layer] * other[layer][i]),
    );
  }

  async png(styles, { box, height, width }, pause) {
    const levels = await this.levels(styles, box, height, width, pause);
    const bytes = await pngOf(levels, height, width, this.metadata.channels);
    let text = "";
    for (let i = 0; i < bytes.length; i += 8192) {
      text += String.fromCharCode(...bytes.subarray(i, i + 8192));
    }
    return { b64: btoa(text) };
  }

  // Promises the levels of a region, `(height, width, channels)`.
  async levels(styles, box, height, width, pause) {
    const { max_side: most } = this.metadata.limits;
    if (!(height >= 1 && width >= 1 && Math.max(height, width) <= most)) {
      throw new Error(`height and width must be from 1 to ${most}.`);
    }
    const layers = this.network.layersOf(styles);
    const colours = await this.drawing.draw(layers, box, height, width, pause);
    // Stored to a clamped array, numbers are rounded to even as Python's.
    return Uint8ClampedArray.from(colours, (x) => (x + 1) * 127.5);
  }

  // Promises the largest difference from the sample that Python has drawn.
  async difference() {
    const { inputs, levels } = this.network.sample;
    const { seed, truncation, label, box, height, width } = inputs;
    const styles = this.styles({ seeds: seed, truncation, label });
    const drawn = await this.levels(styles, box, height, width, () => {});
    return Math.max(...levels.map((level, i) => Math.abs(level - drawn[i])));
  }
}

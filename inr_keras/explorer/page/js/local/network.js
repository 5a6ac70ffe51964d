// A CIPS generator: styles of latents, and the plain layers of an image.

import { latentsOf } from "./philox.js";

const EPSILON = 1e-8;
const GAIN = Math.SQRT2;
const SLOPE = 0.2;
// A sum of two, as of a joined block, is divided by the same number.
const GAINS = { dense: GAIN, join: GAIN * Math.SQRT1_2, colours: 1 };

const leaky = (x) => (x < 0 ? SLOPE * x : x);

export class Network {
  // `description` is network.json, `weights` the Float32Array of weights.bin.
  constructor(description, weights) {
    Object.assign(this, description);
    this.weights = weights;
    this.styleSize = this.tensor(this.mapping.mean_style).length;
  }

  static async open(address) {
    const [description, bytes] = await Promise.all([
      fetch(new URL("network.json", address)).then((answer) => answer.json()),
      fetch(new URL("weights.bin", address)).then((answer) => answer.arrayBuffer()),
    ]);
    return new Network(description, new Float32Array(bytes));
  }

  tensor([offset, rows, columns]) {
    return this.weights.subarray(offset, offset + rows * columns);
  }

  dense(inputs, { kernel, bias }, activate = (x) => x) {
    const [, rows, columns] = kernel;
    const values = this.tensor(kernel);
    const outputs = Float64Array.from(this.tensor(bias));
    for (let i = 0; i < rows; i++) {
      for (let o = 0; o < columns; o++) outputs[o] += inputs[i] * values[i * columns + o];
    }
    return outputs.map(activate);
  }

  // The style of a latent, moved towards the mean style.
  map(latents, truncation = 1, label = 0) {
    const { layers, classes, mean_style } = this.mapping;
    let style = normalized(latents);
    if (classes) {
      const chosen = new Float64Array(classes.kernel[1]);
      chosen[label] = 1;
      style = [...style, ...normalized(this.dense(chosen, classes))];
    }
    for (const layer of layers) {
      const outputs = this.dense(style, layer, (x) => leaky(x) * GAIN);
      const before = style;
      style = layer.share ? outputs.map((x, i) => before[i] + layer.share * x) : outputs;
    }
    const mean = this.tensor(mean_style);
    return Float32Array.from(style, (x, i) => mean[i] + truncation * (x - mean[i]));
  }

  // The style of a seed for each layer.
  styles(seed, truncation, label) {
    const latents = latentsOf(seed, this.metadata.latent_dim);
    const style = this.map(latents, truncation, label);
    return Array.from({ length: this.metadata.style_layers }, () => style);
  }

  // The layers with an image's styles in their kernels, each with its `role` (see
  // web_weights.py) and, unless it keeps its input, `inputs`, `outputs`, `kernel`
  // (inputs x outputs), `bias`, and whether it is `linear`: without an activation.
  layersOf(styles) {
    return this.layers.map((layer) => {
      const { role } = layer;
      if (role === "keep") return { role };
      const [, inputs, outputs] = layer.kernel;
      const same = { role, inputs, outputs, linear: role === "colours" || role === "shortcut" };
      const [shared, bias] = [layer.kernel, layer.bias].map((place) => this.tensor(place));
      if (role === "shortcut") return { ...same, kernel: shared, bias };
      const scale = this.dense(styles[layer.style], layer.scale, (x) => x / Math.sqrt(inputs));
      const gain = GAINS[role];
      const factor = new Float64Array(outputs).fill(same.linear ? 1 : EPSILON);
      if (!same.linear) {
        for (let i = 0; i < inputs; i++) {
          for (let o = 0; o < outputs; o++) {
            factor[o] += (scale[i] * shared[i * outputs + o]) ** 2;
          }
        }
        factor.forEach((norm, o) => (factor[o] = gain / Math.sqrt(norm)));
      }
      const kernel = new Float32Array(inputs * outputs);
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          const at = i * outputs + o;
          kernel[at] = shared[at] * scale[i] * factor[o];
        }
      }
      return { ...same, kernel, bias: bias.map((x) => x * gain) };
    });
  }
}

function normalized(vector) {
  const values = Float64Array.from(vector);
  const mean = values.reduce((sum, x) => sum + x * x, 0) / values.length;
  return values.map((x) => x / Math.sqrt(mean + EPSILON));
}

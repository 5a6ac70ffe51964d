// Matrix products in WebAssembly, four numbers at once.
//
// The only function computes four points' values of four outputs:
//   tile(kernel, values, stride, inputs, bias, results, step, slope)
// `kernel` is where the weights of the four outputs lie, input by input; `values` and
// `results` the first point's, with `stride` and `step` bytes to the next point's.
// Results are the larger of x and `slope` x.

const [GET, SET, TEE, ADD] = [0x20, 0x21, 0x22, 0x6a];
const LOAD = [0xfd, 0, 2, 0];
const SPLAT_LOAD = [0xfd, 9, 2, 0];
const STORE = [0xfd, 11, 2, 0];
const SPLAT = [0xfd, 0x13];
const PLUS = [0xfd, 0xe4, 1];
const TIMES = [0xfd, 0xe6, 1];
const MAX = [0xfd, 0xe9, 1];
const [KERNEL, VALUES, STRIDE, INPUTS, BIAS, RESULTS, STEP, SLOPE] = Array(8).keys();
const SUMS = [8, 9, 10, 11];
const WEIGHTS = 12;
const POINTS = [VALUES, 13, 14, 15];
const moved = (pointer, bytes) => [GET, pointer, 0x41, bytes, ADD, SET, pointer];

const BODY = [
  ...[2, 5, 0x7b, 3, 0x7f], // Locals: five of four numbers, three pointers.
  ...[GET, BIAS, ...LOAD, TEE, SUMS[0], TEE, SUMS[1], TEE, SUMS[2], SET, SUMS[3]],
  ...[1, 2, 3].flatMap((i) => [GET, POINTS[i - 1], GET, STRIDE, ADD, SET, POINTS[i]]),
  ...[0x03, 0x40], // A loop over the inputs.
  ...[GET, KERNEL, ...LOAD, SET, WEIGHTS],
  ...SUMS.flatMap((sum, i) => [
    ...[GET, sum, GET, POINTS[i], ...SPLAT_LOAD, GET, WEIGHTS, ...TIMES, ...PLUS],
    ...[SET, sum],
  ]),
  ...moved(KERNEL, 16),
  ...POINTS.flatMap((pointer) => moved(pointer, 4)),
  ...[GET, INPUTS, 0x41, 1, 0x6b, TEE, INPUTS, 0x0d, 0, 0x0b],
  ...SUMS.flatMap((sum) => [
    ...[GET, RESULTS, GET, sum, GET, sum, GET, SLOPE, ...SPLAT, ...TIMES, ...MAX],
    ...[...STORE, GET, RESULTS, GET, STEP, ADD, SET, RESULTS],
  ]),
  0x0b,
];

const long = (count) => [(count & 127) | 128, count >> 7]; // Up to 16383.
const section = (kind, content) => [kind, ...long(content.length), ...content];
const MODULE = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 8, ...Array(7).fill(0x7f), 0x7d, 0]), // Its type.
  ...section(2, [1, 1, 0x6d, 1, 0x6d, 2, 0, 1]), // The memory m.m.
  ...section(3, [1, 0]),
  ...section(7, [1, 1, 0x66, 0, 0]), // Its name, f.
  ...section(10, [1, ...long(BODY.length), ...BODY]),
]);
const PAGE = 65536;
const BLOCK = 4;
const upTo = (count) => Math.ceil(count / BLOCK) * BLOCK;

// Layers in the memory of a module, for up to `points` points at a time.
export class Simd {
  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
    const module = new WebAssembly.Module(MODULE);
    this.tile = new WebAssembly.Instance(module, { m: { m: this.memory } }).exports.f;
  }

  // Takes the layers of an image, see `Network.layersOf`.
  use(layers, points) {
    let end = 0;
    const room = (count) => {
      const start = end;
      end += 16 * Math.ceil(count / 4);
      return start;
    };
    const width = Math.max(...layers.flatMap(({ inputs, outputs }) => [inputs ?? 0, outputs ?? 0]));
    this.values = [0, 1, 2, 3].map(() => room(upTo(points) * upTo(width)));
    this.layers = layers.map((layer) => {
      if (layer.role === "keep") return layer;
      const { inputs, outputs } = layer;
      const size = upTo(outputs);
      return { ...layer, size, at: room(inputs * size), biases: room(size) };
    });
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / PAGE));
    this.numbers = new Float32Array(this.memory.buffer);
    for (const { inputs, outputs, size, kernel, bias, at, biases } of this.layers) {
      if (!kernel) continue;
      this.numbers.fill(0, at / 4, at / 4 + inputs * size);
      for (let i = 0; i < inputs; i++) {
        for (let o = 0; o < outputs; o++) {
          const block = (o >> 2) * inputs + i;
          this.numbers[at / 4 + 4 * block + (o & 3)] = kernel[i * outputs + o];
        }
      }
      this.numbers.fill(0, biases / 4, biases / 4 + size);
      this.numbers.set(bias, biases / 4);
    }
  }

  // Where the first layer's inputs are to be written, point by point.
  inputs() {
    return this.numbers.subarray(this.values[1] / 4);
  }

  // Adds the colours of `count` points, whose inputs have been written.
  add(colours, count) {
    const [last, ...places] = this.values;
    let [values, kept] = [places[0], null];
    let stride = 4 * this.layers[0].inputs;
    for (const layer of this.layers) {
      const { role } = layer;
      if (role === "keep") {
        kept = values;
        continue;
      }
      const free = places.find((place) => place !== values && place !== kept);
      const results = role === "colours" ? last : free;
      this.dense(layer, values, stride, results, count);
      if (role === "colours") {
        for (let point = 0; point < count; point++) {
          for (let i = 0; i < layer.outputs; i++) {
            const at = results / 4 + point * layer.size + i;
            colours[point * layer.outputs + i] += this.numbers[at];
          }
        }
      } else if (role === "shortcut") kept = results;
      else {
        if (role === "join") {
          this.join(results / 4, kept / 4, count * layer.size);
          kept = null;
        }
        values = results;
        stride = 4 * layer.size;
      }
    }
  }

  join(results, kept, count) {
    for (let i = 0; i < count; i++) {
      this.numbers[results + i] += Math.SQRT1_2 * this.numbers[kept + i];
    }
  }

  dense({ inputs, size, at, biases, linear }, values, stride, results, count) {
    const slope = linear ? 1 : 0.2;
    for (let point = 0; point < count; point += BLOCK) {
      for (let o = 0; o < size; o += BLOCK) {
        this.tile(
          at + 4 * o * inputs, values + point * stride, stride, inputs,
          biases + 4 * o, results + 4 * (point * size + o), 4 * size, slope,
        );
      }
    }
  }
}

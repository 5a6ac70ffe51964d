// Latents of seeds, as TensorFlow's stateless_normal draws them: Philox 4x32-10
// and the transform of Box and Muller.

const ROUNDS = 10;
const MASK = 0xffffffffn;

// Four random 32-bit numbers of a counter of four and a key of two.
function philox(counter, key) {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const a = 0xd2511f53n * BigInt(c0);
    const b = 0xcd9e8d57n * BigInt(c2);
    [c0, c1, c2, c3] = [
      (Number(b >> 32n) ^ c1 ^ k0) >>> 0,
      Number(b & MASK),
      (Number(a >> 32n) ^ c3 ^ k1) >>> 0,
      Number(a & MASK),
    ];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

const uniform = (bits) => (bits & 0x7fffff) / 2 ** 23;

// Two normal numbers from two of 32 bits.
function normals(first, second) {
  const angle = 2 * Math.PI * uniform(second);
  const radius = Math.sqrt(-2 * Math.log(Math.max(uniform(first), 1e-7)));
  return [Math.sin(angle) * radius, Math.cos(angle) * radius];
}

export function latentsOf(seed, count) {
  const [low, high] = [BigInt(seed) & MASK, (BigInt(seed) >> 32n) & MASK].map(Number);
  // TensorFlow's scrambling of seeds.
  const mixed = philox([low, high, 0, 0], [0x3ec8f720, 0x02461e29]);
  const key = mixed.slice(0, 2);
  const latents = new Float32Array(count);
  for (let i = 0; i < count; i += 4) {
    const bits = philox([i / 4, 0, mixed[2], mixed[3]], key);
    const four = [...normals(bits[0], bits[1]), ...normals(bits[2], bits[3])];
    latents.set(four.slice(0, count - i), i);
  }
  return latents;
}

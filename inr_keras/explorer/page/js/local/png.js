// PNG files, of the very levels: a canvas would multiply them by their opacity.

const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const COLOUR_TYPES = { 1: 0, 3: 2, 4: 6 };

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

function checksum(bytes) {
  let sum = ~0;
  for (const byte of bytes) sum = TABLE[(sum ^ byte) & 255] ^ (sum >>> 8);
  return ~sum >>> 0;
}

function chunk(name, content) {
  const bytes = new Uint8Array(content.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, content.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(content, 8);
  view.setUint32(content.length + 8, checksum(bytes.subarray(4, content.length + 8)));
  return bytes;
}

// Promises the bytes of a PNG of `levels`, `(height, width, channels)`.
export async function pngOf(levels, height, width, channels) {
  const row = width * channels;
  const rows = new Uint8Array(height * (row + 1)); // Each begins with its filter, none.
  for (let y = 0; y < height; y++) {
    rows.set(levels.subarray(y * row, (y + 1) * row), y * (row + 1) + 1);
  }
  const packed = new Blob([rows]).stream().pipeThrough(new CompressionStream("deflate"));
  const content = new Uint8Array(await new Response(packed).arrayBuffer());
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, COLOUR_TYPES[channels]], 8);
  const parts = [chunk("IHDR", header), chunk("IDAT", content), chunk("IEND", [])];
  return new Uint8Array(await new Blob([Uint8Array.from(SIGNATURE), ...parts]).arrayBuffer());
}

// Positions of the samples of a tile, a view or a download.
//
// The image is a square of SPAN units of the training frame's coordinates
// from ORIGIN on. Level L of its pyramid is TILE * 2^L samples wide. The frame
// [-1, 1] x [-1, 1] lies near its middle, in a single tile of level 5 with a
// margin: the first view of an image costs one tile.

export const TILE = 256;
export const SPAN = 96;
export const ORIGIN = -49.5;
// The finest samples are 7e-7 apart: closer ones float32 can hardly tell apart.
export const MAX_LEVEL = 19;

// The box that makes a renderer put its samples in the middle of the cells of
// `box`, whatever its alignment: `corner` puts the outermost on the border.
export function sampleBox(box, width, height, alignment) {
  const [x0, y0, x1, y1] = box;
  if (alignment !== "corner") return box;
  const dx = width > 1 ? (x1 - x0) / width / 2 : 0;
  const dy = height > 1 ? (y1 - y0) / height / 2 : 0;
  return [x0 + dx, y0 + dy, x1 - dx, y1 - dy];
}

export function tileBox(level, column, row) {
  const side = SPAN / 2 ** level;
  const [x0, y0] = [column, row].map((i) => i * side + ORIGIN);
  return [x0, y0, x0 + side, y0 + side];
}

// The finest level whose samples lie at least `spacing` apart.
export function levelOf(spacing) {
  const level = Math.floor(Math.log2(SPAN / TILE / spacing));
  return Math.min(Math.max(level, 0), MAX_LEVEL);
}

// The share of `box` that lies outside `region`.
export function shareOutside(box, region) {
  const overlap = (i) =>
    Math.max(
      0,
      Math.min(box[i + 2], region[i + 2]) - Math.max(box[i], region[i]),
    );
  const area = (box[2] - box[0]) * (box[3] - box[1]);
  return Math.max(0, 1 - (overlap(0) * overlap(1)) / area);
}

// Compares a view with training, in the terms of the trust maps. `trained` holds
// the region seen in training and the `spacing` of its samples.
export function describeView(box, spacing, trained) {
  const outside = shareOutside(box, trained.region);
  const octaves = Math.log2(trained.spacing / spacing);
  let kind = octaves > 0.015 ? "super-resolution" : "interpolation";
  if (outside > 0.0005) kind = "extrapolation";
  return { kind, outside, octaves };
}

// Positions of the samples of a tile, a view or a download.
//
// Boxes are [x0, y0, x1, y1] in the coordinates of the frame, [-1, -1, 1, 1].
// Tile (0, 0) of level 0 is the frame; tiles of level L are half as wide as those
// of L - 1, and all have TILE samples a side.

export const TILE = 512;
const PARTS = 4; // Quarters along a side of a tile.
export const FRAME = [-1, -1, 1, 1];
// The finest samples are 1e-6 apart: closer ones float32 can hardly tell apart.
const LEVELS = [-6, 12];

// The box that makes a renderer put its samples in the middle of the cells of
// `box`, whatever its alignment: `corner` puts the outermost on the border.
export function sampleBox(box, width, height, alignment) {
  const [x0, y0, x1, y1] = box;
  if (alignment !== "corner") return box;
  const dx = width > 1 ? (x1 - x0) / width / 2 : 0;
  const dy = height > 1 ? (y1 - y0) / height / 2 : 0;
  return [x0 + dx, y0 + dy, x1 - dx, y1 - dy];
}

const sideOf = (level) => 2 / 2 ** level;

// The finest level whose samples lie at least `spacing` apart.
export function levelOf(spacing, least = LEVELS[0]) {
  const level = Math.floor(Math.log2(2 / TILE / spacing));
  return Math.min(Math.max(level, least), LEVELS[1]);
}

// The tiles of a level that show something of `box`, those in its middle first, each
// cut to the quarters that do: {name, part, box, width, height}. `part` is
// [x0, y0, x1, y1] in quarters of the tile.
export function tilesOf(box, level) {
  const side = sideOf(level);
  const quarter = side / PARTS;
  // Borders that are met but for rounding are none to cross.
  const first = [0, 1].map((i) => Math.floor((box[i] + 1) / quarter + 1e-6));
  const end = [2, 3].map((i) => Math.ceil((box[i] + 1) / quarter - 1e-6));
  const [columns, rows] = [0, 1].map((i) => cut(first[i], end[i]));
  const tiles = rows.flatMap(([row, y0, y1]) =>
    columns.map(([column, x0, x1]) => ({
      name: `${level}/${column}/${row}`,
      part: [x0, y0, x1, y1],
      box: [x0, y0, x1, y1].map(
        (n, i) => (i % 2 ? row : column) * side + n * quarter - 1,
      ),
      width: ((x1 - x0) * TILE) / PARTS,
      height: ((y1 - y0) * TILE) / PARTS,
    })),
  );
  const far = (tile) =>
    Math.hypot(
      tile.box[0] + tile.box[2] - box[0] - box[2],
      tile.box[1] + tile.box[3] - box[1] - box[3],
    );
  return tiles.sort((a, b) => far(a) - far(b));
}

// [tile, from, to] of the tiles of a row of quarters, and the quarters in each.
function cut(first, end) {
  const pieces = [];
  for (let tile = Math.floor(first / PARTS); tile * PARTS < end; tile++) {
    const start = tile * PARTS;
    pieces.push([tile, Math.max(first - start, 0), Math.min(end - start, PARTS)]);
  }
  return pieces;
}

// Whether a part of a tile holds another.
export function holds(part, other) {
  return [0, 1].every((i) => part[i] <= other[i] && part[i + 2] >= other[i + 2]);
}

// What two boxes share; `null` where that is nothing.
export function overlap(one, other) {
  const [x0, y0] = [0, 1].map((i) => Math.max(one[i], other[i]));
  const [x1, y1] = [2, 3].map((i) => Math.min(one[i], other[i]));
  return x0 < x1 && y0 < y1 ? [x0, y0, x1, y1] : null;
}

const area = (box) => (box ? (box[2] - box[0]) * (box[3] - box[1]) : 0);

// The share of `box` that lies outside `region`.
export function shareOutside(box, region) {
  return 1 - area(overlap(box, region)) / area(box);
}

// Width and height of at most `longest` samples in the proportions of a box.
export function sizeOf(box, longest) {
  const sides = [box[2] - box[0], box[3] - box[1]];
  const scale = longest / Math.max(...sides);
  return sides.map((side) => Math.max(1, Math.round(side * scale)));
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

// What the points of a region have in common along its rows and columns.
//
// sin(x a + y b + c) is made of sines and cosines of x a + c and y b, and a table is
// read at a place along each axis. So the network's first inputs need as many sines
// as a region has rows and columns, not as it has points.

const round = Math.fround;
const NEAR = 1e-4; // A place this near to a lattice point is that point.

// Coordinates of the samples along an axis, in float32 as Python's.
function coordinates(count, start, end, alignment) {
  const corner = alignment === "corner" && count > 1;
  const span = round(round(end) - round(start));
  return Float32Array.from({ length: count }, (_, i) => {
    const share = corner ? round(i / (count - 1)) : round((2 * i + 1) / (2 * count));
    return round(start) + round(span * share);
  });
}

// Sines and cosines of an axis: `(points, waves, 2)`.
function waves(coords, slopes, phases) {
  const values = new Float32Array(coords.length * slopes.length * 2);
  let at = 0;
  for (const coord of coords) {
    for (let wave = 0; wave < slopes.length; wave++) {
      const angle = coord * slopes[wave] + (phases ? phases[wave] : 0);
      values[at++] = Math.sin(angle);
      values[at++] = Math.cos(angle);
    }
  }
  return values;
}

// Where each coordinate reads a lattice: its lower point, and the upper one's share.
function places(coords, size, alignment) {
  const low = new Int32Array(coords.length);
  const share = new Float32Array(coords.length);
  coords.forEach((coord, i) => {
    const part = (coord + 1) / 2;
    let place = alignment === "corner" ? part * (size - 1) : part * size - 0.5;
    if (Math.abs(place - Math.round(place)) < NEAR) place = Math.round(place);
    place = Math.min(Math.max(place, 0), size - 1);
    low[i] = Math.min(Math.floor(place), Math.max(size - 2, 0));
    share[i] = place - low[i];
  });
  return { low, share };
}

// `box` is x0, y0, x1, y1; the result has an entry for columns and one for rows.
export function gridOf(network, box, height, width) {
  const { alignment } = network.metadata;
  const [, , count] = network.fourier.kernel;
  const kernel = network.tensor(network.fourier.kernel);
  const phases = network.tensor(network.fourier.bias);
  return [width, height].map((size, axis) => {
    const coords = coordinates(size, box[axis], box[axis + 2], alignment);
    const slopes = kernel.subarray(axis * count, (axis + 1) * count);
    return {
      size,
      waves: waves(coords, slopes, axis ? null : phases),
      places: network.tables.map((table) => places(coords, table.size, table.alignment)),
    };
  });
}

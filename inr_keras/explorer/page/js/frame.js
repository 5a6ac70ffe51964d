// What lies over a picture: the border of the trained frame, and the trust map.

import { overlap } from "./geometry.js";
import { pixels } from "./image.js";

const FAR = 2; // Beyond the frame, from where on the map is at its darkest.
const DENSE = 6; // Octaves, likewise.
const GRID = 64; // Cells of the map along a side, smoothed.
// As in the maps of apps.generate --trust_map.
const COLOURS = { within: [89, 179, 102], denser: [64, 115, 217], beyond: [230, 115, 26] };

const shade = (colour, strength) =>
  colour.map((n) => n * (1 - 0.6 * Math.min(Math.max(strength, 0), 1)));

// Places the element that marks a region in a view, of {box, width, height,
// spacing}. Borders outside of the window are drawn near it: browsers cannot
// place those of deep zooms.
export function placeFrame(element, region, { box, width, height, spacing }) {
  const sizes = [width, height];
  const edges = region.map((n, i) => (n - box[i % 2]) / spacing);
  const [left, top, right, bottom] = edges.map((n, i) =>
    Math.min(Math.max(n, -60), sizes[i % 2] + 60),
  );
  Object.assign(element.style, {
    transform: `translate(${left}px, ${top}px)`,
    width: `${right - left}px`,
    height: `${bottom - top}px`,
  });
  // Keeps the label visible.
  element.style.setProperty("--left", `${Math.max(-left, 0)}px`);
  element.style.setProperty("--top", `${Math.max(-top, 0)}px`);
  element.classList.toggle("small", edges[2] - edges[0] < 150);
}

// Tints a painted view by how far it is from training: see docs/draw.md.
export function paintTrust(context, view, spacing, trained) {
  const { width, height } = context.canvas;
  const map = new OffscreenCanvas(width, height);
  const over = map.getContext("2d");
  over.drawImage(farness(view, trained.region), 0, 0, width, height);
  const inside = overlap(trained.region, view);
  if (inside) {
    const [x0, y0, x1, y1] = pixels(inside, view, spacing);
    const octaves = Math.log2(trained.spacing / (spacing * devicePixelRatio));
    const [red, green, blue] =
      octaves > 0.015 ? shade(COLOURS.denser, octaves / DENSE) : COLOURS.within;
    over.fillStyle = `rgb(${red} ${green} ${blue})`;
    over.fillRect(x0, y0, x1 - x0, y1 - y0);
  }
  context.globalAlpha = 0.55;
  context.drawImage(map, 0, 0);
  context.globalAlpha = 1;
}

function farness([x0, y0, x1, y1], region) {
  const grid = new OffscreenCanvas(GRID, GRID);
  const context = grid.getContext("2d");
  const image = context.createImageData(GRID, GRID);
  for (let i = 0; i < GRID * GRID; i++) {
    const x = x0 + (((i % GRID) + 0.5) / GRID) * (x1 - x0);
    const y = y0 + ((Math.floor(i / GRID) + 0.5) / GRID) * (y1 - y0);
    const right = Math.max(region[0] - x, x - region[2], 0);
    const down = Math.max(region[1] - y, y - region[3], 0);
    const colour = shade(COLOURS.beyond, Math.max(right, down) / FAR);
    image.data.set([...colour, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  return grid;
}

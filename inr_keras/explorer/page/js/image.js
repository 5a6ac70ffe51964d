// The endless image of a pane: gestures and view by OpenSeadragon, and the
// painting of a picture's pieces.

import { overlap } from "./geometry.js";
import { Pictures } from "./pictures.js";

const SPAN = 96; // Length of the world in which one can move, around the frame.
const LEAST_PIXEL = 0.8; // Size of a sample on the screen, in CSS pixels.
const FINEST = 2 ** 27; // Samples along the world.

// World coordinates of OpenSeadragon: the whole image is 1 wide.
const toWorld = (coordinate) => coordinate / SPAN + 0.5;
const toFrame = (world) => (world - 0.5) * SPAN;

export class Image {
  // `onView()` is called at each change of the view, `onPaint(context)` after each
  // painting.
  constructor(element, canvas, { onView, onPaint }) {
    this.canvas = canvas;
    this.onPaint = onPaint;
    this.pictures = new Pictures();
    forgoStyleElement();
    this.viewer = OpenSeadragon({
      element,
      drawer: "canvas",
      autoResize: false, // `look` does it.
      showNavigationControl: false,
      keyboardNavEnabled: false, // Keys are the page's shortcuts.
      minZoomLevel: 2,
      maxZoomPixelRatio: 4,
      visibilityRatio: 1,
      preserveViewport: true,
      animationTime: matchMedia("(prefers-reduced-motion)").matches ? 0 : 0.6,
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    });
    this.viewer.canvas.setAttribute("aria-label", "Picture: drag to pan");
    this.viewer.canvas.setAttribute("role", "application");
    // Holds the extent of the world; its only tile is not there.
    this.viewer.addTiledImage({
      tileSource: {
        width: FINEST,
        height: FINEST,
        tileSize: FINEST,
        maxLevel: 0,
        getTileUrl: () => "",
        tileExists: () => false,
      },
    });
    this.viewer.addHandler("viewport-change", () => onView());
    new ResizeObserver(() => this.look(this.asked ?? this.looked(), true)).observe(
      element,
    );
    for (const name of ["drag", "scroll", "pinch", "double-click"]) {
      this.viewer.addHandler(`canvas-${name}`, () => (this.asked = null));
    }
    this.viewer.addHandler("update-viewport", () => this.paint());
  }

  show(picture) {
    this.pictures.show(picture);
    this.paint();
  }

  clear() {
    this.pictures.clear();
    this.paint();
  }

  sketch() {
    const { box, spacing } = this.view();
    return this.pictures.current?.sketch(box, spacing * LEAST_PIXEL);
  }

  want() {
    const { box, spacing } = this.view();
    this.pictures.current?.want(box, spacing * LEAST_PIXEL);
  }

  // {box, width, height, spacing}: x0, y0, x1, y1 in the frame's coordinates,
  // CSS pixels, and their distance. `current` is that of an animation.
  view(current = false) {
    const { viewport } = this.viewer;
    const bounds = viewport.getBounds(current);
    const { x: width, y: height } = viewport.getContainerSize();
    const [x0, y0] = [toFrame(bounds.x), toFrame(bounds.y)];
    const spacing = (bounds.width * SPAN) / Math.max(width, 1);
    const box = [x0, y0, x0 + spacing * width, y0 + spacing * height];
    return { box, width, height, spacing };
  }

  // Shows a square of `size` around (x, y) and its surroundings, also when the
  // element's size changes, until it is moved by hand.
  look({ x, y, size }, immediately = false) {
    this.asked = { x, y, size };
    const { clientWidth, clientHeight } = this.viewer.element;
    const { viewport } = this.viewer;
    const container = new OpenSeadragon.Point(clientWidth, clientHeight);
    if (!clientWidth || !clientHeight) return;
    if (!container.equals(viewport.getContainerSize())) {
      viewport.resize(container, true);
    }
    const left = toWorld(x - size / 2);
    const top = toWorld(y - size / 2);
    const side = size / SPAN;
    viewport.fitBounds(
      new OpenSeadragon.Rect(left, top, side, side),
      immediately,
    );
  }

  // The square that `look` takes.
  looked() {
    if (this.asked) return this.asked;
    const [x0, y0, x1, y1] = this.view().box;
    const size = Math.min(x1 - x0, y1 - y0);
    return { x: (x0 + x1) / 2, y: (y0 + y1) / 2, size };
  }

  zoomBy(factor) {
    this.asked = null;
    this.viewer.viewport.zoomBy(factor).applyConstraints();
  }

  // Pans by shares of the view.
  panBy(right, down) {
    this.asked = null;
    const { width, height } = this.viewer.viewport.getBounds();
    const by = new OpenSeadragon.Point(right * width, down * height);
    this.viewer.viewport.panBy(by).applyConstraints();
  }

  paint() {
    const { box, width, height, spacing } = this.view(true);
    const ratio = devicePixelRatio;
    const size = [width, height].map((n) => Math.max(1, Math.round(n * ratio)));
    if (this.canvas.width !== size[0] || this.canvas.height !== size[1]) {
      [this.canvas.width, this.canvas.height] = size;
    }
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, ...size);
    const { current } = this.pictures;
    if (!current) return;
    context.save();
    clip(context, current.within, box, spacing / ratio);
    for (const piece of this.pictures.layers()) {
      paintPiece(context, piece, box, spacing / ratio);
    }
    this.onPaint(context, box, spacing / ratio);
    context.restore();
    this.pictures.settle(box);
  }
}

// Borders of a box in pixels of the canvas. They are rounded, as seams would show.
export function pixels(box, view, spacing) {
  return box.map((n, i) => Math.round((n - view[i % 2]) / spacing));
}

function clip(context, within, view, spacing) {
  if (!within) return;
  const seen = overlap(within, view) ?? [view[0], view[1], view[0], view[1]];
  const [x0, y0, x1, y1] = pixels(seen, view, spacing);
  context.beginPath();
  context.rect(x0, y0, x1 - x0, y1 - y0);
  context.clip();
}

function paintPiece(context, { box, bitmap }, view, spacing) {
  const seen = overlap(box, view);
  if (!seen) return;
  const [width, height] = [bitmap.width, bitmap.height];
  const scale = [width / (box[2] - box[0]), height / (box[3] - box[1])];
  let source = [0, 0, width, height];
  let [x0, y0, x1, y1] = pixels(box, view, spacing);
  if (Math.max(x1 - x0, y1 - y0) > 8192) {
    // Browsers cannot place what is far larger than the canvas.
    [x0, y0, x1, y1] = pixels(seen, view, spacing);
    const from = seen.map((n, i) => (n - box[i % 2]) * scale[i % 2]);
    source = [from[0], from[1], from[2] - from[0], from[3] - from[1]];
  }
  const target = [x0, y0, Math.max(x1 - x0, 1), Math.max(y1 - y0, 1)];
  context.clearRect(...target); // What lies beneath a transparent one.
  context.drawImage(bitmap, ...source, ...target);
}

// OpenSeadragon adds a <style> to the page, which the page's policy forbids,
// unless it finds one: this empty one is not of HTML.
function forgoStyleElement() {
  if (document.querySelector("[data-openseadragon-mobile-css]")) return;
  const style = document.createElementNS("about:blank", "style");
  style.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(style);
}

// The endless image: OpenSeadragon, the frame drawn over it, its view.

import { ORIGIN, SPAN, levelOf } from "./geometry.js";

// Levels that are drawn before the wanted one: each costs a quarter of the
// next, and the first appears at once.
const COARSER = 2;
const LEAST_PIXEL = 0.8; // Size of a sample on the screen, in CSS pixels.

// World coordinates of OpenSeadragon: the whole image is 1 wide.
const toWorld = (coordinate) => (coordinate - ORIGIN) / SPAN;
const toFrame = (world) => world * SPAN + ORIGIN;

export class Image {
  // `onView(view)` is called at each change of the view, `onLoaded(loaded)` when
  // its tiles are complete or no longer so.
  constructor(element, frame, { onView, onLoaded }) {
    this.element = element;
    this.frame = frame;
    this.onView = onView;
    this.onLoaded = onLoaded;
    this.generation = 0;
    forgoStyleElement();
    this.viewer = OpenSeadragon({
      element,
      drawer: "canvas",
      showNavigationControl: false,
      keyboardNavEnabled: false, // Keys are the page's shortcuts.
      minPixelRatio: LEAST_PIXEL,
      minZoomLevel: 2,
      maxZoomPixelRatio: 4,
      visibilityRatio: 1,
      preserveViewport: true,
      animationTime: matchMedia("(prefers-reduced-motion)").matches ? 0 : 0.6,
      imageLoaderLimit: 4,
      maxImageCacheCount: 400,
      timeout: 300000, // Milliseconds.
      gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    });
    this.viewer.canvas.setAttribute("aria-label", "Image: drag to pan");
    this.viewer.canvas.setAttribute("role", "application");
    for (const name of ["viewport-change", "resize"]) {
      this.viewer.addHandler(name, () => this.viewChanged());
    }
    this.viewer.addHandler("update-viewport", () => this.placeFrame());
  }

  // Shows another image. The previous one stays until this one is complete.
  show(source, region) {
    this.region = region;
    const generation = ++this.generation;
    this.onLoaded(false);
    for (const item of this.items()) item.source.cancel();
    this.limitLevels(source);
    this.viewer.addTiledImage({
      tileSource: source,
      success: ({ item }) => {
        if (generation !== this.generation) {
          source.cancel();
          this.viewer.world.removeItem(item);
          return;
        }
        const { world } = this.viewer;
        for (const other of this.items()) {
          const kept = other === item || other === this.complete;
          if (!kept) world.removeItem(other);
        }
        item.addHandler("fully-loaded-change", ({ fullyLoaded }) => {
          if (generation !== this.generation) return;
          this.onLoaded(fullyLoaded);
          if (!fullyLoaded) return;
          this.complete = item;
          for (const other of this.items()) {
            if (other !== item) world.removeItem(other);
          }
        });
        this.placeFrame();
      },
    });
  }

  clear() {
    this.generation++;
    this.complete = null;
    for (const item of this.items()) item.source.cancel();
    this.viewer.world.removeAll();
    this.frame.hidden = true;
  }

  items() {
    const { world } = this.viewer;
    return Array.from({ length: world.getItemCount() }, (_, i) =>
      world.getItemAt(i),
    );
  }

  // {box, width, height, spacing}: x0, y0, x1, y1 in the frame's coordinates,
  // CSS pixels, and their distance.
  view() {
    const { viewport } = this.viewer;
    const bounds = viewport.getBounds(false);
    const { x: width, y: height } = viewport.getContainerSize();
    const [x0, y0] = [toFrame(bounds.x), toFrame(bounds.y)];
    const spacing = (bounds.width * SPAN) / Math.max(width, 1);
    const box = [x0, y0, x0 + spacing * width, y0 + spacing * height];
    return { box, width, height, spacing };
  }

  // Shows a square of `size` around (x, y) and its surroundings.
  look({ x, y, size }, immediately = false) {
    const left = toWorld(x - size / 2);
    const top = toWorld(y - size / 2);
    const side = size / SPAN;
    this.viewer.viewport.fitBounds(
      new OpenSeadragon.Rect(left, top, side, side),
      immediately,
    );
  }

  zoomBy(factor) {
    this.viewer.viewport.zoomBy(factor).applyConstraints();
  }

  // Pans by shares of the view.
  panBy(right, down) {
    const { width, height } = this.viewer.viewport.getBounds();
    const by = new OpenSeadragon.Point(right * width, down * height);
    this.viewer.viewport.panBy(by).applyConstraints();
  }

  viewChanged() {
    for (const item of this.items()) this.limitLevels(item.source);
    this.onView(this.view());
  }

  // Otherwise each tile would be preceded by all coarser ones.
  limitLevels(source) {
    const finest = levelOf(this.view().spacing * LEAST_PIXEL);
    source.minLevel = Math.max(finest - COARSER, 1);
  }

  placeFrame() {
    if (!this.region || !this.viewer.world.getItemCount()) return;
    const [x0, y0, x1, y1] = this.region.map(toWorld);
    const rect = this.viewer.viewport.viewportToViewerElementRectangle(
      new OpenSeadragon.Rect(x0, y0, x1 - x0, y1 - y0),
      true,
    );
    // Borders outside of the window are drawn near it: browsers cannot place
    // those of deep zooms.
    const { clientWidth, clientHeight } = this.element;
    const near = (value, size) => Math.min(Math.max(value, -60), size + 60);
    const left = near(rect.x, clientWidth);
    const top = near(rect.y, clientHeight);
    const right = near(rect.x + rect.width, clientWidth);
    const bottom = near(rect.y + rect.height, clientHeight);
    Object.assign(this.frame.style, {
      transform: `translate(${left}px, ${top}px)`,
      width: `${right - left}px`,
      height: `${bottom - top}px`,
    });
    // Keeps the labels visible.
    this.frame.style.setProperty("--left", `${Math.max(-left, 0)}px`);
    this.frame.style.setProperty("--top", `${Math.max(-top, 0)}px`);
    this.frame.classList.toggle("small", rect.width < 150);
    this.frame.hidden = false;
  }
}


// OpenSeadragon adds a <style> to the page, which the page's policy forbids,
// unless it finds one: this empty one is not of HTML.
function forgoStyleElement() {
  const style = document.createElementNS("about:blank", "style");
  style.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(style);
}

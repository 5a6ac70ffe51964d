// The tiles of an endless image, drawn by the server.

import { MAX_LEVEL, TILE, sampleBox, tileBox } from "./geometry.js";

let sources = 0;

// A tile source for OpenSeadragon. `key` identifies the image, `alignment` and
// `transparent` are the generator's, `render(box, width, height, signal)`
// promises a PNG, and `onError` is called with its first error. After that, or
// after `cancel()`, no more tiles are requested.
export function tileSource(image) {
  const { key, alignment, transparent, render, cache, onError } = image;
  const source = new OpenSeadragon.TileSource({
    width: TILE * 2 ** MAX_LEVEL,
    height: TILE * 2 ** MAX_LEVEL,
    tileSize: TILE,
    minLevel: 0,
    maxLevel: MAX_LEVEL,
  });
  const number = ++sources;
  const controller = new AbortController();
  const { signal } = controller;

  const pngOf = async ({ level, x, y }) => {
    const address = `${key}/${level}/${x}/${y}`;
    const known = cache.get(address);
    if (known) return known;
    const box = sampleBox(tileBox(level, x, y), TILE, TILE, alignment);
    const png = await render(box, TILE, TILE, signal);
    cache.set(address, png);
    return png;
  };

  return Object.assign(source, {
    // Another image's tiles must not be taken for those of a cancelled one.
    getTileUrl: (level, x, y) => `${number}/${level}/${x}/${y}`,
    getTileHashKey: (level, x, y) => `${number}/${level}/${x}/${y}`,
    hasTransparency: () => transparent,
    cancel: () => controller.abort(),

    async downloadTileStart(job) {
      try {
        signal.throwIfAborted();
        job.finish(await pngOf(job.tile), null, "rasterBlob");
      } catch (error) {
        if (!signal.aborted) {
          controller.abort();
          onError(error);
        }
        job.finish(nothing(), null, "context2d");
      }
    },

    downloadTileAbort: () => {},
  });
}

// Stands for a failed tile: OpenSeadragon would report one on the console.
function nothing() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  return canvas.getContext("2d");
}

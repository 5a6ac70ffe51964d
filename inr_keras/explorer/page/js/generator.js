// One model of the server: images and styles by seeds.

import { pngOf } from "./api.js";
import { BlobCache } from "./lru.js";
import { amounts } from "./state.js";

const SMALL_BYTES = 8 * 2 ** 20;
const THUMBNAILS_A_REQUEST = 12;
const THUMBNAIL_SIDE = 256; // Larger images are drawn at this size: it limits points.

export class Generator {
  // `metadata` is the model's own description, `signatures` a Set of names.
  constructor(api, name, version, signatures, metadata) {
    Object.assign(this, { api, name, version, signatures, metadata });
    this.classNames = metadata.class_names ?? [];
    this.layers = metadata.style_layers ?? 1;
    this.small = new BlobCache(SMALL_BYTES);
    this.mixes =
      signatures.has("style_mix") && signatures.has("render_styles");
  }

  get address() {
    return `${this.api.base}${this.api.path(this.name, this.version)}:predict`;
  }

  static async open(api, name, version) {
    const signatures = new Set(await api.signatures(name, version));
    let metadata = {};
    if (signatures.has("metadata")) {
      const request = {
        signature_name: "metadata",
        inputs: { keys: ["*"] },
      };
      const [json] = await api.predict(name, version, request);
      metadata = JSON.parse(json);
    }
    return new Generator(api, name, version, signatures, metadata);
  }

  // Why its images cannot be explored; empty where they can.
  obstacle() {
    // Earlier versions called it "frames".
    const { frames = 0, video_length: length = frames, coord_dim: axes = 2 } = this.metadata;
    if (length) return `It draws videos of ${length} images, which this page cannot show.`;
    if (axes !== 2) return `It draws on ${axes} axes, which this page cannot show.`;
    if (!this.signatures.has("render_region")) {
      return "It has no signature render_region. Export it again with apps.export.";
    }
    if (!this.metadata.trained) {
      return "It has no signature metadata. Export it again with apps.export.";
    }
    return "";
  }

  ask(signature, inputs, signal) {
    const request = { signature_name: signature, inputs };
    return this.api.predict(this.name, this.version, request, signal);
  }

  label(value) {
    const count = this.classNames.length;
    return count ? { label: Math.min(value, count - 1) } : {};
  }

  // Promises `render(box, width, height, signal)`, which promises a PNG.
  async renderer(state, signal) {
    const { signature, what } = await this.request(state, signal);
    return async (box, width, height, signal) => {
      const inputs = { ...what, box, width, height };
      return pngOf(await this.ask(signature, inputs, signal));
    };
  }

  // Promises what a region of the state is asked for by: {signature, what}, to
  // which `box`, `width` and `height` are added.
  async request(state, signal) {
    if (state.mixing && this.mixes) {
      const styles = await this.mixedStyles(state, signal);
      return { signature: "render_styles", what: { styles } };
    }
    const { seed, truncation } = state;
    const what = { seed, truncation, ...this.label(state.label) };
    return { signature: "render_region", what };
  }

  // Both seeds' styles are asked for once; their mixtures are made here.
  async mixedStyles(state, signal) {
    const { seed, other, truncation } = state;
    const { label } = this.label(state.label);
    const { label: otherLabel } = this.label(state.otherLabel);
    const key = JSON.stringify([seed, other, truncation, label, otherLabel]);
    if (this.ends?.key !== key) {
      const columns = {
        seeds: [seed, seed],
        other_seeds: [other, other],
        amount: [0, 1].map((n) => Array(this.layers).fill(n)),
        truncation: [truncation, truncation],
        ...(label === undefined
          ? {}
          : { label: [label, label], other_label: [otherLabel, otherLabel] }),
      };
      const styles = await this.ask("style_mix", columns, signal);
      this.ends = { key, styles };
    }
    const [one, two] = this.ends.styles;
    return amounts(state, this.layers).map((share, layer) =>
      one[layer].map((n, i) => (1 - share) * n + share * two[layer][i]),
    );
  }

  // Whether it draws small pictures of many seeds.
  get shows() {
    return this.signatures.has("generate_png");
  }

  // Yields [i, PNG] for each of `cells`, of {seed, label, truncation}, the known
  // ones first.
  async *thumbnails(cells, signal) {
    const missing = [];
    for (const [i, cell] of cells.entries()) {
      const known = this.small.get(cellKey(cell));
      if (known) yield [i, known];
      else missing.push(i);
    }
    for (let from = 0; from < missing.length; from += THUMBNAILS_A_REQUEST) {
      const part = missing.slice(from, from + THUMBNAILS_A_REQUEST);
      const request = this.thumbnailRequest(part.map((i) => cells[i]));
      const { api, name, version } = this;
      const pngs = await api.predict(name, version, request, signal);
      for (const [k, i] of part.entries()) {
        const png = pngOf(pngs[k]);
        this.small.set(cellKey(cells[i]), png);
        yield [i, png];
      }
    }
  }

  thumbnailRequest(cells) {
    const styles = cells.map(({ seed, label, truncation }) => ({
      seed,
      truncation,
      ...this.label(label),
    }));
    if (this.metadata.resolution <= THUMBNAIL_SIDE) {
      const instances = styles.map(({ seed, ...others }) => ({ seeds: seed, ...others }));
      return { signature_name: "generate_png", instances };
    }
    const side = THUMBNAIL_SIDE;
    const frame = { box: [-1, -1, 1, 1], height: side, width: side };
    const instances = styles.map((style) => ({ ...style, ...frame }));
    return { signature_name: "render_region", instances };
  }
}

const cellKey = ({ seed, label, truncation }) => `${seed}/${label}/${truncation}`;

// One model of the server: images and styles by seeds.

import { pngOf } from "./api.js";
import { amounts } from "./state.js";

const THUMBNAILS_A_REQUEST = 8;

export class Generator {
  // `metadata` is the model's own description, `signatures` a Set of names.
  constructor(api, name, version, signatures, metadata) {
    Object.assign(this, { api, name, version, signatures, metadata });
    this.classNames = metadata.class_names ?? [];
    this.layers = metadata.style_layers ?? 1;
    this.mixes =
      signatures.has("style_mix") && signatures.has("render_styles");
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
      return "It has no signature render_region. Export it anew with apps.export.";
    }
    if (!this.metadata.trained) {
      return "It has no signature metadata. Export it anew with apps.export.";
    }
    return "";
  }

  ask(signature, inputs, signal) {
    const request = { signature_name: signature, inputs };
    return this.api.predict(this.name, this.version, request, signal);
  }

  label(value, name = "label") {
    const count = this.classNames.length;
    return count ? { [name]: Math.min(value, count - 1) } : {};
  }

  // Promises `render(box, width, height, signal)`, which promises a PNG.
  async renderer(state, signal) {
    if (state.mixing && this.mixes) {
      const styles = await this.mixedStyles(state, signal);
      return this.render("render_styles", { styles });
    }
    return this.render("render_region", {
      seed: state.seed,
      truncation: state.truncation,
      ...this.label(state.label),
    });
  }

  render(signature, what) {
    return async (box, width, height, signal) => {
      const inputs = { ...what, box, width, height };
      return pngOf(await this.ask(signature, inputs, signal));
    };
  }

  async mixedStyles(state, signal) {
    const label = this.label(state.label);
    const other = this.label(state.otherLabel, "other_label");
    const inputs = {
      seeds: state.seed,
      other_seeds: state.other,
      amount: amounts(state, this.layers),
      truncation: state.truncation,
      ...label,
      ...other,
    };
    const batch = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [name, [value]]),
    );
    const [styles] = await this.ask("style_mix", batch, signal);
    return styles;
  }

  // Yields a PNG for each seed, in order.
  async *thumbnails(seeds, { truncation, label }, signal) {
    for (let i = 0; i < seeds.length; i += THUMBNAILS_A_REQUEST) {
      const instances = seeds
        .slice(i, i + THUMBNAILS_A_REQUEST)
        .map((seed) => ({ seeds: seed, truncation, ...this.label(label) }));
      const request = { signature_name: "generate_png", instances };
      const pngs = await this.api.predict(
        this.name,
        this.version,
        request,
        signal,
      );
      for (const png of pngs) yield pngOf(png);
    }
  }
}

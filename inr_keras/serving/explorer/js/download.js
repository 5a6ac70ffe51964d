// The current view as a file of any size.

import { sampleBox } from "./geometry.js";

const $ = (id) => document.getElementById(id);

export class Download {
  constructor() {
    $("download-width").oninput = () => this.update();
    $("download-form").onsubmit = (event) => {
      event.preventDefault();
      this.save();
    };
    $("download-copy").onclick = async () => {
      await copyText($("download-command").textContent);
      $("download-copy").textContent = "Copied";
    };
    $("download").addEventListener("close", () => this.controller?.abort());
  }

  open(generator, state, view) {
    Object.assign(this, { generator, state: { ...state }, view });
    this.ready();
    $("download").showModal();
    this.update();
  }

  ready() {
    $("download-save").disabled = false;
    $("download-save").textContent = "Download PNG";
  }

  // The size asked for; `null` where the field holds none.
  size() {
    const width = $("download-width").valueAsNumber;
    if (!Number.isInteger(width) || width < 1 || width > 1e6) return null;
    const height = Math.round((width * this.view.height) / this.view.width);
    return { width, height: Math.max(height, 1) };
  }

  update() {
    const size = this.size();
    const most = this.generator.metadata.limits.max_side;
    const fits = size && Math.max(size.width, size.height) <= most;
    $("download-height").textContent = size ? `× ${size.height} pixels` : "";
    $("download-save").hidden = !fits;
    $("download-large").hidden = fits || !size;
    if (!fits && size) this.advise(`The server draws up to ${most} pixels a side.`);
  }

  // Shows how to draw what the server does not.
  advise(reason) {
    const mixed = this.state.mixing && this.generator.mixes;
    const way = mixed
      ? "Mixed styles have no command of their own."
      : "This command draws any size, in constant memory:";
    $("download-limit").textContent = `${reason} ${way}`;
    $("download-by-command").hidden = mixed;
    $("download-command").textContent = this.command(this.size());
    $("download-copy").textContent = "Copy";
    $("download-large").hidden = false;
  }

  box({ width, height }) {
    const { alignment } = this.generator.metadata;
    return sampleBox(this.view.box, width, height, alignment);
  }

  command(size) {
    const { seed, truncation } = this.state;
    const { name, version, classNames } = this.generator;
    const { label } = this.generator.label(this.state.label);
    const region = this.box(size).map((n) => Number(n.toPrecision(9)));
    const folder = version ? `${name}/${version}` : name;
    const options = [
      `--model=${quoted(`saved_models/${folder}`)}`,
      `--seeds=${seed}`,
      `--size=${size.width}x${size.height}`,
      `--region=${region.join(",")}`,
      `--truncation=${truncation}`,
      ...(label === undefined ? [] : [`--class=${quoted(classNames[label])}`]),
      `--out=${quoted(`${name}-${seed}.png`)}`,
    ];
    return `python -m apps.generate ${options.join(" \\\n    ")}`;
  }

  async save() {
    const size = this.size();
    if (!size || $("download-save").hidden) return;
    this.controller = new AbortController();
    const { signal } = this.controller;
    $("download-save").disabled = true;
    $("download-save").textContent = "Drawing …";
    try {
      const render = await this.generator.renderer(this.state, signal);
      const png = await render(this.box(size), size.width, size.height, signal);
      saveAs(png, this.fileName(size));
      $("download").close();
    } catch (error) {
      if (!signal.aborted) this.advise(error.message);
    } finally {
      this.ready();
    }
  }

  fileName({ width, height }) {
    const { seed, other, mixing } = this.state;
    const seeds = mixing && this.generator.mixes ? `${seed}+${other}` : seed;
    return `${this.generator.name}-${seeds}-${width}x${height}.png`;
  }
}

// Quotes a text for a POSIX shell.
function quoted(text) {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// Without a secure context (http of another machine) there is no clipboard.
export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

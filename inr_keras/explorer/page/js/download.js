// The current view as a file of any size.

import { copyText, generateCommand, regionOf } from "./commands.js";
import { sampleBox } from "./geometry.js";

const $ = (id) => document.getElementById(id);
const MOST = 1e6;

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

  // `box` is what the download shows.
  open(generator, state, box) {
    Object.assign(this, { generator, state: { ...state }, box });
    this.ready();
    $("download").showModal();
    this.update();
  }

  ready() {
    $("download-save").textContent = "Download PNG";
  }

  // {box, size} asked for; `null` where the field holds no size.
  region() {
    const width = $("download-width").valueAsNumber;
    if (!Number.isInteger(width) || width < 1 || width > MOST) return null;
    return regionOf(null, this.box, width);
  }

  update() {
    const region = this.region();
    const most = this.generator.metadata.limits.max_side;
    const fits = region && Math.max(...region.size) <= most;
    $("download-height").textContent = region ? `× ${region.size[1]} pixels` : "";
    $("download-width").setAttribute("aria-invalid", !region);
    $("download-problem").textContent = region
      ? ""
      : `The width must be a whole number from 1 to ${MOST}.`;
    $("download-save").disabled = !fits;
    $("download-large").hidden = fits || !region;
    if (!fits && region) this.advise(`The server draws up to ${most} pixels a side.`);
  }

  // Shows how to draw what the server does not.
  advise(reason) {
    const command = generateCommand(this.generator, this.state, this.region());
    const way = command
      ? "This command draws any size, in constant memory:"
      : "Mixed styles have no command of their own.";
    $("download-limit").textContent = `${reason} ${way}`;
    $("download-by-command").hidden = !command;
    $("download-command").textContent = command;
    $("download-copy").textContent = "Copy";
    $("download-large").hidden = false;
  }

  async save() {
    const region = this.region();
    if (!region || $("download-save").disabled) return;
    this.controller = new AbortController();
    const { signal } = this.controller;
    $("download-save").disabled = true;
    $("download-save").textContent = "Drawing …";
    try {
      const { box, size } = region;
      const { alignment } = this.generator.metadata;
      const render = await this.generator.renderer(this.state, signal);
      const png = await render(sampleBox(box, ...size, alignment), ...size, signal);
      saveAs(png, fileName(this.generator, this.state, size));
      $("download").close();
    } catch (error) {
      $("download-save").disabled = false;
      if (!signal.aborted) this.advise(error.message);
    } finally {
      this.ready();
    }
  }
}

export function fileName(generator, { seed, other, mixing }, [width, height]) {
  const seeds = mixing && generator.mixes ? `${seed}+${other}` : seed;
  return `${generator.name}-${seeds}-${width}x${height}.png`;
}

export function saveAs(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

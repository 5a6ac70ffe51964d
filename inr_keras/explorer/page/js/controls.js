// The panel: shows the state, and reports what a person changes.

import { DEFAULTS, LAST_SEED, amounts, number } from "./state.js";

const $ = (id) => document.getElementById(id);
const RANDOM_SEEDS = 1e6;

export class Controls {
  // `onChange(changes)` is called with the changed fields of the state.
  constructor(onChange) {
    this.onChange = onChange;
    this.state = { ...DEFAULTS };
    $("model").onchange = () =>
      onChange({ model: $("model").value, version: "" });
    $("version").onchange = () => onChange({ version: $("version").value });
    for (const name of ["seed", "other"]) this.bindSeed(name);
    for (const name of ["truncation", "amount"]) {
      $(name).oninput = () => onChange({ [name]: $(name).valueAsNumber });
    }
    $("label").onchange = () => onChange({ label: Number($("label").value) });
    $("other-label").onchange = () =>
      onChange({ otherLabel: Number($("other-label").value) });
    for (const name of ["beyond", "trust"]) {
      $(name).onchange = () => onChange({ [name]: $(name).checked });
    }
    $("compare").onchange = () => onChange({ compare: $("compare").value });
    $("surfaces").onchange = (event) => onChange({ surface: event.target.value });
    $("mixing").onchange = () => this.mix($("mixing").checked);
    $("swap").onclick = () => this.swap();
    $("layers").onchange = () => this.chooseLayers(this.checkedLayers());
    for (const button of document.querySelectorAll("[data-layers]")) {
      button.onclick = () => this.preset(button.dataset.layers);
    }
  }

  bindSeed(name) {
    $(name).onchange = () => {
      const seed = number(name, $(name).value, this.state[name]);
      $(name).value = seed;
      this.onChange({ [name]: seed });
    };
    $(`${name}-previous`).onclick = () => this.step(name, -1);
    $(`${name}-next`).onclick = () => this.step(name, 1);
    $(`${name}-random`).onclick = () => this.random(name);
  }

  step(name, by) {
    this.onChange({ [name]: number(name, this.state[name] + by) });
  }

  random(name) {
    this.onChange({ [name]: Math.floor(Math.random() * RANDOM_SEEDS) });
  }

  // A seed mixed with itself would show nothing.
  mix(mixing) {
    const { seed, other } = this.state;
    const same = mixing && seed === other;
    const near = seed < LAST_SEED ? seed + 1 : seed - 1;
    this.onChange(same ? { mixing, other: near } : { mixing });
  }

  swap() {
    const { seed, other, label, otherLabel } = this.state;
    this.onChange({
      seed: other,
      other: seed,
      label: otherLabel,
      otherLabel: label,
    });
  }

  checkedLayers() {
    const boxes = [...$("layers").querySelectorAll("input")];
    return boxes.flatMap((box, layer) => (box.checked ? [layer] : []));
  }

  preset(name) {
    const half = Math.ceil(this.layerCount / 2);
    const [from, to] = {
      all: [0, this.layerCount],
      coarse: [0, half],
      fine: [half, this.layerCount],
    }[name];
    const layers = Array.from({ length: to - from }, (_, i) => from + i);
    this.chooseLayers(layers);
  }

  chooseLayers(layers) {
    if (!layers.length) {
      this.show(this.state); // At least one takes part: `amount` does the rest.
      return;
    }
    const all = layers.length === this.layerCount;
    this.onChange({ layers: all ? "" : layers.join(",") });
  }

  listModels(names, chosen) {
    const known = names.includes(chosen) || !chosen;
    fill($("model"), known ? names : [...names, chosen]);
  }

  listVersions(versions, chosen) {
    const known = versions.includes(chosen) || !chosen;
    const all = known ? versions : [...versions, chosen];
    const latest = versions.length ? `latest (${versions[0]})` : "latest";
    fill($("version"), ["", ...all], [latest, ...all]);
    $("version").value = chosen;
    $("version-field").hidden = false;
  }

  // The models and versions that may stand beside the present one.
  listPeers(models, model, versions, version, chosen) {
    const others = models.filter((name) => name !== model);
    const older = versions.filter((number) => number !== version);
    const peers = [...others, ...older.map((number) => `${model}/${number}`)];
    if (chosen && !peers.includes(chosen)) peers.push(chosen);
    fill($("compare"), ["", ...peers], ["nothing", ...peers]);
    $("compare").value = chosen;
    $("compare-field").hidden = !peers.length;
  }

  // `generator` is `null` where no image can be drawn.
  use(generator) {
    for (const name of ["image-controls", "view-controls", "take-controls"]) {
      $(name).hidden = !generator;
    }
    $("mixing-controls").hidden = !generator?.mixes;
    $("facts").textContent = generator ? facts(generator.metadata) : "";
    linkAddresses($("attribution"), generator?.metadata.attribution ?? "");
    if (!generator) return;
    this.layerCount = generator.layers;
    const { classNames } = generator;
    const numbers = classNames.map((_, i) => i);
    for (const name of ["label", "other-label"]) {
      $(`${name}-field`).hidden = !classNames.length;
      fill($(name), numbers, classNames);
    }
    const sheets = ["seed-sheet", "other-sheet", "label-sheet", "other-label-sheet"];
    for (const name of sheets) $(name).hidden = !generator.shows;
    $("layers-field").hidden = this.layerCount < 2;
    $("layers").replaceChildren(...numberBoxes(this.layerCount));
  }

  show(state) {
    this.state = state;
    for (const name of ["model", "version", "label"]) $(name).value = state[name];
    $("other-label").value = state.otherLabel;
    for (const name of ["seed", "other", "truncation", "amount"]) {
      $(name).value = state[name];
    }
    for (const name of ["beyond", "trust"]) $(name).checked = state[name];
    for (const choice of $("surfaces").querySelectorAll("input")) {
      choice.checked = choice.value === state.surface;
    }
    $("truncation-value").textContent = state.truncation.toFixed(2);
    $("amount-value").textContent = `${Math.round(state.amount * 100)}%`;
    $("amount-from").textContent = `seed ${state.seed}`;
    $("amount-to").textContent = `seed ${state.other}`;
    $("mixing").checked = state.mixing;
    $("mixing-fields").hidden = !state.mixing;
    const boxes = $("layers").querySelectorAll("input");
    const all = amounts({ ...state, amount: 1 }, boxes.length);
    boxes.forEach((box, layer) => (box.checked = all[layer] > 0));
  }
}

function fill(select, values, texts = values) {
  const options = values.map((value, i) => new Option(texts[i], value));
  select.replaceChildren(...options);
}

function numberBoxes(count) {
  return Array.from({ length: count }, (_, layer) => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", `Layer ${layer + 1}`);
    const text = document.createElement("span");
    text.textContent = layer + 1;
    label.append(box, text);
    return label;
  });
}

function facts({ kind, resolution, channels }) {
  const drawn = { 1: "grey", 4: "RGBA" }[channels] ?? "RGB";
  const name = kind.replace(/Generator$/, "");
  return `${name}, trained at ${resolution} × ${resolution}, ${drawn}`;
}

// Writes a text whose addresses become links.
function linkAddresses(element, text) {
  const parts = text.split(/(https?:[^\s()<>]*[^\s()<>.,;])/);
  const nodes = parts.map((part, i) => {
    if (i % 2 === 0) return part;
    const link = document.createElement("a");
    link.href = link.textContent = part;
    link.rel = "noopener noreferrer";
    link.target = "_blank";
    return link;
  });
  element.replaceChildren(...nodes);
}

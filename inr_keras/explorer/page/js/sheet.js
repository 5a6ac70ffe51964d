// A sheet of seeds, or of classes, to choose from.

import { cellButton, fillCells } from "./cells.js";
import { LAST_SEED } from "./state.js";

const COUNT = 24;

const $ = (id) => document.getElementById(id);

// What a sheet chooses: the field, its seed or class, and the title.
const KINDS = {
  seed: { label: "label", title: "Choose a seed" },
  other: { label: "otherLabel", title: "Choose the second seed" },
  label: { seed: "seed", title: "Choose a class" },
  otherLabel: { seed: "other", title: "Choose the second seed's class" },
};

export class Sheet {
  // `onChoose(changes)` is called with the changed field of the state.
  constructor(onChoose, onError) {
    this.onError = onError;
    this.first = 0;
    $("sheet-previous").onclick = () => this.turn(-COUNT);
    $("sheet-next").onclick = () => this.turn(COUNT);
    $("sheet-cells").onclick = (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      $("sheet").close();
      onChoose({ [this.field]: Number(button.dataset.value) });
    };
    $("sheet").addEventListener("close", () => this.controller?.abort());
  }

  // `field` is one of `KINDS`.
  open(generator, state, field) {
    Object.assign(this, { generator, state, field });
    this.first = Math.floor(state[field] / COUNT) * COUNT;
    const { label, title } = KINDS[field];
    const name = label && generator.classNames[state[label]];
    $("sheet-title").textContent = name ? `${title}: ${name}` : title;
    $("sheet").showModal();
    this.fill();
  }

  turn(by) {
    this.first = Math.max(0, this.first + by);
    this.fill();
  }

  // {value, caption, name, seed, label, truncation} of each picture.
  cells() {
    const { label, seed } = KINDS[this.field];
    const { truncation } = this.state;
    const { classNames } = this.generator;
    const most = label ? LAST_SEED + 1 : classNames.length;
    const count = Math.min(COUNT, most - this.first);
    return Array.from({ length: count }, (_, i) => {
      const value = this.first + i;
      return label
        ? {
            value,
            caption: value,
            name: `Seed ${value}`,
            seed: value,
            label: this.state[label],
            truncation,
          }
        : {
            value,
            caption: classNames[value],
            name: classNames[value],
            seed: this.state[seed],
            label: value,
            truncation,
          };
    });
  }

  async fill() {
    this.controller?.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    const cells = this.cells();
    const chosen = this.state[this.field];
    const buttons = cells.map((cell) => cellButton(cell, cell.value === chosen));
    const { seed } = KINDS[this.field];
    const last = seed ? this.generator.classNames.length : LAST_SEED + 1;
    $("sheet-range").textContent = seed
      ? `Classes ${this.first + 1} to ${this.first + cells.length} of ${last}`
      : `Seeds ${this.first} to ${this.first + cells.length - 1}`;
    $("sheet-previous").disabled = this.first === 0;
    $("sheet-next").disabled = this.first + COUNT >= last;
    $("sheet-cells").replaceChildren(...buttons);
    $("sheet-cells").querySelector("[aria-current]")?.focus();
    try {
      await fillCells(buttons, cells, this.generator, signal);
    } catch (error) {
      if (signal.aborted) return;
      $("sheet").close();
      this.onError(error);
    }
  }
}

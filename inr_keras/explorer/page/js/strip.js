// The strip below the picture: a dozen seeds, the present one among them.

import { cellButton, fillCells, showPng } from "./cells.js";
import { LAST_SEED } from "./state.js";

const COUNT = 12;

const $ = (id) => document.getElementById(id);

export class Strip {
  // `onChoose(changes)` is called with the changed field of the state.
  constructor(onChoose, onError) {
    this.onError = onError;
    this.first = 0;
    $("strip-previous").onclick = () => this.turn(-COUNT);
    $("strip-next").onclick = () => this.turn(COUNT);
    $("strip-seeds").onclick = (event) => {
      const button = event.target.closest("button");
      if (button) onChoose({ seed: Number(button.dataset.value) });
    };
  }

  hide() {
    this.controller?.abort();
    this.key = "";
    $("strip").hidden = true;
    for (const name of ["seed", "other"]) $(`${name}-thumbnail`).hidden = true;
  }

  // Marks the seed of a state at once; `draw` draws what that lacks.
  show(generator, state) {
    Object.assign(this, { generator, state });
    $("strip").hidden = !generator.shows;
    if (!generator.shows) return;
    if (state.seed < this.first || state.seed >= this.first + COUNT || !this.key) {
      this.first = Math.floor(state.seed / COUNT) * COUNT;
    }
    this.list();
  }

  list() {
    const { generator, state, first } = this;
    const key = `${generator.name}/${generator.version}/${first}`;
    if (key !== this.key) {
      this.key = key;
      const length = Math.min(COUNT, LAST_SEED + 1 - first);
      const values = Array.from({ length }, (_, i) => first + i);
      const buttons = values.map((value) =>
        cellButton({ value, caption: value, name: `Seed ${value}` }),
      );
      $("strip-seeds").replaceChildren(...buttons);
      $("strip-previous").disabled = first === 0;
      $("strip-next").disabled = first + COUNT > LAST_SEED;
    }
    for (const button of $("strip-seeds").children) {
      const chosen = Number(button.dataset.value) === state.seed;
      button.toggleAttribute("aria-current", chosen);
      if (!chosen) continue;
      button.setAttribute("aria-current", "true");
      const { parentElement: row, offsetLeft, offsetWidth } = button;
      row.scrollLeft = offsetLeft - (row.clientWidth - offsetWidth) / 2;
    }
  }

  turn(by) {
    this.first = Math.max(0, this.first + by);
    this.list();
    this.draw();
  }

  async draw() {
    this.controller?.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    const { generator, state } = this;
    if (!generator?.shows) return;
    const { seed, other, label, otherLabel, truncation, mixing } = state;
    const buttons = [...$("strip-seeds").children];
    const cells = buttons.map((button) => ({
      seed: Number(button.dataset.value),
      label,
      truncation,
    }));
    const fields = [["seed", { seed, label, truncation }]];
    if (mixing) fields.push(["other", { seed: other, label: otherLabel, truncation }]);
    try {
      await fillCells(buttons, cells, generator, signal);
      for (const [name, cell] of fields) {
        for await (const [, png] of generator.thumbnails([cell], signal)) {
          showPng($(`${name}-thumbnail`), png);
          $(`${name}-thumbnail`).hidden = false;
        }
      }
    } catch (error) {
      if (!signal.aborted) this.onError(error);
    }
  }
}

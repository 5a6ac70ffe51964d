// A sheet of seeds to choose from.

const COUNT = 24;

const $ = (id) => document.getElementById(id);

export class Sheet {
  // `onChoose(seed, which)` is called with "seed" or "other" as `which`.
  constructor(onChoose, onError) {
    this.onError = onError;
    this.first = 0;
    $("sheet-previous").onclick = () => this.turn(-COUNT);
    $("sheet-next").onclick = () => this.turn(COUNT);
    $("sheet-seeds").onclick = (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      $("sheet").close();
      onChoose(Number(button.dataset.seed), this.which);
    };
    $("sheet").addEventListener("close", () => this.controller?.abort());
  }

  open(generator, state, which) {
    this.generator = generator;
    this.state = state;
    this.which = which;
    this.first = Math.floor(state[which] / COUNT) * COUNT;
    const name = generator.classNames[this.label()];
    const title = which === "seed" ? "Choose a seed" : "Choose the second seed";
    $("sheet-title").textContent = name ? `${title}: ${name}` : title;
    $("sheet").showModal();
    this.fill();
  }

  label() {
    return this.state[this.which === "seed" ? "label" : "otherLabel"];
  }

  turn(by) {
    this.first = Math.max(0, this.first + by);
    this.fill();
  }

  async fill() {
    this.controller?.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    const seeds = Array.from({ length: COUNT }, (_, i) => this.first + i);
    const buttons = seeds.map((seed) => this.button(seed));
    $("sheet-range").textContent = `Seeds ${seeds[0]} to ${seeds.at(-1)}`;
    $("sheet-previous").disabled = this.first === 0;
    $("sheet-seeds").replaceChildren(...buttons);
    $("sheet-seeds").querySelector("[aria-current]")?.focus();
    const { truncation } = this.state;
    const settings = { truncation, label: this.label() };
    try {
      let i = 0;
      for await (const png of this.generator.thumbnails(seeds, settings, signal)) {
        if (signal.aborted) return;
        showPng(buttons[i++].querySelector("img"), png);
      }
    } catch (error) {
      if (signal.aborted) return;
      $("sheet").close();
      this.onError(error);
    }
  }

  button(seed) {
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.seed = seed;
    button.setAttribute("aria-label", `Seed ${seed}`);
    if (seed === this.state[this.which]) {
      button.setAttribute("aria-current", "true");
    }
    const image = document.createElement("img");
    image.alt = "";
    const caption = document.createElement("span");
    caption.textContent = seed;
    button.append(image, caption);
    return button;
  }
}

// Shows a PNG in an <img>.
export function showPng(image, png) {
  const address = URL.createObjectURL(png);
  image.onload = () => URL.revokeObjectURL(address);
  image.src = address;
}

// The second pane: another model or version beside the first, under one hand.

import { Pane } from "./pane.js";
import { splitPeer } from "./state.js";

const $ = (id) => document.getElementById(id);

export class Peer {
  // `first` is the pane that it stands beside, whose view they share.
  constructor(element, source, cache, first, onError) {
    Object.assign(this, { element, source, cache, first, onError });
    this.name = "";
    this.failed = false; // What `name` says could not be opened.
    this.opening = new AbortController();
  }

  // As `Pane.draw`; opens what the state compares with first.
  draw(state, now) {
    if (state.compare !== this.name || (this.failed && now)) this.open(state);
    else if (this.pane?.generator) this.pane.draw(this.fitting(state), now);
  }

  async open(state) {
    this.close();
    this.name = state.compare;
    if (!this.name) return;
    const { signal } = this.opening;
    const { model, version } = splitPeer(this.name);
    try {
      const number = version || (await this.source.versions(model))[0];
      const generator = await this.source.open(model, number);
      if (signal.aborted) return;
      const obstacle = generator.obstacle();
      if (obstacle) throw new Error(`${model} cannot be compared. ${obstacle}`);
      this.show(generator);
      this.pane.draw(this.fitting(this.first.state ?? state), true);
    } catch (error) {
      if (signal.aborted) return;
      this.failed = true;
      this.onError(error, model, version);
    }
  }

  show(generator) {
    this.element.hidden = false;
    const { name, version } = generator;
    $("peer-name").textContent = `${name}, version ${version}`;
    const { generator: first } = this.first;
    $("pane-name").textContent = `${first.name}, version ${first.version}`;
    $("pane-name").hidden = false;
    this.pane ??= new Pane(this.element, this.cache, {
      onView: () => this.follow(),
      onLoaded: (loaded) => (this.element.dataset.loaded = loaded),
      onError: this.onError,
    });
    this.pane.use(generator);
    this.look(this.first.image);
  }

  close() {
    this.opening.abort();
    this.opening = new AbortController();
    this.name = "";
    this.failed = false;
    this.element.hidden = true;
    $("pane-name").hidden = true;
    this.pane?.use(null);
  }

  // A state without the mixing that this generator may not have.
  fitting(state) {
    return { ...state, mixing: state.mixing && this.pane.generator.mixes };
  }

  // The first pane follows this one, and this one the first.
  follow() {
    if (!this.pane?.generator) return;
    const { shown, solid, image } = this.pane;
    if (shown === solid) turnAlike(this.first.solid, solid);
    else lookAlike(this.first.image, image);
  }

  look(image) {
    if (this.pane?.generator) lookAlike(this.pane.image, image);
  }

  turn(solid) {
    if (this.pane?.generator) turnAlike(this.pane.solid, solid);
  }
}

// Each moves only where it has to, or they would follow each other for ever.
function lookAlike(image, other) {
  const [here, there] = [image.looked(), other.looked()];
  const far = Math.hypot(here.x - there.x, here.y - there.y);
  const apart = far + Math.abs(here.size - there.size);
  if (apart > 1e-3 * there.size) image.look(there, true);
}

function turnAlike(solid, other) {
  const east = other.longitude - solid.longitude;
  const north = other.latitude - solid.latitude;
  if (east || north) solid.turnBy(east, north);
}

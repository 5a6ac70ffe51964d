// The address of the page, which leads back to what is on the screen.

import { formatHash } from "./state.js";

const PAUSE = 250; // Milliseconds: browsers refuse more than a few changes a second.
const STROKE = 1000; // Changes of one field within it are one step of "back".

export class Trail {
  constructor() {
    this.timer = 0;
    this.last = { fields: "", time: -Infinity };
  }

  // Follows the view: no step to go back by.
  follow(state) {
    this.pending = state;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.write(), PAUSE);
  }

  // Makes a step of a change of some fields.
  step(state, fields) {
    const now = performance.now();
    const key = fields.join();
    const same = key === this.last.fields && now - this.last.time < STROKE;
    this.last = { fields: key, time: now };
    if (same) {
      this.follow(state);
      return;
    }
    this.write();
    history.pushState(null, "", formatHash(state));
  }

  write() {
    clearTimeout(this.timer);
    if (this.pending) history.replaceState(null, "", formatHash(this.pending));
    this.pending = null;
  }
}

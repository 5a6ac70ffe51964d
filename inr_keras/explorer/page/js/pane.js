// A pane: the pictures of one generator, drawn as the state and the view change.

import { placeFrame, paintTrust } from "./frame.js";
import { describeView, overlap } from "./geometry.js";
import { Image } from "./image.js";
import { latest, rested } from "./pace.js";
import { Picture } from "./picture.js";
import { Solid } from "./solid.js";
import { describe, pictureKey } from "./state.js";

const REST = 200; // Milliseconds without a change before tiles are drawn.
const SKETCHES = 150; // Milliseconds from one sketch to the next, at least.

export class Pane {
  // `onView()` is called at each change of the view; `onLoaded(loaded)` when all
  // of it is drawn, and when no longer; `onError(error)`.
  constructor(element, cache, { onView, onLoaded, onError }) {
    const find = (name) => element.querySelector(`.${name}`);
    Object.assign(this, { element, cache, onLoaded, onError });
    this.frame = find("frame");
    const onPaint = (...painted) => this.painted(...painted);
    const viewChanged = () => {
      this.placeFrame();
      onView();
      this.moved();
    };
    this.image = new Image(find("image"), find("picture"), {
      onView: viewChanged,
      onPaint,
    });
    this.solid = new Solid(find("solid"), onView);
    this.shown = this.image;
    this.generator = null;
    this.state = null;
    this.settled = true; // The tiles of the view have been asked for.
    this.drawing = new AbortController();
    this.sketch = latest(() => this.sketchNow(), SKETCHES);
    this.rest = rested(() => this.restNow(), REST);
  }

  // Draws the pictures of another generator; `null`: none.
  use(generator) {
    this.drawing.abort();
    this.drawing = new AbortController();
    this.generator = generator;
    this.state = this.drawn = null;
    for (const shown of [this.image, this.solid]) shown.clear();
    this.placeFrame();
  }

  // Draws a state: a sketch at once, the tiles when no other state follows.
  draw(state, now = false) {
    this.state = state;
    this.due = now ? 0 : performance.now() + REST;
    this.settled = false;
    this.shown.pictures.current?.halt();
    this.onLoaded(false);
    this.sketch();
  }

  moved() {
    if (!this.drawn) return;
    this.settled = false;
    this.onLoaded(false);
    this.rest();
  }

  async sketchNow() {
    const { state, generator, drawing } = this;
    if (!generator || !state) return;
    try {
      const render = await generator.renderer(state, drawing.signal);
      if (drawing.signal.aborted) return;
      this.turnTo(state.surface);
      this.shown.show(this.pictureOf(state, render));
      this.drawn = state;
      this.placeFrame();
      await this.shown.sketch();
    } catch (error) {
      if (!drawing.signal.aborted) this.onError(error);
      return;
    }
    if (state === this.state) this.rest(Math.max(0, this.due - performance.now()));
  }

  async restNow() {
    // Another state is about to be sketched, and calls this afterwards.
    if (!this.drawn || this.drawn !== this.state) return;
    const { drawn } = this;
    await this.shown.sketch();
    if (drawn !== this.state) return;
    this.shown.want();
    this.settled = true;
    this.check();
  }

  check() {
    const current = this.shown.pictures.current;
    const done = this.settled && current && !current.cancelled && current.complete;
    this.onLoaded(Boolean(done));
  }

  turnTo(surface) {
    const plane = surface === "plane";
    this.shown = plane ? this.image : this.solid;
    this.element.classList.toggle("solid-shown", !plane);
    (plane ? this.solid : this.image).clear();
    if (!plane) this.solid.turnTo(this.state);
  }

  pictureOf(state, render) {
    const { name, version, metadata } = this.generator;
    const plane = state.surface === "plane";
    return new Picture({
      key: `${name}/${version}/${pictureKey(state)}`,
      name: describe(state, this.generator),
      render,
      alignment: metadata.alignment,
      within: state.beyond && plane ? null : metadata.trained.region,
      cache: this.cache,
      onChange: () => {
        this.shown.paint();
        this.check();
      },
      onError: (error) => this.onError(error),
    });
  }

  // What of the picture is seen as another than that of the state; empty: nothing.
  get old() {
    const { current, displayed } = this.shown.pictures;
    const stale = displayed && (displayed !== current || this.drawn !== this.state);
    return stale ? displayed.name : "";
  }

  // How the view compares with training; `null` where there is none.
  description() {
    if (!this.generator || !this.state) return null;
    const { trained } = this.generator.metadata;
    const { box, spacing } = this.shown.view();
    const seen = this.state.beyond ? box : overlap(box, trained.region);
    const even = Boolean(this.shown.pictures.current?.even);
    return { ...describeView(seen ?? box, spacing, trained), box, even };
  }

  painted(context, box, spacing) {
    this.placeFrame();
    if (!this.state?.trust) return;
    paintTrust(context, box, spacing, this.generator.metadata.trained);
  }

  placeFrame() {
    this.frame.hidden = !this.generator;
    if (!this.generator) return;
    const { region } = this.generator.metadata.trained;
    placeFrame(this.frame, region, this.image.view(true));
  }
}

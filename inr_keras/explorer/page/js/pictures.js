// The shown picture, above the one before it, which stays until it is covered.

export class Pictures {
  constructor() {
    this.list = [];
  }

  show(picture) {
    const last = this.displayed;
    for (const other of this.list) other.cancel();
    this.list = last ? [last, picture] : [picture];
  }

  clear() {
    for (const picture of this.list) picture.cancel();
    this.list = [];
  }

  get current() {
    return this.list.at(-1);
  }

  // The picture that is seen, at least in part.
  get displayed() {
    return this.list.findLast((picture) => picture.pieces.size);
  }

  layers() {
    return this.list.flatMap((picture) => picture.layers());
  }

  // Forgets what the shown picture covers of a view.
  settle(box) {
    const { current } = this;
    const seen = current?.visible(box);
    if (current && (!seen || current.covered(seen) === 1)) this.list = [current];
  }
}

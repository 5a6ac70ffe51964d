// Watches whether a server is there, and which versions of a model it has.

const LOOK = 15000; // Milliseconds from one look at the versions to the next.
const KNOCK = 2000; // Likewise, at a server that does not answer.

export class Watch {
  // `onVersions(versions)` is called after each look at the followed model.
  constructor(source, onVersions) {
    this.source = source;
    this.onVersions = onVersions;
    this.model = "";
    setInterval(() => this.look(), LOOK);
    addEventListener("focus", () => this.look());
  }

  follow(model) {
    this.model = model;
  }

  async look() {
    const { model } = this;
    if (!model || document.hidden) return;
    const versions = await this.source.versions(model).catch(() => null);
    if (versions && model === this.model) this.onVersions(versions);
  }

  // Calls `action` once the server answers again.
  await(model, action) {
    this.later(async () => {
      try {
        await this.source.versions(model);
      } catch (error) {
        if (error.kind === "down" || error.kind === "busy") {
          this.await(model, action);
          return;
        }
      }
      action();
    });
  }

  // Calls `action` in a while, unless `stop` or another comes first.
  later(action) {
    clearTimeout(this.timer);
    this.timer = setTimeout(action, KNOCK);
  }

  stop() {
    clearTimeout(this.timer);
  }
}

// Where generators come from: a server of TensorFlow Serving's REST API.
//
// The page asks for nothing else. Another source has the same methods, and
// its generators those of `Generator`: `renderer` and `thumbnails` promise Blobs.

import { Api, ServerError } from "./api.js";
import { Generator } from "./generator.js";

export class Source {
  // `query` is that of the page's address; `onWait(seconds)` is called at each wait
  // for a busy server, and with 0 at its end.
  constructor(query, onWait) {
    this.listed = query.get("models");
    this.api = new Api(query.get("api") ?? new URL("..", location.href).href, onWait);
  }

  get waiting() {
    return this.api.waiting > 0;
  }

  // The names of the models.
  async models() {
    if (this.listed) return this.listed.split(",");
    const response = await fetch("models.json").catch(() => {
      throw new ServerError("down", "");
    });
    if (!response.ok) {
      throw new Error(
        "No models.json beside the page: name the models in its address, " +
          "such as ?models=demo.",
      );
    }
    return (await response.json()).models;
  }

  // The `version`, `state` and `failure` of each version, the latest first.
  states(model) {
    return this.api.states(model);
  }

  // The versions of a model that can be opened, the latest first.
  async versions(model) {
    return available(await this.states(model));
  }

  open(model, version) {
    return Generator.open(this.api, model, version);
  }
}

export function available(states) {
  return states.filter(({ state }) => state === "AVAILABLE").map(({ version }) => version);
}

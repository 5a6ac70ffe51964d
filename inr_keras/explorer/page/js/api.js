// TensorFlow Serving's REST API.

const TRIES = 8;
const LONGEST_WAIT = 8; // Seconds.

// `kind` is "down" (no answer), "busy" (429, 503), "missing" (404) or
// "refused" (any other answer that is not a success).
export class ServerError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

export class Api {
  // `base` is the address before /v1; `onWait(seconds)` is called at each wait
  // for a busy server, and with 0 at its end.
  constructor(base, onWait = () => {}) {
    this.base = base.replace(/\/+$/, "");
    this.onWait = onWait;
    this.waiting = 0;
  }

  path(model, version) {
    const name = encodeURIComponent(model);
    return `/v1/models/${name}${version ? `/versions/${version}` : ""}`;
  }

  // The `version`, `state` and `failure` of each version, the highest first.
  async states(model) {
    const answer = await this.fetchJson(this.path(model));
    return (answer.model_version_status ?? [])
      .map(({ version, state, status }) => ({
        version: String(version),
        state,
        failure: status?.error_message ?? "",
      }))
      .sort((a, b) => b.version - a.version);
  }

  // The names of a model's signatures.
  async signatures(model, version) {
    const answer = await this.fetchJson(`${this.path(model, version)}/metadata`);
    return Object.keys(answer.metadata?.signature_def?.signature_def ?? {});
  }

  // The value of `outputs` or `predictions` of the answer.
  async predict(model, version, request, signal) {
    const answer = await this.fetchJson(
      `${this.path(model, version)}:predict`,
      { method: "POST", body: JSON.stringify(request), signal },
    );
    return answer.outputs ?? answer.predictions;
  }

  async fetchJson(path, options = {}) {
    for (let attempt = 1; ; attempt++) {
      const response = await this.fetchOnce(path, options);
      const busy = response.status === 429 || response.status === 503;
      if (busy && attempt < TRIES) {
        await this.wait(response, attempt, options.signal);
        continue;
      }
      const answer = await response.json().catch(() => ({}));
      options.signal?.throwIfAborted();
      if (response.ok) return answer;
      const kinds = { 404: "missing", 429: "busy", 503: "busy" };
      throw new ServerError(
        kinds[response.status] ?? "refused",
        answer.error ?? `The server answered ${response.status}.`,
      );
    }
  }

  async fetchOnce(path, options) {
    const headers = options.body ? { "Content-Type": "application/json" } : {};
    try {
      return await fetch(this.base + path, { ...options, headers });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ServerError("down", `No answer from ${this.base}.`);
    }
  }

  // Waits twice as long after each refusal, and never for all requests alike.
  async wait(response, attempt, signal) {
    const advised = Number(response.headers.get("Retry-After"));
    const doubled = 0.25 * 2 ** attempt * (0.5 + Math.random());
    const seconds = Math.min(advised > 0 ? advised : doubled, LONGEST_WAIT);
    this.onWait(seconds);
    this.waiting++;
    try {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(resolve, seconds * 1000);
        signal?.addEventListener("abort", () => {
          clearTimeout(timer);
          reject(signal.reason);
        });
      });
    } finally {
      if (--this.waiting === 0) this.onWait(0);
    }
  }
}

// A PNG from the {"b64": ...} of an answer.
export function pngOf(value) {
  const bytes = Uint8Array.from(atob(value.b64), (c) => c.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

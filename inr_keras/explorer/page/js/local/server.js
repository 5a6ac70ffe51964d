// Answers the page's requests to TensorFlow Serving in the browser itself.
//
// The folder of this page has network.json and weights.bin; threads draw with the
// graphics card, or without it where that fails. `?draw=wasm` takes the latter.

const PATH = /\/v1\/models\/[^/:]+(?:\/versions\/(\d+))?(:predict|\/metadata)?$/;
const VERSION = "1";
const MOST_THREADS = 4;

const fetchFromNetwork = globalThis.fetch.bind(globalThis);
const page = new URL("../../", import.meta.url);
const asked = new URLSearchParams(location.search).get("draw");

class Thread {
  constructor() {
    this.waiting = new Map();
    this.number = 0;
    this.worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data: { id, answer, error } }) => {
      this.waiting.get(id)?.(error === undefined ? { answer } : { error });
    };
    this.worker.onerror = ({ message }) => {
      const error = message || "The thread that draws does not start.";
      this.waiting.forEach((resolve) => resolve({ error }));
    };
  }

  open(drawings) {
    return this.ask({ open: page.href, drawings });
  }

  // Promises an `answer` or an `error`.
  async ask(message, signal) {
    signal?.throwIfAborted();
    const id = ++this.number;
    const cancel = () => this.worker.postMessage({ cancel: id });
    signal?.addEventListener("abort", cancel);
    try {
      return await new Promise((resolve, reject) => {
        this.waiting.set(id, resolve);
        signal?.addEventListener("abort", () => reject(signal.reason));
        this.worker.postMessage({ id, ...message });
      });
    } finally {
      this.waiting.delete(id);
      signal?.removeEventListener("abort", cancel);
    }
  }
}

const threads = [new Thread()];
const opened = open();

// One thread has the graphics card; without it, there are several.
async function open() {
  const { answer, error } = await threads[0].open(asked ? [asked] : ["webgl", "wasm"]);
  if (error !== undefined) return { error };
  document.documentElement.dataset.drawing = answer;
  const count = Math.min(navigator.hardwareConcurrency ?? 1, MOST_THREADS);
  if (answer === "wasm") {
    while (threads.length < count) {
      threads.push(new Thread());
      threads.at(-1).open(["wasm"]);
    }
  }
  return {};
}

function json(value, status = 200) {
  const headers = { "Content-Type": "application/json" };
  return new Response(JSON.stringify(value), { status, headers });
}

async function answer(version, verb, { body, signal } = {}) {
  if ((version ?? VERSION) !== VERSION) {
    return json({ error: `There is no version ${version}.` }, 404);
  }
  const { error } = await opened;
  if (error !== undefined) return json({ error }, 500);
  if (verb === ":predict") {
    const free = threads.reduce((a, b) => (b.waiting.size < a.waiting.size ? b : a));
    const { answer, error } = await free.ask({ request: JSON.parse(body) }, signal);
    return error === undefined ? json(answer) : json({ error }, 400);
  }
  if (verb) {
    const network = await fetchFromNetwork(new URL("network.json", page));
    const { signatures } = (await network.json()).metadata;
    const signature_def = Object.fromEntries(signatures.map((name) => [name, {}]));
    return json({ metadata: { signature_def: { signature_def } } });
  }
  const status = { error_code: "OK", error_message: "" };
  return json({
    model_version_status: [{ version: VERSION, state: "AVAILABLE", status }],
  });
}

globalThis.fetch = (resource, options) => {
  const url = new URL(resource.url ?? resource, location.href);
  const match = url.origin === location.origin && PATH.exec(url.pathname);
  return match ? answer(match[1], match[2], options) : fetchFromNetwork(resource, options);
};

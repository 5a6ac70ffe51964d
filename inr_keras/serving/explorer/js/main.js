// The page: its state, and what happens when it changes.

import { Api, ServerError } from "./api.js";
import { Controls } from "./controls.js";
import { Download, copyText } from "./download.js";
import { Generator } from "./generator.js";
import { describeView } from "./geometry.js";
import { BlobCache } from "./lru.js";
import { Image } from "./image.js";
import { Sheet, showPng } from "./sheet.js";
import { listen } from "./shortcuts.js";
import { DEFAULTS, formatHash, parseHash } from "./state.js";
import { tileSource } from "./tiles.js";

const $ = (id) => document.getElementById(id);
const CACHE_BYTES = 96 * 2 ** 20;
const PAUSE = 120; // Milliseconds after the last change of a slider.
const PAN = 1 / 8; // Share of the view for each press of a key.
const VIEW_FIELDS = ["x", "y", "size"];

const query = new URLSearchParams(location.search);
const cache = new BlobCache(CACHE_BYTES);
const api = new Api(query.get("api") ?? new URL("..", location.href).href, wait);
const controls = new Controls(change);
const image = new Image($("image"), $("frame"), { onView, onLoaded });
const sheet = new Sheet((seed, which) => change({ [which]: seed }), fail);
const download = new Download();

let state = { ...DEFAULTS };
let generator = null;
let opening = new AbortController();
let drawing = new AbortController();
let drawTimer = 0;
let hashTimer = 0;

async function boot() {
  state = parseHash(location.hash);
  $("banner").hidden = true;
  const names = await modelNames();
  state.model ||= names[0] ?? "";
  controls.listModels(names, state.model);
  if (!state.model) {
    obstruct("Export one with apps.export.", "The server has no model yet");
    return;
  }
  image.look(state, true);
  await openModel();
}

async function modelNames() {
  const listed = query.get("models");
  if (listed) return listed.split(",");
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

async function openModel() {
  opening.abort();
  opening = new AbortController();
  const { signal } = opening;
  drawing.abort();
  generator = null;
  image.clear();
  onLoaded(false);
  activity("Opening the model …");
  $("obstacle").hidden = true;
  $("zoom").hidden = false;
  const { model, version } = state;
  const opened = Promise.all([
    Generator.open(api, model, version),
    api.versions(model),
  ]);
  const [candidate, versions] = await opened;
  if (signal.aborted) return;
  activity("");
  controls.listVersions(versions, version);
  const obstacle = candidate.obstacle();
  if (obstacle) {
    controls.use(null);
    controls.show(state);
    obstruct(obstacle, `${model} cannot be explored`);
    return;
  }
  generator = candidate;
  controls.use(generator);
  controls.show(state);
  document.title = `${model} · INR explorer`;
  onView(image.view());
  await draw();
}

async function draw() {
  drawing.abort();
  drawing = new AbortController();
  const { signal } = drawing;
  $("banner").hidden = true;
  onLoaded(false);
  const { metadata } = generator;
  const render = await generator.renderer(state, signal);
  const view = Object.fromEntries(VIEW_FIELDS.map((name) => [name, 0]));
  const source = tileSource({
    key: formatHash({ ...state, ...view }),
    alignment: metadata.alignment,
    transparent: metadata.channels === 4,
    render,
    cache,
    // What the previous image still lacked may fail after a change.
    onError: (error) => signal.aborted || fail(error),
  });
  if (signal.aborted) return;
  image.show(source, metadata.trained.region);
  await drawThumbnails(signal);
}

async function drawThumbnails(signal) {
  if (!generator.signatures.has("generate_png")) return;
  const wanted = [["seed", state.label]];
  if (state.mixing) wanted.push(["other", state.otherLabel]);
  for (const [name, label] of wanted) {
    const settings = { ...state, label };
    const seeds = [state[name]];
    for await (const png of generator.thumbnails(seeds, settings, signal)) {
      showPng($(`${name}-thumbnail`), png);
      $(`${name}-thumbnail`).hidden = false;
    }
  }
}

// Changes fields of the state, but not those of the view.
function change(changes) {
  state = { ...state, ...changes };
  controls.show(state);
  writeHash();
  if ("model" in changes || "version" in changes) {
    attempt(openModel);
    return;
  }
  if (!generator) return;
  drawing.abort();
  clearTimeout(drawTimer);
  onLoaded(false);
  drawTimer = setTimeout(() => attempt(draw), PAUSE);
}

function onView({ box }) {
  if (!generator) return;
  const [x0, y0, x1, y1] = box;
  const size = Math.min(x1 - x0, y1 - y0);
  Object.assign(state, { x: (x0 + x1) / 2, y: (y0 + y1) / 2, size });
  updateStatus();
  writeHash();
}

function onLoaded(loaded) {
  $("image").dataset.loaded = loaded;
  if (!api.waiting) activity(loaded ? "" : "Drawing …");
}

function updateStatus() {
  $("status").hidden = !generator;
  if (!generator) return;
  const { box, spacing } = image.view();
  const { trained } = generator.metadata;
  const { kind, outside, octaves } = describeView(box, spacing, trained);
  const share = Math.max(1, Math.round(outside * 100));
  $("kind").textContent =
    kind === "extrapolation" ? `${share}% extrapolation` : kind;
  $("kind").dataset.kind = kind;
  const way = octaves < 0 ? "out" : "in";
  const times = 2 ** Math.abs(octaves);
  const scale = octaves < 0 ? `1/${round(times)}` : round(times);
  $("measure").textContent =
    `${scale} × trained density, ` +
    `${Math.abs(octaves).toFixed(1)} octaves ${way}`;
}

const round = (n) => (n < 100 ? n.toPrecision(2) : Math.round(n));

// Delayed: browsers refuse more than a few changes a second.
function writeHash() {
  clearTimeout(hashTimer);
  hashTimer = setTimeout(() => {
    history.replaceState(null, "", formatHash(state));
  }, 250);
}

function wait(seconds) {
  activity(seconds ? `Server busy: trying again in ${seconds.toFixed(1)} s` : "");
}

function activity(text) {
  $("activity").textContent = text;
}

function obstruct(text, title) {
  $("obstacle-title").textContent = title;
  $("obstacle-text").textContent = text;
  $("obstacle").hidden = false;
  $("zoom").hidden = true;
  updateStatus();
}

function fail(error) {
  if (error.name === "AbortError") return;
  const texts = {
    down: "The server does not answer. Is it running?",
    busy: "The server is too busy to draw this now.",
    missing: `The server does not have this model: ${state.model}` +
      (state.version ? `, version ${state.version}.` : "."),
  };
  const text = texts[error.kind];
  $("banner-text").textContent = text ? `${text} ${error.message}` : error.message;
  $("banner").hidden = false;
  activity("");
  for (const name of ["seed", "other"]) $(`${name}-thumbnail`).hidden = true;
  if (generator) return;
  controls.use(null);
  updateStatus();
}

// Runs an action, and reports its failure.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    fail(error);
  }
}

function home() {
  const { x, y, size } = DEFAULTS;
  image.look({ x, y, size });
}

function toggleFrame() {
  $("show-frame").checked = !$("show-frame").checked;
  $("show-frame").onchange();
}

function openSheet(which) {
  if (generator?.signatures.has("generate_png")) {
    sheet.open(generator, state, which);
  }
}

function openDownload() {
  if (generator) download.open(generator, state, image.view());
}

async function copyLink() {
  history.replaceState(null, "", formatHash(state));
  await copyText(location.href);
  $("link-copy").textContent = "Link copied";
  setTimeout(() => ($("link-copy").textContent = "Copy link"), 2000);
}

$("banner-retry").onclick = () => attempt(generator ? draw : boot);
$("zoom-in").onclick = () => image.zoomBy(2);
$("zoom-out").onclick = () => image.zoomBy(0.5);
$("zoom-home").onclick = home;
$("seed-sheet").onclick = () => openSheet("seed");
$("other-sheet").onclick = () => openSheet("other");
$("download-open").onclick = openDownload;
$("link-copy").onclick = () => attempt(copyLink);
$("help-open").onclick = () => $("help").showModal();
$("show-frame").onchange = () => {
  $("overlay").hidden = !$("show-frame").checked;
};
$("panel-toggle").onclick = () => {
  const open = $("panel-toggle").getAttribute("aria-expanded") === "true";
  $("panel-toggle").setAttribute("aria-expanded", !open);
};
addEventListener("hashchange", () => attempt(boot));
listen({
  ArrowLeft: () => image.panBy(-PAN, 0),
  ArrowRight: () => image.panBy(PAN, 0),
  ArrowUp: () => image.panBy(0, -PAN),
  ArrowDown: () => image.panBy(0, PAN),
  "+": () => image.zoomBy(2),
  "=": () => image.zoomBy(2),
  "-": () => image.zoomBy(0.5),
  0: home,
  n: () => controls.step("seed", 1),
  p: () => controls.step("seed", -1),
  r: () => controls.random("seed"),
  s: () => openSheet("seed"),
  m: () => generator?.mixes && change({ mixing: !state.mixing }),
  x: () => state.mixing && controls.swap(),
  f: toggleFrame,
  d: openDownload,
  c: () => attempt(copyLink),
  "?": () => $("help").showModal(),
});
attempt(boot);

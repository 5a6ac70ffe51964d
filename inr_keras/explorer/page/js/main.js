// The page: its state, and what happens when it changes.

import { copyText, curlCommand, generateCommand, regionOf } from "./commands.js";
import { Controls } from "./controls.js";
import { Download, fileName, saveAs } from "./download.js";
import { overlap } from "./geometry.js";
import { BlobCache } from "./lru.js";
import { activity, announce, dismiss, notify, obstruct } from "./notices.js";
import { Pane } from "./pane.js";
import { Peer } from "./peer.js";
import { Sheet } from "./sheet.js";
import { listen } from "./shortcuts.js";
import { available, Source } from "./source.js";
import { DEFAULTS, describe, formatHash, parseHash } from "./state.js";
import { showStatus } from "./status.js";
import { Strip } from "./strip.js";
import { Trail } from "./trail.js";
import { Watch } from "./watch.js";

const $ = (id) => document.getElementById(id);
const CACHE_BYTES = 96 * 2 ** 20;
const PAN = 1 / 8; // Share of the view for each press of a key.
const TURN = 15; // Degrees, likewise.

const cache = new BlobCache(CACHE_BYTES);
const source = new Source(new URLSearchParams(location.search), wait);
const trail = new Trail();
const controls = new Controls(change);
const pane = new Pane($("pane"), cache, { onView, onLoaded, onError: fail });
const peer = new Peer($("peer"), source, cache, pane, fail);
const sheet = new Sheet(change, fail);
const strip = new Strip(change, fail);
const download = new Download();
const watch = new Watch(source, onVersions);

let state = { ...DEFAULTS };
let models = [];
let generator = null;
let opening = new AbortController();

async function boot() {
  state = parseHash(location.hash);
  dismiss();
  watch.stop();
  models = await source.models();
  state.model ||= models[0] ?? "";
  controls.listModels(models, state.model);
  if (state.model) await openModel();
  else expect("The server has no model yet");
}

async function openModel() {
  opening.abort();
  opening = new AbortController();
  const { signal } = opening;
  try {
    await openNow(signal);
  } catch (error) {
    if (!signal.aborted) throw error; // Else another has been chosen since.
  }
}

async function openNow(signal) {
  leave();
  if ($("obstacle").hidden) activity("Opening the model …");
  const { model, version } = state;
  const states = await source.states(model).catch((error) => {
    // A model that is being loaded, or a server that has none yet.
    const comes = error.kind === "busy" || (error.kind === "missing" && !models.length);
    if (!comes) throw error;
    return [];
  });
  if (signal.aborted) return;
  const versions = available(states);
  controls.listVersions(versions, version);
  const wanted = states.filter((one) => !version || one.version === version);
  // One version for all that is drawn, whatever appears meanwhile.
  const [number] = available(wanted);
  if (!number) {
    controls.show(state);
    explain(wanted, versions);
    return;
  }
  // No earlier: a page that waits keeps what it says.
  obstruct("", "");
  const candidate = await source.open(model, number);
  if (signal.aborted) return;
  activity("");
  watch.follow(model);
  controls.listPeers(models, model, versions, number, state.compare);
  const obstacle = candidate.obstacle();
  if (obstacle) {
    controls.show(state);
    obstruct(`${model} cannot be explored`, obstacle);
    return;
  }
  generator = candidate;
  generator.latest = !version;
  controls.use(generator);
  controls.show(state);
  document.title = `${model} · INR explorer`;
  $("zoom").hidden = false;
  strip.show(generator, state); // Takes its place before the picture does.
  pane.image.look(state, true);
  pane.use(generator);
  drawAll(true);
}

// Says why none of the states that are `wanted` can be opened.
function explain(wanted, versions) {
  const { model, version } = state;
  const which = version ? `version ${version} of ${model}` : `version of ${model}`;
  const coming = wanted.some((one) => ["START", "LOADING"].includes(one.state));
  const { failure } = wanted.find((one) => one.failure) ?? {};
  if (versions.length && !coming) {
    activity("");
    obstruct("", "");
    offerLatest(version, versions, failure);
  } else if (failure && !coming) {
    expect(`The server could not load ${model}`, failure.replace(/\.?$/, "."));
  } else expect(`The server has no ${which} yet`);
}

// Looks again in a while for a model that is not there.
function expect(title, reason = "It may still be loading.") {
  activity("");
  obstruct(title, `${reason} This page opens it once it is there.`);
  announce(title);
  watch.later(() => attempt(boot));
}

// Leaves the present model.
function leave() {
  watch.stop();
  generator = null;
  pane.use(null);
  peer.close();
  strip.hide();
  controls.use(null);
  dismiss();
  $("zoom").hidden = true;
  updateStatus();
}

function offerLatest(version, versions, failure) {
  const { model } = state;
  const why = failure ? `could not be loaded: ${failure}` : "is no longer there.";
  const text = `Version ${version} of ${model} ${why}`;
  const [latest] = versions;
  if (!latest) fail(new Error(`${text} There is no other.`));
  else notify("failure", text, `Open version ${latest}`, () => change({ version: "" }));
}

// What a look at the versions on the server tells.
function onVersions(versions) {
  if (!generator) return;
  const { name, version } = generator;
  controls.listVersions(versions, state.version);
  const [latest] = versions;
  if (!versions.includes(version)) {
    offerLatest(version, versions);
  } else if (generator.latest && latest !== version) {
    const text = `Version ${latest} of ${name} has come; this is version ${version}.`;
    notify("news", text, `Open version ${latest}`, () => change({ version: "" }));
  } else dismiss("news");
}

function drawAll(now = false) {
  dismiss("failure");
  markOld("");
  watch.stop();
  strip.show(generator, state);
  pane.draw(state, now);
  peer.draw(state, now);
  onView();
}

// Changes fields of the state, but not those of the view.
function change(changes) {
  const fields = Object.keys(changes);
  state = { ...state, ...changes };
  trail.step(state, fields);
  apply(fields);
}

function apply(fields) {
  controls.show(state);
  if (fields.includes("model") || fields.includes("version")) {
    if (fields.includes("model")) state.compare = "";
    obstruct("", "");
    attempt(openModel);
  } else if (generator) drawAll();
}

// Follows "back", "forward" and an address typed in.
function arrive() {
  const before = state;
  state = parseHash(location.hash);
  state.model ||= models[0] ?? "";
  const fields = Object.keys(state).filter((name) => state[name] !== before[name]);
  if (!fields.length) return;
  if (!models.length) {
    attempt(boot);
    return;
  }
  if (generator) pane.image.look(state);
  apply(fields);
}

function onView() {
  if (!generator || !pane.state) return;
  const { image, solid, shown } = pane;
  if (shown === solid) {
    const { longitude, latitude } = solid;
    Object.assign(state, { longitude, latitude });
    peer.turn(solid);
  } else {
    Object.assign(state, image.looked());
    peer.look(image);
  }
  updateStatus();
  trail.follow(state);
}

function onLoaded(loaded) {
  $("image").dataset.loaded = loaded;
  if (!source.waiting) activity(loaded || !generator ? "" : "Drawing …");
  updateStatus();
  if (!loaded) return;
  markOld("");
  announce(describe(state, generator));
  strip.draw();
}

function updateStatus() {
  showStatus(generator && pane.description(), state);
}

function markOld(name) {
  $("old").hidden = !name;
  $("old").textContent = name && `Still ${name.toLowerCase()}`;
  $("view").classList.toggle("is-old", Boolean(name));
}

function wait(seconds) {
  activity(seconds ? `Server busy: trying again in ${seconds.toFixed(1)} s` : "");
}

// `model` and `version` are those that were asked for.
function fail(error, model = state.model, version = state.version) {
  if (error.name === "AbortError") return;
  const which = version ? `${model}, version ${version}` : model;
  const texts = {
    down: "The server does not answer. Is it running?",
    busy: "The server is too busy to draw this now.",
    missing: `The server does not have this model: ${which}.`,
  };
  const text = texts[error.kind];
  const again = () => attempt(generator ? async () => drawAll(true) : boot);
  const said = text ? `${text} ${error.message}` : error.message;
  notify("failure", said, "Try again", again);
  activity("");
  if (error.kind) obstruct("", ""); // The server's answer says more.
  if (error.kind === "down") watch.await(state.model, again);
  if (error.kind === "missing" && generator) watch.look();
  if (generator) markOld(pane.old);
}

// Runs an action, and reports its failure.
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    fail(error);
  }
}

const solid = () => pane.shown === pane.solid;
const zoomBy = (factor) => solid() || pane.image.zoomBy(factor);

function home() {
  const { x, y, size } = DEFAULTS;
  if (solid()) pane.solid.turnBy(-state.longitude, -state.latitude);
  else pane.image.look({ x, y, size });
}

function move(right, down) {
  if (solid()) pane.solid.turnBy(right * TURN, -down * TURN);
  else pane.image.panBy(right * PAN, down * PAN);
}

function toggleFrame() {
  $("show-frame").checked = !$("show-frame").checked;
  $("show-frame").onchange();
}

function openSheet(field) {
  if (generator?.shows) sheet.open(generator, state, field);
}

// The box that the view shows, without what is veiled.
function shownBox() {
  const { box } = pane.image.view();
  const { region } = generator.metadata.trained;
  return state.beyond ? box : (overlap(box, region) ?? region);
}

function openDownload() {
  if (!generator) return;
  if (!solid()) {
    download.open(generator, state, shownBox());
    return;
  }
  const { canvas } = pane.solid;
  const name = fileName(generator, state, [canvas.width, canvas.height]);
  canvas.toBlob((png) => saveAs(png, name));
}

async function copy(button, text) {
  button.dataset.usual ??= button.textContent;
  await copyText(text);
  button.textContent = "Copied";
  setTimeout(() => (button.textContent = button.dataset.usual), 2000);
}

const copyLink = () => {
  trail.write();
  return copy($("link-copy"), new URL(formatHash(state), location.href).href);
};

const copyCommand = () => {
  const region = regionOf(null, shownBox());
  const command = generateCommand(generator, state, region);
  return copy($("command-copy"), command || "# Mixed styles have no command of their own.");
};

const copyCurl = async () => {
  const box = solid() ? generator.metadata.trained.region : shownBox();
  const line = await curlCommand(generator, state, regionOf(null, box));
  return copy($("curl-copy"), line);
};

function bind(actions) {
  for (const [id, action] of Object.entries(actions)) {
    $(id).onclick = () => attempt(async () => action());
  }
}

bind({
  "zoom-in": () => zoomBy(2),
  "zoom-out": () => zoomBy(0.5),
  "zoom-home": home,
  "seed-sheet": () => openSheet("seed"),
  "other-sheet": () => openSheet("other"),
  "label-sheet": () => openSheet("label"),
  "other-label-sheet": () => openSheet("otherLabel"),
  "download-open": openDownload,
  "link-copy": copyLink,
  "command-copy": copyCommand,
  "curl-copy": copyCurl,
  "help-open": () => $("help").showModal(),
  "veil-lift": () => change({ beyond: true }),
  kind: () => {
    const open = $("kind").getAttribute("aria-expanded") !== "true";
    $("kind").setAttribute("aria-expanded", open);
    $("explanation").hidden = !open;
  },
  "panel-toggle": () => {
    const open = $("panel-toggle").getAttribute("aria-expanded") === "true";
    $("panel-toggle").setAttribute("aria-expanded", !open);
  },
});
$("show-frame").onchange = () => {
  $("view").classList.toggle("frameless", !$("show-frame").checked);
};
addEventListener("popstate", arrive);
listen({
  ArrowLeft: () => move(-1, 0),
  ArrowRight: () => move(1, 0),
  ArrowUp: () => move(0, -1),
  ArrowDown: () => move(0, 1),
  "+": () => zoomBy(2),
  "=": () => zoomBy(2),
  "-": () => zoomBy(0.5),
  0: home,
  n: () => controls.step("seed", 1),
  p: () => controls.step("seed", -1),
  r: () => controls.random("seed"),
  s: () => openSheet("seed"),
  m: () => generator?.mixes && controls.mix(!state.mixing),
  x: () => state.mixing && controls.swap(),
  b: () => change({ beyond: !state.beyond }),
  t: () => change({ trust: !state.trust }),
  f: toggleFrame,
  d: openDownload,
  c: () => attempt(copyLink),
  "?": () => $("help").showModal(),
});
attempt(boot);

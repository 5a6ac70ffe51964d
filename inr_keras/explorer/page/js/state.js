// The state of the page, as a link carries it.

export const DEFAULTS = Object.freeze({
  model: "",
  version: "", // Empty: the latest.
  compare: "", // A second model or version: see `splitPeer`.
  seed: 0,
  other: 1,
  mixing: false,
  amount: 0.5,
  layers: "", // Mixed layers such as "0,1,5". Empty: all of them.
  truncation: 1,
  label: 0,
  otherLabel: 0,
  surface: "plane",
  beyond: false, // Show what lies outside of the trained frame.
  trust: false, // Show the trust map.
  x: 0,
  y: 0,
  size: 2.06, // Length of the view's shorter side; the frame is 2 wide.
  longitude: 0,
  latitude: 0,
});

export const SURFACES = ["plane", "sphere", "cube", "cylinder"];
// Fields that moving about changes.
export const VIEW_FIELDS = ["x", "y", "size", "longitude", "latitude"];
// Fields that choose what else is shown, of the same picture.
const LOOK_FIELDS = ["compare", "surface", "beyond", "trust"];

export const LAST_SEED = 2 ** 31 - 1; // The last one that apps.generate takes.
const RANGES = {
  seed: [0, LAST_SEED],
  other: [0, LAST_SEED],
  amount: [0, 1],
  truncation: [0, 1.5],
  label: [0, 1e6],
  otherLabel: [0, 1e6],
  x: [-46, 46],
  y: [-46, 46],
  size: [1e-6, 96],
  longitude: [-180, 180],
  latitude: [-89, 89],
};
const WHOLE = new Set(["seed", "other", "label", "otherLabel"]);
const FORMS = {
  layers: /^\d+(,\d+)*$/,
  version: /^\d+$/,
  surface: new RegExp(`^(${SURFACES.join("|")})$`),
  model: /./,
  compare: /./,
};

// The nearest number that a field may hold; `fallback` where there is none.
export function number(name, text, fallback = DEFAULTS[name]) {
  const value = Number(text);
  if (String(text).trim() === "" || !Number.isFinite(value)) return fallback;
  const [least, most] = RANGES[name];
  const near = Math.min(Math.max(value, least), most);
  return WHOLE.has(name) ? Math.floor(near) : near;
}

export function parseHash(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  for (const [name, text] of fields) {
    if (name in RANGES) state[name] = number(name, text);
    else if (typeof DEFAULTS[name] === "boolean") state[name] = text === "true";
    else if (FORMS[name]?.test(text)) state[name] = text;
  }
  return state;
}

export function formatHash(state) {
  const fields = new URLSearchParams();
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const exact = typeof usual !== "number" || WHOLE.has(name);
    const value = exact ? state[name] : Number(state[name].toFixed(9));
    if (value !== usual && !Object.is(value, -0)) fields.set(name, value);
  }
  return `#${fields}`;
}

// Identifies a picture of a generator, wherever it is looked at.
export function pictureKey(state) {
  const usual = Object.fromEntries(
    [...VIEW_FIELDS, ...LOOK_FIELDS, "model", "version"].map((name) => [
      name,
      DEFAULTS[name],
    ]),
  );
  return formatHash({ ...state, ...usual });
}

// Says in words what a state shows of a generator.
export function describe({ seed, other, mixing, amount, truncation, label }, generator) {
  const mixed = mixing && generator.mixes;
  const parts = [mixed ? `Seeds ${seed} and ${other} mixed` : `Seed ${seed}`];
  if (mixed) parts.push(`${Math.round(amount * 100)}%`);
  const name = generator.classNames[label];
  if (name) parts.push(name);
  if (truncation !== 1) parts.push(`truncation ${truncation.toFixed(2)}`);
  return parts.join(", ");
}

// The share of the other seed's style in each layer.
export function amounts(state, count) {
  const chosen = state.layers && new Set(state.layers.split(",").map(Number));
  return Array.from({ length: count }, (_, layer) =>
    !chosen || chosen.has(layer) ? state.amount : 0,
  );
}

// {model, version} of a second pane: "NAME" or "NAME/VERSION".
export function splitPeer(peer) {
  const [model, version = ""] = peer.split("/");
  return { model, version };
}

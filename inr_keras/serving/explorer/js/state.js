// Everything that a link carries.

export const DEFAULTS = Object.freeze({
  model: "",
  version: "", // Empty: the one that the server takes by itself.
  seed: 0,
  other: 1,
  mixing: false,
  amount: 0.5,
  layers: "", // Mixed ones such as "0,1,5". Empty: all of them.
  truncation: 1,
  label: 0,
  otherLabel: 0,
  x: 0,
  y: 0,
  size: 2.3, // Of the view's shorter side; the frame is 2 wide.
});

const RANGES = {
  seed: [0, Number.MAX_SAFE_INTEGER],
  other: [0, Number.MAX_SAFE_INTEGER],
  amount: [0, 1],
  truncation: [0, 1.5],
  label: [0, 1e6],
  otherLabel: [0, 1e6],
  x: [-46, 46],
  y: [-46, 46],
  size: [1e-6, 96],
};
const WHOLE = new Set(["seed", "other", "label", "otherLabel"]);

// The nearest number that a field may hold; `fallback` where there is none.
export function number(name, text, fallback = DEFAULTS[name]) {
  const value = Number(text);
  if (String(text).trim() === "" || !Number.isFinite(value)) return fallback;
  const [least, most] = RANGES[name];
  const near = Math.min(Math.max(value, least), most);
  return WHOLE.has(name) ? Math.floor(near) : near;
}

export function parseHash(hash) {
  const told = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  for (const [name, text] of told) {
    if (name in RANGES) state[name] = number(name, text);
    else if (name === "mixing") state.mixing = text === "true";
    else if (name === "layers" && /^\d+(,\d+)*$/.test(text)) state.layers = text;
    else if (name === "version" && /^\d+$/.test(text)) state.version = text;
    else if (name === "model") state.model = text;
  }
  return state;
}

export function formatHash(state) {
  const told = new URLSearchParams();
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    const exact = typeof usual !== "number" || WHOLE.has(name);
    const value = exact ? state[name] : Number(state[name].toFixed(9));
    if (value !== usual && !Object.is(value, -0)) told.set(name, value);
  }
  return `#${told}`;
}

// How much of the other seed's style each layer takes.
export function amounts(state, count) {
  const chosen = state.layers && new Set(state.layers.split(",").map(Number));
  return Array.from({ length: count }, (_, layer) =>
    !chosen || chosen.has(layer) ? state.amount : 0,
  );
}

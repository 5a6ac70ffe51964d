// The state of the page, as a link carries it.

export const DEFAULTS = Object.freeze({
  model: "",
  version: "", // Empty: the server's default.
  seed: 0,
  other: 1,
  mixing: false,
  amount: 0.5,
  layers: "", // Mixed layers such as "0,1,5". Empty: all of them.
  truncation: 1,
  label: 0,
  otherLabel: 0,
  x: 0,
  y: 0,
  size: 2.3, // Length of the view's shorter side; the frame is 2 wide.
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
  const fields = new URLSearchParams(hash.replace(/^#/, ""));
  const state = { ...DEFAULTS };
  for (const [name, text] of fields) {
    if (name in RANGES) state[name] = number(name, text);
    else if (name === "mixing") state.mixing = text === "true";
    else if (name === "layers" && /^\d+(,\d+)*$/.test(text)) state.layers = text;
    else if (name === "version" && /^\d+$/.test(text)) state.version = text;
    else if (name === "model") state.model = text;
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

// The share of the other seed's style in each layer.
export function amounts(state, count) {
  const chosen = state.layers && new Set(state.layers.split(",").map(Number));
  return Array.from({ length: count }, (_, layer) =>
    !chosen || chosen.has(layer) ? state.amount : 0,
  );
}

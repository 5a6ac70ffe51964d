// What the bar below the picture says of the view, compared with training.

const $ = (id) => document.getElementById(id);

const EXPLANATIONS = {
  interpolation:
    "Interpolation: the view lies in the frame of the training images, and its " +
    "samples are no closer than there.",
  "super-resolution":
    "Super-resolution: the samples are closer than in training. The network fills " +
    "in what lies between, more smoothly the closer they are.",
  extrapolation:
    "Extrapolation: a part of the view lies outside of the frame of the training " +
    "images. There the network makes up what it draws.",
};

// `description` is a pane's; `null` where nothing is shown.
export function showStatus(description, state) {
  $("status").hidden = !description;
  if (!description) return;
  const { kind, outside, octaves, even, box } = description;
  const share = Math.max(1, Math.round(outside * 100));
  const text = kind === "extrapolation" ? `${share}% extrapolation` : kind;
  if ($("kind").textContent !== text) $("kind").textContent = text;
  $("kind").dataset.kind = kind;
  $("kind").title = EXPLANATIONS[kind];
  $("explanation").textContent = EXPLANATIONS[kind];
  const way = octaves < 0 ? "out" : "in";
  const times = 2 ** Math.abs(octaves);
  const scale = octaves < 0 ? `1/${round(times)}` : round(times);
  $("measure").textContent =
    `${scale} × trained density, ${Math.abs(octaves).toFixed(1)} octaves ${way}`;
  $("nothing-new").classList.toggle("idle", !(even && octaves > 0.5));
  // What is idle keeps its place, so that the picture keeps its size.
  const reaches = box.some((n) => Math.abs(n) > 1.001);
  $("veil").hidden = state.beyond || state.surface !== "plane";
  $("veil").classList.toggle("idle", !reaches);
}

const round = (n) => (n < 100 ? n.toPrecision(2) : Math.round(n));

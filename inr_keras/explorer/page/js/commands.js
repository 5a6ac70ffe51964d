// The lines that draw the present view without the page.

import { sampleBox, sizeOf } from "./geometry.js";

const PREVIEW = 1024; // Samples along the longer side of a copied line's picture.

// {box, size} of what a pane shows, with `width` samples or as many as are usual.
export function regionOf(view, within, width = 0) {
  const box = within ?? view.box;
  const size = sizeOf(box, PREVIEW);
  if (width) {
    size[1] = Math.max(1, Math.round((width * (box[3] - box[1])) / (box[2] - box[0])));
    size[0] = width;
  }
  return { box, size };
}

// The line of apps.generate; empty where there is none, for mixed styles.
export function generateCommand(generator, state, { box, size }) {
  if (state.mixing && generator.mixes) return "";
  const { seed, truncation, surface } = state;
  const { name, version, latest, classNames } = generator;
  const { label } = generator.label(state.label);
  const folder = latest ? name : `${name}/${version}`;
  const [width, height] = size;
  const plane = surface === "plane";
  const { alignment } = generator.metadata;
  const region = sampleBox(box, width, height, alignment).map(short);
  const options = [
    `--model=${quoted(`saved_models/${folder}`)}`,
    `--seeds=${seed}`,
    ...(plane
      ? [`--size=${width}x${height}`, `--region=${region.join(",")}`]
      : [`--size=${height}`, `--surface=${surface}`]),
    `--truncation=${truncation}`,
    ...(label === undefined ? [] : [`--class=${quoted(classNames[label])}`]),
    `--out=${quoted(`${name}-${seed}.png`)}`,
  ];
  return `python -m apps.generate ${options.join(" \\\n    ")}`;
}

// The line that asks the server for the same picture, by curl.
export async function curlCommand(generator, state, { box, size }, signal) {
  const { signature, what } = await generator.request(state, signal);
  const [width, height] = size;
  const samples = sampleBox(box, width, height, generator.metadata.alignment);
  const inputs = { ...what, box: samples.map(short), height, width };
  const body = JSON.stringify({ signature_name: signature, inputs });
  const decode =
    "import base64, json, sys; sys.stdout.buffer.write(" +
    'base64.b64decode(json.load(sys.stdin)["outputs"]["b64"]))';
  return (
    `curl -sS -d ${quoted(body)} \\\n    ${quoted(generator.address)} |\n` +
    `    python -c ${quoted(decode)} > ${quoted(`${generator.name}.png`)}`
  );
}

const short = (n) => Number(n.toPrecision(9));

// Quotes a text for a POSIX shell.
function quoted(text) {
  return /^[\w./@+:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

// Without a secure context (http of another machine) there is no clipboard.
export async function copyText(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// A thread that draws: it answers one request after the other.

import { Answers } from "./answers.js";
import { Network } from "./network.js";
import { WasmDrawing } from "./wasm.js";
import { WebglDrawing } from "./webgl.js";

const MOST = 2; // Levels of 255 by which a drawing may differ from Python's.
const DRAWINGS = { webgl: WebglDrawing, wasm: WasmDrawing };

const waiting = new Map();
let opening = null; // Promises answers.
let isBusy = false;

// The first of the drawings that works here.
async function open(address, names) {
  const network = await Network.open(address);
  const reasons = [];
  for (const name of names) {
    try {
      const answers = new Answers(network, new DRAWINGS[name](network, names.length === 1));
      const difference = await answers.difference();
      if (difference <= MOST) return answers;
      reasons.push(`${name} is wrong by ${difference} levels`);
    } catch (error) {
      reasons.push(`${name}: ${error.message}`);
    }
  }
  throw new Error(`This browser cannot draw the pictures (${reasons.join("; ")}).`);
}

async function work() {
  if (isBusy) return;
  isBusy = true;
  for (const [id, request] of waiting) {
    const pause = async () => {
      await nextMessages();
      if (!waiting.has(id)) throw new Error("Cancelled.");
    };
    try {
      await pause();
      const answers = await opening;
      postMessage({ id, answer: await answers.predict(request, pause) });
    } catch (error) {
      postMessage({ id, error: error.message });
    }
    waiting.delete(id);
  }
  isBusy = false;
}

// Lets messages that have come be handled.
function nextMessages() {
  return new Promise((resolve) => setTimeout(resolve));
}

onmessage = ({ data }) => {
  if (data.cancel) {
    waiting.delete(data.cancel);
  } else if (data.open) {
    opening = open(data.open, data.drawings);
    opening.then(
      ({ drawing }) => postMessage({ id: data.id, answer: drawing.name }),
      ({ message }) => postMessage({ id: data.id, error: message }),
    );
  } else {
    waiting.set(data.id, data.request);
    work();
  }
};

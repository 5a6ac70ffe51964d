// How often work is done that each movement of a hand asks for.

// Returns a function that runs `work` at once, or after the run before, which it
// begins at least `pause` milliseconds later. Calls in between become one.
export function latest(work, pause) {
  let running = false;
  let again = false;
  return async function run() {
    again = running;
    if (running) return;
    running = true;
    const rested = new Promise((resolve) => setTimeout(resolve, pause));
    try {
      await work();
      await rested;
    } finally {
      running = false;
    }
    if (again) await run();
  };
}

// Returns a function that runs `work` once it has not been called for `pause`.
export function rested(work, pause) {
  let timer = 0;
  return (wait = pause) => {
    clearTimeout(timer);
    timer = setTimeout(work, wait);
  };
}

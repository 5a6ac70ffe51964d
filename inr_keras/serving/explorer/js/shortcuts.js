// Keys that work wherever no text is being typed.

const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

// `actions` maps keys to functions. `viewer` pans by itself while its canvas
// has the focus.
export function listen(viewer, actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches("input:not([type=checkbox]), select, textarea")) {
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
      return;
    }
    const arrow = ARROWS[event.key];
    if (!arrow || event.target !== document.body) return;
    const { width, height } = viewer.viewport.getBounds();
    const [x, y] = [(arrow[0] * width) / 8, (arrow[1] * height) / 8];
    viewer.viewport.panBy(new OpenSeadragon.Point(x, y)).applyConstraints();
    event.preventDefault();
  });
}

// Keys that work wherever no text is being typed.

const TYPING = "input:not([type=checkbox]), select, textarea";

// `actions` maps keys to functions.
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    action();
  });
}

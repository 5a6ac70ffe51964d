// Keys that work wherever they mean nothing else.

const TYPING = "input:not([type=checkbox], [type=range]), select, textarea";
const SLIDING = /^(Arrow|Page|Home|End)/;

// `actions` maps keys to functions.
export function listen(actions) {
  document.addEventListener("keydown", (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.matches(TYPING)) return;
    if (event.target.matches("[type=range]") && SLIDING.test(event.key)) return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    action();
  });
}

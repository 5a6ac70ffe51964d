// The banner above the picture, and what is said to screen readers.

const $ = (id) => document.getElementById(id);

// Shows a text with a button, "failure" or "news" as `kind`: news never hide a
// failure.
export function notify(kind, text, label, action) {
  const banner = $("banner");
  if (!banner.hidden && banner.dataset.kind === "failure" && kind === "news") return;
  banner.dataset.kind = kind;
  $("banner-text").textContent = text;
  $("banner-act").textContent = label;
  $("banner-act").onclick = action;
  banner.hidden = false;
}

// Takes a banner away, of one kind or of any.
export function dismiss(kind = "") {
  if (!kind || $("banner").dataset.kind === kind) $("banner").hidden = true;
}

export function announce(text) {
  if ($("announcement").textContent !== text) $("announcement").textContent = text;
}

export function activity(text) {
  $("activity").textContent = text;
}

// Stands in the place of a picture that cannot be.
export function obstruct(title, text) {
  $("obstacle").hidden = !title;
  $("obstacle-title").textContent = title;
  $("obstacle-text").textContent = text;
}

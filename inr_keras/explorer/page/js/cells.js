// Small pictures in buttons, of seeds or of classes.

// A button of {caption, name, value}, for the picture to come.
export function cellButton({ caption, name, value }, chosen) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.value = value;
  button.setAttribute("aria-label", name);
  if (chosen) button.setAttribute("aria-current", "true");
  const image = document.createElement("img");
  image.alt = "";
  const text = document.createElement("span");
  text.textContent = caption;
  button.append(image, text);
  return button;
}

// Draws the pictures of `cells`, in `generator.thumbnails`'s form, into buttons.
export async function fillCells(buttons, cells, generator, signal) {
  for await (const [i, png] of generator.thumbnails(cells, signal)) {
    if (signal.aborted) return;
    showPng(buttons[i].querySelector("img"), png);
  }
}

// Shows a PNG in an <img>.
export function showPng(image, png) {
  const address = URL.createObjectURL(png);
  image.onload = () => URL.revokeObjectURL(address);
  image.src = address;
}

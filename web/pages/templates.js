// Markup stands in the page's <template> elements; scripts clone it and fill in text.

import { translate } from "./strings.js";

/** The one element of the template with this id, in the reader's language. */
export function cloned(id) {
  const fragment = document.getElementById(id).content.cloneNode(true);
  translate(fragment);
  return fragment.firstElementChild;
}

/** The element of `root` that is marked `data-slot="name"`. */
export function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

/** Fills the slots named with text; one whose text is null or "" is hidden. */
export function fill(root, texts) {
  for (const [name, text] of Object.entries(texts)) {
    const element = slot(root, name);
    const shown = text ?? "";
    if (element.textContent !== String(shown)) element.textContent = shown;
    element.hidden = shown === "";
  }
}

/** Has a screen reader say something, through the page's one live region `#said`. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

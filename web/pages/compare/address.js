// What the page's address keeps, so that a comparison can be shared: products, not uploads.

const NAMES = ["product_1", "product_2", "collection", "method", "model", "threshold"];

/** The choices in the address, as texts; what is not there is "". */
export function readAddress() {
  const query = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
}

/** Writes the choices without a new step in the history: a slider would fill it. */
export function writeAddress(choices) {
  const query = new URLSearchParams(location.search);
  // Set anew in one order, so that the same choices have the same address.
  for (const name of NAMES) query.delete(name);
  for (const name of NAMES) if (choices[name]) query.set(name, choices[name]);
  const text = query.toString();
  history.replaceState(null, "", location.pathname + (text && `?${text}`));
}

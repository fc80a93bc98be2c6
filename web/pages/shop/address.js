// What the shop shows, in the page's address: `filter` as of the API, `product`, `collection`.
// Other parameters belong to others, such as the widget, and stay.

/** {filter: object, product: id or "", collection: name or ""}; a filter that is no JSON is none. */
export function readAddress() {
  const parameters = new URLSearchParams(location.search);
  return {
    filter: parsed(parameters.get("filter")),
    product: parameters.get("product") ?? "",
    collection: parameters.get("collection") ?? "",
  };
}

/**
 * Writes what has changed, as a new entry of the history; with `replace` into the present one.
 * `opened` marks an entry that going back leads out of.
 */
export function change(changes, { replace = false, opened = false } = {}) {
  const method = replace ? "replaceState" : "pushState";
  history[method]({ opened }, "", addressWith(changes));
}

export function addressWith(changes) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(changes)) {
    const text = name === "filter" ? written(value) : value;
    if (text) address.searchParams.set(name, text);
    else address.searchParams.delete(name);
  }
  return address.href;
}

function written(filter) {
  return Object.keys(filter).length ? JSON.stringify(filter) : "";
}

function parsed(text) {
  if (!text) return {};
  try {
    const filter = JSON.parse(text);
    return filter !== null && typeof filter === "object" && !Array.isArray(filter) ? filter : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

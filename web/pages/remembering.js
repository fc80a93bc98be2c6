// What the browser keeps for the pages. One that keeps nothing, since its user blocks storage,
// refuses with a SecurityError: the page then goes on with what it has in memory.

const inMemory = new Map();

/** The text kept under `name`, or null. `storage` is "localStorage" or "sessionStorage". */
export function remembered(storage, name) {
  return inMemory.get(name) ?? kept(storage, (place) => place.getItem(name));
}

export function remember(storage, name, text) {
  inMemory.set(name, text);
  kept(storage, (place) => place.setItem(name, text));
}

function kept(storage, action) {
  try {
    return action(window[storage]);
  } catch (error) {
    if (error.name === "SecurityError" || error.name === "QuotaExceededError") return null;
    throw error;
  }
}

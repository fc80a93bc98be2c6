// What a reader is told of an error.

import { ApiError } from "./api.js";

/** The sentence of a refusal. Anything else is a fault of the page itself: it goes on, to be seen. */
export function told(error) {
  if (!(error instanceof ApiError)) throw error;
  return error.message;
}

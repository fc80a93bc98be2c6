// POST /v1/compare: two sides and how to look at them.

import { call } from "../api.js";

/**
 * The answer for two pictures, each `{blob}` or `{productId}`. No threshold is sent: the answer
 * names the model's own, and the page applies another one by itself.
 */
export function compare(first, second, { method, model, collection, signal }) {
  const body = new FormData();
  [first, second].forEach((picture, index) => {
    const number = index + 1;
    if (picture.productId === undefined) body.append(`image_${number}`, picture.blob);
    else body.append(`product_id_${number}`, picture.productId);
  });
  body.append("method", method);
  if (method === "embedding" && model) body.append("model", model);
  if (collection) body.append("collection", collection);
  return call("/v1/compare", { method: "POST", body, signal });
}

/**
 * Milliseconds of the stages that look at the pictures, and of the rest: loading a model, 0 where it
 * was in memory already.
 */
export function times(answer) {
  const { total, ...stages } = answer.took_ms;
  const looking = Object.values(stages).reduce((sum, each) => sum + each, 0);
  const rest = total - looking;
  return { looking, loading: rest > LOADING_MS ? rest : 0 };
}

// Less is bookkeeping.
const LOADING_MS = 100;

/** The number of the side that an error is about: 1, 2, or null where it is about neither. */
export function sideOf(error) {
  const field = error.errors?.[0]?.field ?? "";
  const number = /_([12])$/.exec(field)?.[1];
  return number ? Number(number) : null;
}

/** Whether an error is about the model that was chosen. */
export function isOfModel(error) {
  return error.errors?.[0]?.field === "model" || /^model-/.test(error.code ?? "");
}

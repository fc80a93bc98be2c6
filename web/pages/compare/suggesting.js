// Product ids to choose from, for those who know none by heart.

import { call } from "../api.js";

const SHOWN = 100;

/** Fills the page's list of suggestions with the first products of a collection. */
export async function suggestProducts(collection) {
  const query = new URLSearchParams({ limit: String(SHOWN) });
  if (collection) query.set("collection", collection);
  const list = document.getElementById("products");
  list.replaceChildren();
  const { products } = await call(`/v1/products?${query}`);
  list.replaceChildren(...products.map(({ id, title }) => new Option(title ?? id, id)));
}

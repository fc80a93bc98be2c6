// The demo shop: what is for sale, narrowed by filters, and found by picture.

import { apiKey, call } from "./api.js";
import { startPage } from "./page.js";
import { change, readAddress } from "./shop/address.js";
import { Detail } from "./shop/detail.js";
import { Filters } from "./shop/filters.js";
import { offerSamples } from "./shop/samples.js";
import { Shelf } from "./shop/shelf.js";

startPage();

const main = document.getElementById("main");
const search = document.getElementById("search");
const shelf = new Shelf(document.getElementById("shelf"), { page: pageOfProducts });
const filters = new Filters(document.getElementById("filters"), {
  changed: (filter) => show(() => change({ filter })),
});
const detail = new Detail(document.getElementById("detail"), {
  read: (id) => call(`/v1/products/${encodeURIComponent(id)}?${inCollection()}`),
  similar: (id) => search.searchProduct(id),
  closed: leaveDetail,
});
let filtered = null;

search.setAttribute("api-key", apiKey());
document.addEventListener("api-key", () => search.setAttribute("api-key", apiKey()));
search.addEventListener("search", () => main.toggleAttribute("data-searching", true));
search.addEventListener("clear", () => main.toggleAttribute("data-searching", false));
search.addEventListener("select", (event) => {
  event.preventDefault();
  openDetail(event.detail.hit.product_id);
});
document.getElementById("products").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-product-id]");
  // With a modifier it is to be opened beside this page, at the address it has.
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  openDetail(link.dataset.productId);
});
document.getElementById("clear-filters").addEventListener("click", () => {
  show(() => change({ filter: {} }));
});
window.addEventListener("popstate", () => show());
offerSamples(document.getElementById("samples"));
show();

/** What the address says, once `first` has changed it. */
function show(first = () => {}) {
  first();
  const { filter, product, collection } = readAddress();
  if (collection) search.setAttribute("collection", collection);
  else search.removeAttribute("collection");
  const wanted = JSON.stringify([filter, collection]);
  if (wanted !== filtered) {
    filtered = wanted;
    document.getElementById("clear-filters").hidden = Object.keys(filter).length === 0;
    shelf.load((answering) => filters.load(answering, filter));
  }
  detail.show(product);
}

function openDetail(product) {
  show(() => change({ product }, { opened: true }));
}

/** Back to where it was opened; where the page began with it, to the shop. */
function leaveDetail() {
  if (!readAddress().product) return;
  if (history.state?.opened) history.back();
  else change({ product: "" }, { replace: true });
}

function pageOfProducts(offset, limit, signal) {
  const { filter } = readAddress();
  const asked = new URLSearchParams({ offset, limit, filter: JSON.stringify(filter) });
  return call(`/v1/products?${asked}&${inCollection()}`, { signal });
}

function inCollection() {
  const { collection } = readAddress();
  return new URLSearchParams(collection ? { collection } : {});
}

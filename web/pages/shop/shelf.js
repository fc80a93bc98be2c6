// The products as a grid, a page at a time.

import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, slot } from "../templates.js";
import { addressWith } from "./address.js";
import { showPicture } from "./pictures.js";
import { price } from "./price.js";

const PAGE = 20;

export class Shelf {
  /** `page(offset, limit, signal)` answers a page of products as the API does. */
  constructor(root, { page }) {
    this.root = root;
    this.page = page;
    this.grid = root.querySelector("#products");
    this.more = root.querySelector("#more");
    this.failure = root.querySelector("#failure");
    this.shown = new Set();
    this.asked = 0;
    this.asking = new AbortController();
    this.more.addEventListener("click", () => this.next());
    slot(this.failure, "again").addEventListener("click", () => this.again());
  }

  /**
   * From the first product on; `answered(collection)` is called with the collection that these are
   * of.
   */
  async load(answered) {
    await this.attempt(
      () => this.load(answered),
      async (signal) => {
        const answer = await this.page(0, PAGE, signal);
        this.grid.replaceChildren();
        this.shown.clear();
        this.asked = 0;
        this.show(answer);
        answered(answer.collection);
      },
    );
  }

  async next() {
    const before = this.grid.children.length;
    await this.attempt(
      () => this.next(),
      async (signal) => this.show(await this.page(this.asked, PAGE, signal)),
    );
    // The button may be gone with the last page; the keyboard goes on where the new ones begin.
    this.grid.children[before]?.querySelector("a").focus({ preventScroll: true });
  }

  /** One piece of work at a time: a new one gives up the one before. `again` does it once more. */
  async attempt(again, work) {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    this.again = again;
    this.failure.hidden = true;
    this.root.setAttribute("aria-busy", "true");
    try {
      await work(signal);
    } catch (error) {
      if (signal.aborted) return;
      fill(this.failure, { sentence: told(error) });
      this.failure.hidden = false;
    }
    if (!signal.aborted) this.root.removeAttribute("aria-busy");
  }

  show({ products, total }) {
    this.asked += products.length;
    // A product that was put while the reader went on may stand on two pages.
    for (const product of products.filter(({ id }) => !this.shown.has(id))) {
      this.shown.add(product.id);
      this.grid.append(card(product));
    }
    const filtered = new URLSearchParams(location.search).has("filter");
    this.more.hidden = this.asked >= total || products.length === 0;
    this.root.querySelector("#empty").hidden = total > 0 || filtered;
    this.root.querySelector("#nothing").hidden = total > 0 || !filtered;
    this.root.querySelector("#count").textContent = t("shop.count", { n: total });
  }
}

function card(product) {
  const item = cloned("product");
  const link = slot(item, "link");
  const similar = slot(item, "similar");
  const title = product.title ?? product.id;
  fill(item, { title, price: price(product.price) });
  link.href = addressWith({ product: product.id });
  link.dataset.productId = product.id;
  similar.dataset.productId = product.id;
  similar.setAttribute("aria-label", t("shop.similar_to", { title }));
  if (product.images.length) showPicture(slot(item, "image"), product.images[0].url);
  return item;
}

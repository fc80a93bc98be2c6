// One product: its pictures, what is known of it, and the way to what is like it.

import { element } from "../elements.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { fill, slot } from "../templates.js";
import { fieldName } from "./fields.js";
import { scaled, showPicture } from "./pictures.js";
import { price } from "./price.js";

export class Detail {
  /**
   * `read(id)` answers a product as the API does; `similar(id)` searches with it; `closed()` is
   * called when the reader closes it.
   */
  constructor(dialog, { read, similar, closed }) {
    this.dialog = dialog;
    this.read = read;
    this.id = "";
    slot(dialog, "close").addEventListener("click", () => dialog.close());
    slot(dialog, "similar").addEventListener("click", () => {
      const { id } = this;
      dialog.close();
      similar(id);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => {
      const byReader = this.id !== "";
      this.id = "";
      if (byReader) closed();
    });
  }

  /** Opens it with the product of this id; "" closes it. */
  async show(id) {
    if (id === this.id) return;
    this.id = id;
    if (!id) {
      this.dialog.close();
      return;
    }
    this.clear();
    this.dialog.showModal();
    try {
      const { product } = await this.read(id);
      if (this.id === id) this.fill(product);
    } catch (error) {
      if (this.id === id) fill(this.dialog, { title: t("shop.no_product"), error: told(error) });
    }
  }

  clear() {
    fill(this.dialog, { title: "…", category: "", price: "", error: "" });
    for (const name of ["pictures", "attributes"]) slot(this.dialog, name).replaceChildren();
    for (const name of ["picture", "similar", "compare", "source"]) slot(this.dialog, name).hidden = true;
  }

  fill(product) {
    fill(this.dialog, {
      title: product.title ?? product.id,
      category: product.category,
      price: price(product.price),
    });
    this.fillPictures(product.images);
    slot(this.dialog, "attributes").append(...Object.entries(product.attributes).flatMap(row));
    slot(this.dialog, "similar").hidden = product.images.length === 0;
    const compare = slot(this.dialog, "compare");
    compare.href = `/compare?${new URLSearchParams({ product_1: product.id })}`;
    compare.hidden = product.images.length === 0;
    const source = slot(this.dialog, "source");
    source.hidden = !leadsSomewhere(product.url);
    if (!source.hidden) source.href = product.url;
  }

  fillPictures(images) {
    const large = slot(this.dialog, "picture");
    large.hidden = images.length === 0;
    if (images.length) large.src = scaled(images[0].url, 640);
    if (images.length < 2) return;
    const buttons = images.map((image, index) => {
      const small = element("img", { alt: "", width: 72, height: 72, sizes: "72px" });
      showPicture(small, image.url);
      const label = t("shop.picture", { n: index + 1, of: images.length });
      const button = element("button", { type: "button", ariaLabel: label }, small);
      button.setAttribute("aria-pressed", index === 0);
      button.addEventListener("click", () => {
        large.src = scaled(image.url, 640);
        for (const each of buttons) each.setAttribute("aria-pressed", each === button);
      });
      return button;
    });
    slot(this.dialog, "pictures").append(...buttons.map((button) => element("li", {}, button)));
  }
}

/** An address on the web: `javascript:` would run as this page's own, and `.example`, where the
 * demo's products are, is a name that nobody has (RFC 2606). */
function leadsSomewhere(address) {
  if (!URL.canParse(address ?? "")) return false;
  const { protocol, hostname } = new URL(address);
  return ["http:", "https:"].includes(protocol) && !hostname.endsWith(".example");
}

function row([name, value]) {
  if (value === null) return [];
  return [element("div", {}, element("dt", {}, fieldName(name)), element("dd", {}, String(value)))];
}

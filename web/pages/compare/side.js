// One of the two pictures: chosen, dropped, pasted, or a product's own.

import { call } from "../api.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, say, slot } from "../templates.js";
import { takeDrops } from "../well.js";
import { scaledDown } from "./scaling.js";

export class Side {
  /**
   * `number` is 1 or 2; `changed()` is called when the picture is another one, or gone;
   * `collection()` says where products are looked up.
   */
  constructor(number, { changed, collection }) {
    this.root = cloned("side");
    /** `{blob}`, `{productId}`, or null while there is no picture. */
    this.picture = null;
    this._changed = changed;
    this._collection = collection;
    this._round = 0;
    for (const name of ["title", "well", "image", "caption", "file", "product", "id", "error"]) {
      this[`_${name}`] = slot(this.root, name);
    }
    this._title.textContent = t(`compare.picture_${number}`);
    this._title.id = `title-of-side-${number}`;
    this.root.setAttribute("aria-labelledby", this._title.id);
    this._error.id = `error-of-side-${number}`;
    this._id.setAttribute("aria-describedby", this._error.id);
    this._listen();
  }

  /** Takes a picture file: shown at once, scaled down where it is large. */
  async takeFile(file) {
    const round = this._begin();
    // A kind without a name here may be one that the service knows.
    if (file.type && !file.type.startsWith("image/")) {
      this.fail(t("compare.no_picture", { name: file.name || t("compare.what_was_given") }));
      return;
    }
    const blob = await scaledDown(file);
    if (round !== this._round) return;
    this._id.value = "";
    this._show(URL.createObjectURL(blob), file.name || t("compare.pasted"));
    this._set({ blob });
  }

  /** Takes a product, whose first picture is shown; the service takes its best one. */
  async takeProduct(productId) {
    const round = this._begin();
    this._id.value = productId;
    const query = this._collection() ? `?collection=${encodeURIComponent(this._collection())}` : "";
    try {
      const { product } = await call(`/v1/products/${encodeURIComponent(productId)}${query}`);
      if (round !== this._round) return;
      if (!product.images.length) {
        this.fail(t("compare.product_without_picture", { id: productId }));
        return;
      }
      this._show(product.images[0].url, product.title ?? product.id);
      this._set({ productId });
    } catch (error) {
      if (round === this._round) this.fail(told(error));
    }
  }

  /** Says what is wrong with this picture, beside it. */
  fail(text) {
    this._error.textContent = text;
    this._error.hidden = false;
    this._id.setAttribute("aria-invalid", String(this.picture?.productId !== undefined));
  }

  clearError() {
    this._error.textContent = "";
    this._error.hidden = true;
    this._id.removeAttribute("aria-invalid");
  }

  _begin() {
    this.clearError();
    this._round += 1;
    return this._round;
  }

  _set(picture) {
    this.picture = picture;
    this._changed();
  }

  _show(url, caption) {
    this._forgetImage();
    this._image.src = url;
    this._image.alt = caption;
    this._caption.textContent = caption;
    this._well.classList.add("is-filled");
  }

  _forgetImage() {
    if (this._image.src.startsWith("blob:")) URL.revokeObjectURL(this._image.src);
    this._image.removeAttribute("src");
  }

  _clear() {
    this._begin();
    this._forgetImage();
    this._image.alt = "";
    this._id.value = "";
    this._well.classList.remove("is-filled");
    this._set(null);
    slot(this.root, "choose").focus();
    say(t("compare.removed"));
  }

  _listen() {
    slot(this.root, "choose").addEventListener("click", () => this._file.click());
    slot(this.root, "remove").addEventListener("click", () => this._clear());
    this._file.addEventListener("change", () => {
      const [file] = this._file.files;
      this._file.value = "";
      if (file) this.takeFile(file);
    });
    this._product.addEventListener("submit", (event) => {
      event.preventDefault();
      const id = this._id.value.trim();
      if (id) this.takeProduct(id);
      else this.fail(t("compare.no_id"));
    });
    takeDrops(this._well, {
      dropped: ({ files: [file] }) => {
        if (file) this.takeFile(file);
        else this.fail(t("compare.dropped_no_file"));
      },
    });
  }
}

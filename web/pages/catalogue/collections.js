// One card a collection: what it holds, what serves it, and what can be done with it.

import { call } from "../api.js";
import { moment, percent, whole } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, slot } from "../templates.js";

export class CollectionList {
  /** `actions` has `reindex(collection)` and `remove(collection)`. */
  constructor(root, actions) {
    this._root = root;
    this._actions = actions;
    this._cards = new Map();
    /** As of the last look. */
    this.collections = [];
  }

  /** Reads them all. Raises ApiError. */
  async look() {
    const { collections } = await call("/v1/collections");
    this.collections = collections;
    slot(this._root, "none").hidden = collections.length > 0;
    const kept = new Set(collections.map((each) => each.name));
    for (const name of this._cards.keys()) {
      if (!kept.has(name)) this._cards.delete(name);
    }
    const cards = collections.map((each) => {
      const card = this._cards.get(each.name) ?? new Card(this._actions);
      this._cards.set(each.name, card);
      card.show(each);
      return card.root;
    });
    const list = slot(this._root, "list");
    // Only when it is another list: moving a card would take the focus out of it.
    if (cards.length !== list.children.length || cards.some((card, place) => card !== list.children[place])) {
      list.replaceChildren(...cards);
    }
  }
}

class Card {
  constructor(actions) {
    this.root = cloned("collection");
    this._collection = null;
    this._release = null;
    this._releases = slot(this.root, "releases");
    this._releases.addEventListener("toggle", () => {
      if (this._releases.open) this._loadReleases();
    });
    slot(this.root, "reindex").addEventListener("click", () => actions.reindex(this._collection));
    slot(this.root, "remove").addEventListener("click", () => actions.remove(this._collection));
  }

  show(collection) {
    this._collection = collection;
    const { release, calibration } = collection;
    fill(this.root, {
      name: collection.name,
      description: collection.description,
      products: whole(collection.products),
      images: whole(collection.images),
      model: collection.model,
      recipe: release?.recipe ?? t("catalogue.no_release"),
      agreement: release ? percent(release.agreement) : "–",
      calibration: calibration
        ? t("catalogue.calibrated", { cut: percent(calibration.cut) })
        : t("catalogue.not_calibrated"),
      created: moment(collection.created_at),
      trouble: collection.trouble,
    });
    for (const name of ["reindex", "remove"]) {
      const button = slot(this.root, name);
      button.setAttribute("aria-label", `${button.textContent} ${collection.name}`);
    }
    const isNew = this._release !== (release?.id ?? null);
    this._release = release?.id ?? null;
    if (isNew && this._releases.open) this._loadReleases();
  }

  async _loadReleases() {
    const rows = slot(this.root, "release-rows");
    try {
      const { releases } = await call(
        `/v1/collections/${encodeURIComponent(this._collection.name)}/releases`,
      );
      rows.replaceChildren(...releases.map(releaseRow));
      fill(this.root, { "release-note": releases.length ? "" : t("catalogue.no_releases") });
      slot(this.root, "release-table").hidden = releases.length === 0;
    } catch (error) {
      fill(this.root, { "release-note": told(error) });
    }
  }
}

function releaseRow(release) {
  const row = cloned("release");
  fill(row, {
    id: release.id,
    current: release.current ? t("catalogue.current") : "",
    model: release.model,
    recipe: release.recipe,
    count: whole(release.count),
    agreement: percent(release.agreement),
    created: moment(release.created_at),
  });
  return row;
}

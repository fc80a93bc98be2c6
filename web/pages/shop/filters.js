// The collection's own fields as filters, each value with how many products it would leave.

import { call } from "../api.js";
import { whole } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, slot } from "../templates.js";
import { fieldName } from "./fields.js";
import { price } from "./price.js";

// Values shown at once; those fewer products have are folded away.
const AT_ONCE = 8;
const WIDE = window.matchMedia("(min-width: 60rem)");

export class Filters {
  /** `changed(filter)` is called with a filter of the API when the reader has changed it. */
  constructor(details, { changed }) {
    this.details = details;
    this.form = slot(details, "form");
    this.changed = changed;
    this.asking = new AbortController();
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => this.changed(this.chosen()));
    const unfold = () => {
      details.open = WIDE.matches;
    };
    WIDE.addEventListener("change", unfold);
    unfold();
  }

  /** Shows what the products of `collection` under `filter` can be narrowed by. */
  async load(collection, filter) {
    this.asking.abort();
    const { signal } = (this.asking = new AbortController());
    const asked = new URLSearchParams({ filter: JSON.stringify(filter) });
    const path = `/v1/collections/${encodeURIComponent(collection)}/facets?${asked}`;
    try {
      const { facets } = await call(path, { signal });
      this.show(facets, filter);
    } catch (error) {
      if (!signal.aborted) fill(this.details, { error: told(error) });
    }
  }

  show(facets, filter) {
    const offered = facets.filter((facet) => facet.kind === "range" || facet.values.length);
    const count = Object.keys(filter).length;
    this.filter = filter;
    this.keepingFocus(() => {
      this.fields = offered.map((facet) => fieldset(facet, filter[facet.field]));
      this.form.replaceChildren(...this.fields.map(({ root }) => root));
    });
    fill(this.details, {
      chosen: count ? t("shop.filters_chosen", { n: count }) : "",
      error: "",
    });
    this.details.hidden = offered.length === 0;
  }

  /** As the boxes and fields say; conditions on fields that are not offered stay. */
  chosen() {
    const offered = new Set(this.fields.map(({ field }) => field));
    const others = Object.entries(this.filter).filter(([field]) => !offered.has(field));
    const own = this.fields.map(({ field, condition }) => [field, condition()]);
    return Object.fromEntries([...others, ...own.filter(([, condition]) => condition !== null)]);
  }

  /** The boxes are new ones after `action`; the one with the focus is found again by its name. */
  keepingFocus(action) {
    const { name } = document.activeElement ?? {};
    const had = this.form.contains(document.activeElement);
    action();
    if (had) this.form.elements.namedItem(name)?.focus({ preventScroll: true });
  }
}

/** {root, field, condition()}: the condition as of the API, null for none. */
function fieldset(facet, condition) {
  return facet.kind === "range" ? range(facet, condition ?? {}) : choices(facet, condition);
}

function choices({ field, values, more }, condition) {
  const root = cloned("facet");
  const wanted = valuesOf(condition);
  const known = values.map(({ value }) => value);
  // One that no product has under the other filters can still be taken away.
  const lost = wanted.filter((value) => !known.includes(value)).map((value) => ({ value, count: 0 }));
  const all = [...values, ...lost];
  const boxes = all.map(({ value, count }, index) => {
    const choice = cloned("choice");
    const box = slot(choice, "box");
    box.name = `${field}=${JSON.stringify(value)}`;
    box.checked = wanted.includes(value);
    fill(choice, { value: String(value), count: whole(count) });
    slot(root, index < AT_ONCE ? "choices" : "other-choices").append(choice);
    return { box, value };
  });
  const folded = boxes.slice(AT_ONCE);
  fill(root, {
    name: fieldName(field),
    "how-many": t("shop.more_values", { n: folded.length }),
    more: more ? t("shop.not_shown", { n: more }) : "",
  });
  slot(root, "others").hidden = folded.length === 0;
  slot(root, "others").open = folded.some(({ box }) => box.checked);
  return {
    root,
    field,
    condition() {
      const checked = boxes.filter(({ box }) => box.checked).map(({ value }) => value);
      return checked.length ? { in: checked } : null;
    },
  };
}

function range({ field, min, max }, condition) {
  const root = cloned("range");
  const ends = [
    ["least", "gte", min],
    ["most", "lte", max],
  ].map(([name, operator, end]) => {
    const input = slot(root, name);
    input.name = `${field} ${operator}`;
    input.placeholder = field === "price" ? price(end) : (end ?? "");
    input.value = condition[operator] ?? "";
    return { input, operator };
  });
  fill(root, { name: fieldName(field) });
  return {
    root,
    field,
    condition() {
      const set = ends.filter(({ input }) => input.value !== "");
      const operators = set.map(({ input, operator }) => [operator, input.valueAsNumber]);
      return set.length ? Object.fromEntries(operators) : null;
    },
  };
}

/** Of `{"in": […]}`, `{"eq": …}` or a bare value, the ways to say it. */
function valuesOf(condition) {
  if (condition === undefined) return [];
  if (condition === null || typeof condition !== "object") return [condition];
  return condition.in ?? ("eq" in condition ? [condition.eq] : []);
}

import { t } from "../strings.js";

// Those of every product, and what the demo's have besides: the widget calls them the same.
const KNOWN = new Set(["category", "price", "brand", "colour", "pattern"]);

/** What a field of a product is called: in the reader's language, others of the shop as they are. */
export function fieldName(field) {
  if (KNOWN.has(field)) return t(`shop.field_${field}`);
  return field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
}

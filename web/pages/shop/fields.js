import { t } from "../strings.js";

const OWN = new Set(["category", "price"]);

/** What a field of a product is called: its own in the reader's language, the shop's as they are. */
export function fieldName(field) {
  if (OWN.has(field)) return t(`shop.field_${field}`);
  return field.charAt(0).toUpperCase() + field.slice(1).replaceAll("_", " ");
}

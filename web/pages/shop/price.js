import { language } from "../strings.js";

const AMOUNT = new Intl.NumberFormat(language, {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
});

/** A price as text, "" for none. The catalogue knows no currency, so none is written. */
export function price(value) {
  return value === null ? "" : AMOUNT.format(value);
}

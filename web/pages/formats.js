// Numbers, times and sizes as the reader writes them.

import { language } from "./strings.js";

// With the reader's country, where the browser tells it: days and times differ within a language.
const locale = navigator.languages.find((tag) => tag.split("-")[0] === language) ?? language;
const format = (options) => new Intl.NumberFormat(locale, options);
const THREE_DECIMALS = format({ minimumFractionDigits: 3, maximumFractionDigits: 3 });
const TWO_OR_THREE = format({ minimumFractionDigits: 2, maximumFractionDigits: 3 });
const WHOLE = format({ maximumFractionDigits: 0 });
const ONE_DECIMAL = format({ maximumFractionDigits: 1 });
const PERCENT = format({ style: "percent", maximumFractionDigits: 0 });
const FINE_PERCENT = format({ style: "percent", maximumFractionDigits: 1 });
const MOMENT = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** A score, as 0.860: below each other, all have their digits in the same places. */
export const score = (value) => THREE_DECIMALS.format(value);

/** A threshold: 0.80 as it was set, 0.824 as it was measured. */
export const threshold = (value) => TWO_OR_THREE.format(value);

export const whole = (value) => WHOLE.format(value);

/** A share 0 to 1 as percent; below 1 % and above 99 % with a decimal, since 100 % is a claim. */
export function percent(share) {
  return (share < 0.01 || share > 0.99 ? FINE_PERCENT : PERCENT).format(share);
}

/** Milliseconds as 41 ms, 1.2 s, 3 min. */
export function duration(ms) {
  if (ms < 1000) return `${(ms < 10 ? ONE_DECIMAL : WHOLE).format(ms)} ms`;
  if (ms < 60_000) return `${ONE_DECIMAL.format(ms / 1000)} s`;
  if (ms < 5_400_000) return `${WHOLE.format(ms / 60_000)} min`;
  return `${ONE_DECIMAL.format(ms / 3_600_000)} h`;
}

/** Bytes as 640 kB, 14.2 MB. */
export function size(bytes) {
  if (bytes < 1_000_000) return `${WHOLE.format(Math.ceil(bytes / 1000))} kB`;
  if (bytes < 1_000_000_000) return `${ONE_DECIMAL.format(bytes / 1_000_000)} MB`;
  return `${ONE_DECIMAL.format(bytes / 1_000_000_000)} GB`;
}

/** A moment of the API (ISO 8601) in the reader's time zone. */
export const moment = (iso) => MOMENT.format(new Date(iso));

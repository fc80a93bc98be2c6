// The reader's language, and every sentence in it.

import { remember, remembered } from "./remembering.js";
import de from "./strings/de.js";
import en from "./strings/en.js";

const SENTENCES = { en, de };
const CHOSEN = "likeness-language";

export const LANGUAGES = { en: "English", de: "Deutsch" };

/** "en" or "de": the one chosen, else the first of the browser's that there is. */
export const language = [remembered("localStorage", CHOSEN), ...navigator.languages, "en"]
  .map((tag) => tag?.split("-")[0])
  .find((tag) => tag in SENTENCES);

const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language);

/** The page again, in another language; its address says what it shows. */
export function setLanguage(chosen) {
  remember("localStorage", CHOSEN, chosen);
  location.reload();
}

/**
 * The sentence of a key such as "shop.title", with its {names} filled in. One that is written as
 * {one, other} is chosen by the value `n`. Numbers are written as the language writes them.
 */
export function t(key, values = {}) {
  let sentence = key.split(".").reduce((node, name) => node?.[name], SENTENCES[language]);
  if (typeof sentence === "object") sentence = sentence[plural.select(values.n)];
  if (sentence === undefined) throw new Error(`There is no sentence ${key} in ${language}.`);
  return sentence.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? number.format(value) : value;
  });
}

/** Fills the text of `data-t="key"` and the label of `data-t-label="key"` elements in `root`. */
export function translate(root) {
  for (const element of root.querySelectorAll("[data-t]")) {
    element.textContent = t(element.dataset.t);
  }
  for (const element of root.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  }
}

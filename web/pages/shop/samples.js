// Pictures to search with, one click away: those a customer of the demo might have taken.

import { call } from "../api.js";
import { element } from "../elements.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { fill, slot } from "../templates.js";

const MOST = 8;

/** Offers them in `root`, which stays hidden where there are none. */
export async function offerSamples(root) {
  try {
    const { samples } = await call("/samples/index.json");
    slot(root, "list").append(...spread(samples).map(offer));
    root.hidden = samples.length === 0;
  } catch (error) {
    fill(root, { error: told(error) });
    root.hidden = false;
  }
}

function offer({ url, title }) {
  const picture = element("img", { src: url, alt: "", width: 96, height: 96 });
  const label = t("shop.search_with", { title });
  const button = element("button", { type: "button", ariaLabel: label, title }, picture);
  // What the widget searches with when it is clicked.
  button.dataset.visualSearch = "#search";
  button.dataset.imageUrl = url;
  return element("li", {}, button);
}

/** Some of many, from the first kind to the last. */
function spread(samples) {
  const step = Math.max(1, samples.length / MOST);
  const count = Math.min(MOST, samples.length);
  return Array.from({ length: count }, (_, index) => samples[Math.floor(index * step)]);
}

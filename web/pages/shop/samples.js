// Pictures to search with, one click away: those a customer of the demo might have taken.

import { call } from "../api.js";
import { element } from "../elements.js";
import { fill, slot } from "../templates.js";
import { t } from "../strings.js";

const MOST = 8;

/** Offers them in `root`, which stays hidden where there are none; `chosen(file)` gets a picture. */
export async function offerSamples(root, chosen) {
  try {
    const { samples } = await call("/samples/index.json");
    slot(root, "list").append(...spread(samples).map((sample) => offer(root, sample, chosen)));
    root.hidden = samples.length === 0;
  } catch (error) {
    tell(root, error);
  }
}

function offer(root, { url, title }, chosen) {
  const picture = element("img", { src: url, alt: "", width: 96, height: 96 });
  const label = t("shop.search_with", { title });
  const button = element("button", { type: "button", ariaLabel: label, title }, picture);
  button.addEventListener("click", async () => {
    try {
      chosen(new File([await pictureOf(url)], `${title}.jpg`, { type: "image/jpeg" }));
      fill(root, { error: "" });
    } catch (error) {
      tell(root, error);
    }
  });
  return element("li", {}, button);
}

async function pictureOf(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(t("shared.odd_answer", { status: response.status }));
  return response.blob();
}

function spread(samples) {
  const step = Math.max(1, samples.length / MOST);
  return Array.from({ length: Math.min(MOST, samples.length) }, (_, n) => samples[Math.floor(n * step)]);
}

function tell(root, error) {
  fill(root, { error: error.message });
  root.hidden = false;
}

// For a first look: a sample photo beside the product that a search finds with it.

import { call } from "../api.js";
import { told } from "../telling.js";
import { slot } from "../templates.js";

/** Offers the example where there are samples and the collection finds something with the first. */
export async function example(root, { sides, collection }) {
  const { samples } = await call("/samples/index.json");
  if (!samples.length || sides.some((side) => side.picture)) return;
  root.hidden = false;
  const error = slot(root, "error");
  slot(root, "start").addEventListener("click", async () => {
    error.textContent = "";
    try {
      await show(samples[0], sides, collection());
    } catch (problem) {
      error.textContent = told(problem);
    }
  });
}

async function show(sample, [first, second], collection) {
  const picture = await (await fetch(sample.url)).blob();
  const body = new FormData();
  body.append("image", picture);
  body.append("limit", "1");
  if (collection) body.append("collection", collection);
  const { hits } = await call("/v1/search", { method: "POST", body });
  await first.takeFile(new File([picture], sample.title, { type: picture.type }));
  if (hits.length) await second.takeProduct(hits[0].product_id);
}

// The Compare page: two pictures, one score, and a threshold to judge it by.

import { call } from "./api.js";
import { readAddress, writeAddress } from "./compare/address.js";
import { compare, isOfModel, sideOf } from "./compare/asking.js";
import { EveryModel } from "./compare/every_model.js";
import { example } from "./compare/example.js";
import { Side } from "./compare/side.js";
import { suggestProducts } from "./compare/suggesting.js";
import { Verdict } from "./compare/verdict.js";
import { startPage } from "./page.js";
import { t } from "./strings.js";
import { told } from "./telling.js";

// Of the API where none is sent: from here on, more points agree than by chance.
const POINTS_THRESHOLD = 0.5;

startPage();

const form = document.getElementById("how");
const modelField = document.getElementById("model");
const modelError = document.getElementById("model-error");
const collectionField = document.getElementById("collection");
const sides = [1, 2].map((number) => new Side(number, { changed, collection }));
const verdict = new Verdict(document.getElementById("verdict"), { moved: remember });
let models = [];
let every = null;
let asking = null;
// Until then the address has more than the page: products that are still to be read.
let isRestored = false;

document.getElementById("sides").append(...sides.map((side) => side.root));
form.addEventListener("change", (event) => {
  if (event.target.name === "method") verdict.choose(null);
  if (event.target === collectionField) suggestProducts(collection()).catch(tell);
  showOwnThreshold();
  changed();
});
document.getElementById("again").addEventListener("click", ask);
document.addEventListener("paste", paste);
// A picture that misses a field must not take the whole page's place.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => event.preventDefault());
}
verdict.clear();
start();

async function start() {
  try {
    const [known, { collections }] = await Promise.all([call("/v1/models"), call("/v1/collections")]);
    models = known.installed;
    offer(modelField, models.map((model) => [model.name, model.name]), known.default);
    offerCollections(collections);
    const address = readAddress();
    restore(address);
    every = new EveryModel(document.getElementById("every-model"), { models, pair });
    await Promise.all([
      address.product_1 && sides[0].takeProduct(address.product_1),
      address.product_2 && sides[1].takeProduct(address.product_2),
      suggestProducts(collection()),
      example(document.getElementById("example"), { sides, collection }),
    ]);
  } catch (error) {
    tell(error);
  } finally {
    isRestored = true;
  }
}

/** What the address asks for; names that are not offered here leave the choice as it is. */
function restore(address) {
  if (address.method === "points") form.elements.method.value = "points";
  choose(modelField, address.model);
  choose(collectionField, address.collection);
  showOwnThreshold();
  const threshold = Number(address.threshold);
  if (address.threshold && threshold >= 0 && threshold <= 1) verdict.choose(threshold);
}

/** Something is different: the address, and the answer. */
function changed() {
  remember();
  every?.reset();
  document.getElementById("example").hidden = sides.some((side) => side.picture);
  ask();
}

async function ask() {
  asking?.abort();
  modelError.textContent = "";
  const both = pair();
  if (!both) {
    verdict.clear();
    return;
  }
  const mine = new AbortController();
  asking = mine;
  verdict.busy();
  for (const side of sides) side.clearError();
  try {
    const answer = await compare(both.first, both.second, {
      ...both,
      method: method(),
      model: modelField.value,
      signal: mine.signal,
    });
    if (asking === mine) verdict.show(answer);
  } catch (error) {
    // An answer that nobody waits for any more is no failure.
    if (!mine.signal.aborted) tell(error);
  }
}

/** An error stands beside what it is about. */
function tell(error) {
  const number = sideOf(error);
  if (number) {
    sides[number - 1].fail(told(error));
    verdict.fail(t("compare.see_picture", { number }));
  } else if (isOfModel(error)) {
    modelError.textContent = told(error);
    verdict.fail(t("compare.see_model"));
  } else {
    verdict.fail(told(error));
  }
}

/** Both pictures and where products are looked up; null while one is missing. */
function pair() {
  const [first, second] = sides.map((side) => side.picture);
  return first && second ? { first, second, collection: collection() } : null;
}

function method() {
  return form.elements.method.value;
}

function collection() {
  return collectionField.value;
}

/** Before an answer has told it: what is known of the model's own threshold. */
function showOwnThreshold() {
  const model = models.find((each) => each.name === modelField.value);
  const byPoints = method() === "points";
  modelField.disabled = byPoints;
  const own = byPoints ? POINTS_THRESHOLD : (model?.calibration?.pairs.cut ?? model?.threshold);
  if (own !== undefined) verdict.setOwn(own);
}

function remember() {
  if (!isRestored) return;
  const [first, second] = sides.map((side) => side.picture?.productId);
  writeAddress({
    product_1: first,
    product_2: second,
    collection: ownChoice(collectionField),
    method: method() === "points" ? "points" : "",
    model: ownChoice(modelField),
    threshold: verdict.chosen === null ? "" : String(verdict.chosen),
  });
}

/** A pasted picture goes to the side that has the focus, else to the first that is empty. */
function paste(event) {
  const file = [...event.clipboardData.files].find((each) => each.type.startsWith("image/"));
  if (!file) return;
  event.preventDefault();
  const focused = sides.find((side) => side.root.contains(document.activeElement));
  (focused ?? sides.find((side) => !side.picture) ?? sides[1]).takeFile(file);
}

function offerCollections(collections) {
  document.getElementById("collection-field").hidden = collections.length < 2;
  const usual = collections.find((each) => each.default);
  offer(collectionField, collections.map(({ name }) => [name, name]), usual?.name ?? "");
}

function offer(select, choices, usual) {
  select.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
  select.value = usual;
  select.dataset.usual = usual;
}

/** What was chosen, or "" where it is what everybody gets. */
function ownChoice(select) {
  return select.value === select.dataset.usual ? "" : select.value;
}

function choose(select, value) {
  if ([...select.options].some((option) => option.value === value)) select.value = value;
}

// The Catalogue page: what is there, what is being done to it, and a way in for more.

import { call, setApiKey } from "./api.js";
import { Asking } from "./catalogue/asking.js";
import { CollectionList } from "./catalogue/collections.js";
import { Import } from "./catalogue/importing.js";
import { JobList } from "./catalogue/jobs.js";
import { Poller } from "./catalogue/polling.js";
import { startPage } from "./page.js";
import { t } from "./strings.js";
import { told } from "./telling.js";
import { say, slot } from "./templates.js";

startPage();

const byId = (id) => document.getElementById(id);
const access = byId("access");
const importing = new Import(byId("import"), { queued: () => poller.now() });
const collections = new CollectionList(byId("collections"), { reindex: askReindex, remove: askRemove });
const jobs = new JobList(byId("jobs"), {
  ended: () => lookAtCollections(),
  began: () => poller.now(),
});
const creating = new Asking(byId("creating"), create);
const reindexing = new Asking(byId("reindexing"), reindex);
const removing = new Asking(byId("removing"), remove);
const poller = new Poller(look);
const COUNTED_EVERY = 5;
let looks = 0;
let models = { default: "", installed: [], known: [] };

byId("new-collection").addEventListener("click", askCreate);
slot(access, "another").addEventListener("click", () => {
  // Without a key the next call asks for one.
  setApiKey("");
  location.reload();
});
// What misses the field must not take the whole page's place.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => event.preventDefault());
}
poller.now();

/** Everything, once; resolves to whether a job is under way, or null where jobs are not shown. */
async function look() {
  let isBusy;
  try {
    isBusy = await jobs.look();
    tell("jobs", "");
    allow(true);
  } catch (error) {
    // Whoever may only read sees the collections: jobs belong to those who may change them.
    if (error.status === 403) allow(false, told(error));
    else tell("jobs", told(error));
    isBusy = error.status === 403 ? null : false;
  }
  // Counting products is dear in a large collection; while a job adds some, now and then will do.
  if (!isBusy || looks % COUNTED_EVERY === 0) await lookAtCollections();
  looks += 1;
  return isBusy;
}

async function lookAtCollections() {
  try {
    await collections.look();
    importing.offer(collections.collections);
    tell("collections", "");
  } catch (error) {
    tell("collections", told(error));
  }
}

/** An error stands in the section that it is about. */
function tell(section, text) {
  const place = slot(byId(section), "trouble-of-section");
  place.textContent = text;
  place.hidden = text === "";
}

/** Shows only what this reader may do. */
function allow(mayChange, reason = "") {
  access.hidden = mayChange;
  slot(access, "reason").textContent = reason;
  document.body.classList.toggle("may-only-read", !mayChange);
}

async function askCreate() {
  await readModels("collections");
  creating.open(null, (form) => {
    form.elements.name.title = t("catalogue.name_hint"); // Browsers add it to their refusal.
    offerModels(form.elements.model, models.installed, models.default);
  });
}

async function create(form) {
  const { name, model, description } = form.elements;
  // The service would take this for a change of the one that is there.
  if (collections.collections.some((each) => each.name === name.value)) {
    return t("catalogue.name_taken", { name: name.value });
  }
  await call(`/v1/collections/${encodeURIComponent(name.value)}`, {
    method: "PUT",
    json: { model: model.value, description: description.value || null },
  });
  say(t("catalogue.created_now", { name: name.value }));
  await lookAtCollections();
  return "";
}

async function askReindex(collection) {
  await readModels("collections");
  // After an upgrade the same name can stand for another version, to which it has to be brought.
  const others = models.installed.filter(
    ({ name, fingerprint }) => name !== collection.model || fingerprint !== collection.fingerprint,
  );
  const dialog = byId("reindexing");
  slot(dialog, "subject").textContent = t("catalogue.reindex_subject", collection);
  slot(dialog, "no-others").hidden = others.length > 0;
  slot(dialog, "others").hidden = others.length === 0;
  slot(dialog, "do").hidden = others.length === 0;
  reindexing.open(collection, (form) => offerModels(form.elements.model, others));
}

async function reindex(form, collection) {
  const job = await call("/v1/jobs", {
    method: "POST",
    json: {
      kind: "reindex",
      collection: collection.name,
      model: form.elements.model.value,
      drop_missing: form.elements.drop_missing.checked,
    },
  });
  say(t("catalogue.queued_now", { id: job.id }));
  poller.now();
  return "";
}

function askRemove(collection) {
  slot(byId("removing"), "subject").textContent = t("catalogue.remove_subject", collection);
  removing.open(collection);
}

async function remove(form, collection) {
  if (form.elements.name.value !== collection.name) {
    return t("catalogue.other_name", collection);
  }
  await call(`/v1/collections/${encodeURIComponent(collection.name)}`, { method: "DELETE" });
  say(t("catalogue.removed_now", collection));
  await poller.now();
  return "";
}

/** What is installed can change while the page is open, so it is asked when it is needed. */
async function readModels(section) {
  try {
    models = await call("/v1/models");
  } catch (error) {
    tell(section, told(error));
  }
}

function offerModels(select, offered, usual = offered[0]?.name) {
  select.replaceChildren(...offered.map(({ name }) => new Option(name, name)));
  if (usual) select.value = usual;
}

// Products come in: drop or choose a zip, a manifest or a folder, look at it, and send it off.

import { percent, size } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { say, slot } from "../templates.js";
import { takeDrops } from "../well.js";
import { chosenFiles, droppedFiles } from "./dropped.js";
import { upload } from "./uploading.js";

export class Import {
  /** `queued(job)` is called when the service has taken the upload. */
  constructor(root, { queued }) {
    this._root = root;
    this._queued = queued;
    this._files = [];
    this._sending = null;
    for (const name of ["well", "summary", "progress", "error"]) {
      this[`_${name}`] = slot(root, name);
    }
    this._form = slot(root, "ready");
    this._listen();
    this._show("empty");
  }

  /** The collections that products can be put into; keeps the one that was chosen. */
  offer(collections) {
    const select = this._form.elements.collection;
    const chosen = select.value;
    select.replaceChildren(...collections.map((each) => new Option(each.name, each.name, each.default, each.default)));
    if (collections.some(({ name }) => name === chosen)) select.value = chosen;
    slot(this._root, "send").disabled = collections.length === 0;
  }

  _take(files) {
    this._fail("");
    this._files = files;
    if (!files.length) {
      this._show("empty");
      this._fail(t("catalogue.nothing_dropped"));
      return;
    }
    this._summary.textContent = summary(files);
    slot(this._root, "by-folder").hidden = !mayHoldFolders(files);
    this._show("ready");
    slot(this._root, "send").focus();
  }

  async _send() {
    const { collection, prune, category_from_folders: byFolder } = this._form.elements;
    this._sending = new AbortController();
    this._show("sending");
    this._onProgress(0);
    slot(this._root, "stop").focus();
    try {
      const job = await upload(this._files, {
        collection: collection.value,
        prune: prune.checked,
        categoryFromFolders: byFolder.checked,
        onProgress: (share) => this._onProgress(share),
        signal: this._sending.signal,
      });
      this._forget();
      say(t("catalogue.queued_now", { id: job.id }));
      this._queued(job);
    } catch (error) {
      this._show("ready");
      if (error.name === "AbortError") say(t("catalogue.upload_cancelled"));
      else this._fail(told(error));
      slot(this._root, "send").focus();
    } finally {
      this._sending = null;
    }
  }

  _forget() {
    this._files = [];
    for (const name of ["prune", "category_from_folders"]) this._form.elements[name].checked = false;
    this._fail("");
    this._show("empty");
    slot(this._root, "choose-files").focus();
  }

  _onProgress(share) {
    this._progress.value = share;
    // All bytes are sent, but the service still has to look at them.
    slot(this._root, "progress-text").textContent =
      share < 1 ? t("catalogue.uploading", { share: percent(share) }) : t("catalogue.taking_in");
  }

  _fail(text) {
    this._error.textContent = text;
    this._error.hidden = text === "";
  }

  /** `empty`, `ready` or `sending`: which of the three parts is there. */
  _show(step) {
    for (const name of ["empty", "ready", "sending"]) slot(this._root, name).hidden = name !== step;
  }

  _listen() {
    for (const kind of ["files", "folder"]) {
      const input = slot(this._root, kind);
      slot(this._root, `choose-${kind}`).addEventListener("click", () => input.click());
      input.addEventListener("change", () => {
        const files = chosenFiles(input);
        input.value = "";
        this._take(files);
      });
    }
    slot(this._root, "stop").addEventListener("click", () => this._sending.abort());
    slot(this._root, "back").addEventListener("click", () => this._forget());
    this._form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._send();
    });
    takeDrops(this._well, {
      dropped: (transfer) => this._takeDropped(transfer),
      mayTake: () => !this._sending,
    });
  }

  async _takeDropped(transfer) {
    let files;
    try {
      files = await droppedFiles(transfer);
    } catch (error) {
      // The browser's own: a file that went away, or a folder that may not be read.
      if (!(error instanceof DOMException)) throw error;
      this._fail(t("catalogue.unreadable", { reason: error.message }));
      return;
    }
    this._take(files);
  }
}

/** A zip or a folder; a file alone lies in none. */
function mayHoldFolders([first, ...others]) {
  return others.length > 0 || first.path.includes("/") || /\.zip$/i.test(first.path);
}

/** What is about to be sent, in a line. */
function summary(files) {
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  const [name, ...inside] = files[0].path.split("/");
  const values = { name, n: files.length, size: size(bytes) };
  if (inside.length && files.every(({ path }) => path.startsWith(`${name}/`))) {
    return t("catalogue.folder_files", values);
  }
  return t(files.length === 1 ? "catalogue.one_file" : "catalogue.many_files", values);
}

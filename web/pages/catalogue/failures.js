// What failed in a job and why, a page at a time.

import { call } from "../api.js";
import { whole } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, slot } from "../templates.js";

const PAGE = 10;

export class Failures {
  /** `root` is the row of the job, which holds the marked elements. */
  constructor(root) {
    this._root = slot(root, "failures");
    this._rows = slot(root, "failure-rows");
    this._earlier = slot(root, "earlier");
    this._later = slot(root, "later");
    this._job = null;
    this._offset = 0;
    this._shown = null;
    this._root.addEventListener("toggle", () => {
      if (this._root.open) this._load(0);
    });
    this._earlier.addEventListener("click", () => this._load(this._offset - PAGE));
    this._later.addEventListener("click", () => this._load(this._offset + PAGE));
  }

  /** The job as it is now; an open list is read again when there are more failures. */
  of(job) {
    this._job = job;
    this._root.hidden = job.failed === 0;
    fill(this._root, { "failure-count": t("catalogue.failures", { n: job.failed }) });
    if (this._root.open && this._shown !== job.failed) this._load(this._offset);
  }

  async _load(offset) {
    this._shown = this._job.failed;
    let page;
    try {
      page = await call(`/v1/jobs/${this._job.id}/failures?limit=${PAGE}&offset=${offset}`);
    } catch (error) {
      fill(this._root, { "failure-error": told(error) });
      return;
    }
    fill(this._root, { "failure-error": "" });
    this._offset = offset;
    this._rows.replaceChildren(...page.failures.map(failureRow));
    const last = offset + page.failures.length;
    fill(this._root, {
      "failure-place": t("catalogue.place", { first: offset + 1, last, total: page.total }),
    });
    slot(this._root, "pages").hidden = page.total <= PAGE;
    this._earlier.disabled = offset === 0;
    this._later.disabled = last >= page.total;
  }
}

function failureRow(failure) {
  const row = cloned("failure");
  fill(row, {
    position: whole(failure.position),
    what: failure.id ?? failure.source ?? "–",
    message: failure.message,
    code: failure.code,
  });
  return row;
}

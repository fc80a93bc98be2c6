// The list of jobs, each row brought up to date in place.

import { call } from "../api.js";
import { duration, moment, size } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, say, slot } from "../templates.js";
import { Failures } from "./failures.js";

const PAGE = 10;
const UNDER_WAY = new Set(["queued", "running"]);

export class JobList {
  /** `ended()` is called when a job that was under way no longer is, `began()` when one is new. */
  constructor(root, { ended, began }) {
    this._root = root;
    this._rows = new Map();
    this._limit = PAGE;
    this._ended = ended;
    this.began = began;
    this._older = slot(root, "older");
    this._older.addEventListener("click", () => {
      this._limit += PAGE;
      this.look();
    });
  }

  /** Reads the newest jobs; resolves to whether one of them is under way. Raises ApiError. */
  async look() {
    // One more than is shown tells whether there are older ones.
    const { jobs } = await call(`/v1/jobs?limit=${this._limit + 1}`);
    this._older.hidden = jobs.length <= this._limit;
    const shown = jobs.slice(0, this._limit);
    slot(this._root, "none").hidden = shown.length > 0;
    this._place(shown);
    return shown.some((job) => UNDER_WAY.has(job.status));
  }

  _place(jobs) {
    const list = slot(this._root, "list");
    const kept = new Set(jobs.map((job) => job.id));
    for (const [id, row] of this._rows) {
      if (!kept.has(id)) {
        row.root.remove();
        this._rows.delete(id);
      }
    }
    jobs.forEach((job, place) => {
      const row = this._rows.get(job.id) ?? new JobRow(this);
      this._rows.set(job.id, row);
      if (list.children[place] !== row.root) list.insertBefore(row.root, list.children[place] ?? null);
      const before = row.job?.status;
      row.show(job);
      if (UNDER_WAY.has(before) && !UNDER_WAY.has(job.status)) {
        say(row.summary());
        this._ended();
      }
    });
  }
}

class JobRow {
  constructor(list) {
    this.root = cloned("job");
    this._list = list;
    this.job = null;
    this._cancel = slot(this.root, "cancel");
    this._cancel.addEventListener("click", () => this._stop());
    this._repeat = slot(this.root, "repeat");
    this._repeat.addEventListener("click", () => this._again());
    this._failures = new Failures(this.root);
  }

  show(job) {
    this.job = job;
    const isUnderWay = UNDER_WAY.has(job.status);
    this.root.dataset.status = outcome(job);
    fill(this.root, {
      title: this._title(),
      status: t(`catalogue.status_${outcome(job)}`),
      source: sourceOf(job),
      collection: job.collection,
      counts: this._counts(),
      pace: isUnderWay ? this._pace() : "",
      error: job.error,
      times: this._times(),
    });
    this._showProgress(isUnderWay);
    this._cancel.hidden = !isUnderWay;
    this._cancel.disabled = job.cancel_requested;
    this._cancel.textContent = t(job.cancel_requested ? "catalogue.cancelling" : "catalogue.cancel");
    this._cancel.setAttribute("aria-label", `${this._cancel.textContent}: ${this._title()}`);
    // What went well is not worth doing twice.
    this._repeat.hidden = !job.repeatable || (job.status === "done" && job.failed === 0);
    this._repeat.setAttribute("aria-label", `${this._repeat.textContent}: ${this._title()}`);
    this._failures.of(job);
  }

  /** One sentence, for a screen reader, of a job that has ended. */
  summary() {
    return `${this._title()}: ${t(`catalogue.status_${outcome(this.job)}`)}. ${this._counts()}`;
  }

  _showProgress(isUnderWay) {
    const bar = slot(this.root, "progress");
    const { done, total } = this.job.progress;
    bar.hidden = !isUnderWay;
    bar.setAttribute("aria-label", t("catalogue.progress_of", { id: this.job.id }));
    if (total) {
      bar.max = total;
      bar.value = done;
    } else {
      // Not counted yet: a bar without a value says that it moves, not how far.
      bar.removeAttribute("value");
    }
  }

  _title() {
    return t(`catalogue.job_${this.job.kind}`, { id: this.job.id });
  }

  /** "120 indexed, 3 unchanged, …"; what is zero is left out. */
  _counts() {
    const parts = ["indexed", "unchanged", "failed", "pruned"]
      .filter((name) => this.job[name] > 0)
      .map((name) => t(`catalogue.count_${name}`, { n: this.job[name] }));
    return parts.join(", ");
  }

  _pace() {
    const { done, total, rate_per_s: rate, eta_s: eta } = this.job.progress;
    const parts = [];
    if (this.job.stage) parts.push(stageOf(this.job));
    if (total !== null) {
      parts.push(t("catalogue.done_of", { done, total }));
    }
    if (rate !== null) parts.push(t("catalogue.rate", { rate }));
    if (eta !== null) parts.push(t("catalogue.left", { time: duration(eta * 1000) }));
    return parts.join(" · ");
  }

  _times() {
    const { created_at: created, started_at: started, finished_at: finished } = this.job;
    if (started && finished) {
      const took = duration(new Date(finished) - new Date(started));
      return t("catalogue.finished", { moment: moment(finished), took });
    }
    return started
      ? t("catalogue.started", { moment: moment(started) })
      : t("catalogue.queued_at", { moment: moment(created) });
  }

  async _again() {
    this._repeat.disabled = true;
    try {
      const job = await call(`/v1/jobs/${this.job.id}/repeat`, { method: "POST" });
      say(t("catalogue.queued_now", { id: job.id }));
      this._list.began();
    } catch (error) {
      fill(this.root, { error: told(error) });
    } finally {
      this._repeat.disabled = false;
    }
  }

  async _stop() {
    this._cancel.disabled = true;
    try {
      this.show(await call(`/v1/jobs/${this.job.id}/cancel`, { method: "POST" }));
      say(`${this._title()}: ${this._cancel.hidden ? t("catalogue.status_cancelled") : t("catalogue.cancelling")}`);
    } catch (error) {
      this._cancel.disabled = false;
      fill(this.root, { error: told(error) });
    }
  }
}

/** Its status; one that is done but for some items must not look as if all were well. */
function outcome({ status, failed }) {
  return status === "done" && failed > 0 ? "partly" : status;
}

/** Where its products come from, in words. */
function sourceOf({ kind, source, upload }) {
  if (!upload) return source ?? t(`catalogue.source_of_${kind}`);
  const { name, files, size: bytes } = upload;
  const sent = t("catalogue.sent", { n: files, size: size(bytes) });
  return name ? `${name} (${sent})` : sent;
}

/** What it is at; the steps of a release are many, and told in the service's own words. */
function stageOf({ stage }) {
  return STAGES.has(stage) ? t(`catalogue.stage_${stage}`) : stage;
}

const STAGES = new Set(["opening", "indexing", "embedding", "pruning"]);

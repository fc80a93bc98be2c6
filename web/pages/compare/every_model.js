// The same pair under every installed model, asked one after the other so that times compare.

import { duration, score, threshold } from "../formats.js";
import { t } from "../strings.js";
import { told } from "../telling.js";
import { cloned, fill, say, slot } from "../templates.js";
import { compare, times } from "./asking.js";

export class EveryModel {
  /**
   * `models` are those of GET /v1/models, installed; `pair()` gives the two pictures and the
   * collection of the moment, or null while one is missing.
   */
  constructor(root, { models, pair }) {
    this._root = root;
    this._models = models;
    this._pair = pair;
    this._running = null;
    this._start = slot(root, "start");
    this._cancel = slot(root, "cancel");
    this._progress = slot(root, "progress");
    this._rows = slot(root, "rows");
    this._start.addEventListener("click", () => this._run());
    this._cancel.addEventListener("click", () => {
      this._running?.abort();
      this._start.focus();
    });
    this.reset();
  }

  /** Forgets what was shown: the pair is another one. */
  reset() {
    this._running?.abort();
    this._running = null;
    this._show(false);
    this._rows.replaceChildren();
    slot(this._root, "table").hidden = true;
    slot(this._root, "done").textContent = "";
    this._start.disabled = this._pair() === null;
  }

  async _run() {
    const pair = this._pair();
    const running = new AbortController();
    this._running = running;
    const rows = this._models.map((model) => waitingRow(model));
    this._rows.replaceChildren(...rows);
    slot(this._root, "table").hidden = false;
    this._show(true);
    for (const [place, model] of this._models.entries()) {
      this._tell(place, model);
      await fillRow(rows[place], model, pair, running.signal);
      if (running.signal.aborted) break;
    }
    // Another pair has taken the table over.
    if (this._running !== running) return;
    this._end(rows, running.signal.aborted);
  }

  _tell(place, model) {
    this._progress.max = this._models.length;
    this._progress.value = place;
    slot(this._root, "done").textContent = t("compare.asking_model", {
      place: place + 1,
      count: this._models.length,
      model: model.name,
    });
  }

  _end(rows, cancelled) {
    this._running = null;
    for (const row of rows) {
      if (row.dataset.state === "waiting") state(row, "cancelled");
    }
    this._show(false);
    const text = t(cancelled ? "compare.every_cancelled" : "compare.every_done");
    slot(this._root, "done").textContent = text;
    say(text);
  }

  _show(isRunning) {
    const hadFocus = document.activeElement === this._start || document.activeElement === this._cancel;
    this._start.hidden = isRunning;
    this._cancel.hidden = !isRunning;
    this._progress.hidden = !isRunning;
    if (hadFocus) (isRunning ? this._cancel : this._start).focus();
  }
}

function waitingRow(model) {
  const row = cloned("model-row");
  fill(row, { model: model.name });
  state(row, "waiting");
  return row;
}

/** Asks one model and fills its row; an error stands in the row of the model it is about. */
async function fillRow(row, model, pair, signal) {
  state(row, "asking");
  let answer;
  try {
    answer = await compare(pair.first, pair.second, {
      method: "embedding",
      model: model.name,
      collection: pair.collection,
      signal,
    });
  } catch (error) {
    if (signal.aborted) state(row, "cancelled");
    else fail(row, told(error));
    return;
  }
  const { looking, loading } = times(answer);
  row.dataset.verdict = answer.similar ? "yes" : "no";
  state(row, "done");
  slot(row, "bar").style.width = `${answer.similarity * 100}%`;
  slot(row, "mark").style.insetInlineStart = `${answer.threshold * 100}%`;
  fill(row, {
    score: score(answer.similarity),
    verdict: t(answer.similar ? "compare.similar" : "compare.not_similar"),
    own: t("compare.from", { threshold: threshold(answer.threshold) }),
    took: duration(looking),
    loading: loading ? t("compare.loading", { time: duration(loading) }) : "",
  });
}

function state(row, name) {
  row.dataset.state = name;
  if (name !== "done") fill(row, { verdict: t(`compare.${name}`) });
}

/** A sentence needs more room than a verdict: it takes the place of the time, too. */
function fail(row, sentence) {
  state(row, "failed");
  fill(row, { verdict: sentence });
  slot(row, "verdict-cell").colSpan = 2;
  slot(row, "time-cell").hidden = true;
}

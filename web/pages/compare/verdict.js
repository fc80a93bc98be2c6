// What came out: the verdict, the score on its scale, and the threshold one may move.

import { duration, percent, score, threshold } from "../formats.js";
import { t } from "../strings.js";
import { fill, say, slot } from "../templates.js";
import { times } from "./asking.js";

export class Verdict {
  /** `moved()` is called when the reader has set a threshold, or given it up. */
  constructor(root, { moved }) {
    this._root = root;
    this._answer = null;
    this._own = 0.8;
    /** The reader's threshold, 0 to 1, or null for the model's own. */
    this.chosen = null;
    this._slider = slot(root, "slider");
    this._slider.addEventListener("input", () => {
      this.choose(Number(this._slider.value));
      moved();
    });
    slot(root, "own").addEventListener("click", () => {
      this.choose(null);
      this._slider.focus();
      moved();
    });
  }

  get threshold() {
    return this.chosen ?? this._own;
  }

  /** Sets the reader's threshold; null goes back to the model's. Nothing is asked for it. */
  choose(threshold) {
    this.chosen = threshold;
    this._draw();
  }

  /** The threshold that counts where the reader chose none. */
  setOwn(threshold) {
    this._own = threshold;
    this._draw();
  }

  /** Shows an answer of the service. */
  show(answer) {
    this._answer = answer;
    this._own = answer.threshold;
    this._state("done");
    this._draw();
    say(`${this._word()}. ${this._sentence()}`);
  }

  /** Nothing to show yet. */
  clear() {
    this._answer = null;
    this._state("empty");
    this._draw();
  }

  /** An answer is being waited for; one that is there stays until then. */
  busy() {
    this._state(this._answer ? "done" : "busy");
    this._root.setAttribute("aria-busy", "true");
  }

  /** Says what went wrong where the answer would stand. */
  fail(text) {
    this._answer = null;
    this._state("failed");
    slot(this._root, "failure").textContent = text;
    this._draw();
  }

  _state(state) {
    this._root.dataset.state = state;
    this._root.setAttribute("aria-busy", "false");
  }

  _word() {
    const kind = this._answer.method === "points" ? "same" : "similar";
    return t(`compare.${this._isReached() ? "" : "not_"}${kind}`);
  }

  _isReached() {
    return this._answer.similarity >= this.threshold;
  }

  _sentence() {
    return t(this._isReached() ? "compare.reaches" : "compare.stays_below", {
      score: score(this._answer.similarity),
      threshold: threshold(this.threshold),
    });
  }

  _draw() {
    const answer = this._answer;
    this._slider.value = this.threshold;
    this._slider.setAttribute("aria-valuetext", threshold(this.threshold));
    slot(this._root, "threshold").textContent = threshold(this.threshold);
    const own = slot(this._root, "own");
    own.hidden = this.chosen === null;
    own.textContent = t("compare.back_to_own", { threshold: threshold(this._own) });
    slot(this._root, "bar").style.width = `${(answer?.similarity ?? 0) * 100}%`;
    if (!answer) return;
    this._root.dataset.verdict = this._isReached() ? "yes" : "no";
    fill(this._root, { word: this._word(), sentence: this._sentence(), ...facts(answer) });
    for (const term of this._root.querySelectorAll("dt")) {
      term.parentElement.hidden = term.nextElementSibling.textContent === "";
    }
  }
}

/** The figures below the verdict; "" where this answer has none. */
function facts(answer) {
  const { looking, loading } = times(answer);
  const byPoints = answer.method === "points";
  return {
    score: score(answer.similarity),
    cosine: byPoints ? "" : score(answer.cosine),
    probability: byPoints
      ? ""
      : answer.match_probability === null
        ? t("compare.uncalibrated")
        : percent(answer.match_probability),
    inliers: byPoints ? t("compare.of", { some: answer.inliers, all: answer.matches }) : "",
    features: byPoints ? answer.features.join(" / ") : "",
    took: duration(looking),
    loading: loading ? t("compare.loading", { time: duration(loading) }) : "",
    reason: answer.reason ?? "",
  };
}

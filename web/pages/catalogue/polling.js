// Looking again and again, but no more often than there is something to see.

const BUSY_MS = 1000;
const IDLE_MS = 4000;
const LONGEST_MS = 30_000;
const SLOWER = 1.6;

export class Poller {
  /**
   * `look()` resolves to whether something is under way: while it is, the next look comes in a
   * second; while nothing is, ever later, up to half a minute; in a hidden tab never. null ends it,
   * as when this reader may not look at all. `look` tells the reader about its own failures.
   */
  constructor(look) {
    this._look = look;
    this._wait = IDLE_MS;
    this._timer = null;
    this._looking = null;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.stop();
      else this.now();
    });
  }

  /** Looks at once, and from then on at short intervals again. */
  async now() {
    this.stop();
    this._wait = IDLE_MS;
    await this._once();
  }

  stop() {
    clearTimeout(this._timer);
    this._timer = null;
  }

  async _once() {
    // One after the other: an older answer must not come in over a newer one.
    const looking = (this._looking ?? Promise.resolve()).then(() => this._look());
    this._looking = looking;
    const isBusy = await looking;
    if (this._looking !== looking) return;
    this._looking = null;
    if (document.hidden || isBusy === null) return;
    this._wait = isBusy ? BUSY_MS : Math.min(LONGEST_MS, Math.max(IDLE_MS, this._wait * SLOWER));
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._once(), this._wait);
  }
}

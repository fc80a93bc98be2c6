// A dialog that asks for something, does it, and stays open with the reason when that fails.

import { told } from "../telling.js";
import { slot } from "../templates.js";

export class Asking {
  /**
   * `act(form, subject)` does what was asked for, and the dialog closes; unless it resolves to a
   * sentence that says why it will not, or throws an ApiError.
   */
  constructor(dialog, act) {
    this._dialog = dialog;
    this._form = dialog.querySelector("form");
    this._act = act;
    this._subject = null;
    this._form.addEventListener("submit", (event) => {
      event.preventDefault();
      this._submit();
    });
    slot(dialog, "back").addEventListener("click", () => dialog.close());
  }

  /** Opens it, emptied; `prepare(form)` fills in what is known. */
  open(subject, prepare = () => {}) {
    this._subject = subject;
    this._form.reset();
    this._fail("");
    prepare(this._form);
    this._dialog.showModal();
  }

  async _submit() {
    const button = slot(this._dialog, "do");
    button.disabled = true;
    this._fail("");
    try {
      const refusal = await this._act(this._form, this._subject);
      if (refusal) this._fail(refusal);
      else this._dialog.close();
    } catch (error) {
      this._fail(told(error));
    } finally {
      button.disabled = false;
    }
  }

  _fail(text) {
    const place = slot(this._dialog, "error");
    place.textContent = text;
    place.hidden = text === "";
  }
}

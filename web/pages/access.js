// The question for an API key, where the service requires one.

import { element } from "./elements.js";
import { t } from "./strings.js";

/** The key that was typed, or null if the reader would rather not. */
export function askForKey(reason) {
  const field = element("input", {
    type: "password",
    name: "key",
    required: true,
    // A header takes no other characters; one that came along unseen would fail every call.
    pattern: "\\s*[\\x21-\\x7e]+\\s*",
    autocomplete: "off",
    spellcheck: false,
  });
  const form = element(
    "form",
    { method: "dialog", className: "access" },
    element("h2", { id: "access-title" }, t("shared.access_title")),
    element("p", {}, reason),
    element("label", { className: "field" }, element("span", {}, t("shared.access_key")), field),
    element("p", { className: "muted small" }, t("shared.access_kept")),
    element(
      "div",
      { className: "actions" },
      element("button", { className: "primary", value: "use" }, t("shared.access_use")),
      element("button", { value: "", formNoValidate: true }, t("shared.access_without")),
    ),
  );
  const dialog = element("dialog", { ariaLabel: t("shared.access_title") }, form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "use" ? field.value.trim() : null);
    });
  });
}

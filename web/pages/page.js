// What every page begins with: its language, its header and its footer.

import { element } from "./elements.js";
import { LANGUAGES, language, setLanguage, t, translate } from "./strings.js";

const PLACES = [
  ["/", "shared.shop"],
  ["/compare", "shared.compare"],
  ["/catalogue", "shared.catalogue"],
  ["/docs", "shared.api_docs"],
];

/** To be called once, before anything is shown. */
export function startPage() {
  document.documentElement.lang = language;
  translate(document);
  document.getElementById("site-header").append(skipLink(), header());
  document.getElementById("site-footer").append(footer());
}

function skipLink() {
  return element("a", { className: "skip-link", href: "#main" }, t("shared.skip"));
}

function header() {
  const mark = element("img", { src: "/assets/icon.svg", alt: "", width: 28, height: 28 });
  const brand = element("a", { className: "brand", href: "/" }, mark, "Likeness");
  return element("header", { className: "site-header" }, brand, navigation(), languageSwitch());
}

function navigation() {
  const items = PLACES.map(([path, key]) => {
    const link = element("a", { href: path }, t(key));
    if (path === location.pathname) link.setAttribute("aria-current", "page");
    return element("li", {}, link);
  });
  return element(
    "nav",
    { className: "site-nav", ariaLabel: t("shared.navigation") },
    element("ul", {}, ...items),
  );
}

function languageSwitch() {
  const names = Object.entries(LANGUAGES);
  const options = names.map(([tag, name]) => element("option", { value: tag, lang: tag }, name));
  const select = element("select", { ariaLabel: t("shared.language") }, ...options);
  select.value = language;
  select.addEventListener("change", () => setLanguage(select.value));
  return element("div", { className: "language" }, select);
}

function footer() {
  return element(
    "footer",
    { className: "site-footer" },
    element("span", {}, t("shared.footer")),
    element("a", { href: "/health/ready" }, t("shared.status")),
  );
}

/**
 * <visual-search>: search a shop's catalogue with a picture. One module, nothing else to load.
 *
 *     <script type="module" src="https://likeness.example/widget/visual-search.js"></script>
 *     <visual-search endpoint="https://likeness.example"></visual-search>
 *
 * docs/widget.md names every attribute, method, event, part and custom property.
 *
 * How it works: the element holds the state (what is asked with, region, chosen filters, hits) and
 * changes it in named steps; after each step `#render` brings the page in line. At most one search
 * runs: the next one aborts it, so an answer that comes late is never shown. Whatever comes from
 * the service becomes text nodes and checked addresses, never HTML, and no style or script is
 * inline, so a strict Content-Security-Policy holds.
 */

// ---- Limits ---------------------------------------------------------------------------------------

/** Longest side of an uploaded picture in pixels; models look at less, a region of it at enough. */
const UPLOAD_SIDE = 1024;
/** A browser that may decode a JPEG at some eighths of its size takes as many as leave no more
 * pixels than a square of this side has: then at most one halving lies between it and UPLOAD_SIDE. */
const DECODED_SIDE = Math.ceil(UPLOAD_SIDE * Math.sqrt(3));
/** Most bytes of an uploaded picture, and the JPEG qualities tried until it is below. */
const UPLOAD_BYTES = 195_000;
const QUALITIES = [0.9, 0.82, 0.74, 0.66, 0.58, 0.5];
/** Largest file sent as it is because the browser cannot decode it: what the service takes. */
const UNDECODED_BYTES = 20 * 1024 * 1024;

const DEFAULT_LIMIT = 24;
const MOST_PER_ANSWER = 100;
const DEEPEST_OFFSET = 10_000;
const VALUES_PER_FACET = 20;
const VALUES_AT_FIRST = 6;
const SKELETONS = 8;

const REGION_PAUSE_MS = 250;
const TIMEOUT_MS = 60_000;
const BUSY = 503;
const ATTEMPTS = 4;
const LONGEST_WAIT_S = 30;
const PICTURES_KEPT = 8;

/** The whole picture as a region: x, y, width, height in shares of the upright picture. */
const WHOLE = Object.freeze([0, 0, 1, 1]);
const SMALLEST_SHARE = 0.08;
const STEP = 0.02;
const LARGE_STEP = 0.1;

// ---- Words ----------------------------------------------------------------------------------------

/** Texts with `{places}`; an object holds the forms of Intl.PluralRules, chosen by `count`. */
export const STRINGS = {
  en: {
    label: 'Visual search',
    title: 'Search with a picture',
    ways: 'Drop a picture here, paste one, or choose it.',
    privacy: 'Your picture is made small on this device before it is sent.',
    choose: 'Choose a picture',
    camera: 'Take a photo',
    address: 'Web address of a picture',
    search: 'Search',
    another: 'Another picture',
    clear: 'Start over',
    drop: 'Drop it to search',
    findSimilar: 'Find similar',
    yourPicture: 'Your picture',
    searchedWith: 'Searched with',
    pictureAt: 'The picture at {host}',
    noPreview: 'This browser cannot show the picture. It is sent as it is.',
    cropHint: 'Drag the corners to search with a part.',
    cropKeys: 'Arrow keys move it, with Shift in larger steps. Escape takes the whole picture.',
    cropMove: 'Part of the picture to search with',
    cropNW: 'Top left corner',
    cropNE: 'Top right corner',
    cropSW: 'Bottom left corner',
    cropSE: 'Bottom right corner',
    cropWhole: 'Whole picture',
    preparing: 'Preparing the picture…',
    uploading: 'Sending the picture…',
    searching: 'Searching…',
    loadingMore: 'Loading more…',
    busy: {
      one: 'The search is busy. Trying again in {count} second…',
      other: 'The search is busy. Trying again in {count} seconds…',
    },
    cancel: 'Cancel',
    stopped: 'The search was stopped.',
    again: 'Search again',
    retry: 'Try again',
    found: { one: '{count} product', other: '{count} products, most similar first' },
    foundNone: 'No products',
    foundOf: '{count} of {total} products, most similar first',
    foundPart: 'searched with a part of the picture',
    added: { one: '{count} more product', other: '{count} more products' },
    nothing: 'Nothing was found.',
    nothingFiltered: 'Nothing was found with these filters. Remove some of them.',
    nothingAtAll: 'This catalogue has no products yet. Come back later.',
    results: 'Similar products',
    probability: '{percent} match',
    similarity: '{percent} similar',
    lessLikely: 'less likely',
    probabilityMeaning: 'Match says how probable it is that a product fits your picture.',
    similarityMeaning: 'Similar says how alike two pictures look; 100 % is the same picture.',
    moreLikeThis: 'More like this',
    moreLike: 'More like this: {title}',
    loadMore: 'Load more',
    filters: 'Filters',
    filtersChosen: 'Filters ({count})',
    filtersFailed: 'The filters could not be loaded. The results are not affected.',
    removeFilter: 'Remove filter {filter}',
    removeFilters: 'Remove all filters',
    showAll: 'Show all {count}',
    showFewer: 'Show fewer',
    showProducts: 'Show the products',
    mostFrequent: 'The most frequent; there are {count} more.',
    from: 'from',
    to: 'to',
    yes: 'yes',
    no: 'no',
    fields: { category: 'Category', price: 'Price', brand: 'Brand', colour: 'Colour', color: 'Colour', pattern: 'Pattern' },
    errorUnreachable: 'The search cannot be reached. Check your connection, then try again.',
    errorOrigin:
      'The search service at {service} does not allow pages of {page} to use it. ' +
      'Whoever runs the service must add {page} to LIKENESS_CORS_ORIGINS.',
    errorTimeout: 'The search took too long. Try again.',
    errorBusy: 'The search is very busy. Try again in a minute.',
    errorFailed: 'Something went wrong in the search service. Try again, or come back later.',
    errorKey: 'The search service refused the key of this page. The shop must set a valid api-key.',
    errorPicture: 'This picture cannot be read. Choose another one, such as a JPEG, PNG or WebP.',
    errorTooLarge: 'This picture is too large. Choose one below 20 MB.',
    errorNoPicture: 'This is not a picture. Choose a picture, such as a JPEG, PNG or WebP.',
    errorAddress: 'This is no web address. Copy the address of a picture; it starts with https://',
    errorFetch: 'The search cannot get a picture from {host}. Save the picture on this device, then choose it.',
    errorLost: 'The picture of this search is not on this device any more. Choose it again.',
    errorFilter: 'The filter attribute of this search is no JSON object. The shop must mend it.',
    errorRefused: '{detail}',
  },
  de: {
    label: 'Bildersuche',
    title: 'Mit einem Bild suchen',
    ways: 'Ein Bild hierher ziehen, einfügen oder auswählen.',
    privacy: 'Das Bild wird auf diesem Gerät verkleinert, bevor es gesendet wird.',
    choose: 'Bild auswählen',
    camera: 'Foto aufnehmen',
    address: 'Webadresse eines Bildes',
    search: 'Suchen',
    another: 'Anderes Bild',
    clear: 'Neu beginnen',
    drop: 'Loslassen, um zu suchen',
    findSimilar: 'Ähnliche finden',
    yourPicture: 'Ihr Bild',
    searchedWith: 'Gesucht mit',
    pictureAt: 'Das Bild bei {host}',
    noPreview: 'Dieser Browser kann das Bild nicht zeigen. Es wird gesendet, wie es ist.',
    cropHint: 'An den Ecken ziehen, um mit einem Ausschnitt zu suchen.',
    cropKeys: 'Pfeiltasten verschieben, mit Umschalt in großen Schritten. Escape nimmt das ganze Bild.',
    cropMove: 'Ausschnitt, mit dem gesucht wird',
    cropNW: 'Ecke oben links',
    cropNE: 'Ecke oben rechts',
    cropSW: 'Ecke unten links',
    cropSE: 'Ecke unten rechts',
    cropWhole: 'Ganzes Bild',
    preparing: 'Das Bild wird vorbereitet…',
    uploading: 'Das Bild wird gesendet…',
    searching: 'Suche läuft…',
    loadingMore: 'Weitere werden geladen…',
    busy: {
      one: 'Die Suche ist ausgelastet. Neuer Versuch in {count} Sekunde…',
      other: 'Die Suche ist ausgelastet. Neuer Versuch in {count} Sekunden…',
    },
    cancel: 'Abbrechen',
    stopped: 'Die Suche wurde abgebrochen.',
    again: 'Nochmals suchen',
    retry: 'Nochmals versuchen',
    found: { one: '{count} Artikel', other: '{count} Artikel, die ähnlichsten zuerst' },
    foundNone: 'Keine Artikel',
    foundOf: '{count} von {total} Artikeln, die ähnlichsten zuerst',
    foundPart: 'gesucht mit einem Ausschnitt des Bildes',
    added: { one: '{count} weiterer Artikel', other: '{count} weitere Artikel' },
    nothing: 'Es wurde nichts gefunden.',
    nothingFiltered: 'Mit diesen Filtern wurde nichts gefunden. Entfernen Sie einige davon.',
    nothingAtAll: 'Dieser Katalog hat noch keine Artikel. Schauen Sie später wieder vorbei.',
    results: 'Ähnliche Artikel',
    probability: '{percent} Treffer',
    similarity: '{percent} ähnlich',
    lessLikely: 'weniger wahrscheinlich',
    probabilityMeaning: 'Treffer sagt, wie wahrscheinlich ein Artikel zu Ihrem Bild passt.',
    similarityMeaning: 'Ähnlich sagt, wie sehr sich zwei Bilder gleichen; 100 % ist dasselbe Bild.',
    moreLikeThis: 'Mehr davon',
    moreLike: 'Mehr davon: {title}',
    loadMore: 'Mehr laden',
    filters: 'Filter',
    filtersChosen: 'Filter ({count})',
    filtersFailed: 'Die Filter konnten nicht geladen werden. Die Ergebnisse stimmen trotzdem.',
    removeFilter: 'Filter {filter} entfernen',
    removeFilters: 'Alle Filter entfernen',
    showAll: 'Alle {count} zeigen',
    showFewer: 'Weniger zeigen',
    showProducts: 'Artikel zeigen',
    mostFrequent: 'Die häufigsten; es gibt {count} weitere.',
    from: 'von',
    to: 'bis',
    yes: 'ja',
    no: 'nein',
    fields: { category: 'Kategorie', price: 'Preis', brand: 'Marke', colour: 'Farbe', color: 'Farbe', pattern: 'Muster' },
    errorUnreachable: 'Die Suche ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es nochmals.',
    errorOrigin:
      'Der Suchdienst unter {service} erlaubt Seiten von {page} nicht, ihn zu nutzen. ' +
      'Wer den Dienst betreibt, muss {page} in LIKENESS_CORS_ORIGINS eintragen.',
    errorTimeout: 'Die Suche hat zu lange gedauert. Versuchen Sie es nochmals.',
    errorBusy: 'Die Suche ist stark ausgelastet. Versuchen Sie es in einer Minute nochmals.',
    errorFailed: 'Im Suchdienst ist etwas schiefgegangen. Versuchen Sie es nochmals oder kommen Sie später wieder.',
    errorKey: 'Der Suchdienst hat den Schlüssel dieser Seite abgelehnt. Der Shop muss einen gültigen api-key setzen.',
    errorPicture: 'Dieses Bild kann nicht gelesen werden. Wählen Sie ein anderes, etwa als JPEG, PNG oder WebP.',
    errorTooLarge: 'Dieses Bild ist zu groß. Wählen Sie eines unter 20 MB.',
    errorNoPicture: 'Das ist kein Bild. Wählen Sie ein Bild, etwa als JPEG, PNG oder WebP.',
    errorAddress: 'Das ist keine Webadresse. Kopieren Sie die Adresse eines Bildes; sie beginnt mit https://',
    errorFetch: 'Die Suche kann von {host} kein Bild holen. Speichern Sie das Bild auf diesem Gerät und wählen Sie es dann aus.',
    errorLost: 'Das Bild dieser Suche ist nicht mehr auf diesem Gerät. Wählen Sie es nochmals aus.',
    errorFilter: 'Das Attribut filter dieser Suche ist kein JSON-Objekt. Der Shop muss es berichtigen.',
    errorRefused: 'Der Suchdienst sagt: {detail}',
  },
};

/** One language's texts, with those that the shop has put in their place. */
class Words {
  #texts;
  #plural;
  #number;
  #exact;
  #percent;
  #price;

  constructor(language, overrides, currency) {
    this.language = language;
    this.#texts = { ...STRINGS[language], ...overrides };
    this.#texts.fields = { ...STRINGS[language].fields, ...overrides.fields };
    this.#plural = new Intl.PluralRules(language);
    this.#number = new Intl.NumberFormat(language);
    this.#exact = new Intl.NumberFormat(language, { useGrouping: false, maximumFractionDigits: 20 });
    this.#percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
    this.#price = priceFormat(language, currency);
  }

  /** The text of that name with its places filled in; `count` also chooses the plural form. */
  say(name, values = {}) {
    const found = this.#texts[name];
    const text = typeof found === 'string' ? found : (found[this.#plural.select(values.count)] ?? found.other);
    return text.replace(/\{(\w+)\}/g, (place, key) => (key in values ? this.#shown(values[key]) : place));
  }

  /** What a field of a product is called: `shoe_size` is "Shoe size" unless the shop says otherwise. */
  field(name) {
    if (Object.hasOwn(this.#texts.fields, name)) return this.#texts.fields[name];
    const spaced = name.replace(/_/g, ' ');
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
  }

  /** A field's value: a year is no amount, and an article number has all its digits. */
  value(value) {
    if (typeof value === 'boolean') return this.say(value ? 'yes' : 'no');
    return typeof value === 'number' ? this.#exact.format(value) : String(value);
  }

  count(count) {
    return this.#number.format(count);
  }

  price(amount) {
    return this.#price.format(amount);
  }

  percent(share) {
    return this.#percent.format(share);
  }

  #shown(value) {
    return typeof value === 'number' ? this.#number.format(value) : String(value);
  }
}

/** Of prices in `currency`; plain numbers without one, or with one that is no ISO code. */
function priceFormat(language, currency) {
  try {
    if (currency) return new Intl.NumberFormat(language, { style: 'currency', currency });
  } catch (error) {
    reportError(error); // A slip in the shop's template must not take the search away.
  }
  return new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** The language of the nearest `lang` attribute, if there are texts in it. */
function languageOf(element) {
  const wanted = element.closest('[lang]')?.lang || navigator.language;
  const language = wanted.toLowerCase().split('-')[0];
  return Object.hasOwn(STRINGS, language) ? language : 'en';
}

// ---- Look -----------------------------------------------------------------------------------------

// Colours follow the page's `color-scheme`: a page that is light only gets a light widget.
const STYLE = `
:host {
  --accent: var(--visual-search-accent, #2747c7);
  --accent-text: var(--visual-search-accent-text, #fff);
  --background: var(--visual-search-background, Canvas);
  --surface: var(--visual-search-surface, #f4f5f7);
  --text: var(--visual-search-text, #181c22);
  --muted: var(--visual-search-muted, #58616e);
  --border: var(--visual-search-border, #dde1e7);
  --danger: #b3261e;
  --radius: var(--visual-search-radius, 12px);
  --target: 40px;
  display: block;
  container-type: inline-size;
  color: var(--text);
  background: var(--background);
  border-radius: var(--radius);
  font: 1rem/1.5 var(--visual-search-font, system-ui, sans-serif);
}
@supports (color: light-dark(#000, #fff)) {
  :host {
    --accent: var(--visual-search-accent, light-dark(#2747c7, #a3b8ff));
    --accent-text: var(--visual-search-accent-text, light-dark(#fff, #0d1326));
    --surface: var(--visual-search-surface, light-dark(#f4f5f7, #1e232a));
    --text: var(--visual-search-text, light-dark(#181c22, #eceff4));
    --muted: var(--visual-search-muted, light-dark(#58616e, #a6b0bd));
    --border: var(--visual-search-border, light-dark(#dde1e7, #343c47));
    --danger: light-dark(#b3261e, #ffb4ab);
  }
}
@media (pointer: coarse) { :host { --target: 44px; } }
:host([hidden]), [hidden] { display: none !important; }
*, ::before, ::after { box-sizing: border-box; }
p, ul, fieldset, figure { margin: 0; padding: 0; border: 0; list-style: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
[tabindex="-1"]:focus-visible { outline-offset: 4px; }

button, input, .link { font: inherit; color: inherit; }
.button {
  display: inline-flex; align-items: center; justify-content: center; gap: .5em;
  min-height: var(--target); padding: .375em 1em;
  color: var(--text); background: transparent;
  border: 1px solid var(--muted); border-radius: calc(var(--radius) * .67); cursor: pointer;
}
.button:hover { background: var(--surface); }
.button.primary { color: var(--accent-text); background: var(--accent); border-color: var(--accent); font-weight: 600; }
.button.primary:hover { filter: brightness(1.08); }
.button.plain { padding-inline: .5em; border-color: transparent; color: var(--accent); }
.button.small { padding-inline: .75em; font-size: .875rem; }
.button[aria-disabled="true"] { color: var(--muted); cursor: default; }
.input {
  min-height: var(--target); min-width: 0; width: 100%; padding: .375em .75em;
  color: var(--text); background: var(--background);
  border: 1px solid var(--muted); border-radius: calc(var(--radius) * .67);
}
.input::placeholder { color: var(--muted); opacity: 1; }
.icon { flex: none; width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 1.75; stroke-linecap: round; stroke-linejoin: round; }
.muted { color: var(--muted); font-size: .875rem; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
.row > .button.plain { padding-inline: .25em; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.root { position: relative; display: grid; gap: 1.5rem; padding: var(--visual-search-padding, 1rem); }
.root.dragging::after {
  content: attr(data-drop); position: absolute; inset: .25rem; z-index: 3; display: grid; place-items: center;
  color: var(--text); background: color-mix(in srgb, var(--background) 88%, transparent);
  border: 2px dashed var(--accent); border-radius: var(--radius); font-size: 1.25rem; font-weight: 600;
}
.start {
  display: grid; justify-items: center; gap: 1rem; padding: 2.5rem 1rem; text-align: center;
  background: var(--surface); border: 1.5px dashed var(--muted); border-radius: var(--radius);
}
.start > .icon { width: 2.75rem; height: 2.75rem; color: var(--accent); stroke-width: 1.25; }
.start .row { justify-content: center; }
.start form { display: flex; gap: .5rem; width: min(100%, 26rem); margin-top: .5rem; }
.title { font-size: 1.25rem; font-weight: 650; line-height: 1.3; }
.camera { display: none; }
@media (pointer: coarse) { .camera { display: inline-flex; } }

.layout { display: grid; gap: 1.5rem; }
.side { display: grid; align-content: start; gap: 1.25rem; min-width: 0; }
.main { display: grid; align-content: start; gap: 1rem; min-width: 0; }
.query { display: grid; gap: .75rem; }
.query .product { display: grid; grid-template-columns: 5rem 1fr; gap: .75rem; align-items: center; }
.query .product img { width: 100%; height: auto; aspect-ratio: 1; object-fit: contain; background: var(--surface); border-radius: calc(var(--radius) * .67); }

.stage { position: relative; width: fit-content; max-width: calc(100% - 1rem); margin: .5rem auto; user-select: none; -webkit-user-select: none; }
.stage canvas { display: block; max-width: 100%; max-height: 12rem; border-radius: 4px; }
.shade { position: absolute; inset: 0; overflow: hidden; border-radius: 4px; pointer-events: none; }
.window { position: absolute; box-shadow: 0 0 0 200rem rgb(0 0 0 / .55); }
.box { position: absolute; }
.box button { position: absolute; padding: 0; border: 0; background: none; }
.box .move { inset: 0; width: 100%; border: 2px solid #fff; outline: 1px solid #181c22; cursor: crosshair; }
.box.part .move { cursor: move; touch-action: none; }
.box .move:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
.corner { width: var(--target); height: var(--target); translate: -50% -50%; touch-action: none; border-radius: 50%; }
.corner::before {
  content: ""; position: absolute; inset: calc(50% - 8px); background: #fff;
  border: 2px solid #181c22; border-radius: 50%;
}
.corner.nw { left: 0; top: 0; cursor: nwse-resize; }
.corner.ne { left: 100%; top: 0; cursor: nesw-resize; }
.corner.sw { left: 0; top: 100%; cursor: nesw-resize; }
.corner.se { left: 100%; top: 100%; cursor: nwse-resize; }

.status { min-height: 2.5rem; align-content: center; }
.status.empty { min-height: 0; margin-bottom: -1rem; outline: none; } /* The notice below it is announced. */
.summary { font-weight: 600; }
.progress { flex-wrap: nowrap; justify-content: space-between; }
.progress > div { flex: 1; display: grid; gap: .375rem; }
progress { width: 100%; height: 6px; accent-color: var(--accent); }
.notice {
  display: grid; gap: .75rem; padding: 1rem; background: var(--surface);
  border-inline-start: 4px solid var(--muted); border-radius: 4px;
}
.notice.failed { border-color: var(--danger); }
.notice p { overflow-wrap: anywhere; }
.chip { border-radius: 99px; }
.chip span { overflow: hidden; text-overflow: ellipsis; max-width: 14rem; white-space: nowrap; }

.filters { display: grid; gap: 1.25rem; }
.filters fieldset { min-width: 0; }
.filters legend { padding: 0; margin-bottom: .25rem; font-weight: 600; }
.choice { display: flex; align-items: center; gap: .625rem; min-height: calc(var(--target) - 8px); cursor: pointer; }
.choice input { flex: none; width: 1.125rem; height: 1.125rem; margin: 0; accent-color: var(--accent); }
.choice span:first-of-type { flex: 1; overflow-wrap: anywhere; }
.range { display: grid; grid-template-columns: 1fr 1fr; gap: .5rem; }
.range label { display: grid; gap: .125rem; }
.filters-panel { margin-top: 1rem; }
.filters-panel:not(.open) { display: none; }
.filters-done { position: sticky; bottom: .5rem; width: 100%; margin-top: 1rem; }
.filters-panel:not(.open) + .filters-done { display: none; }

.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 9rem), 1fr)); gap: 1.25rem 1rem; }
.grid.outdated { opacity: .5; }
.card { display: flex; flex-direction: column; gap: .5rem; min-width: 0; }
.link {
  display: flex; flex-direction: column; gap: .375rem; width: 100%; padding: 0; text-align: start;
  text-decoration: none; background: none; border: 0; border-radius: var(--radius); cursor: pointer;
}
.link:hover .name { text-decoration: underline; }
.frame { display: block; aspect-ratio: 1; overflow: hidden; background: var(--surface); border-radius: var(--radius); }
.frame img { display: block; width: 100%; height: 100%; object-fit: contain; }
.name { overflow-wrap: anywhere; display: -webkit-box; overflow: hidden; -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-height: 1.35; }
.price { font-weight: 650; }
.score { display: grid; gap: .25rem; margin-top: auto; color: var(--muted); font-size: .8125rem; line-height: 1.3; }
.bar { display: block; height: 5px; overflow: hidden; background: var(--border); border-radius: 99px; }
.bar > span { display: block; height: 100%; background: var(--accent); border-radius: 99px; }
.bar.unlikely > span { background: var(--muted); }
.card .button, .filters .button { align-self: start; justify-self: start; margin-inline-start: -.75em; }
.more { justify-self: center; min-width: 12rem; }
.skeleton .frame, .skeleton .line { background: var(--surface); }
.skeleton .line { display: block; height: 1rem; border-radius: 4px; }
.skeleton .line + .line { width: 60%; }

@container (min-width: 44rem) {
  .root { padding: var(--visual-search-padding, 1.5rem); }
  .start { padding: 4rem 2rem; }
  .layout { grid-template-columns: 16rem minmax(0, 1fr); gap: 2.5rem; }
  .grid { grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: 2rem 1.5rem; }
  .stage canvas { max-height: 22rem; }
  .filters-toggle, .filters-panel + .filters-done { display: none; }
  .filters-panel, .filters-panel:not(.open) { display: grid; margin-top: 0; }
}
@media (prefers-reduced-motion: no-preference) {
  .button, .grid { transition: background-color .15s, opacity .15s; }
  .skeleton { animation: breathe 1.4s ease-in-out infinite alternate; }
  @keyframes breathe { to { opacity: .45; } }
}
@media (forced-colors: active) {
  .bar { border: 1px solid CanvasText; }
  .bar > span { background: CanvasText; forced-color-adjust: none; }
}
`;

function styleSheet(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

const SHEET = styleSheet(STYLE);

/** Paths on a 24 x 24 grid. */
const ICONS = {
  picture: ['M4 5h16v14H4z', 'M4 16l5-5 4 4 3-3 4 4', 'M15.5 9.5h.01'],
  camera: ['M4 8h3l2-3h6l2 3h3v11H4z', 'M12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z'],
  cross: ['M6 6l12 12', 'M18 6L6 18'],
  similar: ['M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14z', 'M16 16l5 5'],
};

// ---- Making elements ------------------------------------------------------------------------------

/** A new element. `on…` are listeners, true and false say whether an attribute is there. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** A button with `content`, after what stands `before` it; `class` is how it differs from others. */
function button(content, { class: look = '', ...attributes }, ...before) {
  const common = { type: 'button', part: 'button', class: `button ${look}` };
  return make('button', { ...common, ...attributes }, ...before, content);
}

function icon(name) {
  const drawing = (tag, attributes) => {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
    return element;
  };
  const svg = drawing('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' });
  svg.append(...ICONS[name].map((d) => drawing('path', { d })));
  return svg;
}

function comeIntoView(element) {
  const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
  element.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' });
}

/** The address if a link may lead there, else null: `javascript:` and the like come to nothing. */
function webAddress(text, base = document.baseURI) {
  if (!text || !URL.canParse(text, base)) return null;
  const url = new URL(text, base);
  return ['http:', 'https:'].includes(url.protocol) ? url.href : null;
}

// ---- Pictures -------------------------------------------------------------------------------------

/** Something the shopper is told by the text of that name, with its values. */
class Problem extends Error {
  constructor(name, values = {}, status = 0) {
    super(name);
    this.values = values;
    this.status = status;
  }
}

/**
 * What is sent of a file, and what is shown of it: a small upright JPEG and its canvas.
 * A picture that this browser cannot decode is sent as it is, and its canvas is null.
 */
async function prepared(file) {
  if (file.type && !file.type.startsWith('image/')) throw new Problem('errorNoPicture');
  const canvas = await drawn(file);
  if (canvas) return { blob: await smallJpeg(canvas), canvas };
  if (file.size > UNDECODED_BYTES) throw new Problem('errorTooLarge');
  return { blob: file, canvas: null };
}

/** The picture upright on white, at most UPLOAD_SIDE wide and high; null if it cannot be decoded. */
async function drawn(blob) {
  const picture = (await decodedSmall(blob)) ?? (await decoded(blob));
  if (!picture) return null;
  const canvas = scaled(picture, UPLOAD_SIDE / Math.max(...sizeOf(picture)));
  picture.close();
  return canvas;
}

/** Both ways turn by EXIF orientation. A canvas has no EXIF: nothing is told of place and camera. */
async function decoded(blob) {
  try {
    return await createImageBitmap(blob, { imageOrientation: 'from-image' });
  } catch {
    return null; // The one way to ask a browser whether it can decode something.
  }
}

// In Chromium alone: whether others that have all this turn such a frame upright is not known.
const DECODES_SMALL =
  'userAgentData' in navigator && 'ImageDecoder' in globalThis && 'rotation' in VideoFrame.prototype;

/** A photograph, with pixels left out while it is decoded: that saves a third of decoding and scaling. */
async function decodedSmall(blob) {
  if (!DECODES_SMALL || blob.type !== 'image/jpeg') return null;
  const size = { desiredWidth: DECODED_SIDE, desiredHeight: DECODED_SIDE };
  try {
    const decoder = new ImageDecoder({ data: await blob.arrayBuffer(), type: blob.type, ...size });
    const { image } = await decoder.decode();
    decoder.close();
    return image;
  } catch {
    return null; // The other way says whether it can be decoded at all.
  }
}

/** [width, height] of a bitmap, a canvas or a video frame, as it is shown. */
function sizeOf({ width, height, displayWidth = width, displayHeight = height }) {
  return [displayWidth, displayHeight];
}

/** A copy on white, `factor` as large, never larger. */
function scaled(source, factor) {
  const shrink = Math.min(1, factor);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = sizeOf(source).map((side) => Math.max(1, Math.round(side * shrink)));
  const context = canvas.getContext('2d');
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return canvas;
}

/** A JPEG below UPLOAD_BYTES: of the best quality that is, and of fewer pixels if none is. */
async function smallJpeg(canvas) {
  for (const quality of QUALITIES) {
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (blob.size <= UPLOAD_BYTES) return blob;
  }
  return smallJpeg(scaled(canvas, 0.75));
}

/** A picture's bytes by its address; null where this page may not read them, or there are none. */
async function fetchedPicture(url, signal) {
  try {
    const response = await fetch(url, { signal, referrerPolicy: 'no-referrer' });
    const blob = response.ok ? await response.blob() : null;
    return blob?.type.startsWith('image/') ? blob : null;
  } catch {
    signal.throwIfAborted();
    return null; // CORS or the page's policy forbid it, or nobody answers: the service may fetch it.
  }
}

// ---- The service ----------------------------------------------------------------------------------

/** An answer of the service that is none: `status` 0 if there was no answer at all. */
class ServiceError extends Error {
  constructor(message, { status = 0, code = '', retryAfterS = null } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfterS = retryAfterS;
  }
}

/** The HTTP API, as far as the widget needs it. */
class Service {
  #endpoint;
  #headers;

  constructor(endpoint, apiKey) {
    this.#endpoint = endpoint.replace(/\/+$/, '');
    this.#headers = { Accept: 'application/json', ...(apiKey && { 'X-Api-Key': apiKey }) };
  }

  get origin() {
    return new URL(this.#endpoint, document.baseURI).origin;
  }

  /** `parameters`: limit, offset, filter, collection, region; what is undefined is not sent. */
  search(query, parameters, { signal, onupload }) {
    if (query.kind === 'product') {
      const path = `/v1/products/${encodeURIComponent(query.id)}/similar`;
      return this.#get(path, { ...parameters, region: undefined }, signal);
    }
    const form = new FormData();
    for (const [name, value] of sent(parameters)) form.append(name, value);
    if (query.blob) form.append('image', query.blob, 'picture');
    else form.append('url', query.url);
    return this.#request('POST', '/v1/search', { body: form, signal, onupload });
  }

  async product(id, { collection, signal }) {
    const answer = await this.#get(`/v1/products/${encodeURIComponent(id)}`, { collection }, signal);
    return answer.product;
  }

  facets(collection, parameters, signal) {
    return this.#get(`/v1/collections/${encodeURIComponent(collection)}/facets`, parameters, signal);
  }

  /** Address of a picture's thumbnail, at most `side` pixels (160, 320 or 640) wide and high. */
  thumbnail(image, side) {
    return this.#endpoint + image.thumbnail_url.replace(/\d+\.jpg$/, `${side}.jpg`);
  }

  /** Whether the service is there after all: then it was the browser that kept its answer from us. */
  async answersOthers() {
    try {
      await fetch(`${this.#endpoint}/health/live`, { mode: 'no-cors', cache: 'no-store' });
      return true;
    } catch {
      return false;
    }
  }

  #get(path, parameters, signal) {
    const query = new URLSearchParams(sent(parameters)).toString();
    return this.#request('GET', query ? `${path}?${query}` : path, { signal });
  }

  /** The JSON of the answer. XMLHttpRequest, because fetch tells no progress of an upload. */
  #request(method, path, { body = null, signal, onupload }) {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const request = new XMLHttpRequest();
      request.open(method, this.#endpoint + path);
      request.timeout = TIMEOUT_MS;
      for (const [name, value] of Object.entries(this.#headers)) request.setRequestHeader(name, value);
      if (onupload) {
        request.upload.onprogress = ({ loaded, total }) => onupload(total ? loaded / total : 1);
        request.upload.onload = () => onupload(1);
      }
      request.onload = () => {
        const answer = parsed(request.responseText);
        if (request.status >= 200 && request.status < 300 && answer) resolve(answer);
        else reject(refusal(request, answer));
      };
      request.onerror = () => reject(new ServiceError('no answer'));
      request.ontimeout = () => reject(new Problem('errorTimeout'));
      request.onabort = () => reject(signal.reason);
      signal.addEventListener('abort', () => request.abort(), { once: true });
      request.send(body);
    });
  }
}

function sent(parameters) {
  return Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
}

/** The JSON object of a text; null if it is none, such as a proxy's page or a shop's typing error. */
function parsed(text) {
  try {
    const value = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

function refusal(request, document) {
  return new ServiceError(document?.detail ?? '', {
    status: request.status,
    code: document?.code,
    retryAfterS: secondsUntil(request.getResponseHeader('Retry-After')),
  });
}

/** Of a Retry-After header: seconds, or a date; null without one. */
function secondsUntil(header) {
  if (!header) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : null;
}

/** Ask again for as long as the service is busy, after the pause it asks for. */
async function patiently(ask, { signal, onwait = () => {} }) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (error.status !== BUSY || attempt === ATTEMPTS) throw error;
      const seconds = Math.min(error.retryAfterS ?? 2 ** attempt, LONGEST_WAIT_S);
      onwait(seconds);
      await pause(seconds * 1000, signal);
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        reject(signal.reason);
      },
      { once: true },
    );
  });
}

/** Problems that another try may overcome; with the others, something else has to be asked. */
const RETRIED = new Set(['errorUnreachable', 'errorOrigin', 'errorTimeout', 'errorBusy', 'errorFailed']);

/** Codes of what can go wrong where the service reads an address. */
const FETCHING = /^(address|fetch)-|^too-many-redirects$/;

/** The problem that says in words what was wrong and what to do. */
async function explained(error, service, query) {
  if (error instanceof Problem) return error;
  if (!(error instanceof ServiceError)) {
    reportError(error); // A fault of the widget: the console has it, the shopper a way on.
    return new Problem('errorFailed');
  }
  const { status, code, message: detail } = error;
  if (status === 0) return unreachable(service);
  if (status === BUSY) return new Problem('errorBusy', {}, status);
  if (status === 401 || status === 403) return new Problem('errorKey', {}, status);
  if (code === 'picture-too-large' || code === 'body-too-large') return new Problem('errorTooLarge', {}, status);
  if (query?.kind === 'address' && FETCHING.test(code)) {
    return new Problem('errorFetch', { host: new URL(query.url).host }, status);
  }
  if (code?.startsWith('picture-') && status < 500) return new Problem('errorPicture', {}, status);
  if (status >= 500 || !detail) return new Problem('errorFailed', {}, status);
  return new Problem('errorRefused', { detail }, status);
}

async function unreachable(service) {
  const page = location.origin;
  const refused = service.origin !== page && (await service.answersOthers());
  return refused ? new Problem('errorOrigin', { service: service.origin, page }) : new Problem('errorUnreachable');
}

// ---- Filters --------------------------------------------------------------------------------------

// What the shopper has chosen is a filter of the API: {"brand": {"in": ["acme"]}, "price": {"lte": 9}}.

/** The shop's filter and the shopper's; a field of the shop's is not the shopper's to change. */
function combined(own, chosen) {
  const both = { ...chosen, ...own };
  return Object.keys(both).length ? both : undefined;
}

/** `chosen` with another condition on the field; an empty one is taken away. */
function choosing(chosen, field, condition) {
  const { [field]: _, ...others } = chosen;
  const empty = Object.keys(condition).length === 0 || condition.in?.length === 0;
  return empty ? others : { ...others, [field]: condition };
}

function isChosen(chosen, field, value) {
  return chosen[field]?.in?.includes(value) ?? false;
}

function toggled(chosen, field, value) {
  const values = chosen[field]?.in ?? [];
  const next = values.includes(value) ? values.filter((each) => each !== value) : [...values, value];
  return choosing(chosen, field, { in: next });
}

/** One entry for each thing chosen: how it is called, and what is chosen without it. */
function chips(chosen, words) {
  return Object.entries(chosen).flatMap(([field, condition]) => {
    const name = words.field(field);
    if (condition.in) {
      return condition.in.map((value) => ({
        text: `${name}: ${words.value(value)}`,
        without: toggled(chosen, field, value),
      }));
    }
    const ends = [
      ...('gte' in condition ? [`${words.say('from')} ${words.value(condition.gte)}`] : []),
      ...('lte' in condition ? [`${words.say('to')} ${words.value(condition.lte)}`] : []),
    ];
    return [{ text: `${name} ${ends.join(' ')}`, without: choosing(chosen, field, {}) }];
  });
}

/** The chosen part of an address, which anybody can have written: only what the widget can show. */
function understood(chosen) {
  const conditions = Object.entries(chosen ?? {}).map(([field, said]) => [field, conditionOf(said)]);
  return Object.fromEntries(conditions.filter(([, condition]) => condition !== null));
}

/** Values to choose from, or the ends of a range; null of anything else. */
function conditionOf(said) {
  const { in: values, gte, lte } = said ?? {};
  if (Array.isArray(values)) {
    const known = values.filter((value) => ['string', 'number', 'boolean'].includes(typeof value));
    return known.length ? { in: known } : null;
  }
  const ends = Object.entries({ gte, lte }).filter(([, end]) => Number.isFinite(end));
  return ends.length ? Object.fromEntries(ends) : null;
}

/** The fields of the filter panel; `onchange` gets what is chosen then. */
function facetFields(facets, { chosen, opened, words, onchange, onopen }) {
  return facets.map((facet) => {
    const legend = make('legend', {}, words.field(facet.field));
    const content =
      facet.kind === 'range'
        ? rangeField(facet, { chosen, words, onchange })
        : valuesField(facet, { chosen, open: opened.has(facet.field), words, onchange, onopen });
    return make('fieldset', { part: 'facet' }, legend, ...content);
  });
}

function valuesField(facet, { chosen, open, words, onchange, onopen }) {
  const values = withChosen(facet, chosen);
  const isShown = ({ value }, place) => open || place < VALUES_AT_FIRST || isChosen(chosen, facet.field, value);
  const shown = values.filter(isShown);
  const choices = shown.map(({ value, count }) =>
    make(
      'label',
      { class: 'choice' },
      make('input', {
        type: 'checkbox',
        checked: isChosen(chosen, facet.field, value),
        'data-key': `facet ${facet.field} ${JSON.stringify(value)}`,
        onchange: () => onchange(toggled(chosen, facet.field, value)),
      }),
      make('span', {}, words.value(value)),
      make('span', { class: 'muted' }, words.count(count)),
    ),
  );
  const rest = values.length > VALUES_AT_FIRST && (open || shown.length < values.length);
  return [
    ...choices,
    open && facet.more ? make('p', { class: 'muted' }, words.say('mostFrequent', { count: facet.more })) : null,
    rest
      ? button(words.say(open ? 'showFewer' : 'showAll', { count: values.length }), {
          class: 'plain small',
          'data-key': `open ${facet.field}`,
          'aria-expanded': String(open),
          onclick: () => onopen(facet.field),
        })
      : null,
  ];
}

/** The facet's values; one that was chosen and has no product any more stays, to be taken away. */
function withChosen(facet, chosen) {
  const known = new Set(facet.values.map(({ value }) => value));
  const gone = (chosen[facet.field]?.in ?? []).filter((value) => !known.has(value));
  return [...facet.values, ...gone.map((value) => ({ value, count: 0 }))];
}

function rangeField(facet, { chosen, words, onchange }) {
  const condition = chosen[facet.field] ?? {};
  const end = (operator, name, placeholder) =>
    make(
      'label',
      {},
      make('span', { class: 'muted' }, words.say(name)),
      make('input', {
        class: 'input',
        type: 'number',
        step: 'any',
        inputmode: 'decimal',
        placeholder,
        value: condition[operator],
        'data-key': `facet ${facet.field} ${operator}`,
        onchange: ({ target }) => {
          const { [operator]: _, ...other } = condition;
          const number = target.value === '' ? {} : { [operator]: target.valueAsNumber };
          onchange(choosing(chosen, facet.field, { ...other, ...number }));
        },
      }),
    );
  const shown = (value) => (facet.field === 'price' ? words.price(value) : words.value(value));
  const ends = [end('gte', 'from', shown(facet.min)), end('lte', 'to', shown(facet.max))];
  return [make('div', { class: 'range' }, ...ends)];
}

// ---- Address and history --------------------------------------------------------------------------

const PARAMETERS = ['url', 'product', 'picture', 'region', 'filter'];

/** The state in the page's address, under `prefix`: what a link to this search needs. */
class Address {
  #names;
  /** Its own part of the address, as it was read or written last. */
  #known = null;

  constructor(prefix) {
    this.#names = Object.fromEntries(PARAMETERS.map((name) => [name, `${prefix}-${name}`]));
    this.#names.loaded = `${prefix}-loaded`;
  }

  /** Whether it says something else than when it was read or written; the page's own part may. */
  get hasChanged() {
    return this.#own !== this.#known;
  }

  get #own() {
    const parameters = new URL(location.href).searchParams;
    return JSON.stringify(PARAMETERS.map((name) => parameters.get(this.#names[name])));
  }

  /** {url | product | picture, region, chosen, loaded}; null if the address names no search. */
  read() {
    this.#known = this.#own;
    const parameters = new URL(location.href).searchParams;
    const read = (name) => parameters.get(this.#names[name]);
    const [url, product, picture] = ['url', 'product', 'picture'].map(read);
    if (!url && !product && !picture) return null;
    return {
      url,
      product,
      picture,
      region: regionOf(read('region')),
      chosen: understood(parsed(read('filter'))),
      loaded: history.state?.[this.#names.loaded] ?? 0,
    };
  }

  /** Put `state` there; as a new step that the back button undoes, or in place of this one. */
  write(state, { step }) {
    const url = new URL(location.href);
    for (const name of PARAMETERS) {
      if (state[name]) url.searchParams.set(this.#names[name], state[name]);
      else url.searchParams.delete(this.#names[name]);
    }
    const kept = { ...history.state, [this.#names.loaded]: state.loaded };
    if (step && url.href !== location.href) history.pushState(kept, '', url);
    else history.replaceState(kept, '', url);
    this.#known = this.#own;
  }
}

/** Uploaded pictures for the back button: in this tab only, as they are nobody else's business. */
const keptPictures = {
  prefix: 'visual-search-picture-',

  /** The key it is kept under; null where the browser gives no room. */
  async keep(blob) {
    const text = await dataUrl(blob);
    const key = Date.now().toString(36) + Math.random().toString(36).slice(2, 6);
    try {
      const oldest = this.keys().slice(0, 1 - PICTURES_KEPT);
      for (const name of oldest) sessionStorage.removeItem(name);
      sessionStorage.setItem(this.prefix + key, text);
      return key;
    } catch {
      return null; // No room, or storage is switched off: the search works, only not "back" to it.
    }
  },

  /** The picture; null if it is not in this tab's storage. */
  read(key) {
    const text = this.text(key);
    if (text === null) return null;
    const [head, body] = text.split(',');
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    return new Blob([bytes], { type: head.slice('data:'.length).split(';')[0] });
  },

  text(key) {
    try {
      return sessionStorage.getItem(this.prefix + key);
    } catch {
      return null; // Storage is switched off.
    }
  },

  /** Oldest first: a key begins with its time. */
  keys() {
    return Object.keys(sessionStorage)
      .filter((name) => name.startsWith(this.prefix))
      .sort();
  },
};

function dataUrl(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

// ---- Region and crop box --------------------------------------------------------------------------

const clamp = (value, least, most) => Math.min(Math.max(value, least), most);
const isWhole = (region) => region.every((share, place) => share === WHOLE[place]);

/** "x,y,width,height" in ten-thousandths, never past the edge; undefined for the whole picture. */
function regionText(region) {
  if (isWhole(region)) return undefined;
  const [x, y, width, height] = region.map((share) => Math.round(share * 10_000));
  return [x, y, Math.min(width, 10_000 - x), Math.min(height, 10_000 - y)].map((part) => part / 10_000).join(',');
}

/** Of a text as above; the whole picture if it is no region. */
function regionOf(text) {
  const region = (text ?? '').split(',').map(Number);
  const [x, y, width, height] = region;
  const fits = region.length === 4 && x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1 && y + height <= 1;
  return fits ? region : WHOLE;
}

function moved([x, y, width, height], dx, dy) {
  return [clamp(x + dx, 0, 1 - width), clamp(y + dy, 0, 1 - height), width, height];
}

/** One corner ("nw", "se", …) moved; the opposite one stays. */
function resized([x, y, width, height], corner, dx, dy) {
  let [left, top, right, bottom] = [x, y, x + width, y + height];
  if (corner.includes('w')) left = clamp(left + dx, 0, right - SMALLEST_SHARE);
  else right = clamp(right + dx, left + SMALLEST_SHARE, 1);
  if (corner.includes('n')) top = clamp(top + dy, 0, bottom - SMALLEST_SHARE);
  else bottom = clamp(bottom + dy, top + SMALLEST_SHARE, 1);
  return [left, top, right - left, bottom - top];
}

/** The rectangle between two points; null while it is too small to be meant. */
function spanned(from, to) {
  const [x, y] = [Math.min(from.x, to.x), Math.min(from.y, to.y)];
  const [width, height] = [Math.abs(from.x - to.x), Math.abs(from.y - to.y)];
  return width < SMALLEST_SHARE || height < SMALLEST_SHARE ? null : [x, y, width, height];
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const CORNERS = ['nw', 'ne', 'sw', 'se'];

/** A picture with a box over the part that is searched with. */
class CropBox {
  #onchange;
  #stage;
  #window;
  #box;
  #region = WHOLE;
  #drag = null;

  /** `onchange(region)` is called with every step of a drag, and with every key. */
  constructor(words, onchange) {
    this.#onchange = onchange;
    this.#window = make('div', { class: 'window' });
    this.#box = make(
      'div',
      { class: 'box', onkeydown: (event) => this.#key(event) },
      this.#grip('move', 'move', words.say('cropMove')),
      ...CORNERS.map((corner) => this.#grip(corner, `corner ${corner}`, words.say(`crop${corner.toUpperCase()}`))),
    );
    this.#stage = make('div', {
      class: 'stage',
      part: 'crop',
      onpointerdown: (event) => this.#begin(event),
      onpointermove: (event) => this.#follow(event),
      onpointerup: () => this.#end(),
      onpointercancel: () => this.#end(),
    });
    this.element = make(
      'div',
      { class: 'query' },
      this.#stage,
      make('p', { class: 'unseen', id: 'crop-keys' }, words.say('cropKeys')),
    );
  }

  show(canvas, region, label) {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
    this.#stage.replaceChildren(canvas, make('div', { class: 'shade' }, this.#window), this.#box);
    this.place(region);
  }

  place(region) {
    this.#region = region;
    const [left, top, width, height] = region.map((share) => `${share * 100}%`);
    for (const element of [this.#window, this.#box]) Object.assign(element.style, { left, top, width, height });
    this.#box.classList.toggle('part', !isWhole(region));
  }

  #grip(grip, name, label) {
    const described = { 'aria-label': label, 'aria-describedby': 'crop-keys' };
    return make('button', { type: 'button', class: name, 'data-grip': grip, 'data-key': `crop ${grip}`, ...described });
  }

  #change(region) {
    this.place(region);
    this.#onchange(region);
  }

  #begin(event) {
    const grip = event.target.dataset.grip ?? 'draw';
    const draws = grip === 'draw' || (grip === 'move' && isWhole(this.#region));
    // A finger on the picture scrolls the page; its corners are large enough to take.
    if (event.button !== 0 || (draws && event.pointerType === 'touch')) return;
    this.#stage.setPointerCapture(event.pointerId);
    this.#drag = { grip: draws ? 'draw' : grip, from: this.#point(event), region: this.#region };
  }

  #follow(event) {
    if (!this.#drag) return;
    const { grip, from, region } = this.#drag;
    const to = this.#point(event);
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    if (grip === 'draw') this.#change(spanned(from, to) ?? region);
    else this.#change(grip === 'move' ? moved(region, dx, dy) : resized(region, grip, dx, dy));
  }

  #end() {
    this.#drag = null;
  }

  /** Where the pointer is, in shares of the picture, kept inside it. */
  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.#stage.getBoundingClientRect();
    return { x: clamp((clientX - left) / width, 0, 1), y: clamp((clientY - top) / height, 0, 1) };
  }

  #key(event) {
    const { grip } = event.target.dataset;
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (!arrow) return this.#change(WHOLE);
    const [dx, dy] = arrow.map((direction) => direction * (event.shiftKey ? LARGE_STEP : STEP));
    this.#change(grip === 'move' ? moved(this.#region, dx, dy) : resized(this.#region, grip, dx, dy));
  }
}

// ---- Hits -----------------------------------------------------------------------------------------

/** One hit: picture, title, price, score, and more like it. */
function card(hit, { words, service, onselect, onsimilar }) {
  const { product } = hit;
  const title = product.title ?? product.id;
  const href = webAddress(product.url);
  const content = [
    make('span', { class: 'frame' }, thumbnail(hit.image, service)),
    make('span', { class: 'name', part: 'title' }, title),
    product.price === null ? null : make('span', { class: 'price', part: 'price' }, words.price(product.price)),
  ];
  const chosen = { class: 'link', part: 'link', onclick: (event) => onselect(hit, event) };
  return make(
    'li',
    { class: 'card', part: 'card' },
    href ? make('a', { href, ...chosen }, ...content) : make('button', { type: 'button', ...chosen }, ...content),
    score(hit, words),
    button(
      words.say('moreLikeThis'),
      {
        class: 'plain small',
        part: 'button similar',
        'aria-label': words.say('moreLike', { title }),
        onclick: () => onsimilar(hit),
      },
      icon('similar'),
    ),
  );
}

/** Decorative: the title stands beside it. Its square is kept free from the beginning. */
function thumbnail(image, service) {
  return make('img', {
    alt: '',
    loading: 'lazy',
    decoding: 'async',
    width: 320,
    height: 320,
    sizes: '(min-width: 44rem) 14rem, 45vw',
    onerror: ({ target }) => (target.hidden = true), // The square stays, without a torn picture in it.
    srcset: [160, 320, 640].map((side) => `${service.thumbnail(image, side)} ${side}w`).join(', '),
    src: service.thumbnail(image, 320),
  });
}

/** The probability of a match where the service was calibrated, else the plain similarity. */
function score(hit, words) {
  const calibrated = hit.match_probability !== null;
  const share = calibrated ? hit.match_probability : hit.similarity;
  const text = words.say(calibrated ? 'probability' : 'similarity', { percent: words.percent(share) });
  const unlikely = hit.relevant === false;
  const fill = make('span');
  fill.style.width = `${clamp(share, 0, 1) * 100}%`;
  return make(
    'p',
    { class: 'score', part: 'score' },
    make('span', {}, unlikely ? `${text}, ${words.say('lessLikely')}` : text),
    make('span', { class: unlikely ? 'bar unlikely' : 'bar', 'aria-hidden': 'true' }, fill),
  );
}

function skeleton() {
  return make(
    'li',
    { class: 'card skeleton' },
    make('span', { class: 'frame' }),
    make('span', { class: 'line' }),
    make('span', { class: 'line' }),
  );
}

// ---- The element ----------------------------------------------------------------------------------

/** Phases in which something is under way, and the text of each. */
const UNDER_WAY = {
  preparing: 'preparing',
  uploading: 'uploading',
  searching: 'searching',
  waiting: 'searching',
  loading: 'loadingMore',
};

/** Attributes after whose change an answer is no longer the right one. */
const SEARCHED_BY = new Set(['endpoint', 'api-key', 'collection', 'filter', 'limit']);

const NO_FACETS = Object.freeze({ key: null, fields: [], total: null, failed: false });

export class VisualSearch extends HTMLElement {
  static observedAttributes = [...SEARCHED_BY, 'currency', 'facets', 'for', 'history', 'lang'];

  // What is asked with.
  /** {kind: 'picture', blob, canvas, key, url?} | {kind: 'address', url} | {kind: 'product', id, title, image} */
  #query = null;
  #region = WHOLE;
  #chosen = {};

  // What came of it.
  #hits = [];
  #hasMore = false;
  #collection = null;
  #facets = NO_FACETS;

  // What is going on: 'idle', 'done', 'stopped', 'failed', or one of UNDER_WAY.
  #phase = 'idle';
  #details = {};
  #run = new AbortController();
  #facetsRun = new AbortController();
  #again = () => {};
  #regionTimer = 0;

  // How it is shown.
  #overrides = {};
  #words;
  #service;
  #address = null;
  /** Of the attribute `filter`; null if that is no JSON object. */
  #ownFilter = {};
  #ui = null;
  #openedFacets = new Set();
  #placed = [];
  #connected = null;
  /** Whether a search was under way when it was taken off the page. */
  #wasAtWork = false;
  #changes = new Set();

  constructor() {
    super();
    this.attachShadow({ mode: 'open' }).adoptedStyleSheets = [SHEET];
  }

  connectedCallback() {
    this.#connected = new AbortController();
    const { signal } = this.#connected;
    document.addEventListener('paste', (event) => this.#pasted(event), { signal });
    document.addEventListener('click', (event) => this.#clickedOnPage(event), { signal });
    window.addEventListener('popstate', () => this.#restore(), { signal });
    this.#build();
    if (this.#wasAtWork) this.#again();
    else this.#restore();
    this.#loadFacets();
  }

  /** What is under way ends here; put back, as frameworks do that reorder a page, it begins anew. */
  disconnectedCallback() {
    this.#connected.abort();
    this.#wasAtWork = this.#phase in UNDER_WAY;
    if (this.#wasAtWork) this.#cancel();
    this.#stop();
    this.#facetsRun.abort();
    this.#facets = { ...this.#facets, key: null };
    this.#removeButtons();
  }

  /** Several attributes that change together are answered once. */
  attributeChangedCallback(name, before, after) {
    if (!this.#ui || before === after) return;
    if (this.#changes.size === 0) queueMicrotask(() => this.#changed());
    this.#changes.add(name);
  }

  // -- For the page

  /** The hits that are shown, as the API gave them. */
  get results() {
    return [...this.#hits];
  }

  /** Texts that stand in place of the widget's own; names are those of STRINGS. */
  get strings() {
    return this.#overrides;
  }

  set strings(overrides) {
    this.#overrides = overrides ?? {};
    if (this.#ui) this.#build();
  }

  /** Search with a picture file or blob. Resolves when the answer, or what went wrong, is shown. */
  async searchFile(file) {
    await this.#start(() => this.#pictureQuery(file));
  }

  /** Search with the picture at an address, absolute or relative to the page. */
  async searchUrl(url) {
    await this.#start((signal) => this.#urlQuery(url, signal));
  }

  /** Search for more like a product of the catalogue. */
  async searchProduct(id) {
    await this.#start((signal) => this.#productQuery(String(id), signal));
  }

  /** Back to the beginning: no query, no results. */
  clear() {
    this.#reset();
    this.#address?.write({}, { step: true });
  }

  // -- From a wish to a query

  /** Ask with what `prepare` makes; its query replaces the one before only once it is there. */
  async #start(prepare, { region = WHOLE, chosen = {}, loaded = 0, restoring = false } = {}) {
    const again = () => this.#start(prepare, { region, chosen, loaded, restoring });
    const query = await this.#during('preparing', again, async ({ signal }) => {
      const made = await prepare(signal);
      signal.throwIfAborted();
      return made;
    });
    if (!query) return;
    const isNew = query !== this.#query;
    this.#query = query;
    this.#region = region;
    this.#chosen = chosen;
    if (isNew) {
      this.#show([], { hasMore: false });
      this.#openFilters(false);
    }
    this.#renderQuery();
    this.#renderFilters();
    if (!restoring) this.#remember({ step: true });
    await this.#search({ count: Math.max(this.#limit, loaded) });
  }

  async #pictureQuery(file, url) {
    const { blob, canvas } = await prepared(file);
    const key = this.#address && !url ? await keptPictures.keep(blob) : null;
    return { kind: 'picture', blob, canvas, key, url };
  }

  async #urlQuery(text, signal) {
    const url = webAddress(text.trim());
    if (!url) throw new Problem('errorAddress');
    const file = await fetchedPicture(url, signal);
    return file ? this.#pictureQuery(file, url) : { kind: 'address', url };
  }

  async #productQuery(id, signal) {
    const { title, images } = await this.#patiently(signal, () =>
      this.#service.product(id, { collection: this.#wantedCollection, signal }),
    );
    return { kind: 'product', id, title: title ?? id, image: images[0] ?? null };
  }

  /** As the page's address has it. */
  async #addressedQuery({ product, url, picture }, signal) {
    const current = this.#query;
    const isCurrent = product ? current?.id === product : url ? current?.url === url : current?.key === picture;
    if (isCurrent) return current;
    if (product) return this.#productQuery(product, signal);
    if (url) return this.#urlQuery(url, signal);
    const blob = keptPictures.read(picture);
    if (!blob) throw new Problem('errorLost');
    return { kind: 'picture', blob, canvas: await drawn(blob), key: picture };
  }

  // -- Searching

  /** Search with the query as it stands; `count` hits at first. */
  async #search({ count = this.#limit } = {}) {
    await this.#during('searching', () => this.#search({ count }), async ({ signal }) => {
      this.#loadFacets();
      await this.#load(0, count, signal);
      this.#loadFacets();
      this.#tell('search', { query: this.#asked, hits: this.results, total: this.#hits.length });
    });
  }

  async #loadMore() {
    if (this.#phase === 'loading') return;
    const before = this.#hits.length;
    await this.#during('loading', () => this.#loadMore(), async ({ signal }) => {
      await this.#load(before, this.#limit, signal);
      this.#remember({ step: false });
      this.#ui.grid.children[before]?.querySelector('.link').focus();
    });
  }

  /** One hit more than is shown is asked for: whether it comes says whether there are more. */
  async #load(offset, count, signal) {
    const asked = Math.min(count, MOST_PER_ANSWER - 1);
    const parameters = {
      limit: Math.min(asked + 1, DEEPEST_OFFSET - offset),
      offset,
      filter: this.#filter,
      collection: this.#wantedCollection,
      region: regionText(this.#region),
    };
    const onupload = (share) => this.#step(share < 1 ? 'uploading' : 'searching', { share });
    const answer = await this.#patiently(signal, () =>
      this.#service.search(this.#query, parameters, { signal, onupload: offset ? undefined : onupload }),
    );
    this.#collection = answer.collection;
    const known = new Set(offset ? this.#hits.map((hit) => hit.product_id) : []);
    const hits = answer.hits.slice(0, asked).filter((hit) => !known.has(hit.product_id));
    this.#show(hits, { hasMore: answer.hits.length > asked, after: offset > 0 });
    this.#step('done', { added: offset ? hits.length : 0 });
  }

  /** Run `work` as the only one; what is under way is aborted, and what goes wrong is shown. */
  async #during(phase, again, work) {
    this.#stop();
    const run = new AbortController();
    this.#run = run;
    this.#again = again;
    this.#step(phase);
    try {
      return await work(run);
    } catch (error) {
      if (!run.signal.aborted) await this.#fail(error, run);
      return undefined;
    }
  }

  #patiently(signal, ask) {
    const phase = this.#phase === 'loading' ? 'loading' : 'waiting';
    return patiently(ask, { signal, onwait: (seconds) => this.#step(phase, { seconds }) });
  }

  async #fail(error, run) {
    const atEnd = this.#phase === 'loading';
    const problem = await explained(error, this.#service, this.#query);
    if (run.signal.aborted) return;
    const message = this.#words.say(problem.message, problem.values);
    this.#step('failed', { message, atEnd, canRetry: RETRIED.has(problem.message) });
    this.#tell('error', { message, status: problem.status });
  }

  #stop() {
    clearTimeout(this.#regionTimer);
    this.#run.abort();
  }

  #cancel() {
    this.#stop();
    this.#step('stopped');
  }

  #reset() {
    this.#stop();
    this.#query = null;
    this.#region = WHOLE;
    this.#chosen = {};
    this.#show([], { hasMore: false });
    this.#renderFilters();
    this.#step('idle');
    this.#tell('clear', {});
  }

  async #loadFacets() {
    const fields = this.getAttribute('facets') ?? undefined;
    if (fields === '' || !this.#collection || !this.#ownFilter) return;
    const filter = this.#filter;
    const key = JSON.stringify([this.#collection, filter, fields]);
    if (key === this.#facets.key) return;
    this.#facetsRun.abort();
    const { signal } = (this.#facetsRun = new AbortController());
    this.#facets = { ...this.#facets, key, failed: false };
    const parameters = { filter, fields, limit: VALUES_PER_FACET };
    try {
      const ask = () => this.#service.facets(this.#collection, parameters, signal);
      const { facets, total } = await patiently(ask, { signal });
      this.#facets = { key, fields: facets, total, failed: false };
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ServiceError || error instanceof Problem)) throw error;
      this.#facets = { ...NO_FACETS, failed: true };
    }
    this.#renderFilters();
    this.#render();
  }

  // -- What the shopper changes

  #choose(chosen) {
    this.#chosen = chosen;
    this.#renderFilters();
    this.#remember({ step: true });
    this.#search();
  }

  /** The box moves: the answer to where it was is not wanted any more, the next search soon. */
  #moveRegion(region) {
    this.#stop();
    this.#region = region;
    this.#step('searching');
    this.#regionTimer = setTimeout(() => {
      this.#remember({ step: false });
      this.#search();
    }, REGION_PAUSE_MS);
  }

  #similar({ product_id: id, product, image }) {
    this.#start(() => ({ kind: 'product', id, title: product.title ?? id, image }));
    comeIntoView(this);
  }

  #select(hit, event) {
    if (!this.#tell('select', { hit })) event.preventDefault();
  }

  #pasted(event) {
    const inside = event.composedPath().includes(this);
    if (event.defaultPrevented || (!inside && isEditable(event.target))) return;
    const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    this.searchFile(file);
  }

  #dragged(event) {
    event.preventDefault(); // Else the browser would leave the page for the picture.
    this.#ui.root.classList.add('dragging');
  }

  #leftBehind({ relatedTarget }) {
    if (!this.#ui.root.contains(relatedTarget)) this.#ui.root.classList.remove('dragging');
  }

  #dropped(event) {
    event.preventDefault();
    this.#ui.root.classList.remove('dragging');
    const [file] = event.dataTransfer.files;
    const url = droppedAddress(event.dataTransfer);
    if (file) this.searchFile(file);
    else if (url) this.searchUrl(url);
  }

  #submitted(event) {
    event.preventDefault();
    const typed = this.#ui.url.value.trim();
    // Whoever types means no path of this page.
    this.searchUrl(/^https?:/i.test(typed) ? typed : '');
  }

  #picked({ target }) {
    const [file] = target.files;
    target.value = ''; // The same file can be chosen again.
    if (file) this.searchFile(file);
  }

  // -- The page around: buttons at its pictures, its address, its view

  #clickedOnPage(event) {
    const asking = event.target.closest?.('[data-visual-search]');
    if (asking && this.matches(asking.dataset.visualSearch)) this.#searchFrom(asking);
  }

  #searchFrom(element) {
    const { productId, imageUrl } = element.dataset;
    if (productId) this.searchProduct(productId);
    else this.searchUrl(imageUrl ?? element.currentSrc ?? '');
    comeIntoView(this);
    this.#ui.status.focus({ preventScroll: true });
  }

  /** A "find similar" button after each element that `for` names. */
  #placeButtons() {
    this.#removeButtons();
    const selector = this.getAttribute('for');
    this.#placed = selector ? [...document.querySelectorAll(selector)].map((each) => this.#buttonFor(each)) : [];
  }

  #buttonFor(element) {
    const text = this.#words.say('findSimilar');
    const host = make('visual-search-button', { lang: this.#words.language });
    const root = host.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [SHEET];
    root.append(
      button(
        text,
        {
          class: 'small',
          part: 'button find-similar',
          'aria-label': element.alt ? `${text}: ${element.alt}` : text,
          onclick: () => this.#searchFrom(element),
        },
        icon('similar'),
      ),
    );
    element.after(host);
    return host;
  }

  #removeButtons() {
    for (const host of this.#placed) host.remove();
  }

  #remember({ step }) {
    if (!this.#address) return;
    const { kind, id, url, key } = this.#query;
    const filter = Object.keys(this.#chosen).length ? JSON.stringify(this.#chosen) : undefined;
    const loaded = this.#hits.length;
    const asked = { product: kind === 'product' ? id : undefined, url, picture: key };
    this.#address.write({ ...asked, region: regionText(this.#region), filter, loaded }, { step });
  }

  #restore() {
    if (!this.#address?.hasChanged) return;
    const state = this.#address.read();
    if (!state) {
      if (this.#phase !== 'idle') this.#reset();
      return;
    }
    const { region, chosen, loaded } = state;
    this.#start((signal) => this.#addressedQuery(state, signal), { region, chosen, loaded, restoring: true });
  }

  #tell(name, detail) {
    const cancelable = name === 'select';
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable }));
  }

  // -- What the attributes say

  get #limit() {
    return clamp(Number.parseInt(this.getAttribute('limit'), 10) || DEFAULT_LIMIT, 1, MOST_PER_ANSWER - 1);
  }

  get #wantedCollection() {
    return this.getAttribute('collection') ?? undefined;
  }

  /** The shop's filter and the shopper's as JSON; raises a Problem. */
  get #filter() {
    if (!this.#ownFilter) throw new Problem('errorFilter');
    const filter = combined(this.#ownFilter, this.#chosen);
    return filter && JSON.stringify(filter);
  }

  /** What the `search` event says of the query. */
  get #asked() {
    const { kind, id, url } = this.#query;
    return { kind, productId: id, url, region: [...this.#region], filter: this.#chosen };
  }

  #changed() {
    const searched = [...this.#changes].some((name) => SEARCHED_BY.has(name));
    if (searched || this.#changes.has('facets')) this.#facets = NO_FACETS;
    if (searched) this.#collection = null;
    this.#changes.clear();
    if (!this.isConnected) return;
    this.#build();
    if (searched && this.#query) this.#search();
    else this.#loadFacets();
  }

  // -- Showing

  #build() {
    const overrides = this.#overrides;
    const prefix = this.getAttribute('history');
    this.#words = new Words(languageOf(this), overrides, this.getAttribute('currency'));
    this.#service = new Service(
      this.getAttribute('endpoint') || new URL(import.meta.url).origin,
      this.getAttribute('api-key'),
    );
    this.#address = prefix === null ? null : new Address(prefix || 'vs');
    this.#ownFilter = parsed(this.getAttribute('filter') || '{}');
    this.#ui = this.#elements(this.#words);
    this.shadowRoot.replaceChildren(this.#ui.root);
    this.#placeButtons();
    this.#renderHits(this.#hits);
    this.#renderQuery();
    this.#renderFilters();
    this.#render();
  }

  /** Every element that is there from the beginning; the others are put into these. */
  #elements(words) {
    const say = (name) => words.say(name);
    const ui = { file: this.#picker(say('choose')), camera: this.#picker(say('camera'), 'environment') };
    this.#makeStart(ui, say);
    this.#makeSide(ui, say);
    this.#makeMain(ui, say);
    ui.layout = make('div', { class: 'layout' }, ui.side, ui.main);
    ui.live = make('p', { class: 'unseen', role: 'status' });
    ui.root = make(
      'section',
      {
        class: 'root',
        part: 'root',
        lang: words.language,
        'aria-label': say('label'),
        'data-drop': say('drop'),
        ondragenter: (event) => this.#dragged(event),
        ondragover: (event) => this.#dragged(event),
        ondragleave: (event) => this.#leftBehind(event),
        ondrop: (event) => this.#dropped(event),
      },
      ui.layout,
      ui.start,
      ui.file,
      ui.camera,
      ui.live,
    );
    return ui;
  }

  /** Buttons open it; `capture` asks a phone for its camera. */
  #picker(label, capture) {
    const onchange = (event) => this.#picked(event);
    return make('input', { type: 'file', accept: 'image/*', hidden: true, capture, 'aria-label': label, onchange });
  }

  /** The panel before there is a query. */
  #makeStart(ui, say) {
    ui.choose = button(say('choose'), { class: 'primary', part: 'button primary', onclick: () => ui.file.click() });
    ui.url = make('input', {
      class: 'input',
      part: 'input',
      type: 'url',
      placeholder: 'https://…',
      autocomplete: 'off',
      'aria-label': say('address'),
    });
    const intro = [make('p', { class: 'title' }, say('title')), make('p', {}, say('ways'))];
    ui.start = make(
      'div',
      { class: 'start', part: 'start' },
      icon('picture'),
      make('slot', { name: 'intro' }, ...intro),
      make('div', { class: 'row' }, ui.choose, this.#cameraButton(ui, say)),
      make(
        'form',
        { novalidate: true, onsubmit: (event) => this.#submitted(event) },
        ui.url,
        button(say('search'), { type: 'submit' }),
      ),
      make('p', { class: 'muted' }, say('privacy')),
    );
  }

  #cameraButton(ui, say, size = '') {
    return button(say('camera'), { class: `camera ${size}`, onclick: () => ui.camera.click() }, icon('camera'));
  }

  /** What is asked with, and the filters. */
  #makeSide(ui, say) {
    ui.crop = new CropBox(this.#words, (region) => this.#moveRegion(region));
    ui.shownQuery = null;
    ui.asked = make('div', { class: 'query', part: 'query' });
    ui.whole = button(say('cropWhole'), { class: 'small', onclick: () => this.#takeWhole() });
    ui.queryButtons = make(
      'div',
      { class: 'row' },
      ui.whole,
      button(say('another'), { class: 'small', onclick: () => ui.file.click() }),
      this.#cameraButton(ui, say, 'small'),
      button(say('clear'), { class: 'small plain', onclick: () => this.clear() }),
    );
    ui.filtersToggle = button('', {
      class: 'filters-toggle',
      'aria-expanded': 'false',
      'aria-controls': 'filters',
      onclick: () => this.#openFilters(!ui.filtersPanel.classList.contains('open')),
    });
    ui.filtersPanel = make('div', { class: 'filters filters-panel', id: 'filters' });
    ui.filters = make(
      'div',
      { part: 'filters', role: 'group', 'aria-label': say('filters') },
      ui.filtersToggle,
      ui.filtersPanel,
      // Where the filters cover the screen, the products are far below them.
      button(say('showProducts'), {
        class: 'primary filters-done',
        part: 'button primary',
        onclick: () => this.#leaveFilters(),
      }),
    );
    ui.side = make('div', { class: 'side' }, ui.asked, ui.filters);
  }

  /** How the search stands, and the hits. */
  #makeMain(ui, say) {
    ui.summary = make('p', { class: 'summary', part: 'summary' });
    ui.progressText = make('span');
    ui.progressBar = make('progress', { max: 1, 'aria-label': say('searching') });
    ui.progress = make(
      'div',
      { class: 'row progress', part: 'progress' },
      make('div', {}, ui.progressText, ui.progressBar),
      button(say('cancel'), { class: 'small', onclick: () => this.#cancel() }, icon('cross')),
    );
    ui.status = make('div', { class: 'status', tabindex: -1 }, ui.summary, ui.progress);
    ui.notice = make('div', { class: 'notice', part: 'notice', role: 'alert' });
    ui.chips = make('div', { class: 'row', part: 'chips' });
    ui.meaning = make('p', { class: 'muted', part: 'meaning' });
    ui.nothing = make('slot', { name: 'no-results' }, make('p'));
    ui.grid = make('ul', { class: 'grid', part: 'grid', 'aria-label': say('results') });
    ui.skeletons = make('ul', { class: 'grid', 'aria-hidden': 'true' }, ...Array.from({ length: SKELETONS }, skeleton));
    ui.more = button('', { class: 'more', onclick: () => this.#loadMore() });
    ui.main = make(
      'div',
      { class: 'main' },
      ui.status,
      ui.notice,
      ui.chips,
      ui.meaning,
      ui.nothing,
      ui.grid,
      ui.skeletons,
      ui.more,
    );
  }

  #step(phase, details = {}) {
    this.#phase = phase;
    this.#details = details;
    this.#render();
  }

  /**
   * Make `change`. If what had the focus is gone or hidden then, the same thing made anew gets it
   * (known by `data-key`), else the status, or the first button at the beginning.
   */
  #keepingFocus(change) {
    const focused = this.shadowRoot.activeElement;
    change();
    if (!focused || focused.checkVisibility()) return;
    const { key } = focused.dataset;
    const same = key && this.shadowRoot.querySelector(`[data-key="${CSS.escape(key)}"]`);
    const { start, status, choose } = this.#ui;
    (same || (start.hidden ? status : choose)).focus({ preventScroll: true });
  }

  /** What depends on the phase. */
  #render() {
    this.#keepingFocus(() => this.#renderPhase());
  }

  #renderPhase() {
    const ui = this.#ui;
    const phase = this.#phase;
    const underWay = phase in UNDER_WAY;
    ui.start.hidden = this.#query !== null || underWay;
    ui.layout.hidden = phase === 'idle';
    ui.side.hidden = !this.#query;
    ui.summary.hidden = underWay && phase !== 'loading';
    ui.progress.hidden = !ui.summary.hidden;
    ui.status.classList.toggle('empty', !underWay && phase !== 'done');
    ui.grid.classList.toggle('outdated', phase !== 'done' && phase !== 'loading');
    ui.grid.setAttribute('aria-busy', String(underWay));
    ui.skeletons.hidden = !underWay || this.#hits.length > 0;
    ui.whole.hidden = isWhole(this.#region);
    if (underWay) this.#renderProgress();
    this.#renderMore();
    this.#renderSummary();
    this.#renderNotice();
    this.#renderMeaning();
  }

  #renderProgress() {
    const { progressText, progressBar, live } = this.#ui;
    const text = this.#progressText;
    progressText.textContent = text;
    if (this.#phase === 'uploading') progressBar.value = this.#details.share;
    else progressBar.removeAttribute('value');
    live.textContent = text;
  }

  get #progressText() {
    const { seconds } = this.#details;
    return this.#words.say(seconds ? 'busy' : UNDER_WAY[this.#phase], { count: seconds });
  }

  /** The button says itself how it goes on: the line above the hits is far away. */
  #renderMore() {
    const { more } = this.#ui;
    const loading = this.#phase === 'loading';
    more.hidden = !this.#hasMore || !(loading || this.#phase === 'done');
    more.setAttribute('aria-disabled', String(loading));
    more.textContent = loading ? this.#progressText : this.#words.say('loadMore');
  }

  #renderSummary() {
    if (this.#phase === 'loading') return;
    if (this.#phase !== 'done') {
      this.#ui.summary.textContent = '';
      return;
    }
    const count = this.#hits.length;
    const { total } = this.#facets;
    const isPart = total !== null && this.#query.kind !== 'product' && total > count;
    const text = this.#words.say(isPart ? 'foundOf' : count ? 'found' : 'foundNone', { count, total });
    const part = isWhole(this.#region) ? '' : ` · ${this.#words.say('foundPart')}`;
    const { added } = this.#details;
    this.#ui.summary.textContent = text + part;
    this.#ui.live.textContent = added ? this.#words.say('added', { count: added }) : text + part;
  }

  /** Errors and a stopped search, each with the way on; and that nothing was found. */
  #renderNotice() {
    const { notice, nothing, chips: top, more: end } = this.#ui;
    const failed = this.#phase === 'failed';
    const stopped = this.#phase === 'stopped';
    const { message, canRetry, atEnd } = this.#details;
    notice.hidden = !failed && !stopped;
    notice.classList.toggle('failed', failed);
    if (failed) notice.replaceChildren(...this.#noticeOf(message, canRetry ? 'retry' : null));
    else if (stopped) notice.replaceChildren(...this.#noticeOf(this.#words.say('stopped'), 'again'));
    else notice.replaceChildren();
    (atEnd ? end : top).before(notice);
    nothing.hidden = this.#phase !== 'done' || this.#hits.length > 0;
    const filtered = Object.keys(this.#chosen).length > 0;
    const reason = filtered ? 'nothingFiltered' : this.#facets.total === 0 ? 'nothingAtAll' : 'nothing';
    nothing.firstChild.textContent = this.#words.say(reason);
  }

  #noticeOf(message, name) {
    const text = make('p', {}, message);
    if (!name) return [text];
    const again = button(this.#words.say(name), { class: 'small', onclick: () => this.#again() });
    return [text, make('div', { class: 'row' }, again)];
  }

  /** What the bars mean; it stands above them. */
  #renderMeaning() {
    const { meaning } = this.#ui;
    const [hit] = this.#hits;
    meaning.hidden = !hit;
    if (!hit) return;
    meaning.textContent = this.#words.say(hit.match_probability === null ? 'similarityMeaning' : 'probabilityMeaning');
  }

  #renderQuery() {
    const query = this.#query;
    const { asked, crop, shownQuery, queryButtons } = this.#ui;
    if (!query) return;
    if (query !== shownQuery) {
      asked.replaceChildren(...this.#queryViews(query), queryButtons);
      this.#ui.shownQuery = query;
    }
    crop.place(this.#region);
  }

  #queryViews(query) {
    const { crop } = this.#ui;
    const words = this.#words;
    const note = (text) => make('p', { class: 'muted' }, text);
    if (query.kind === 'address') return [note(words.say('pictureAt', { host: new URL(query.url).host }))];
    if (query.kind === 'product') return [this.#productView(query)];
    if (!query.canvas) return [note(words.say('noPreview'))];
    crop.show(query.canvas, this.#region, words.say('yourPicture'));
    return [crop.element, note(words.say('cropHint'))];
  }

  #productView({ title, image }) {
    const text = make('p', {}, make('span', { class: 'muted' }, this.#words.say('searchedWith')), make('br'), title);
    return make('div', { class: 'product' }, image ? thumbnail(image, this.#service) : null, text);
  }

  #takeWhole() {
    this.#ui.crop.place(WHOLE);
    this.#moveRegion(WHOLE);
  }

  #renderFilters() {
    this.#keepingFocus(() => this.#renderPanelAndChips());
  }

  #renderPanelAndChips() {
    const { filters, filtersPanel, filtersToggle } = this.#ui;
    const words = this.#words;
    const fields = this.#facets.fields.filter((facet) => this.#isUseful(facet));
    const count = chips(this.#chosen, words).length;
    const { failed } = this.#facets;
    filters.hidden = fields.length === 0 && !failed;
    filtersToggle.textContent = words.say(count ? 'filtersChosen' : 'filters', { count });
    filtersPanel.replaceChildren(
      ...facetFields(fields, {
        chosen: this.#chosen,
        opened: this.#openedFacets,
        words,
        onchange: (chosen) => this.#choose(chosen),
        onopen: (field) => this.#toggleFacet(field),
      }),
      ...(failed ? [make('p', { class: 'muted' }, words.say('filtersFailed'))] : []),
    );
    this.#renderChips();
  }

  #renderChips() {
    const words = this.#words;
    const all = chips(this.#chosen, words).map(({ text, without }) =>
      button(
        icon('cross'),
        {
          class: 'small chip',
          part: 'button chip',
          'aria-label': words.say('removeFilter', { filter: text }),
          onclick: () => this.#choose(without),
        },
        make('span', {}, text),
      ),
    );
    const clear = button(words.say('removeFilters'), { class: 'small plain', onclick: () => this.#choose({}) });
    this.#ui.chips.hidden = all.length === 0;
    this.#ui.chips.replaceChildren(...all, ...(all.length > 1 ? [clear] : []));
  }

  /** Whether there is something to choose; what the shop's own filter has decided is not. */
  #isUseful({ field, kind, values, min, max }) {
    if (this.#ownFilter && Object.hasOwn(this.#ownFilter, field)) return false;
    if (Object.hasOwn(this.#chosen, field)) return true;
    return kind === 'range' ? min < max : values.length > 1;
  }

  /** Where there is little room the panel opens and closes; on a phone it would hide new hits. */
  #openFilters(open) {
    const { filtersPanel, filtersToggle } = this.#ui;
    filtersPanel.classList.toggle('open', open);
    filtersToggle.setAttribute('aria-expanded', String(open));
  }

  #leaveFilters() {
    const { status } = this.#ui;
    this.#openFilters(false);
    status.focus({ preventScroll: true });
    comeIntoView(status);
  }

  #toggleFacet(field) {
    if (!this.#openedFacets.delete(field)) this.#openedFacets.add(field);
    this.#renderFilters();
  }

  /** `hits` in place of those that are shown, or after them. */
  #show(hits, { hasMore, after = false }) {
    this.#hits = after ? [...this.#hits, ...hits] : hits;
    this.#hasMore = hasMore;
    this.#renderHits(hits, { after });
  }

  #renderHits(hits, { after = false } = {}) {
    const actions = {
      words: this.#words,
      service: this.#service,
      onselect: (hit, event) => this.#select(hit, event),
      onsimilar: (hit) => this.#similar(hit),
    };
    const cards = hits.map((hit) => card(hit, actions));
    if (after) this.#ui.grid.append(...cards);
    else this.#keepingFocus(() => this.#ui.grid.replaceChildren(...cards));
  }
}

function isEditable(element) {
  return element.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(element.tagName);
}

/** Of a picture that is dragged from a page; where it is in a link, the picture's, not the link's. */
function droppedAddress(transfer) {
  const html = new DOMParser().parseFromString(transfer.getData('text/html'), 'text/html');
  const source = html.querySelector('img')?.getAttribute('src');
  const lines = transfer.getData('text/uri-list').split(/\r?\n/);
  return source ?? lines.find((line) => line && !line.startsWith('#'));
}

if (!customElements.get('visual-search')) customElements.define('visual-search', VisualSearch);

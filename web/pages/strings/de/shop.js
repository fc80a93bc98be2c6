// The demo shop, in German.

export default {
  page_title: "Likeness: finden, was man sieht",
  title: "Finden, was man sieht",
  lead: "Zeigen Sie dem Shop, was Sie suchen, und er findet die Produkte, die so aussehen.",
  samples: "Kein Bild zur Hand? Probieren Sie eines von diesen:",
  search_with: "Mit diesem Bild suchen: {title}",

  products: "Produkte",
  count: { one: "{n} Produkt", other: "{n} Produkte" },
  more: "Mehr zeigen",
  similar: "Ähnliche finden",
  similar_to: "Produkte finden, die so aussehen wie {title}",

  filters: "Filter",
  filters_chosen: "({n} aktiv)",
  clear_filters: "Filter aufheben",
  more_values: { one: "{n} weiterer", other: "{n} weitere" },
  not_shown: { one: "und {n} seltenerer Wert", other: "und {n} seltenere Werte" },
  from: "von",
  to: "bis",
  field_category: "Kategorie",
  field_price: "Preis",
  field_brand: "Marke",
  field_colour: "Farbe",
  field_pattern: "Muster",

  empty_title: "Es gibt noch keine Produkte",
  empty_text: "Zeichnen und indexieren Sie die Bilder der Demo und laden Sie diese Seite dann neu:",
  empty_own: "Oder eigene Produkte hinzufügen",
  nothing: "Kein Produkt passt zu diesen Filtern. Nehmen Sie einen davon weg.",
  again: "Noch einmal versuchen",

  close: "Schließen",
  picture: "Bild {n} von {of}",
  compare: "Vergleichen",
  source: "Zur eigenen Seite",
  no_product: "Dieses Produkt lässt sich nicht zeigen",
};

// What all pages share, in German.

export default {
  skip: "Zum Inhalt springen",
  navigation: "Seiten",
  shop: "Shop",
  compare: "Vergleich",
  catalogue: "Katalog",
  api_docs: "API-Doku",
  language: "Sprache",
  footer: "Likeness: Bildersuche für Shop-Kataloge.",
  status: "Zustand des Dienstes",

  no_answer: "Der Dienst antwortet nicht. Prüfen Sie, ob er läuft und Sie online sind, und versuchen Sie es noch einmal.",
  odd_answer: "Etwas zwischen Ihnen und dem Dienst hat mit {status} geantwortet. Versuchen Sie es gleich noch einmal.",

  access_title: "Dieser Dienst verlangt einen API-Schlüssel",
  access_key: "API-Schlüssel",
  access_kept: "Er wird behalten, bis Sie diesen Tab schließen, und nur an diesen Dienst gesendet.",
  access_use: "Schlüssel verwenden",
  access_without: "Ohne weitermachen",
};

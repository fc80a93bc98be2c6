// What all pages share, in English.

export default {
  skip: "Skip to the content",
  navigation: "Pages",
  shop: "Shop",
  compare: "Compare",
  catalogue: "Catalogue",
  api_docs: "API docs",
  language: "Language",
  footer: "Likeness: visual search for shop catalogues.",
  status: "State of the service",

  no_answer: "The service does not answer. See whether it is running and you are online, then try again.",
  odd_answer: "Something between you and the service answered with {status}. Try again shortly.",

  access_title: "This service needs an API key",
  access_key: "API key",
  access_kept: "It is kept until you close this tab, and sent to this service only.",
  access_use: "Use this key",
  access_without: "Go on without",
};

// The demo shop, in English.

export default {
  page_title: "Likeness: find it by its picture",
  title: "Find it by its picture",
  lead: "Show the shop what you are looking for, and it finds the products that look like it.",
  samples: "No picture at hand? Try one of these:",
  search_with: "Search with this picture: {title}",

  products: "Products",
  count: { one: "{n} product", other: "{n} products" },
  more: "Show more",
  similar: "Find similar",
  similar_to: "Find products similar to {title}",

  filters: "Filters",
  filters_chosen: "({n} in use)",
  clear_filters: "Clear filters",
  more_values: "{n} more",
  not_shown: { one: "and {n} rarer value", other: "and {n} rarer values" },
  from: "from",
  to: "to",
  field_category: "Category",
  field_price: "Price",
  field_brand: "Brand",
  field_colour: "Colour",
  field_pattern: "Pattern",

  empty_title: "There are no products yet",
  empty_text: "Draw the demo’s pictures and index them, then load this page again:",
  empty_own: "Or add products of your own",
  nothing: "No product fits these filters. Take one of them away.",
  again: "Try again",

  close: "Close",
  picture: "Picture {n} of {of}",
  compare: "Compare",
  source: "To its own page",
  no_product: "This product cannot be shown",
};

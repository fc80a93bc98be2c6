// English: a file for what all pages share, and one for each page.

import catalogue from "./en/catalogue.js";
import compare from "./en/compare.js";
import shared from "./en/shared.js";
import shop from "./en/shop.js";

export default { shared, shop, compare, catalogue };

// German: a file for what all pages share, and one for each page.

import catalogue from "./de/catalogue.js";
import compare from "./de/compare.js";
import shared from "./de/shared.js";
import shop from "./de/shop.js";

export default { shared, shop, compare, catalogue };

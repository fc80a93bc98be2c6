"""The demo shop in a real browser: browsing, filtering, one product, and searches by picture."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.browsing import DESKTOP, PHONE, Browsing, Console, violations
from tests.web.conftest import PRODUCTS
from tests.web.serving import likeness, served

PAGE = 20
"""Products the shop shows at once."""


def cards(page: Page) -> Locator:
    return page.locator("#products > li")


def detail(page: Page) -> Locator:
    return page.get_by_role("dialog")


def hits(page: Page) -> Locator:
    return page.locator("visual-search [part~=card]")


def parameter(page: Page, name: str) -> str | None:
    return parse_qs(urlsplit(page.url).query).get(name, [None])[0]


def named(page: Page, name: str) -> Locator:
    """The group of filters of that name."""
    return page.get_by_role("group", name=name, exact=True)


@pytest.fixture
def shop(page: Page, service: str) -> Page:
    page.goto(service)
    expect(cards(page)).to_have_count(PAGE)
    expect(named(page, "Category")).to_be_visible()
    return page


class TestBrowsing:
    def test_more_products_come_without_those_that_are_there(self, shop: Page) -> None:
        shop.get_by_role("button", name="Show more").click()

        expect(cards(shop)).to_have_count(PRODUCTS)
        titles = shop.locator(".product-title").all_inner_texts()
        assert len(set(titles)) == PRODUCTS
        expect(shop.get_by_role("button", name="Show more")).to_be_hidden()
        expect(cards(shop).nth(PAGE).get_by_role("link")).to_be_focused()

    def test_every_picture_is_there_and_has_its_place_before_it_comes(self, shop: Page) -> None:
        pictures = cards(shop).locator("img")
        for picture in pictures.all()[:4]:
            expect(picture).to_have_js_property("complete", True)
            assert picture.evaluate("image => image.naturalWidth") > 0
            assert re.search(r"/(160|320|640)\.jpg$", picture.evaluate("image => image.currentSrc"))
        heights = pictures.evaluate_all("all => all.map(each => Math.round(each.offsetHeight))")
        assert len(set(heights)) == 1

    def test_without_an_answer_it_says_so_and_tries_again(
        self, shop: Page, console: Console
    ) -> None:
        console.expect("ERR_INTERNET_DISCONNECTED")
        shop.context.set_offline(True)
        shop.get_by_role("button", name="Show more").click()
        expect(shop.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()

        shop.context.set_offline(False)
        shop.get_by_role("button", name="Try again").click()

        expect(cards(shop)).to_have_count(PRODUCTS)
        expect(shop.locator("#failure")).to_be_hidden()


class TestFilters:
    def test_narrow_what_is_shown_and_stand_in_the_address(self, shop: Page) -> None:
        first = named(shop, "Category").get_by_role("checkbox").first
        value = first.evaluate("box => JSON.parse(box.name.split('=')[1])")
        count = int(named(shop, "Category").locator("[data-slot=count]").first.inner_text())
        first.focus()
        shop.keyboard.press("Space")

        expect(cards(shop)).to_have_count(count)
        expect(named(shop, "Category").get_by_role("checkbox").first).to_be_focused()
        assert json.loads(parameter(shop, "filter") or "") == {"category": {"in": [value]}}

        shop.reload()
        expect(cards(shop)).to_have_count(count)
        expect(named(shop, "Category").get_by_role("checkbox").first).to_be_checked()

        shop.go_back()
        expect(cards(shop)).to_have_count(PAGE)
        expect(named(shop, "Category").get_by_role("checkbox").first).not_to_be_checked()

    def test_of_several_fields_and_by_price(self, shop: Page) -> None:
        named(shop, "Category").get_by_role("checkbox").first.check()
        expect(cards(shop)).not_to_have_count(PAGE)
        named(shop, "Price").get_by_label("to").fill("0.5")
        named(shop, "Price").get_by_label("to").press("Enter")

        expect(shop.get_by_text("No product fits these filters")).to_be_visible()
        expect(cards(shop)).to_have_count(0)
        shop.get_by_role("button", name="Clear filters").click()
        expect(cards(shop)).to_have_count(PAGE)
        assert parameter(shop, "filter") is None


class TestDetail:
    def test_opens_at_its_own_address_and_closes_with_the_back_button(self, shop: Page) -> None:
        link = cards(shop).nth(2).get_by_role("link")
        title = link.locator(".product-title").inner_text()
        link.click()

        expect(detail(shop).get_by_role("heading", name=title)).to_be_visible()
        expect(detail(shop).get_by_text("Brand")).to_be_visible()
        expect(detail(shop).get_by_role("button", name="Picture 2 of 2")).to_be_visible()
        shop.reload()
        expect(detail(shop).get_by_role("heading", name=title)).to_be_visible()
        shop.go_back()
        expect(detail(shop)).to_be_hidden()
        assert parameter(shop, "product") is None

    def test_escape_leads_back_to_where_it_was_opened(self, shop: Page) -> None:
        link = cards(shop).nth(2).get_by_role("link")
        link.focus()
        shop.keyboard.press("Enter")
        expect(detail(shop)).to_be_visible()
        shop.keyboard.press("Escape")

        expect(detail(shop)).to_be_hidden()
        expect(link).to_be_focused()
        shop.wait_for_function("!location.search.includes('product')")

    def test_a_product_that_is_not_there(self, page: Page, service: str, console: Console) -> None:
        console.expect("404")
        page.goto(f"{service}/?product=no-such-thing")

        expect(detail(page).get_by_role("alert")).to_contain_text("no-such-thing")
        detail(page).get_by_role("button", name="Close").click()
        expect(cards(page)).to_have_count(PAGE)
        assert parameter(page, "product") is None

    def test_what_is_similar_is_searched(self, shop: Page) -> None:
        cards(shop).first.get_by_role("link").click()
        detail(shop).get_by_role("button", name="Find similar").click()

        expect(hits(shop).first).to_be_visible()
        expect(detail(shop)).to_be_hidden()


class TestSearching:
    def test_a_sample_is_one_click_away_and_clearing_brings_the_shop_back(self, shop: Page) -> None:
        shop.get_by_role("button", name="Search with this picture").first.click()

        expect(hits(shop).first).to_be_visible()
        expect(shop.locator("#shelf")).to_be_hidden()
        shop.reload()
        expect(hits(shop).first).to_be_visible()
        shop.get_by_role("button", name="Start over").click()
        expect(shop.locator("#shelf")).to_be_visible()
        expect(hits(shop)).to_have_count(0)

    def test_a_picture_of_ones_own(self, shop: Page, home: Path) -> None:
        picture = home / "demo" / "queries" / "first.jpg"
        shop.locator("visual-search input[type=file]").first.set_input_files(picture)

        expect(hits(shop).first).to_be_visible()
        expect(shop.locator("#shelf")).to_be_hidden()
        shop.go_back()
        expect(shop.locator("#shelf")).to_be_visible()

    def test_a_product_of_the_shelf(self, shop: Page) -> None:
        cards(shop).first.get_by_role("button", name="Find products similar").click()

        expect(hits(shop).first).to_be_visible()

    def test_a_hit_opens_the_product(self, shop: Page) -> None:
        shop.get_by_role("button", name="Search with this picture").first.click()
        title = hits(shop).first.locator("[part~=title]").inner_text()
        hits(shop).first.locator("[part~=title]").click()

        expect(detail(shop).get_by_role("heading", name=title)).to_be_visible()
        shop.go_back()
        expect(detail(shop)).to_be_hidden()
        expect(hits(shop).first).to_be_visible()


class TestElsewhere:
    def test_an_empty_catalogue_says_what_to_run(self, page: Page, tmp_path: Path) -> None:
        with served(tmp_path) as empty:
            page.goto(empty)

            expect(page.get_by_role("heading", name="There are no products yet")).to_be_visible()
            expect(page.get_by_text("likeness demo")).to_be_visible()
            expect(page.locator("#samples")).to_be_hidden()

    def test_a_key_is_asked_for_until_it_is_right(
        self, page: Page, home: Path, console: Console
    ) -> None:
        console.expect("401")
        made = likeness(home, "keys", "create", "shop-front", "--role", "search")
        key = next(line for line in made.split() if line.startswith("lk_"))
        with served(home, require_api_key="true") as locked:
            page.goto(locked)
            for text in ("wrong", key):
                page.get_by_role("textbox", name="API key").fill(text)
                page.get_by_role("button", name="Use this key").click()

            expect(cards(page)).to_have_count(PAGE)
            page.get_by_role("button", name="Search with this picture").first.click()
            expect(hits(page).first).to_be_visible()
            page.reload()
            expect(hits(page).first).to_be_visible()
            # Pictures still on their way would be missed when the service stops.
            page.goto("about:blank")

    def test_in_the_readers_language(self, pages: Browsing, service: str) -> None:
        page = pages.page(locale="de-AT")
        page.goto(service)
        expect(page.get_by_role("heading", name="Finden, was man sieht")).to_be_visible()
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.get_by_role("button", name="Bild auswählen")).to_be_visible()

        page.get_by_label("Sprache").select_option("en")
        expect(page.get_by_role("heading", name="Find it by its picture")).to_be_visible()
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "en")

    def test_both_languages_have_the_same_sentences(self, shop: Page) -> None:
        one, other = (
            shop.evaluate(
                """async language => {
                    const names = text => [...text.matchAll(/{\\w+}/g)].flat().sort();
                    const flat = (node, path) => typeof node === "string" || node.other
                      ? [`${path} ${names(node.other ?? node)}`]
                      : Object.entries(node).flatMap(([k, v]) => flat(v, `${path}.${k}`));
                    return flat((await import(`/assets/strings/${language}.js`)).default, "");
                }""",
                language,
            )
            for language in ("en", "de")
        )

        assert len(one) > 50
        assert sorted(one) == sorted(other)


class TestForEverybody:
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    @pytest.mark.parametrize("screen", [PHONE, DESKTOP], ids=["phone", "desktop"])
    def test_axe_finds_nothing(
        self, pages: Browsing, service: str, screen: dict[str, object], scheme: str
    ) -> None:
        page = pages.page(color_scheme=scheme, **screen)
        page.goto(service)
        expect(cards(page)).to_have_count(PAGE)
        assert violations(page) == []
        assert _scrolls_sideways(page) is False

        page.goto(f"{service}/?product=mug-01-teal")
        expect(detail(page).get_by_text("Brand")).to_be_visible()
        assert violations(page) == []

        page.goto(service)
        page.get_by_role("button", name="Search with this picture").first.click()
        expect(hits(page).first).to_be_visible()
        assert violations(page) == []
        assert _scrolls_sideways(page) is False

    def test_the_keyboard_gets_past_the_header(self, shop: Page) -> None:
        shop.keyboard.press("Tab")
        expect(shop.get_by_role("link", name="Skip to the content")).to_be_focused()
        shop.keyboard.press("Enter")
        shop.keyboard.press("Tab")

        assert shop.evaluate("document.querySelector('main').contains(document.activeElement)")


def _scrolls_sideways(page: Page) -> bool:
    wider: bool = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return wider

"""What is done with hits: filters, more of them, more like one, back, links, the shop's events."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import PHONE, Browsing, Console
from tests.web.front import Front
from tests.web.widget import LIMIT, Widget, opened

PRODUCTS = 24


@pytest.fixture
def found(page: Page, front: Front, queries: list[Path]) -> Widget:
    """With its state in the address, after a search with a picture."""
    widget = opened(page, front, 'history currency="EUR"')
    widget.choose(queries[0])
    widget.expect_hits()
    return widget


def test_filters_narrow_the_hits_and_say_how_many_there_are(found: Widget) -> None:
    category = found.element.get_by_role("group", name="Category")
    first = category.get_by_role("checkbox").first
    label = category.locator("label").first.inner_text()
    name, count = label.split("\n")[0], int(re.findall(r"\d+", label)[-1])

    first.check()

    found.expect_hits(count)
    expect(first).to_be_focused()
    expect(first).to_be_checked()
    expect(found.summary).to_contain_text(f"{count} products")
    expect(found.page).to_have_url(re.compile("vs-filter="))
    # The others can still be chosen as well: a field's counts leave out its own filter.
    assert category.get_by_role("checkbox").count() > 1

    found.button(f"Remove filter Category: {name}").click()
    found.expect_hits()
    expect(first).not_to_be_checked()


def test_on_a_phone_a_button_leads_from_the_filters_to_the_products(
    pages: Browsing, front: Front, queries: list[Path]
) -> None:
    page = pages.page(**PHONE, reduced_motion="reduce")
    widget = opened(page, front)
    widget.choose(queries[0])
    widget.expect_hits()
    leave = widget.button("Show the products")
    expect(leave).to_be_hidden()

    widget.button("Filters").click()
    widget.element.get_by_role("checkbox").first.check()
    expect(widget.summary).not_to_be_in_viewport()
    expect(leave).to_be_in_viewport()
    leave.click()

    expect(widget.summary).to_be_in_viewport()
    expect(leave).to_be_hidden()


def test_a_price_that_nothing_has_says_what_to_do(found: Widget) -> None:
    price = found.element.get_by_role("group", name="Price")
    expect(price.get_by_label("to")).to_have_attribute("placeholder", re.compile(r"^€\d+\.\d\d$"))

    price.get_by_label("to").fill("0.01")
    price.get_by_label("to").press("Enter")

    found.expect_hits(0)
    expect(found.summary).to_have_text("No products")
    expect(found.element).to_contain_text("Remove some of them")
    found.button("Remove filter Price to 0.01").click()
    found.expect_hits()


def test_load_more_until_the_end_without_one_twice(found: Widget) -> None:
    for count in range(2 * LIMIT, PRODUCTS + 1, LIMIT):
        found.button("Load more").click()
        found.expect_hits(count)
        expect(found.links.nth(count - LIMIT)).to_be_focused()

    expect(found.button("Load more")).to_be_hidden()
    titles = found.titles()
    assert len(set(titles)) == len(titles) == PRODUCTS
    expect(found.summary).to_have_text(f"{PRODUCTS} products, most similar first")


def test_more_like_this_and_back_to_the_picture(found: Widget) -> None:
    before = found.titles()

    found.button(f"More like this: {before[1]}").click()

    expect(found.element.locator("[part=query]")).to_contain_text(before[1])
    found.expect_hits()
    assert before[1] not in found.titles()
    expect(found.page).to_have_url(re.compile("vs-product="))

    found.page.go_back()
    expect(found.crop).to_be_visible()
    found.expect_hits()
    assert found.titles() == before


def test_an_address_opens_the_same_search_elsewhere(found: Widget, pages: Browsing) -> None:
    found.button(f"More like this: {found.titles()[0]}").click()
    expect(found.element.locator("[part=query]")).to_contain_text("Searched with")
    found.expect_hits()
    found.element.get_by_role("group", name="Category").get_by_role("checkbox").first.check()
    expect(found.chips.get_by_role("button")).to_have_count(1)
    expect(found.element.locator("[part=grid]")).to_have_attribute("aria-busy", "false")

    other = pages.page()
    other.goto(found.page.url)

    expect(Widget(other).cards).to_have_count(found.cards.count())
    assert Widget(other).titles() == found.titles()


def test_back_from_a_products_page_shows_as_many_hits_again(found: Widget, front: Front) -> None:
    found.button("Load more").click()
    found.expect_hits(2 * LIMIT)
    before = found.titles()

    found.page.goto(front.show("/product", "A mug"))
    found.page.go_back()

    found.expect_hits(2 * LIMIT)
    assert found.titles() == before


def test_an_uploaded_picture_is_not_in_the_address(found: Widget, pages: Browsing) -> None:
    other = pages.page()
    other.goto(found.page.url)

    expect(Widget(other).notice).to_contain_text("not on this device")
    expect(Widget(other).button("Choose a picture")).to_be_visible()


@pytest.mark.parametrize(
    "written",
    [
        {"price": {"in": "cheap", "gte": 1}},
        {"brand": {"in": [{}]}, "category": {"in": []}},
        {"price": {"gte": "<b>", "lte": 9999}},
    ],
)
def test_of_an_address_only_what_can_be_a_filter_is_taken(
    page: Page, front: Front, written: dict[str, Any]
) -> None:
    product = page.request.get(f"{front.upstream}/v1/products?limit=1").json()["products"][0]
    body = f'<visual-search id="search" limit="{LIMIT}" history></visual-search>'

    asked = urlencode({"vs-product": product["id"], "vs-filter": json.dumps(written)})
    page.goto(f"{front.show('/page', body)}?{asked}")

    Widget(page).expect_hits()
    expect(Widget(page).chips).not_to_contain_text(re.compile("cheap|object|<b>"))


def test_a_step_of_the_page_itself_searches_nothing_again(found: Widget, front: Front) -> None:
    found.page.evaluate(
        """() => {
            const url = new URL(location.href);
            url.searchParams.set('tab', 'reviews');
            history.pushState(null, '', url);
        }"""
    )
    for way in ("back", "forward"):
        found.page.evaluate(
            """(way) => new Promise((resolve) => {
                addEventListener('popstate', resolve, { once: true });
                history[way]();
            })""",
            way,
        )
    # An own step, so that a search that should not have been would be seen before it.
    found.button("Load more").click()
    found.expect_hits(2 * LIMIT)

    assert len(front.searches) == 2


def test_start_over_is_a_step_that_back_undoes(found: Widget) -> None:
    found.button("Start over").click()
    expect(found.button("Choose a picture")).to_be_focused()
    expect(found.cards).to_have_count(0)

    found.page.go_back()
    found.expect_hits()


def test_the_shop_hears_of_searches_and_can_take_over_clicks(found: Widget) -> None:
    found.page.evaluate(
        """() => {
            window.heard = [];
            for (const name of ['search', 'select']) {
                document.addEventListener(name, (event) => {
                    window.heard.push({ name, ...event.detail });
                    if (name === 'select') event.preventDefault();
                });
            }
        }"""
    )
    title = found.titles()[0]

    found.links.first.click()
    found.element.get_by_label("Part of the picture").press("Escape")
    found.page.wait_for_function("() => window.heard.length === 2")

    selected, searched = found.page.evaluate("window.heard")
    assert selected["hit"]["product"]["title"] == title
    assert searched["query"]["kind"] == "picture"
    assert searched["total"] == len(searched["hits"]) == LIMIT
    assert found.page.url.startswith("http://127.0.0.1")


def test_the_shops_own_filter_is_not_the_shoppers_to_change(
    page: Page, front: Front, queries: list[Path]
) -> None:
    widget = opened(
        page, front, """filter='{"category": {"in": ["mugs", "lamps"]}}' facets="category,price" """
    )
    widget.choose(queries[0])

    expect(widget.cards).not_to_have_count(0)
    expect(widget.element.get_by_role("group", name="Price")).to_be_visible()
    expect(widget.element.get_by_role("group", name="Category")).to_have_count(0)
    assert b"mugs" in front.searches[0].fields()["filter"]


def test_numbers_of_products_have_all_their_digits(
    page: Page, front: Front, queries: list[Path]
) -> None:
    years = (2023, 2024)
    collection = f"{front.upstream}/v1/collections/numbered"
    assert httpx.put(collection, trust_env=False).status_code == 201
    for year, picture in zip(years, queries, strict=False):
        stored = httpx.put(
            f"{front.upstream}/v1/products/from-{year}",
            data={"collection": "numbered", "attributes": json.dumps({"year": year})},
            files={"image": picture.read_bytes()},
            trust_env=False,
        )
        assert stored.status_code == 201, stored.text
    widget = opened(page, front, 'collection="numbered"')

    widget.choose(queries[0])

    year_filter = widget.element.get_by_role("group", name="Year")
    expect(year_filter.get_by_role("checkbox", name="2024")).to_be_visible()
    year_filter.get_by_role("checkbox", name="2023").check()
    expect(widget.chips).to_contain_text("Year: 2023")
    httpx.delete(collection, trust_env=False)


def test_a_slip_in_the_currency_takes_no_hits_away(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("Invalid currency code")
    widget = opened(page, front, 'currency="€"')

    widget.choose(queries[0])

    widget.expect_hits()
    expect(widget.element.locator("[part=price]").first).to_have_text(re.compile(r"^\d+\.\d\d$"))


def test_methods_and_properties(page: Page, front: Front) -> None:
    widget = opened(page, front)
    product = page.request.get(f"{front.upstream}/v1/products?limit=1").json()["products"][0]

    page.evaluate("(id) => document.querySelector('#search').searchProduct(id)", product["id"])
    widget.expect_hits()
    assert page.evaluate("document.querySelector('#search').results.length") == LIMIT

    page.evaluate("document.querySelector('#search').strings = { loadMore: 'Give me more' }")
    expect(widget.button("Give me more")).to_be_visible()
    widget.expect_hits()

    page.evaluate("document.querySelector('#search').clear()")
    expect(widget.button("Choose a picture")).to_be_visible()


def test_attributes_that_change_search_again(page: Page, front: Front, queries: list[Path]) -> None:
    widget = opened(page, front)
    widget.choose(queries[0])
    widget.expect_hits()

    page.evaluate("document.querySelector('#search').setAttribute('limit', '3')")
    widget.expect_hits(3)

    page.evaluate("document.querySelector('#search').setAttribute('filter', 'category: mugs')")
    expect(widget.notice).to_contain_text("no JSON object")


def test_german(pages: Browsing, front: Front, queries: list[Path]) -> None:
    page = pages.page(locale="de-DE")
    widget = opened(page, front, 'lang="de" currency="EUR"')

    with page.expect_file_chooser() as chooser:
        widget.button("Bild auswählen").click()
    chooser.value.set_files(queries[0])

    expect(widget.summary).to_have_text(f"{LIMIT} von {PRODUCTS} Artikeln, die ähnlichsten zuerst")
    expect(widget.element.locator("[part=price]").first).to_have_text(re.compile(r"\d,\d\d\s€"))
    expect(widget.element.get_by_role("group", name="Kategorie")).to_be_visible()
    widget.button("Mehr laden").click()
    expect(widget.element.get_by_role("list", name="Ähnliche Artikel").locator("li")).to_have_count(
        2 * LIMIT
    )

"""The widget on a shop's own page: another origin, its product pictures, its look, its size."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import Console
from tests.web.front import Front, in_front_of
from tests.web.serving import free_port, served
from tests.web.widget import Widget, opened
from web import FOLDER

GZIPPED_BYTES_MAX = 30_000


@pytest.fixture(scope="module")
def shop(home: Path) -> Iterator[Front]:
    """A shop on an origin of its own, which the service (`upstream`) allows to call it."""
    port = free_port()
    origins = json.dumps([f"http://127.0.0.1:{port}"])
    with served(home, cors_origins=origins) as service, in_front_of(service, port) as front:
        yield front


def embedded(page: Page, shop: Front, service: str, attributes: str = "") -> Widget:
    """A page of the shop under a strict policy, with the widget of another origin in it."""
    address = shop.show(
        "/embedding",
        f"<visual-search {attributes}></visual-search>",
        head=f'<script type="module" src="{service}/widget/visual-search.js"></script>',
        policy=f"default-src 'none'; script-src {service}; connect-src {service}; "
        f"img-src {service} data:",
    )
    page.goto(address)
    return Widget(page)


def test_a_shop_of_another_origin(page: Page, shop: Front, queries: list[Path]) -> None:
    widget = embedded(page, shop, shop.upstream, 'limit="6"')

    widget.choose(queries[0])

    widget.expect_hits()
    expect(widget.summary).to_contain_text("6 of 24")
    widget.button("Load more").click()
    widget.expect_hits(12)
    assert shop.searches == []
    picture = widget.cards.first.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("(img) => img.naturalWidth") > 0


def test_a_shop_that_the_service_does_not_know_is_told_what_to_set(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("blocked by CORS policy")
    console.expect("net::ERR_FAILED")
    widget = embedded(page, front, front.upstream)

    widget.choose(queries[0])

    expect(widget.notice).to_contain_text(f"add {front.url} to LIKENESS_CORS_ORIGINS")


def test_a_service_that_is_not_there(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("net::ERR_CONNECTION_REFUSED")
    nobody = f"http://127.0.0.1:{free_port()}"
    address = front.show(
        "/down",
        f'<visual-search endpoint="{nobody}"></visual-search>',
        policy=f"default-src 'none'; script-src 'self'; connect-src {nobody}; img-src data:",
    )
    page.goto(address)

    Widget(page).choose(queries[0])

    expect(Widget(page).notice).to_contain_text("cannot be reached")


def test_find_similar_at_the_pictures_of_the_page(page: Page, front: Front) -> None:
    first, second = page.request.get(f"{front.upstream}/v1/products?limit=2").json()["products"]
    around = "".join(
        f'<img class="photo" alt="{product["title"]}" src="{product["images"][0]["url"]}" '
        f'width="120" height="120" {attributes}>'
        for product, attributes in ((first, f'data-product-id="{first["id"]}"'), (second, ""))
    )
    around += f'<p data-visual-search="#search" data-product-id="{second["id"]}">Like it?</p>'
    widget = opened(page, front, 'for=".photo"', around)
    buttons = page.get_by_role("button", name="Find similar")
    expect(buttons).to_have_count(2)

    # One names its product, the other is searched with as a picture, the third is the shop's own.
    buttons.nth(0).click()
    widget.expect_hits()
    expect(widget.element.locator("[part=query]")).to_contain_text(first["title"])
    assert first["title"] not in widget.titles()

    buttons.nth(1).click()
    expect(widget.crop).to_be_visible()
    widget.expect_hits()
    assert widget.titles()[0] == second["title"]

    page.get_by_text("Like it?").click()
    expect(widget.element.locator("[part=query]")).to_contain_text(second["title"])

    page.evaluate("document.querySelector('#search').remove()")
    expect(buttons).to_have_count(0)


def test_the_shops_look_and_words(page: Page, front: Front) -> None:
    page.goto(
        front.show("/look", '<visual-search><p slot="intro">Snap it, find it</p></visual-search>')
    )
    page.evaluate(
        """() => {
            const look = new CSSStyleSheet();
            look.replaceSync(`
                visual-search { --visual-search-accent: rgb(120, 0, 60); }
                visual-search::part(primary) { border-radius: 0px; }
            `);
            document.adoptedStyleSheets = [look];
        }"""
    )

    expect(page.get_by_text("Snap it, find it")).to_be_visible()
    button = Widget(page).button("Choose a picture")
    expect(button).to_have_css("background-color", "rgb(120, 0, 60)")
    expect(button).to_have_css("border-radius", "0px")


def test_the_file_is_small_and_needs_nothing_else() -> None:
    script = (FOLDER / "widget" / "visual-search.js").read_bytes()

    assert len(gzip.compress(script, 9)) < GZIPPED_BYTES_MAX
    assert b"\nimport " not in script
    assert b"innerHTML" not in script

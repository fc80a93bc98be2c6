"""The Compare page in a real browser: two pictures, a threshold to move, every model, errors."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import FilePayload, Locator, Page, Request, Route, expect

from tests.pictures import jpeg
from tests.web.browsing import DESKTOP, PHONE, Browsing, Console, drop_from_desktop, violations

COMPARISONS = "**/v1/compare"
REFUSED = "status of 4"
"""What the console says of an answer that is a refusal."""


def picture(number: int, name: str = "") -> FilePayload:
    return {"name": name or f"{number}.jpg", "mimeType": "image/jpeg", "buffer": jpeg(number)}


def side(page: Page, number: int) -> Locator:
    return page.get_by_role("group", name=("First", "Second")[number - 1] + " picture")


def choose(page: Page, number: int, file: FilePayload) -> None:
    side(page, number).locator("input[type=file]").set_input_files(file)


def verdict(page: Page) -> Locator:
    return page.locator("#verdict .word")


def threshold(page: Page) -> Locator:
    return page.get_by_role("slider", name="Threshold")


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def rows(page: Page) -> Locator:
    return page.locator("#every-model tbody tr")


def products(service: str) -> list[str]:
    reply = httpx.get(f"{service}/v1/products?limit=2", trust_env=False).json()
    return [product["id"] for product in reply["products"]]


def compared(service: str, ids: list[str], **fields: str) -> dict[str, Any]:
    pair = {"product_id_1": ids[0], "product_id_2": ids[1], **fields}
    reply = httpx.post(f"{service}/v1/compare", json=pair, timeout=60, trust_env=False)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


@pytest.fixture
def asked(page: Page) -> list[Request]:
    """The comparisons that the page has asked for, as they come."""
    requests: list[Request] = []
    page.on("request", lambda sent: requests.append(sent) if "/v1/compare" in sent.url else None)
    return requests


@pytest.fixture
def compare(page: Page, service: str) -> Page:
    page.goto(f"{service}/compare")
    expect(page.locator("#model option")).not_to_have_count(0)
    return page


class TestTwoPictures:
    def test_the_verdict_follows_the_slider_without_asking_again(
        self, compare: Page, asked: list[Request]
    ) -> None:
        choose(compare, 1, picture(1))
        choose(compare, 2, picture(1))
        expect(verdict(compare)).to_have_text("Similar")
        expect(compare.locator("#verdict [data-slot=score]")).to_have_text("1.000")

        choose(compare, 2, picture(2))
        expect(compare.locator("#verdict [data-slot=score]")).not_to_have_text("1.000")
        before = len(asked)
        threshold(compare).press("Home")
        expect(verdict(compare)).to_have_text("Similar")
        threshold(compare).press("End")
        expect(verdict(compare)).to_have_text("Not similar")

        assert parameters(compare) == {"threshold": "1"}
        compare.get_by_role("button", name="the model’s own").click()
        expect(threshold(compare)).to_have_value("0.8")
        assert len(asked) == before
        assert parameters(compare) == {}

    def test_dropped_and_pasted_pictures_find_their_places(
        self, compare: Page, tmp_path: Path
    ) -> None:
        dropped = tmp_path / "dropped.jpg"
        dropped.write_bytes(jpeg(3))
        drop_from_desktop(side(compare, 2).locator(".well"), dropped)
        expect(side(compare, 2).get_by_role("img")).to_have_attribute("alt", "dropped.jpg")

        compare.evaluate(
            """(encoded) => {
                const bytes = Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0));
                const transfer = new DataTransfer();
                transfer.items.add(new File([bytes], "pasted.jpg", { type: "image/jpeg" }));
                const paste = { clipboardData: transfer, bubbles: true };
                document.dispatchEvent(new ClipboardEvent("paste", paste));
            }""",
            base64.b64encode(jpeg(3)).decode(),
        )
        expect(side(compare, 1).get_by_role("img")).to_be_visible()
        expect(verdict(compare)).to_have_text("Similar")

    def test_points_ask_another_question(self, compare: Page) -> None:
        choose(compare, 1, picture(4))
        choose(compare, 2, picture(4))
        expect(verdict(compare)).to_have_text("Similar")

        compare.get_by_label("The same picture or print").check()

        expect(verdict(compare)).to_have_text("The same")
        expect(compare.get_by_role("combobox", name="Model")).to_be_disabled()
        expect(compare.get_by_text("Points that agree")).to_be_visible()
        expect(threshold(compare)).to_have_value("0.5")


class TestProducts:
    def test_the_address_brings_back_products_model_and_threshold(
        self, page: Page, service: str
    ) -> None:
        ids = products(service)
        answer = compared(service, ids, model="likeness-small")
        assert answer["similarity"] > 0.2
        address = f"product_1={ids[0]}&product_2={ids[1]}&model=likeness-small&threshold=0.2"

        page.goto(f"{service}/compare?{address}")

        expect(verdict(page)).to_have_text("Similar")
        expect(page.locator("#verdict [data-slot=score]")).to_have_text(
            f"{answer['similarity']:.3f}"
        )
        expect(page.get_by_role("combobox", name="Model")).to_have_value("likeness-small")
        expect(threshold(page)).to_have_value("0.2")
        assert urlsplit(page.url).query == address

    def test_a_product_is_taken_by_its_id(self, compare: Page, service: str) -> None:
        first, second = products(service)
        for number, product_id in enumerate((first, second), start=1):
            side(compare, number).get_by_label("a product, by its id").fill(product_id)
            side(compare, number).get_by_label("a product, by its id").press("Enter")

        expect(verdict(compare)).to_be_visible()
        assert parameters(compare) == {"product_1": first, "product_2": second}

    def test_the_example_shows_a_photo_and_the_product_found_with_it(self, compare: Page) -> None:
        compare.get_by_role("button", name="Show me an example").click()

        expect(verdict(compare)).to_be_visible()
        assert "product_2" in parameters(compare)


class TestEveryModel:
    def test_each_has_the_score_that_the_api_gives(self, page: Page, service: str) -> None:
        ids = products(service)
        page.goto(f"{service}/compare?product_1={ids[0]}&product_2={ids[1]}")
        expect(verdict(page)).to_be_visible()

        page.get_by_role("button", name="Compare under every model").click()
        expect(page.get_by_text("All models have answered.").first).to_be_visible()

        installed = httpx.get(f"{service}/v1/models", trust_env=False).json()["installed"]
        expect(rows(page)).to_have_count(len(installed))
        for model in installed:
            answer = compared(service, ids, model=model["name"])
            row = rows(page).filter(has_text=model["name"])
            expect(row.locator("[data-slot=score]")).to_have_text(f"{answer['similarity']:.3f}")
            expect(row.locator("[data-slot=verdict]")).to_have_text(
                "Similar" if answer["similar"] else "Not similar"
            )

    def test_cancelled_the_rest_is_not_asked(self, page: Page, service: str) -> None:
        ids = products(service)
        page.goto(f"{service}/compare?product_1={ids[0]}&product_2={ids[1]}")
        expect(verdict(page)).to_be_visible()
        held: list[Route] = []
        page.route(COMPARISONS, lambda route: held.append(route))

        page.get_by_role("button", name="Compare under every model").click()
        expect(rows(page).first).to_contain_text("asking")
        page.get_by_role("button", name="Cancel").click()

        expect(page.locator("#every-model [data-slot=done]")).to_contain_text("Cancelled")
        expect(rows(page).get_by_text("not asked")).to_have_count(rows(page).count())
        expect(page.get_by_role("button", name="Compare under every model")).to_be_focused()
        assert len(held) == 1


class TestErrors:
    def test_a_broken_picture_is_told_beside_it(self, compare: Page, console: Console) -> None:
        console.expect(REFUSED)
        choose(compare, 1, picture(1))
        broken: FilePayload = {**picture(2), "buffer": b"\xff\xd8\xff not a picture at all"}
        choose(compare, 2, broken)

        alert = side(compare, 2).get_by_role("alert")
        expect(alert).to_contain_text("picture")
        expect(side(compare, 1).get_by_role("alert")).to_be_hidden()
        expect(compare.locator("#verdict [data-slot=failure]")).to_contain_text("Picture 2")

        choose(compare, 2, picture(2))
        expect(alert).to_be_hidden()
        expect(verdict(compare)).to_be_visible()

    def test_an_unknown_product_is_told_beside_its_field(
        self, compare: Page, console: Console
    ) -> None:
        console.expect(REFUSED)
        field = side(compare, 1).get_by_label("a product, by its id")
        field.fill("no-such-product")
        field.press("Enter")
        expect(side(compare, 1).get_by_role("alert")).to_contain_text("no-such-product")

    def test_a_busy_service_is_asked_again_by_a_button(
        self, compare: Page, console: Console
    ) -> None:
        console.expect("status of 503")
        problem = {"status": 503, "code": "service-busy", "detail": "Too many at once; send again."}
        compare.route(
            COMPARISONS,
            lambda route: route.fulfill(
                status=503, content_type="application/problem+json", body=json.dumps(problem)
            ),
            times=1,
        )
        choose(compare, 1, picture(1))
        choose(compare, 2, picture(2))
        expect(compare.get_by_text("Too many at once; send again.")).to_be_visible()

        compare.get_by_role("button", name="Try again").click()

        expect(verdict(compare)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    pages: Browsing, service: str, screen: dict[str, Any], scheme: str
) -> None:
    ids = products(service)
    page = pages.page(**screen, color_scheme=scheme, locale="de-DE", reduced_motion="reduce")
    page.goto(f"{service}/compare")
    expect(page.get_by_role("heading", name="Zwei Bilder vergleichen")).to_be_visible()
    assert violations(page) == []

    page.goto(f"{service}/compare?product_1={ids[0]}&product_2={ids[1]}")
    expect(verdict(page)).to_be_visible()
    page.get_by_role("button", name="Mit jedem Modell vergleichen").click()
    expect(page.get_by_text("Alle Modelle haben geantwortet.").first).to_be_visible()

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]

"""The Catalogue page in a real browser: imports, their jobs and failures, releases, collections."""

import base64
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from catalog.database import Database
from catalog.keys import ApiKeys
from catalog.records import Role
from tests.pictures import jpeg
from tests.service.running import wait_until
from tests.web.browsing import DESKTOP, PHONE, Browsing, Console, drop_from_desktop, violations
from tests.web.serving import served

DROP = """(well, [name, encoded]) => {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name));
    well.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true }));
}"""

HIDE = """(hidden) => {
    Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def card(page: Page, name: str) -> Locator:
    heading = page.get_by_role("heading", name=name, exact=True)
    return page.get_by_role("article").filter(has=heading)


def newest_job(page: Page) -> Locator:
    return page.locator("#jobs li").first


def choose(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.locator("#import [data-slot=files]").set_input_files(file)  # type: ignore[arg-type]


def make_collection(page: Page, name: str) -> None:
    page.get_by_role("button", name="New collection").click()
    dialog = page.get_by_role("dialog", name="New collection")
    dialog.get_by_label("Name", exact=True).fill(name)
    dialog.get_by_role("button", name="Create it").click()
    expect(card(page, name)).to_be_visible()


@pytest.fixture(scope="module")
def own(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a worker over a home of this file's own, at first without products."""
    with served(tmp_path_factory.mktemp("catalogue")) as url:
        yield url


@pytest.fixture(scope="module")
def keyed_home(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keyed")


@pytest.fixture(scope="module")
def keyed(keyed_home: Path) -> Iterator[str]:
    """A service that wants keys, and whose jobs wait: it has no worker."""
    with served(keyed_home, require_api_key="true", worker="false") as url:
        yield url


@pytest.fixture(scope="module")
def filled(own: str) -> str:
    """Likewise, once an import has ended of which something failed."""
    files = {"1.jpg": jpeg(1), "broken.jpg": b"no picture"}
    with httpx.Client(base_url=own, timeout=60, trust_env=False) as client:
        reply = client.post("/v1/jobs", files={"file": ("some.zip", zipped(files))})
        assert reply.status_code == 202, reply.text
        path = reply.headers["location"]
        wait_until(lambda: client.get(path).json()["status"] == "done", seconds=60)
    return own


@pytest.fixture
def catalogue(page: Page, own: str) -> Page:
    page.goto(f"{own}/catalogue")
    expect(card(page, "default")).to_be_visible()
    return page


class TestImports:
    def test_a_dropped_zip_becomes_products_and_what_fails_is_shown_with_its_reason(
        self, catalogue: Page
    ) -> None:
        files = {"mugs/1.jpg": jpeg(1), "mugs/2.jpg": jpeg(2), "mugs/broken.jpg": b"no picture"}
        encoded = base64.b64encode(zipped(files)).decode()
        catalogue.locator("#import .well").evaluate(DROP, ["mugs.zip", encoded])
        expect(catalogue.locator("#import [data-slot=summary]")).to_contain_text("mugs.zip")
        expect(catalogue.get_by_role("button", name="Start the import")).to_be_focused()
        catalogue.keyboard.press("Enter")

        job = newest_job(catalogue)
        expect(job).to_contain_text("mugs.zip")
        expect(job.locator(".status")).to_have_text("done, with failures")
        expect(job).to_contain_text("2 indexed, 1 failed")
        expect(card(catalogue, "default").locator("[data-slot=products]")).to_have_text("2")

        job.get_by_text("1 failure and its reason").click()
        failure = job.get_by_role("row").filter(has_text="broken.jpg")
        expect(failure).to_contain_text("picture")

    @pytest.mark.parametrize("way", ["chosen", "dropped"])
    def test_a_folder_keeps_its_paths(
        self, catalogue: Page, own: str, tmp_path: Path, way: str
    ) -> None:
        folder = tmp_path / "shirts"
        (folder / "long").mkdir(parents=True)
        (folder / "long" / "3.jpg").write_bytes(jpeg(3))
        (folder / "long" / ".hidden.jpg").write_bytes(jpeg(4))
        make_collection(catalogue, way)
        if way == "chosen":
            catalogue.locator("#import [data-slot=folder]").set_input_files(folder)
        else:
            drop_from_desktop(catalogue.locator("#import .well"), folder)
        expect(catalogue.locator("#import [data-slot=summary]")).to_contain_text(
            "Folder shirts: 1 file"
        )
        into = catalogue.get_by_label("Into the collection")
        expect(into).to_have_value("default")
        into.select_option(way)
        catalogue.get_by_role("button", name="Start the import").click()

        expect(newest_job(catalogue).locator(".status")).to_have_text("done")
        expect(card(catalogue, way).locator("[data-slot=products]")).to_have_text("1")
        found = catalogue.request.get(f"{own}/v1/products?collection={way}").json()
        assert [each["id"] for each in found["products"]] == ["long/3.jpg"]

    def test_a_refused_file_is_told_where_it_was_chosen(
        self, catalogue: Page, console: Console
    ) -> None:
        console.expect("status of 422")
        choose(catalogue, "notes.zip", zipped({"notes.md": b"nothing to sell"}))
        catalogue.get_by_role("button", name="Start the import").click()

        expect(catalogue.locator("#import").get_by_role("alert")).to_contain_text("picture")
        expect(catalogue.get_by_role("button", name="Start the import")).to_be_enabled()

    def test_an_upload_can_be_cancelled(self, catalogue: Page) -> None:
        held: list[Route] = []
        catalogue.route(
            "**/v1/jobs",
            lambda route: (
                held.append(route) if route.request.method == "POST" else route.continue_()
            ),
        )
        choose(catalogue, "one.zip", zipped({"1.jpg": jpeg(1)}))
        catalogue.get_by_role("button", name="Start the import").click()
        catalogue.get_by_role("button", name="Cancel the upload").click()

        expect(catalogue.get_by_role("status")).to_contain_text("The upload is cancelled")
        expect(catalogue.get_by_role("button", name="Start the import")).to_be_focused()


class TestPolling:
    def test_a_hidden_tab_asks_for_nothing_until_it_is_seen_again(
        self, page: Page, own: str
    ) -> None:
        page.clock.install()
        page.goto(f"{own}/catalogue")
        expect(card(page, "default")).to_be_visible()
        page.evaluate(HIDE, True)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.run_for(300_000)
        assert asked == []

        with page.expect_request("**/v1/jobs?*"):
            page.evaluate(HIDE, False)

    def test_a_proxys_page_in_place_of_an_answer_does_not_end_it(
        self, page: Page, own: str
    ) -> None:
        restarting = "<h1>Back in a minute</h1>"
        page.route("**/v1/jobs?*", lambda route: route.fulfill(body=restarting), times=1)
        page.goto(f"{own}/catalogue")
        trouble = page.locator("#jobs [data-slot=trouble-of-section]")
        expect(trouble).to_contain_text("answered with 200")

        page.evaluate(HIDE, False)

        expect(trouble).to_be_hidden()


class TestCollections:
    def test_releases_say_which_one_serves(self, catalogue: Page) -> None:
        choose(catalogue, "one.zip", zipped({"5.jpg": jpeg(5)}))
        catalogue.get_by_role("button", name="Start the import").click()
        expect(newest_job(catalogue)).to_contain_text("one.zip")
        expect(newest_job(catalogue).locator(".status")).to_have_text("done")

        default = card(catalogue, "default")
        default.get_by_text("Releases").click()

        current = default.get_by_role("row").filter(has_text="current")
        expect(current).to_have_count(1)
        expect(current).to_contain_text("classic")

    def test_another_model_is_embedded_by_a_job(self, catalogue: Page) -> None:
        make_collection(catalogue, "switched")
        card(catalogue, "switched").get_by_role("button", name="Switch the model").click()
        dialog = catalogue.get_by_role("dialog", name="Switch the model")
        dialog.get_by_label("New model").select_option("likeness-small")
        dialog.get_by_role("button", name="Start").click()

        expect(newest_job(catalogue)).to_contain_text("switched")
        expect(newest_job(catalogue).locator(".status")).to_have_text("done")
        expect(card(catalogue, "switched").locator("[data-slot=model]").first).to_have_text(
            "likeness-small"
        )

    @pytest.mark.parametrize("upgraded", [False, True])
    def test_its_own_model_is_offered_once_it_is_another_version(
        self, page: Page, own: str, upgraded: bool
    ) -> None:
        def answer(route: Route) -> None:
            text = route.fetch().text()
            route.fulfill(body=re.sub('"fingerprint":"[^"]+"', '"fingerprint":"former"', text))

        if upgraded:
            page.route("**/v1/collections", answer)
        page.goto(f"{own}/catalogue")
        card(page, "default").get_by_role("button", name="Switch the model").click()

        offered = page.get_by_label("New model").locator("option")
        models = ["classic", "likeness-small"] if upgraded else ["likeness-small"]
        expect(offered).to_have_count(len(models))
        assert sorted(offered.all_inner_texts()) == models

    def test_only_its_name_deletes_a_collection(self, catalogue: Page) -> None:
        make_collection(catalogue, "short-lived")
        card(catalogue, "short-lived").get_by_role("button", name="Delete").click()
        dialog = catalogue.get_by_role("dialog", name="Delete the collection")
        dialog.get_by_label("Type its name").fill("default")
        dialog.get_by_role("button", name="Delete for good").click()
        expect(dialog.get_by_role("alert")).to_contain_text("short-lived")

        dialog.get_by_label("Type its name").fill("short-lived")
        dialog.get_by_label("Type its name").press("Enter")

        expect(card(catalogue, "short-lived")).to_have_count(0)
        expect(card(catalogue, "default")).to_be_visible()

    def test_a_name_that_is_taken_is_refused_in_the_dialog(self, catalogue: Page) -> None:
        catalogue.get_by_role("button", name="New collection").click()
        dialog = catalogue.get_by_role("dialog", name="New collection")
        dialog.get_by_label("Name", exact=True).fill("default")
        dialog.get_by_role("button", name="Create it").click()
        expect(dialog.get_by_role("alert")).to_contain_text("There is a collection default")
        catalogue.keyboard.press("Escape")
        expect(dialog).to_be_hidden()


class TestKeys:
    def test_a_waiting_job_can_be_cancelled_with_an_admin_key(
        self, page: Page, keyed: str, keyed_home: Path, console: Console
    ) -> None:
        console.expect("status of 401")
        open_with_key(page, keyed, made_key(keyed_home, "admin"))
        choose(page, "one.zip", zipped({"1.jpg": jpeg(1)}))
        page.get_by_role("button", name="Start the import").click()
        expect(newest_job(page).locator(".status")).to_have_text("waiting")
        page.reload()
        expect(newest_job(page).locator(".status")).to_have_text("waiting")
        expect(card(page, "default")).to_be_visible()

        newest_job(page).get_by_role("button", name="Cancel").click()

        expect(newest_job(page).locator(".status")).to_have_text("cancelled")
        expect(newest_job(page).get_by_role("button", name="Run it again")).to_be_visible()

    def test_a_key_that_may_only_read_is_told_so(
        self, page: Page, keyed: str, keyed_home: Path, console: Console
    ) -> None:
        console.expect("status of 401")
        console.expect("status of 403")
        open_with_key(page, keyed, made_key(keyed_home, "search"))

        expect(page.get_by_text("This key may only read.")).to_be_visible()
        expect(card(page, "default")).to_be_visible()
        expect(page.locator("#import")).to_be_hidden()
        expect(page.get_by_role("button", name="New collection")).to_be_hidden()
        assert violations(page) == []


def made_key(home: Path, role: Role) -> str:
    database = Database(f"sqlite:///{home / 'likeness.db'}")
    try:
        with database.write() as connection:
            return ApiKeys(connection).create(f"a key to {role}", role)
    finally:
        database.close()


def open_with_key(page: Page, service: str, key: str) -> None:
    page.goto(f"{service}/catalogue")
    page.get_by_label("API key", exact=True).fill(key)
    page.get_by_role("button", name="Use this key").click()
    expect(card(page, "default")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    pages: Browsing, filled: str, screen: dict[str, Any], scheme: str
) -> None:
    page = pages.page(**screen, color_scheme=scheme, locale="de-DE", reduced_motion="reduce")
    page.goto(f"{filled}/catalogue")
    expect(page.get_by_role("heading", name="Katalog", exact=True)).to_be_visible()
    card(page, "default").get_by_text("Veröffentlichungen").click()
    expect(card(page, "default").locator("[data-slot=release-rows] tr").first).to_be_visible()
    page.locator("#jobs details:visible summary").first.click()
    expect(page.locator("[data-slot=failure-rows] tr").first).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= screen["viewport"]["width"]

    for button, title in (("Neue Sammlung", "Neue Sammlung"), ("Löschen default", "löschen")):
        page.get_by_role("button", name=button).click()
        expect(page.get_by_role("dialog", name=title)).to_be_visible()
        assert violations(page) == []
        page.keyboard.press("Escape")

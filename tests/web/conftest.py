"""A real service over the demo catalogue, and a real browser to look at it.

`service` is its address, `page` an empty page of 1440 x 900 in English; `pages.page(**PHONE)` opens
others. A test fails if a page wrote an error to the console that it did not `console.expect`.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.web.browsing import WAIT_MS, Browsing, Console, browsing
from tests.web.front import Front, in_front_of
from tests.web.serving import likeness, served

PRODUCTS = 24
"""Eight categories, each product in three colours."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; where there is none the tests are skipped, unless they must run."""
    path = shutil.which("chromium")
    if path is not None:
        return path
    reason = "no `chromium` here to drive; install it (apt-get install chromium)"
    if os.environ.get("LIKENESS_BROWSER_TESTS") == "required":
        pytest.fail(f"LIKENESS_BROWSER_TESTS=required, but there is {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def home(chromium: str, tmp_path_factory: pytest.TempPathFactory, pytestconfig) -> Path:
    """A home with the demo catalogue in it, indexed. Only its first drawing takes its time."""
    drawn = pytestconfig.cache.mkdir("demo-of-browser-tests")
    folder: Path = tmp_path_factory.mktemp("home")
    likeness(folder, "demo", str(drawn), "--products", str(PRODUCTS))
    shutil.copytree(drawn, folder / "demo")
    likeness(folder, "index", str(folder / "demo" / "catalogue.csv"))
    return folder


@pytest.fixture(scope="session")
def service(home: Path) -> Iterator[str]:
    with served(home) as url:
        yield url


@pytest.fixture
def front(service: str) -> Iterator[Front]:
    """A server of this test alone in front of the service."""
    with in_front_of(service) as server:
        yield server


@pytest.fixture(scope="session")
def queries(home: Path) -> list[Path]:
    """Customers' pictures of the demo's products."""
    return sorted((home / "demo" / "queries").glob("*-wild.jpg"))


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Expectations wait as long as actions do: the machine may be busy.
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def pages(browser: Browser, console: Console, front: Front) -> Iterator[Browsing]:
    """Closed before what is in front of the service: a page that still loads would complain."""
    with browsing(browser, console) as opened:
        yield opened


@pytest.fixture
def page(pages: Browsing) -> Page:
    return pages.page()

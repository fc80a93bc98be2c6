"""Pages of a real browser that report what they did not like."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page

WAIT_MS = 60_000
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
DESKTOP = {"viewport": {"width": 1440, "height": 900}}


@dataclass
class Console:
    """What pages complained about: errors of scripts, refused loads, broken content policies."""

    complaints: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        """A complaint that contains `part` is no failure of this test."""
        self._expected.append(part)

    def unexpected(self) -> list[str]:
        return [
            complaint
            for complaint in self.complaints
            if not any(part in complaint for part in self._expected)
        ]

    def listen(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", self._thrown)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _thrown(self, error: Error) -> None:
        self.complaints.append(str(error.stack or error.message))


class Browsing:
    """Opens pages, each in a fresh context: no cookies, cache or storage of another."""

    def __init__(self, browser: Browser, console: Console) -> None:
        self._browser = browser
        self._console = console
        self._contexts: list[BrowserContext] = []

    def page(self, **context: Any) -> Page:
        """`context` as of Browser.new_context: viewport, color_scheme, locale, has_touch, …"""
        opened = self._browser.new_context(**{"locale": "en-GB", **DESKTOP, **context})
        opened.set_default_timeout(WAIT_MS)
        opened.on("page", self._console.listen)
        self._contexts.append(opened)
        return opened.new_page()

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@contextmanager
def browsing(browser: Browser, console: Console) -> Iterator[Browsing]:
    """Fails at the end if a page complained about anything that was not expected."""
    opened = Browsing(browser, console)
    try:
        yield opened
    finally:
        opened.close()
    assert console.unexpected() == []


def drop_from_desktop(place: Locator, path: Path, steps: int = 2) -> None:
    """A file or folder, dragged over the middle of `place` in that many steps and let go there.

    By the browser itself: the events that a page makes up are taken whatever came before them, and
    hold no folders.
    """
    box = place.bounding_box()
    assert box is not None
    point = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    dragged = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    browser = place.page.context.new_cdp_session(place.page)
    for kind in ("dragEnter", *["dragOver"] * steps, "drop"):
        browser.send("Input.dispatchDragEvent", {"type": kind, **point, "data": dragged})


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands; rule, element and why."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]

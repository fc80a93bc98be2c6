"""The widget on a page, as those who use it see it."""

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.web.front import Front

LIMIT = 6


class Widget:
    """One <visual-search>, found by its roles and labels, which are part of the test."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("visual-search")
        self.cards = self.element.get_by_role("list", name="Similar products").locator("li")
        self.links = self.cards.locator(".link")
        self.notice = self.element.get_by_role("alert")
        self.summary = self.element.locator("[part=summary]")
        self.chips = self.element.locator("[part=chips]")
        self.crop = self.element.get_by_label("Part of the picture to search with")

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def choose(self, picture: Path) -> None:
        """As with the file dialogue."""
        with self.page.expect_file_chooser() as chooser:
            self.button("Choose a picture").click()
        chooser.value.set_files(picture)

    def expect_hits(self, count: int = LIMIT) -> None:
        """Waits until that many hits are there and the search has ended."""
        expect(self.cards).to_have_count(count)
        expect(self.element.locator("[part=grid]")).to_have_attribute("aria-busy", "false")

    def titles(self) -> list[str]:
        return self.cards.locator("[part=title]").all_inner_texts()


def opened(page: Page, front: Front, attributes: str = "", around: str = "") -> Widget:
    """A page of the shop with the widget on it, `around` before it, visited."""
    body = f'{around}<visual-search id="search" limit="{LIMIT}" {attributes}></visual-search>'
    page.goto(front.show("/page", body))
    return Widget(page)

"""Everybody can use it: by keys alone, at both widths, in light and dark, without movement."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.browsing import DESKTOP, PHONE, Browsing, Console, violations
from tests.web.front import Front, Refusal
from tests.web.widget import LIMIT, Widget, opened

WIDTHS = {"360": PHONE, "1440": DESKTOP}
TABS_MAX = 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_at_any_step(
    pages: Browsing, front: Front, console: Console, queries: list[Path], width: str, scheme: str
) -> None:
    console.expect("status of 500")
    # Without movement, so that no colour is looked at on its way to another.
    page = pages.page(**WIDTHS[width], color_scheme=scheme, reduced_motion="reduce")
    widget = opened(page, front, 'lang="en"')
    page.evaluate("document.documentElement.style.colorScheme = 'light dark'")
    assert violations(page) == []

    front.faults.append(Refusal(500))
    widget.choose(queries[0])
    expect(widget.notice).to_be_visible()
    assert violations(page) == []

    widget.button("Try again").click()
    widget.expect_hits()
    if width == "360":
        widget.button("Filters").click()
    category = widget.element.get_by_role("group", name="Category")
    category.get_by_role("checkbox").first.check()
    expect(widget.chips.get_by_role("button")).to_be_visible()
    expect(widget.element.locator("[part=grid]")).to_have_attribute("aria-busy", "false")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= int(width)


def test_with_the_keyboard_alone(page: Page, front: Front, queries: list[Path]) -> None:
    widget = opened(page, front)
    with page.expect_file_chooser() as chooser:
        tab_to(page, "Choose a picture")
        page.keyboard.press("Enter")
    chooser.value.set_files(queries[0])
    widget.expect_hits()

    tab_to(page, "Bottom right corner")
    page.keyboard.press("Shift+ArrowLeft")
    expect(widget.summary).to_contain_text("with a part")
    widget.expect_hits()

    first = widget.titles()[0]
    tab_to(page, f"More like this: {first}")
    page.keyboard.press("Enter")
    expect(widget.element.locator("[part=query]")).to_contain_text(first)
    widget.expect_hits()

    tab_to(page, "Load more")
    page.keyboard.press("Enter")
    widget.expect_hits(2 * LIMIT)
    expect(widget.links.nth(LIMIT)).to_be_focused()


def test_what_happens_is_announced(page: Page, front: Front, queries: list[Path]) -> None:
    widget = opened(page, front)
    status = widget.element.get_by_role("status")

    widget.choose(queries[0])
    widget.expect_hits()
    expect(status).to_contain_text("products, most similar first")
    widget.button("Load more").click()
    expect(status).to_have_text(f"{LIMIT} more products")


def test_nothing_moves_for_those_who_ask_for_that(pages: Browsing, front: Front) -> None:
    moving = "(element) => getComputedStyle(element).transitionDuration"
    for preference, duration in (("no-preference", "0.15s, 0.15s"), ("reduce", "0s")):
        widget = opened(pages.page(reduced_motion=preference), front)
        assert widget.button("Choose a picture").evaluate(moving) == duration


def tab_to(page: Page, label: str) -> None:
    """Press Tab until what is called so has the focus."""
    named = """() => {
        const active = document.activeElement?.shadowRoot?.activeElement;
        return active?.getAttribute('aria-label') ?? active?.textContent ?? '';
    }"""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate(named) == label:
            return
    raise AssertionError(f"Tab never came to {label!r}")


def test_targets_are_large_enough_for_a_finger(
    pages: Browsing, front: Front, queries: list[Path]
) -> None:
    widget: Widget = opened(pages.page(**PHONE), front)
    widget.choose(queries[0])
    widget.expect_hits()

    heights = widget.element.locator("button:visible").evaluate_all(
        "(buttons) => buttons.map((button) => button.getBoundingClientRect().height)"
    )
    assert len(heights) > LIMIT
    assert min(heights) >= 44

"""The crop box: a part of the picture, by mouse, finger and keys."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import FloatRect, Locator, Page, expect

from tests.web.browsing import PHONE, Browsing
from tests.web.front import Call, Front
from tests.web.widget import Widget, opened


@pytest.fixture
def found(page: Page, front: Front, queries: list[Path]) -> Widget:
    return searched(opened(page, front, "history"), queries[0])


def test_the_whole_picture_at_first(found: Widget, front: Front) -> None:
    assert "region" not in front.searches[0].fields()
    expect(found.button("Whole picture")).to_be_hidden()


def test_drawn_by_mouse_searches_once_it_rests(found: Widget, front: Front) -> None:
    drag(found.page, box_of(found.crop), (0.25, 0.25), (0.75, 0.75))

    expect(found.summary).to_contain_text("with a part of the picture")
    found.expect_hits()
    assert region_of(front.searches[-1]) == pytest.approx([0.25, 0.25, 0.5, 0.5], abs=0.02)
    # Ten steps of the mouse, and the searches of those it paused at, if any.
    assert len(front.searches) < 10


def test_a_corner_by_mouse_then_moved_then_whole_again(found: Widget, front: Front) -> None:
    picture = box_of(found.crop)
    drag(found.page, picture, (1, 1), (0.5, 0.6))
    expect(found.summary).to_contain_text("with a part")
    assert region_of(front.searches[-1]) == pytest.approx([0, 0, 0.5, 0.6], abs=0.02)

    drag(found.page, picture, (0.25, 0.3), (0.9, 0.5))
    page_shows_region(found.page, [0.5, 0.2, 0.5, 0.6])
    found.expect_hits()
    assert region_of(front.searches[-1]) == pytest.approx([0.5, 0.2, 0.5, 0.6], abs=0.02)

    found.button("Whole picture").click()
    expect(found.page).not_to_have_url(re.compile("vs-region"))
    found.expect_hits()
    assert "region" not in front.searches[-1].fields()


def test_by_keys(found: Widget, front: Front) -> None:
    corner = found.element.get_by_label("Bottom right corner")
    corner.focus()
    for key in ("Shift+ArrowLeft", "Shift+ArrowLeft", "ArrowUp"):
        found.page.keyboard.press(key)
    expect(corner).to_be_focused()
    page_shows_region(found.page, [0, 0, 0.8, 0.98])
    found.expect_hits()
    assert region_of(front.searches[-1]) == [0, 0, 0.8, 0.98]

    found.crop.focus()
    found.page.keyboard.press("Shift+ArrowRight")
    page_shows_region(found.page, [0.1, 0, 0.8, 0.98])

    found.page.keyboard.press("Escape")
    expect(found.page).not_to_have_url(re.compile("vs-region"))


def test_by_finger(pages: Browsing, front: Front, queries: list[Path]) -> None:
    found = searched(opened(pages.page(**PHONE), front, "history"), queries[0])
    corner = found.element.get_by_label("Top left corner")
    target = box_of(corner)
    assert min(target["width"], target["height"]) >= 44

    swipe(corner, box_of(found.crop), (0.4, 0.3))

    page_shows_region(found.page, [0.4, 0.3, 0.6, 0.7])


def searched(widget: Widget, picture: Path) -> Widget:
    widget.choose(picture)
    widget.expect_hits()
    return widget


def region_of(call: Call) -> list[float]:
    return [float(part) for part in call.fields()["region"].decode().split(",")]


def page_shows_region(page: Page, expected: list[float]) -> None:
    """Waits for the address to name that region, which it does once the box rests."""
    page.wait_for_function(
        """(expected) => {
            const text = new URL(location).searchParams.get('vs-region') ?? '';
            const region = text.split(',').map(Number);
            return expected.every((share, place) => Math.abs(region[place] - share) < 0.02);
        }""",
        arg=expected,
    )


def box_of(locator: Locator) -> FloatRect:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box is not None
    return box


def point(box: FloatRect, share: tuple[float, float]) -> tuple[float, float]:
    return box["x"] + box["width"] * share[0], box["y"] + box["height"] * share[1]


def drag(page: Page, box: FloatRect, start: tuple[float, float], end: tuple[float, float]) -> None:
    """By mouse; places are shares of the box."""
    page.mouse.move(*point(box, start))
    page.mouse.down()
    page.mouse.move(*point(box, end), steps=10)
    page.mouse.up()


def swipe(start: Locator, box: FloatRect, end: tuple[float, float]) -> None:
    """A finger goes from the middle of `start` to a place of the box."""
    fingers = start.page.context.new_cdp_session(start.page)
    for kind, places in (
        ("touchStart", [point(box_of(start), (0.5, 0.5))]),
        ("touchMove", [point(box, (0.2, 0.2))]),
        ("touchMove", [point(box, end)]),
        ("touchEnd", []),
    ):
        touches = [{"x": x, "y": y} for x, y in places]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})

"""A service that is busy, broken, slow or gone, and a shopper who does not wait."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.web.browsing import Console
from tests.web.front import Delay, Front, Refusal
from tests.web.widget import LIMIT, Widget, opened

BUSY = Refusal(503, {"Retry-After": "1"})


def test_a_busy_service_is_asked_again_when_it_says(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("status of 503")
    front.faults.extend([BUSY, Refusal(503, {"Retry-After": "2"})])
    widget = opened(page, front)
    # Each stands there for a second or two only: looking now and then could miss one.
    widget.element.get_by_role("status").evaluate(
        """(status) => {
            window.said = [];
            new MutationObserver(() => window.said.push(status.textContent))
                .observe(status, { childList: true });
        }"""
    )

    widget.choose(queries[0])

    widget.expect_hits()
    said = " ".join(page.evaluate("window.said"))
    assert "Trying again in 1 second…" in said
    assert "Trying again in 2 seconds…" in said
    assert len(front.searches) == 3
    assert all("image" in search.fields() for search in front.searches)


def test_a_service_that_stays_busy_is_left_alone(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("status of 503")
    front.faults.extend([BUSY] * 4)
    widget = opened(page, front)

    widget.choose(queries[0])
    expect(widget.notice).to_contain_text("very busy")

    widget.button("Try again").click()
    widget.expect_hits()
    expect(widget.notice).to_be_hidden()


def test_a_broken_service_is_told_in_words_and_by_an_event(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("status of 500")
    front.faults.append(Refusal(500, body=b"<h1>Traceback</h1>"))
    widget = opened(page, front)
    page.evaluate(
        """() => document.addEventListener('error', (event) => (window.failure = event.detail))"""
    )

    widget.choose(queries[0])

    expect(widget.notice).to_contain_text("Something went wrong in the search service")
    expect(widget.notice).not_to_contain_text("Traceback")
    assert page.evaluate("window.failure.status") == 500
    widget.button("Try again").click()
    widget.expect_hits()


def test_a_refusal_is_told_in_the_words_of_the_service(
    page: Page, front: Front, console: Console, queries: list[Path]
) -> None:
    console.expect("status of 422")
    detail = "The filter is <b>odd</b>."
    problem = json.dumps({"detail": detail, "code": "filter-invalid"}).encode()
    front.faults.append(Refusal(422, {"Content-Type": "application/problem+json"}, problem))
    widget = opened(page, front)

    widget.choose(queries[0])

    expect(widget.notice).to_have_text(detail)
    expect(widget.button("Try again")).to_be_hidden()


def test_a_slow_search_can_be_cancelled_and_done_again(
    page: Page, front: Front, queries: list[Path]
) -> None:
    slow = Delay()
    front.faults.append(slow)
    widget = opened(page, front)

    widget.choose(queries[0])
    expect(widget.element.get_by_role("progressbar")).to_be_visible()
    widget.button("Cancel").click()
    slow.release.set()

    expect(widget.notice).to_contain_text("stopped")
    expect(widget.cards).to_have_count(0)
    widget.button("Search again").click()
    widget.expect_hits()


def test_an_answer_that_comes_too_late_is_not_shown(
    page: Page, front: Front, queries: list[Path]
) -> None:
    widget = opened(page, front)
    widget.choose(queries[0])
    widget.expect_hits()
    first = widget.titles()
    slow = Delay()
    front.faults.append(slow)

    search_with(widget, queries[0])
    assert slow.arrived.wait(60)
    search_with(widget, queries[-1])
    widget.expect_hits()
    second = widget.titles()
    slow.release.set()
    widget.button("Load more").click()
    widget.expect_hits(2 * LIMIT)

    assert second != first
    assert widget.titles()[:LIMIT] == second


def test_a_widget_moved_on_its_page_goes_on_searching(
    page: Page, front: Front, queries: list[Path]
) -> None:
    slow = Delay()
    front.faults.append(slow)
    widget = opened(page, front)

    widget.choose(queries[0])
    assert slow.arrived.wait(60)
    page.evaluate("document.body.append(document.querySelector('#search'))")

    widget.expect_hits()
    expect(widget.element.get_by_role("group", name="Category")).to_be_visible()
    slow.release.set()


def search_with(widget: Widget, picture: Path) -> None:
    with widget.page.expect_file_chooser() as chooser:
        widget.button("Another picture").click()
    chooser.value.set_files(picture)

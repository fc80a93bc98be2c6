"""docs/widget.md names what the widget has; both languages have the same texts."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.web.front import Front
from tests.web.widget import opened
from web import FOLDER

DOCS = (Path(__file__).parents[2] / "docs" / "widget.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> str:
    return (FOLDER / "widget" / "visual-search.js").read_text(encoding="utf-8")


def test_custom_properties(script: str) -> None:
    documented = re.findall(r"`(--visual-search-[\w-]+)`", DOCS)

    assert set(documented) == set(re.findall(r"var\((--visual-search-[\w-]+)", script))


def test_parts(script: str) -> None:
    parts = {name for names in re.findall(r"part: '([\w -]+)'", script) for name in names.split()}

    assert "card" in parts
    assert {part for part in parts if not re.search(rf"[`(]{part}[`)]", DOCS)} == set()


def test_attributes(page: Page, front: Front) -> None:
    opened(page, front)
    attributes = page.evaluate("customElements.get('visual-search').observedAttributes")

    assert "endpoint" in attributes
    assert [name for name in attributes if f"\n| `{name}` |" not in DOCS] == []


def test_both_languages_have_the_same_texts(page: Page, front: Front) -> None:
    opened(page, front)
    names = page.evaluate(
        """async () => {
            const { STRINGS } = await import('/widget/visual-search.js');
            const named = (texts) => [...Object.keys(texts), ...Object.keys(texts.fields)].sort();
            return Object.values(STRINGS).map(named);
        }"""
    )

    english, german = names
    assert len(english) > 60
    assert german == english

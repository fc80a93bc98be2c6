"""`make screenshots`: every page as it looks on a phone and a desk, by day and by night.

All of them are written into a folder to be looked at; those that the docs show also into
docs/images, in few colours, so that the repository stays small.
"""

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

from retrieval.settings import EngineSettings
from tests.web.browsing import DESKTOP, PHONE, WAIT_MS, Browsing, Console, browsing
from tests.web.serving import served

SCREENS: Final = {"360": PHONE, "1440": DESKTOP}
SCHEMES: Final = ("light", "dark")
SHOWN: Final = ("results-1440-light", "shop-360-dark", "compare-1440-light", "catalogue-1440-dark")
"""Those that README.md and docs/ show."""
_DOCS = Path(__file__).parents[2] / "docs" / "images"
_COLOURS = 256
_WIDEST = 1000


@dataclass(frozen=True)
class View:
    """A page, and what is done there before it is photographed."""

    name: str
    address: str
    done: Callable[[Page], None]


def _shelf(page: Page) -> None:
    expect(page.locator("#products > li").first).to_be_visible()
    expect(page.locator("#filters fieldset").first).to_be_attached()


def _results(page: Page) -> None:
    page.get_by_role("button", name="Search with this picture").nth(1).click()
    expect(page.locator("visual-search [part~=card]").first).to_be_visible()


def _product(page: Page) -> None:
    _shelf(page)
    page.locator("#products > li a").nth(3).click()
    expect(page.get_by_role("dialog").locator("dl div").first).to_be_visible()


def _comparison(page: Page) -> None:
    page.get_by_role("button", name="Show me an example").click()
    expect(page.locator("#verdict [data-slot=score]")).not_to_be_empty()


def _catalogue(page: Page) -> None:
    expect(page.get_by_role("heading", name="default").first).to_be_visible()


VIEWS: Final = (
    View("shop", "/", _shelf),
    View("results", "/", _results),
    View("product", "/", _product),
    View("compare", "/compare", _comparison),
    View("catalogue", "/catalogue", _catalogue),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.web.screenshots", description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("LIKENESS_HOME", "data")))
    parser.add_argument("--out", type=Path, default=Path("data/screenshots"), metavar="FOLDER")
    parser.add_argument("--docs", type=Path, default=_DOCS, metavar="FOLDER")
    arguments = parser.parse_args()
    chromium = shutil.which("chromium")
    if chromium is None:
        parser.exit(1, "Screenshots need `chromium`; install it (apt-get install chromium).\n")
    expect.set_options(timeout=WAIT_MS)
    for folder in (arguments.out, arguments.docs):
        folder.mkdir(parents=True, exist_ok=True)
    # The product's own default, not that of the tests.
    model = EngineSettings.model_fields["model"].default
    with served(arguments.home, model=model) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        with browsing(browser, Console()) as pages:
            for path in _taken(pages, url, arguments.out):
                print(path)
                if path.stem in SHOWN:
                    print(_small(path, arguments.docs / path.name))
        browser.close()


def _taken(pages: Browsing, url: str, out: Path) -> Iterator[Path]:
    for view in VIEWS:
        for width, screen in SCREENS.items():
            for scheme in SCHEMES:
                page = pages.page(**_calm(screen), color_scheme=scheme)
                page.goto(url + view.address)
                view.done(page)
                page.wait_for_load_state("networkidle")
                path = out / f"{view.name}-{width}-{scheme}.png"
                page.screenshot(path=path)
                page.close()
                yield path


def _calm(screen: dict[str, Any]) -> dict[str, Any]:
    """Nothing moves while it is photographed."""
    return {**screen, "reduced_motion": "reduce"}


def _small(path: Path, target: Path) -> Path:
    with Image.open(path) as taken:
        image = taken.convert("RGB")
    image.thumbnail((_WIDEST, image.height), Image.Resampling.LANCZOS)
    # By octree: the median cut spends all colours on photographs and none on the accent.
    colours = image.quantize(_COLOURS, Image.Quantize.FASTOCTREE)
    few = image.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG)
    few.save(target, optimize=True)
    return target


if __name__ == "__main__":
    main()

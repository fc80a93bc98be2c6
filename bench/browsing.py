"""From choosing a picture to its first results painted, on the shop's page in a real browser."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from bench.measuring import Figure, Spread, at_most
from bench.pictures import demo_pictures
from bench.serving import likeness, serving
from bench.setting import Setting

FIRST_RESULTS_MS = 300.0
_LARGE = (4032, 3024)
_LARGE_COUNT = 5
_WAIT_MS = 60_000

# From the choice to the frame after the one that shows the answer; then until the pictures of all
# hits on the screen are there, too. `asked` is the search itself, on the wire and in the service.
_WATCH = """input => {
  const search = document.querySelector("visual-search");
  const frame = () => new Promise(requestAnimationFrame);
  const painted = () => frame().then(frame);
  let chosen;
  input.addEventListener("change", () => { chosen = performance.now(); }, { capture: true });
  window.measured = new Promise(resolve => search.addEventListener("search", async () => {
    await painted();
    const results = performance.now() - chosen;
    const seen = [...search.shadowRoot.querySelectorAll('[part~="card"] img')]
      .filter(image => image.getBoundingClientRect().top < innerHeight);
    await Promise.all(seen.map(image => image.decode()));
    await painted();
    const pictures = performance.now() - chosen;
    const [request] = performance.getEntriesByType("resource").filter(
      entry => entry.name.includes("/v1/search"));
    const asked = request.responseEnd - request.startTime;
    resolve({ results, pictures, asked, seen: seen.length });
  }, { once: true }));
}"""


def browsing(setting: Setting) -> Iterator[Figure]:
    """The demo catalogue under the model that new collections get, each picture in a new window
    that has nothing of the service in its cache."""
    chromium = shutil.which("chromium")
    if chromium is None:
        setting.say("no chromium here to drive: nothing is measured in a browser")
        return
    home = setting.work.new_home(setting.work.root / "homes" / "demo")
    setting.say("the demo catalogue in a browser")
    drawn = setting.work.root / "demo"
    demo_pictures(drawn)
    likeness(home, "index", str(drawn / "catalogue.csv"))
    queries = _spread(sorted((drawn / "queries").glob("*-wild.jpg")), setting.sizes.repeats * 7)
    kinds = {
        "a picture of the demo": queries,
        "a photograph of 12 megapixels": _large(queries, setting.work.root / "large-photographs"),
    }
    with serving(home) as service, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        address = f"http://127.0.0.1:{service.port}/"
        # Once unmeasured: the browser reads its own code from the disk.
        _first_results(browser, address, queries[0])
        for kind, pictures in kinds.items():
            measured = [_first_results(browser, address, picture) for picture in pictures]
            yield _figure(kind, measured)
        browser.close()


def _first_results(browser: Browser, address: str, picture: Path) -> dict[str, Any]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as context:
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        page.goto(address, wait_until="networkidle")
        choice = page.locator("visual-search input[type=file]").first
        choice.evaluate(_WATCH)
        choice.set_input_files(picture)
        measured: dict[str, Any] = page.evaluate("window.measured")
        return measured


def _figure(kind: str, measured: Sequence[dict[str, Any]]) -> Figure:
    results, pictures, asked = (
        Spread.of([each[name] for each in measured]) for name in ("results", "pictures", "asked")
    )
    return at_most(
        f"first results after choosing {kind}, in a browser",
        results.p50,
        FIRST_RESULTS_MS,
        "ms",
        f"{len(measured)} pictures: results painted {results.told('ms')}; with the "
        f"{measured[0]['seen']} pictures on the screen {pictures.told('ms')}; the search itself, "
        f"from asking to its answer, {asked.told('ms')}",
        results_ms=asdict(results),
        pictures_ms=asdict(pictures),
        asked_ms=asdict(asked),
    )


def _large(pictures: Sequence[Path], folder: Path) -> list[Path]:
    """The first few as a phone would have taken them: 4032 x 3024 pixels with a sensor's noise,
    some megabytes each."""
    folder.mkdir(exist_ok=True)
    chance = np.random.default_rng(0)
    made = []
    for picture in pictures[:_LARGE_COUNT]:
        target = folder / picture.name
        if not target.exists():
            with Image.open(picture) as image:
                pixels = np.asarray(image.convert("RGB").resize(_LARGE), dtype=np.float32)
            noisy = pixels + chance.normal(0, 5, pixels.shape).astype(np.float32)
            photograph = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
            draft = target.with_suffix(".draft")
            photograph.save(draft, "JPEG", quality=90)
            draft.replace(target)
        made.append(target)
    return made


def _spread(pictures: Sequence[Path], count: int) -> Sequence[Path]:
    return pictures[:: max(1, len(pictures) // count)][:count]

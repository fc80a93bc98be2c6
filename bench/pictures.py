"""Pictures to measure with: some sources, made larger and varied, so that no two are alike."""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image, ImageEnhance

from demo.render import render_catalogue


def demo_pictures(folder: Path) -> list[Path]:
    """The demo's rendered products; drawn once."""
    render_catalogue(folder)
    return sorted((folder / "pictures").glob("*.jpg"))


def vary(
    sources: Sequence[Path],
    folder: Path,
    *,
    count: int,
    long_side: tuple[int, int],
    seed: int = 0,
) -> None:
    """`count` JPEGs in `folder`, whose longer side lies within `long_side` pixels.

    They are cropped, scaled, lit and compressed by chance, the same for one seed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Spread over all sources where there are more than needed, else each several times.
    step = max(1, len(sources) // count)
    tasks = [
        (sources[n * step % len(sources)], folder / f"{n:06d}.jpg", long_side, seed + n)
        for n in range(count)
    ]
    with ProcessPoolExecutor() as processes:
        list(processes.map(_varied, tasks, chunksize=10))


def _varied(task: tuple[Path, Path, tuple[int, int], int]) -> None:
    source, target, long_side, seed = task
    chance = random.Random(seed)
    with Image.open(source) as image:
        width, height = image.size
        left, top = (int(chance.uniform(0, 0.12) * side) for side in image.size)
        right, bottom = (side - int(chance.uniform(0, 0.12) * side) for side in (width, height))
        varied = image.convert("RGB").crop((left, top, right, bottom))
    scale = chance.randint(*long_side) / max(varied.size)
    varied = varied.resize((round(varied.width * scale), round(varied.height * scale)))
    varied = ImageEnhance.Brightness(varied).enhance(chance.uniform(0.85, 1.15))
    varied = ImageEnhance.Color(varied).enhance(chance.uniform(0.7, 1.3))
    varied.save(target, "JPEG", quality=chance.randint(80, 92))

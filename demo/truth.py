"""Ground truth on disk: what every picture shows, and the stamp of what is finished.

`ground_truth.json` is written last, so its presence says that a rendering was completed;
`rendering.json` is written first and says, after an interruption, which files are ours and under
which stamp they were made.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from demo.catalogue import Picture, Product
from demo.pairs import Pair

RENDERER_VERSION: Final = 2
"""Raise it whenever the same seed would give other bytes."""

TRUTH_NAME: Final = "ground_truth.json"
PROGRESS_NAME: Final = "rendering.json"
MANIFEST_NAME: Final = "catalogue.csv"
TRIAL_NAME: Final = "trial.csv"


@dataclass(frozen=True)
class Stamp:
    """What a rendering was made from; equal stamps give equal bytes."""

    seed: int
    products: int
    side: int
    renderer_version: int = RENDERER_VERSION


def ground_truth(
    stamp: Stamp, products: Iterable[Product], pictures: Iterable[Picture], pairs: Iterable[Pair]
) -> dict[str, Any]:
    """The whole truth as plain values for JSON.

    `products`: id -> factors. `pictures`: path relative to the folder -> product (None in a
    pair), kind and factors. `pairs`: effect, factor, first, second (paths) and both values.
    """
    listed, twins = list(pictures), list(pairs)
    shelf = list(products)
    return {
        "stamp": asdict(stamp),
        "counts": {"products": len(shelf), "pictures": len(listed), "pairs": len(twins)},
        "products": {
            product.id: {"title": product.title, "price": product.price} | product.look.factors()
            for product in shelf
        },
        "pictures": {
            picture.path: {
                "product": picture.product,
                "kind": picture.shot.kind,
                "factors": picture.factors(),
            }
            for picture in listed
        },
        "pairs": [
            {
                "effect": pair.effect,
                "factor": pair.factor,
                "first": pair.first.path,
                "second": pair.second.path,
                "values": [
                    pair.first.factors()[pair.factor],
                    pair.second.factors()[pair.factor],
                ],
            }
            for pair in twins
        ],
    }


def stamp_of(record: Path) -> Stamp | None:
    """The stamp in a ground truth or progress file; None when there is none to be read."""
    written = _read(record)
    try:
        return Stamp(**written["stamp"]) if written else None
    except (KeyError, TypeError):
        return None


def files_of(record: Path) -> tuple[str, ...]:
    """The pictures a ground truth or progress file names, relative to its folder."""
    written = _read(record)
    if not written:
        return ()
    return tuple(name for name in written.get("pictures", ()) if _stays_inside(name))


def write_json(target: Path, content: dict[str, Any]) -> None:
    """Write JSON as one step: a reader sees the old file or the whole new one."""
    write_bytes(target, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())


def write_bytes(target: Path, content: bytes) -> None:
    """Write a file as one step; the draft beside it is gone whatever happens."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.draft")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _read(record: Path) -> dict[str, Any] | None:
    try:
        written = json.loads(record.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return written if isinstance(written, dict) else None


def _stays_inside(name: object) -> bool:
    return isinstance(name, str) and not Path(name).is_absolute() and ".." not in Path(name).parts

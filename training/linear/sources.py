"""One or more sources with what is asked of each, and how their pictures are described."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from embedding.card import ModelCard
from embedding.fused.built_in import BUILT_IN
from evaluation.baselines.built_in_parts import BuiltInPart
from evaluation.contenders import Contender
from evaluation.describing import Described, describe
from evaluation.description_cache import DescriptionCache
from evaluation.errors import SourceInvalid
from evaluation.evaluating import usual_relations
from evaluation.models import EmbeddingModel
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.sources.opening import open_source
from evaluation.sources.table import Table
from evaluation.watching import Watch
from retrieval.home import Home
from training.errors import DataInvalid, SettingsInvalid

NOTHING = "none"
"""What `--with` takes to join a network with nothing."""


def opened(
    sources: Sequence[Path],
    *,
    queries: Sequence[str],
    gallery: Sequence[str],
    collection: str | None,
    home: Home,
) -> list[PictureSet]:
    """Each source, or the collection where none is named. A selection (`split=val`) is applied to
    the sources that have its column. Raises SourceInvalid, DataInvalid, CollectionUnknown."""
    if not sources:
        found = [open_source(None, queries=_only(queries), gallery=_only(gallery),
                             collection=collection, home=home)]  # fmt: skip
    else:
        for text in (*queries, *gallery):
            if not any(_applies(text, source) for source in sources):
                raise SourceInvalid(f"No source has the column of {text!r}.")
        found = [
            open_source(
                source,
                queries=_only([each for each in queries if _applies(each, source)]),
                gallery=_only([each for each in gallery if _applies(each, source)]),
                collection=collection,
                home=home,
            )
            for source in sources
        ]
    for each in found:
        if each.same is not None:
            raise DataInvalid(
                f"{each.source} is a CSV of pairs, which names no products. Give a catalogue's "
                "CSV, a folder with a sub-folder for each product, or a collection."
            )
    return found


def with_relations(
    pictures: Sequence[PictureSet], asked: Sequence[Relation]
) -> list[tuple[PictureSet, list[Relation]]]:
    """Each source with those of the relations asked for whose columns it has, or, where none was
    asked for, with those its columns suggest. Raises SourceInvalid, RelationInvalid."""
    for relation in asked:
        if not any(set(relation.columns) <= set(each.labels) for each in pictures):
            relation.known(pictures[0])  # raises, and says which columns there are
    joined = [
        (
            each,
            [one for one in asked if set(one.columns) <= set(each.labels)]
            if asked
            else usual_relations(each),
        )
        for each in pictures
    ]
    for each, relations in joined:
        if not relations:
            raise SourceInvalid(
                f"{each.source} has the columns of no relation that is asked for; it has "
                f"{', '.join(each.labels)}. Leave it out, or name one of its own with --relation."
            )
    return joined


def beside(card: ModelCard, wished: Sequence[str]) -> list[str]:
    """The built-in parts that may be joined with a model: those wished for, else the exact shades
    with a network. Raises SettingsInvalid."""
    if NOTHING in wished:
        if others := [each for each in wished if each != NOTHING]:
            raise SettingsInvalid(
                f"--with {NOTHING} and --with {others[0]} exclude each other. Leave one out."
            )
        return []
    for name in wished:
        if name not in BUILT_IN:
            raise SettingsInvalid(
                f"--with takes {', '.join(BUILT_IN)} or {NOTHING}, not {name[:80]!r}."
            )
    if wished and card.kind == "classic":
        raise SettingsInvalid(
            "classic is joined with others by its parts. Fuse them, and learn on that: likeness "
            "models fuse mix --part colour=1 --part texture=1 --part shades=1."
        )
    if wished and card.head is not None:
        raise SettingsInvalid(
            f"{card.name!r} has a linear head, which was learnt for its whole vector. Leave --with "
            f"out, or join with what it began with: --model {' or '.join(card.began_with)}."
        )
    if there := [name for name in wished if name in card.weights]:
        raise SettingsInvalid(f"{card.name!r} has {there[0]} already. Leave --with {there[0]} out.")
    return list(dict.fromkeys(wished)) if wished or card.kind != "onnx" else ["shades"]


def described(
    home: Home,
    pictures: Sequence[PictureSet],
    model: str,
    parts: Sequence[str],
    watch: Watch,
) -> tuple[list[PictureSet], dict[str, NDArray[np.float32]]]:
    """The pictures that can be read, and name -> float32 (n, d) unit vectors of all of them in
    order, of the model and of each part. Raises SourceInvalid, ModelError."""
    contenders: list[Contender] = [
        EmbeddingModel(home.store.load(model, hint="throughput"), home.limits),
        *(BuiltInPart(name, home.limits) for name in parts),
    ]
    found = {
        each.name: [_described(each, some, home, watch) for some in pictures] for each in contenders
    }
    readable: list[PictureSet] = []
    for number, some in enumerate(pictures):
        unreadable: Mapping[str, str] = {
            content: why
            for each in found.values()
            for content, why in each[number].unreadable.items()
        }
        readable.append(some.without(unreadable))
        if not readable[-1].pictures:
            raise SourceInvalid(
                f"{some.source}: no picture can be read. The first: "
                f"{next(iter(readable[-1].unreadable.values()))}"
            )
    return readable, {
        name: np.stack(
            [
                vector
                for some, each in zip(readable, all_, strict=True)
                for vector in each.of(some.pictures)
            ]
        ).astype(np.float32, copy=False)
        for name, all_ in found.items()
    }


def _described(contender: Contender, pictures: PictureSet, home: Home, watch: Watch) -> Described:
    contents = {each.content_sha256 for each in pictures.pictures}
    with watch.step(f"{contender.name}: describe {pictures.source}", len(contents)) as advance:
        return describe(
            contender,
            pictures.pictures,
            DescriptionCache(home.root / "cache" / "evaluation"),
            known=pictures.known.get(contender.key, {}),
            threads=home.settings.threads or os.cpu_count() or 1,
            advance=advance,
        )


def _applies(text: str, source: Path) -> bool:
    """Whether a CSV has the column that `COLUMN=VALUE` selects by; one without `=` is left to be
    refused by what reads it."""
    column, equals, _ = text.partition("=")
    return not source.is_dir() and (not equals or column.strip() in Table.read(source).columns)


def _only(texts: Sequence[str]) -> str | None:
    if len(texts) > 1:
        raise SourceInvalid(
            f"{texts[0]!r} and {texts[1]!r} select from the same source. Give one for each."
        )
    return texts[0] if texts else None

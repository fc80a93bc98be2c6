"""From what was asked for on the command line to what a head is learnt from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from embedding.card import ModelCard
from evaluation.pictures import PictureSet
from evaluation.relations import Relation
from evaluation.watching import Watch
from retrieval.home import Home
from training.linear.material import Floats, Material, gathered
from training.linear.publishing import check_place
from training.linear.sources import described, opened, with_relations


@dataclass(frozen=True)
class Asked:
    """What the heads that learn from products are told alike; see `training.command`."""

    sources: Sequence[Path]
    model: str | None
    relations: Sequence[str]
    queries: Sequence[str]
    gallery: Sequence[str]
    collection: str | None
    split_by: str | None
    as_name: str | None
    out: Path | None
    overwrite: bool
    as_json: bool


@dataclass(frozen=True)
class Begun:
    """Nothing is described yet. `name`: of the model to be made of `model`; `collection`: the one
    that is learnt from, None for other sources."""

    pictures: list[PictureSet]
    relations: list[Relation]
    model: str
    card: ModelCard
    name: str
    collection: str | None


def begin(home: Home, asked: Asked, *, suffix: str) -> Begun:
    """Opens the sources, and checks that the new model can have its name (`MODEL-suffix` where none
    was told) and place. Raises EvaluationError, CatalogError, ModelError, TrainingError."""
    relations = [Relation.parse(each) for each in dict.fromkeys(asked.relations)]
    pictures = opened(
        asked.sources,
        queries=asked.queries,
        gallery=asked.gallery,
        collection=asked.collection,
        home=home,
    )
    model = asked.model or pictures[0].model or home.settings.model
    card = home.store.card(model)
    name = asked.as_name or f"{model}-{suffix}"
    check_place(home, name, asked.out, overwrite=asked.overwrite)
    collection = None if asked.sources else asked.collection or home.settings.collection
    return Begun(pictures, relations, model, card, name, collection)


def prepare(
    home: Home, asked: Asked, begun: Begun, *, parts: Sequence[str], watch: Watch
) -> tuple[Material, Mapping[str, Floats], int]:
    """The material, the vectors of the model and of each of `parts` by name, and how many pictures
    cannot be read. Raises DataInvalid, SourceInvalid, ModelError."""
    # Before anything is described: what is missing should be known at once.
    gathered(with_relations(begun.pictures, begun.relations), split_by=asked.split_by)
    readable, vectors = described(home, begun.pictures, begun.model, parts, watch)
    material = gathered(with_relations(readable, begun.relations), split_by=asked.split_by)
    return material, vectors, sum(len(each.unreadable) for each in readable)

"""Several sources as one set of pictures, whose labels never mix."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.evaluating import usual_relations
from evaluation.pictures import PictureSet
from evaluation.relations import Positions
from training.errors import DataInvalid

PRODUCT, TOGETHER, SOURCE = "product", "together", "source"
"""Columns of a joined set: what makes pictures alike, what must not be parted, where from."""


@dataclass(frozen=True)
class Joined:
    """`pictures` has the columns PRODUCT, TOGETHER and SOURCE, all known, and no others.

    Not in it, and counted: `unlabelled` pictures, and those `shared` by several products, which
    would be taught to differ from themselves. `label_columns`: source -> what PRODUCT was there.
    """

    pictures: PictureSet
    label_columns: dict[str, str]
    unlabelled: int
    shared: int


def join(
    sources: Sequence[PictureSet], *, label: str | None = None, split_by: str | None = None
) -> Joined:
    """The pictures of one or more sources, in their order.

    `label`: the column in which alike pictures agree; where it is None, and for a source without
    it, the source's first of product_id, class and category that pictures share. `split_by`: a
    column coarser than the label, such as the style that several colours of a product have; a
    source without it is split by the label.

    Raises SourceInvalid for a column that is not there, RelationInvalid where none is usual,
    DataInvalid for pairs and for sources that hold the same pictures.
    """
    for each in sources:
        if each.same is not None:
            raise DataInvalid(
                f"{each.source} is a CSV of pairs, which names no products. Give a catalogue's "
                "CSV, a folder with a sub-folder for each product, or a collection."
            )
    for column in (split_by, label):
        if column is not None and not any(column in each.labels for each in sources):
            sources[0].codes(column)  # raises, and says which columns there are
    columns = [
        label if label is not None and label in each.labels else usual_relations(each)[0].same[0]
        for each in sources
    ]
    kept = [
        np.flatnonzero(each.codes(column) >= 0)
        for each, column in zip(sources, columns, strict=True)
    ]
    chosen = [chosen_of(each, some) for each, some in zip(sources, kept, strict=True)]
    labels: dict[str, list[str]] = {PRODUCT: [], TOGETHER: [], SOURCE: []}
    for number, (each, column) in enumerate(zip(chosen, columns, strict=True)):
        products = each.labels[column]
        coarser = each.labels.get(split_by, products) if split_by else products
        labels[PRODUCT] += [f"{number}:{product}" for product in products]
        # Where the coarser label is not known, the product is all there is.
        labels[TOGETHER] += [
            f"{number}:{group}" if group else f"{number}:{product} alone"
            for group, product in zip(coarser, products, strict=True)
        ]
        labels[SOURCE] += [each.source] * len(products)
    everyone = np.ones(len(labels[PRODUCT]), dtype=np.bool_)
    joined = PictureSet(
        source=", ".join(each.source for each in sources),
        pictures=tuple(picture for each in chosen for picture in each.pictures),
        labels=labels,
        queries=everyone,
        gallery=everyone,
        unreadable={name: why for each in sources for name, why in each.unreadable.items()},
        known=_known(sources),
    )
    alone = _of_one_product(joined)
    if not alone.any():
        raise DataInvalid(
            f"{joined.source}: no picture belongs to one product alone. If two of the sources hold "
            "the same pictures, name one of them."
        )
    return Joined(
        pictures=chosen_of(joined, np.flatnonzero(alone)),
        label_columns=dict(zip([each.source for each in sources], columns, strict=True)),
        unlabelled=sum(len(each.pictures) for each in sources) - len(alone),
        shared=int((~alone).sum()),
    )


def chosen_of(pictures: PictureSet, positions: Positions) -> PictureSet:
    """Those pictures, in that order, of a set that is not made of pairs."""
    places = positions.tolist()
    return PictureSet(
        source=pictures.source,
        pictures=tuple(pictures.pictures[place] for place in places),
        labels={
            name: [texts[place] for place in places] for name, texts in pictures.labels.items()
        },
        queries=pictures.queries[positions],
        gallery=pictures.gallery[positions],
        unreadable=pictures.unreadable,
        known=pictures.known,
        model=pictures.model,
    )


def _known(sources: Sequence[PictureSet]) -> dict[str, dict[str, NDArray[np.float32]]]:
    known: dict[str, dict[str, NDArray[np.float32]]] = {}
    for each in sources:
        for fingerprint, vectors in each.known.items():
            known.setdefault(fingerprint, {}).update(vectors)
    return known


def _of_one_product(pictures: PictureSet) -> NDArray[np.bool_]:
    """(pictures,): whether no other product has a picture of the same bytes."""
    contents, products = pictures.content_codes(), pictures.codes(PRODUCT)
    least = np.full(contents.max() + 1, products.max() + 1)
    most = np.full(contents.max() + 1, -1)
    np.minimum.at(least, contents, products)
    np.maximum.at(most, contents, products)
    alone: NDArray[np.bool_] = (least == most)[contents]
    return alone

"""What came of learning a head: immutable values."""

from collections.abc import Mapping
from dataclasses import dataclass

from embedding.linear_head.linear_map import LinearMap
from evaluation.intervals import Interval
from training.linear.recipes import Recipe

HEAD, JOINED, BASE = "with the head", "joined, no head", "as it is"
"""What is compared: the learnt head, the same blocks joined with the same shares but not mapped,
and the model alone."""


@dataclass(frozen=True)
class Measured:
    """R@1 on products that taught and chose nothing.

    By contestant, in the mean over questions and of each: `mean`, `by_question`. `gains`: by how
    much the head is ahead of each other contestant. `queries`: question -> how many; they are of
    `units` products (or styles).
    """

    mean: Mapping[str, Interval]
    by_question: Mapping[str, Mapping[str, Interval]]
    gains: Mapping[str, Interval]
    gains_by_question: Mapping[str, Mapping[str, Interval]]
    queries: Mapping[str, int]
    units: int


@dataclass(frozen=True)
class Learnt:
    """`recipe` was chosen by all products and `head` learnt from all; `measured` is of products
    each of which was held out, from recipes that were chosen without them, `chosen_by_fold`.
    `blocks`: names, in the order of the recipe's shares. `head` takes the blocks that count side by
    side, each times the root of its share. `asked_by_all`: those of the `sources` of which every
    picture asked, so that other kinds of queries had no say."""

    model: str
    blocks: tuple[str, ...]
    sources: tuple[str, ...]
    asked_by_all: tuple[str, ...]
    split_by: tuple[str, ...]
    recipe: Recipe
    chosen_by_fold: tuple[Recipe, ...]
    head: LinearMap
    measured: Measured
    classes: int
    pictures: int
    seconds: float

    @property
    def shares(self) -> dict[str, float]:
        """Block -> share, of those that count."""
        named = zip(self.blocks, self.recipe.shares, strict=True)
        return {name: share for name, share in named if share > 0.0}

    @property
    def is_gain(self) -> bool:
        """Whether more is found than by the model alone, and that is not chance."""
        return self.measured.gains[BASE].low > 0.0

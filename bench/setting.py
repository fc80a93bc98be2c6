"""What every group is given: where things are kept, how much to measure, and the peer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.work import Work


@dataclass(frozen=True)
class Sizes:
    """How much is measured; the short ones take minutes in all."""

    indexed: int
    """Pictures of one bulk job; `peer_indexed` is the part of them that the peer is given."""
    peer_indexed: int
    gallery: int
    """Pictures searched among."""
    queries: int
    vectors: int
    """Of the group `million`."""
    repeats: int
    load_s: float
    originals: int = 480
    """Photographs that are copied in the group `duplicates`, half of them to tune on."""


SHORT = Sizes(
    indexed=600, peer_indexed=96, gallery=100_000, queries=200, vectors=100_000, repeats=3,
    load_s=5.0,
)  # fmt: skip
FULL = Sizes(
    indexed=2000, peer_indexed=400, gallery=100_000, queries=1000, vectors=1_000_000, repeats=7,
    load_s=20.0, originals=2000,
)  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """`peer` is the interpreter that has the peer, None where it cannot be installed."""

    work: Work
    sizes: Sizes
    peer: Path | None
    say: Callable[[str], None]
    models: Sequence[str] = ()
    """To be measured instead of those that a group names; none means those."""
    grown_from: Path | None = None
    """Folder of the model whose embeddings `million` grows from; None for the classic one."""
    cnn_weights: Path | None = None
    """Weights for imagededup's network, instead of those that it downloads."""

    def queries(self) -> list[Path]:
        """Query pictures, spread over the large ones; the same ones for every group."""
        large = self.work.large_pictures(self.sizes.indexed)
        step = max(1, len(large) // self.sizes.queries)
        return large[::step][: self.sizes.queries]

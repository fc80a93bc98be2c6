"""Who takes part: contenders by the names given on the command line."""

from collections.abc import Sequence

from embedding.images import DecodeLimits
from embedding.store import ModelStore
from evaluation.contenders import Contender
from evaluation.models import EmbeddingModel


def contenders(names: Sequence[str], *, store: ModelStore, limits: DecodeLimits) -> list[Contender]:
    """In the order of `names`, each once. Raises ModelError, which says what there is."""
    return [_contender(name, store, limits) for name in dict.fromkeys(names)]


def _contender(name: str, store: ModelStore, limits: DecodeLimits) -> Contender:
    # With `throughput` a model takes many pictures at once, each on a processor of its own.
    return EmbeddingModel(store.load(name, hint="throughput"), limits)

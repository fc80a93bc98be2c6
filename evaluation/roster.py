"""Who takes part: contenders by the names given on the command line."""

from collections.abc import Mapping, Sequence

from embedding.images import DecodeLimits
from embedding.store import ModelStore
from evaluation.baselines.naming import BASELINES, variant
from evaluation.contenders import Contender
from evaluation.errors import ContenderUnknown
from evaluation.models import EmbeddingModel


def contenders(
    names: Sequence[str],
    *,
    store: ModelStore,
    limits: DecodeLimits,
    balances: Mapping[str, Mapping[str, float]] | None = None,
) -> list[Contender]:
    """In the order of `names`, each once.

    A name is that of a baseline, of an installed model, or MODEL:VARIANT, such as classic:l0.5.
    `balances`: model -> weights of its parts, other than those it was made with; variants keep
    these.
    Raises ContenderUnknown, and ModelError, which says what there is.
    """
    models: dict[str, Contender] = {}

    def model(name: str) -> Contender:
        if name not in models:
            # With `throughput` a model takes many pictures at once, each on a processor of its own.
            models[name] = EmbeddingModel(store.load(name, hint="throughput"), limits)
        return models[name]

    def contender(name: str) -> Contender:
        if make := BASELINES.get(name):
            return make(limits)
        model_name, colon, text = name.partition(":")
        if not colon:
            if weights := (balances or {}).get(name):
                return EmbeddingModel(store.load(name, hint="throughput"), limits, weights)
            return model(name)
        try:
            return variant(model(model_name), text)
        except ValueError as error:
            raise ContenderUnknown(f"{name}: {error}.") from error

    return [contender(name) for name in dict.fromkeys(names)]

"""The model of a collection, for bulk work."""

from functools import partial

from catalog.collections import Collections
from catalog.records import CollectionRecord
from embedding.embedder import Embedder
from embedding.loading import LoadingEmbedder
from retrieval.errors import ModelMismatch
from retrieval.home import Home


class BulkModels:
    """Loads models for throughput rather than for the quickest single answer; keeps the last."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._loaded: Embedder | None = None

    def load(self, name: str) -> Embedder:
        """The model, which may still be loading: see `LoadingEmbedder`. Raises ModelError."""
        store = self._home.store
        card = store.card(name)
        if self._loaded is None or self._loaded.card.fingerprint != card.fingerprint:
            load = partial(store.load, name, hint="throughput")
            self._loaded = LoadingEmbedder(card, load) if card.kind == "onnx" else load()
        return self._loaded

    def of_collection(self, name: str) -> tuple[CollectionRecord, Embedder]:
        """The collection as it is now and the model it is embedded with.

        Raises CollectionUnknown, ModelError, and ModelMismatch when the model that is installed
        under that name is another version.
        """
        with self._home.database.read() as connection:
            collection = Collections(connection).get(name)
        embedder = self.load(collection.model_name)
        if embedder.card.fingerprint != collection.model_fingerprint:
            raise ModelMismatch(
                f"Collection {name!r} was embedded by another version of model "
                f"{collection.model_name!r} ({collection.model_fingerprint[:12]}…) than the one "
                f"installed ({embedder.card.fingerprint[:12]}…). Run `likeness reindex "
                f"--collection {name} --model {collection.model_name}` first."
            )
        return collection, embedder

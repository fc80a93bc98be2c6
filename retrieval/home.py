"""The one folder that holds everything, opened: database, models, snapshots, pictures."""

from pathlib import Path
from types import TracebackType
from typing import Self

from catalog.collections import Collections
from catalog.database import Database, sqlite_url
from catalog.errors import CollectionInvalid, DatabaseUnreachable
from catalog.migrating import migrate
from catalog.pictures import PictureFolder
from catalog.records import CollectionRecord, check_collection_name
from embedding.images import DecodeLimits
from embedding.store import ModelStore
from fetching.fetcher import Fetcher, FetchLimits
from retrieval.batching import BatchingEmbedder
from retrieval.models import LoadedModels
from retrieval.settings import EngineSettings


class Home:
    """Parts that every program needs, made from its settings; close it, or use it with `with`.

    Opening creates the folder and brings the database up to date; nothing is loaded yet.
    Raises SettingsInvalid, DatabaseError.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.root = settings.root
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnreachable(
                f"The folder {self.root} cannot be made ({error.strerror}). Point LIKENESS_HOME at "
                "a folder that this user may write."
            ) from error
        self.snapshots = self.root / "snapshots"
        self.pictures = PictureFolder(pictures_folder(settings))
        self.store = open_store(settings)
        self.models = LoadedModels(
            self.store.card,
            self.store.card_stamp,
            lambda name: BatchingEmbedder(self.store.load(name)),
            most=settings.loaded_models_max,
        )
        self.limits = DecodeLimits(
            max_bytes=settings.picture_max_bytes, max_pixels=settings.picture_max_pixels
        )
        self.database = Database(settings.database_url or sqlite_url(self.root / "likeness.db"))
        migrate(self.database)

    def fetcher(self) -> Fetcher:
        """A new fetcher of pictures under this home's limits; the caller closes it."""
        return Fetcher(
            FetchLimits(
                max_bytes=self.settings.picture_max_bytes,
                timeout_s=self.settings.fetch_timeout_s,
                allow_private_networks=self.settings.fetch_private_networks,
            )
        )

    def ensure_collection(self, name: str, model_name: str | None = None) -> CollectionRecord:
        """The collection, created with the model (else the default one) if it is not there.

        Raises CollectionInvalid, ModelError.
        """
        check_collection_name(name)
        with self.database.read() as connection:
            found = Collections(connection).find(name)
        if found is not None:
            return found
        card = self.store.card(model_name or self.settings.model)
        try:
            with self.database.write() as connection:
                return Collections(connection).create(
                    name,
                    model_name=card.name,
                    model_fingerprint=card.fingerprint,
                    dimension=card.dimension,
                )
        except CollectionInvalid:
            # The name is well formed, so it is taken: another process was faster.
            with self.database.read() as connection:
                return Collections(connection).get(name)

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_store(settings: EngineSettings) -> ModelStore:
    """The model store of a home, without opening the rest."""
    return ModelStore(
        settings.root / "models",
        cache_folder=settings.root / "cache" / "openvino",
        threads=settings.threads,
    )


def pictures_folder(settings: EngineSettings) -> Path:
    """Where a home keeps its copies of pictures, whether there are any yet or not."""
    return settings.root / "pictures"

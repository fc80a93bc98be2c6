"""A real home with a real database and the classic model, filled through the real ingestion."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from catalog.collections import Collections
from catalog.products import Products
from catalog.records import ProductFields
from ingestion.products import PictureFile, upsert_product
from retrieval.assembly import Engine, assemble
from retrieval.home import Home
from retrieval.settings import EngineSettings


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home")) as opened:
        opened.ensure_collection("default")
        yield opened


@pytest.fixture
def engine(home: Home) -> Engine:
    return assemble(home)


Put = Callable[..., None]


@pytest.fixture
def put(engine: Engine) -> Put:
    """put("id", picture bytes…, category=…, …): store a product, as any other process would."""

    def put(
        external_id: str,
        *pictures: bytes,
        collection: str = "default",
        attributes: Mapping[str, Any] | None = None,
        **fields: Any,
    ) -> None:
        home = engine.home
        upsert_product(
            ProductFields(external_id, attributes=attributes or {}, **fields),
            [PictureFile(picture) for picture in pictures] if pictures else None,
            collection=collection,
            database=home.database,
            pictures=home.pictures,
            embedder_of=lambda name: home.models.get(_model_of(home, name)),
            limits=home.limits,
        )

    return put


@pytest.fixture
def remove(engine: Engine) -> Callable[[str], None]:
    def remove(external_id: str) -> None:
        with engine.home.database.write() as connection:
            collection = Collections(connection).locked("default")
            Products(connection).delete(collection, [external_id])

    return remove


def _model_of(home: Home, collection: str) -> str:
    with home.database.read() as connection:
        return Collections(connection).get(collection).model_name

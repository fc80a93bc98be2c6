"""Reindex jobs: another model beside the one that serves, then one flip."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from catalog.collections import Collections
from catalog.products import Products
from catalog.records import CollectionRecord, ProductFields
from embedding.images import decode
from indexer.counts import Counts
from indexer.job import Watch
from indexer.stopping import Stop
from ingestion.products import PictureFile, upsert_product
from retrieval.assembly import assemble
from retrieval.queries import PictureQuery
from tests.embedding.tiny_model import tiny_weights, write_tiny_model
from tests.indexer.shop import Shop, install_tiny_model, picture_bytes


@pytest.fixture
def tiny(shop: Shop, tmp_path: Path) -> str:
    return install_tiny_model(shop, tmp_path / "built")


def collection_of(shop: Shop) -> CollectionRecord:
    with shop.home.database.read() as connection:
        return Collections(connection).get("default")


def put_product(shop: Shop, product_id: str, seed: int) -> None:
    """What the service does for PUT /v1/products/ID."""
    upsert_product(
        ProductFields(product_id),
        [PictureFile(picture_bytes(seed))],
        collection="default",
        database=shop.home.database,
        pictures=shop.home.pictures,
        embedder_of=lambda name: shop.home.store.load(collection_of(shop).model_name),
        limits=shop.home.limits,
    )


class TestModelChange:
    def test_flips_model_vectors_and_release_together(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)
        before = collection_of(shop)
        end = shop.reindex(model=tiny)
        after = collection_of(shop)
        assert (end.job.status, end.job.indexed, end.job.total) == ("done", 12, 12), end.job.error
        assert (after.model_name, after.dimension) == ("tiny", 8)
        assert after.release_id == end.job.release_id != before.release_id
        assert len(shop.embeddings()) == 12

    def test_the_new_vectors_are_those_of_the_kept_copies(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)
        shop.reindex(model=tiny)
        image = shop.products()["00.jpg"].images[0]
        copy = decode(shop.home.pictures.read(image.content_sha256)).image
        expected = shop.home.store.load(tiny).embed([copy])[0]
        stored = np.frombuffer(shop.embeddings()[image.id], dtype=np.float32)
        assert np.allclose(stored, expected, atol=1e-5)

    def test_searching_goes_on_under_the_new_model(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)
        engine = assemble(shop.home)
        query = [PictureQuery((photos / "03.jpg").read_bytes())]
        assert engine.searching.search("default", query, limit=1).model_name == "classic"
        shop.reindex(model=tiny)
        engine.follower.refresh()
        answer = engine.searching.search("default", query, limit=1)
        assert answer.model_name == "tiny"
        assert answer.hits[0][0].product.external_id == "03.jpg"

    def test_indexing_goes_on_under_the_new_model(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)
        shop.reindex(model=tiny)
        (photos / "new.jpg").write_bytes(picture_bytes(77))
        end = shop.index(photos)
        assert (end.job.indexed, end.job.unchanged) == (1, 12)
        assert len(shop.embeddings()) == 13

    def test_a_product_put_meanwhile_is_part_of_the_flip(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)

        class PutWhilePublishing(Watch):
            done = False

            def on_stage(self, stage: str) -> None:
                if stage == "publishing" and not self.done:
                    self.done = True
                    put_product(shop, "late", 500)

        end = shop.reindex(watch=PutWhilePublishing(), model=tiny)
        assert end.job.status == "done", end.job.error
        assert collection_of(shop).model_name == "tiny"
        assert len(shop.embeddings()) == 13

    def test_one_that_was_stopped_goes_on_where_it_was(
        self, shop: Shop, many_photos: Path, tiny: str
    ) -> None:
        shop.index(many_photos)
        stop = Stop()

        class StopAfterFirstBatch(Watch):
            def on_progress(self, counts: Counts) -> None:
                stop.request("interrupted")

        stopped = shop.reindex(watch=StopAfterFirstBatch(), stop=stop, model=tiny)
        assert stopped.job.status == "interrupted"
        assert collection_of(shop).model_name == "classic"
        end = shop.reindex(model=tiny)
        assert (end.job.id, end.job.status) == (stopped.job.id, "done")
        assert end.job.total == 40 - stopped.job.indexed < 40
        assert len(shop.embeddings()) == 40


class TestSameModel:
    def test_writes_a_release_anew(self, shop: Shop, photos: Path) -> None:
        first = shop.index(photos)
        before = shop.embeddings()
        end = shop.reindex(model=None)
        assert end.job.status == "done"
        assert end.job.release_id != first.job.release_id
        assert shop.embeddings() == before

    def test_copies_of_deleted_products_go(self, shop: Shop) -> None:
        shop.home.ensure_collection("default")
        put_product(shop, "gone", 1)
        put_product(shop, "kept", 2)
        gone, kept = (shop.home.pictures.path(sha256(picture_bytes(n)).hexdigest()) for n in (1, 2))
        for copy in (gone, kept):
            os.utime(copy, (0, 0))
        with shop.home.database.write() as connection:
            locked = Collections(connection).locked("default")
            Products(connection).delete(locked, ["gone"])

        assert shop.reindex(model=None).job.status == "done"

        assert kept.exists()
        assert not gone.exists()

    def test_a_replaced_version_of_it_is_taken_up(
        self, shop: Shop, photos: Path, tiny: str, tmp_path: Path
    ) -> None:
        shop.index(photos)
        shop.reindex(model=tiny)
        write_tiny_model(tmp_path / "again", weights=tiny_weights(9))
        shop.home.store.install(tmp_path / "again", overwrite=True)
        refused = shop.index(photos)
        assert refused.job.status == "failed"
        assert "likeness reindex" in (refused.job.error or "")
        assert shop.reindex(model=None).job.status == "done"
        assert shop.index(photos).job.unchanged == 12


class TestMissingCopies:
    @pytest.fixture
    def lost(self, shop: Shop, photos: Path) -> Callable[[], None]:
        """Loses the kept copies of two pictures, one by deletion, one by damage."""

        def lose() -> None:
            for name, content in (("00.jpg", None), ("01.jpg", b"damaged")):
                image = shop.products()[name].images[0]
                path = shop.home.pictures.path(image.content_sha256)
                path.unlink()
                if content is not None:
                    path.write_bytes(content)

        return lose

    def test_are_named_and_the_old_model_goes_on(
        self, shop: Shop, photos: Path, tiny: str, lost: Callable[[], None]
    ) -> None:
        first = shop.index(photos)
        lost()
        end = shop.reindex(model=tiny)
        assert (end.job.status, end.job.indexed, end.job.failed) == ("failed", 10, 2)
        assert getattr(end.error, "code", None) == "pictures-not-embedded"
        assert "Index their source again" in (end.job.error or "")
        failures = {failure.item_id: failure.code for failure in shop.failures(end)}
        assert failures == {"00.jpg": "picture-missing", "01.jpg": "picture-unsupported"}
        now = collection_of(shop)
        assert (now.model_name, now.release_id) == ("classic", first.job.release_id)

    def test_indexing_the_source_again_brings_them_back(
        self, shop: Shop, photos: Path, tiny: str
    ) -> None:
        shop.index(photos)
        image = shop.products()["00.jpg"].images[0]
        shop.home.pictures.path(image.content_sha256).unlink()
        assert shop.reindex(model=tiny).job.status == "failed"
        shop.index(photos)
        assert shop.reindex(model=tiny).job.status == "done"
        assert len(shop.embeddings()) == 12

    def test_can_be_dropped_so_that_the_rest_flips(
        self, shop: Shop, photos: Path, tiny: str, lost: Callable[[], None]
    ) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,images,title\na,02.jpg|03.jpg,Mug\n")
        shop.index(photos)
        shop.index(manifest)
        lost()
        shop.home.pictures.path(shop.products()["a"].images[0].content_sha256).unlink()
        end = shop.reindex(model=tiny, drop_missing=True)
        assert end.job.status == "done", end.job.error
        products = shop.products()
        assert products["00.jpg"].images == ()
        assert [image.source for image in products["a"].images] == ["03.jpg"]
        assert products["a"].title == "Mug"
        assert "Removed 4 pictures" in end.notes[0]

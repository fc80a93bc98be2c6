"""From picture files to committed rows."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from catalog.collections import Collections
from catalog.errors import ModelChanged, StorageFull
from catalog.pictures import PictureFolder
from catalog.products import Products, Upserted
from catalog.records import ProductFields, ProductRecord, StoredImage
from embedding.card import ModelCard
from embedding.embedder import Embedder, Prepared
from embedding.errors import PictureTooLarge, PictureUnreadable
from embedding.images import DecodeLimits, decode
from ingestion.pictures import (
    LEAST_KEPT_SIDE,
    MOST_KEPT_SIDE,
    ReadyPicture,
    ready_picture,
)
from ingestion.products import PictureFile, known_contents, upsert_product
from retrieval.home import Home
from retrieval.settings import EngineSettings
from tests.embedding.test_colour import srgb_profile, swapped_profile
from tests.pictures import drawn, encoded, jpeg


class CountingEmbedder(Embedder):
    """The classic model, counting the pictures it is given; its card can be changed."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.card_shown = embedder.card
        self.embedded = 0

    @property
    def card(self) -> ModelCard:
        return self.card_shown

    @property
    def target_side(self) -> int:
        return self._embedder.target_side

    def prepare(self, image: Image.Image) -> Prepared:
        return self._embedder.prepare(image)

    def embed_prepared(self, inputs: Sequence[Prepared]) -> NDArray[np.float32]:
        self.embedded += len(inputs)
        return self._embedder.embed_prepared(inputs)


class SweptFolder(PictureFolder):
    """One whose sweep takes a copy away just after somebody saw that it is there."""

    def has(self, content_sha256: str) -> bool:
        was_there = super().has(content_sha256)
        self.path(content_sha256).unlink(missing_ok=True)
        return was_there


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home(EngineSettings(home=tmp_path / "home")) as opened:
        opened.ensure_collection("default")
        yield opened


@pytest.fixture
def embedder(home: Home) -> CountingEmbedder:
    return CountingEmbedder(home.models.get("classic"))


def upsert(
    home: Home, embedder: Embedder, external_id: str, *pictures: bytes, **options: object
) -> Upserted:
    return upsert_product(
        ProductFields(external_id),
        [PictureFile(picture, f"{n}.jpg") for n, picture in enumerate(pictures)],
        collection="default",
        database=home.database,
        pictures=home.pictures,
        embedder_of=lambda name: embedder,
        limits=home.limits,
        **options,  # type: ignore[arg-type]
    )


def stored(home: Home, external_id: str) -> ProductRecord | None:
    with home.database.read() as connection:
        collection = Collections(connection).get("default")
        return Products(connection).find(collection.id, external_id)


class Copies(dict[str, bytes]):
    """What `ready_picture` gives to keep."""

    def make_ready(
        self,
        content: bytes,
        embedder: Embedder,
        *,
        known: bool = False,
        limits: DecodeLimits = DecodeLimits(),  # noqa: B008  (frozen)
    ) -> ReadyPicture | StoredImage:
        return ready_picture(
            content,
            source="a.jpg",
            embedder=embedder,
            limits=limits,
            is_known=lambda sha256: known,
            keep=self.__setitem__,
        )

    def only(self) -> Image.Image:
        (copy,) = self.values()
        return Image.open(io.BytesIO(copy))


class TestReadyPicture:
    @pytest.mark.parametrize("kind", ["JPEG", "PNG"])
    def test_knows_the_original_and_keeps_a_small_copy(
        self, embedder: CountingEmbedder, kind: str
    ) -> None:
        content = encoded(drawn(1, (2400, 1350)), kind)
        copies = Copies()

        ready = copies.make_ready(content, embedder)

        assert isinstance(ready, ReadyPicture)
        assert ready.content_sha256 == hashlib.sha256(content).hexdigest()
        assert (ready.width, ready.height, ready.media_type) == (
            2400,
            1350,
            f"image/{kind.lower()}",
        )
        assert list(copies) == [ready.content_sha256]
        copy = copies.only()
        assert copy.format == "JPEG"
        assert LEAST_KEPT_SIDE <= max(copy.size) <= MOST_KEPT_SIDE
        assert copy.width / copy.height == pytest.approx(16 / 9, abs=0.01)

    @pytest.mark.parametrize("long_side", [2100, 3000, 3072, 4100, 5000])
    def test_scales_no_jpeg_down_twice(self, embedder: CountingEmbedder, long_side: int) -> None:
        copies = Copies()

        copies.make_ready(jpeg(1, size=(long_side, long_side * 2 // 3)), embedder)

        copy = copies.only()
        assert max(copy.size) in [-(-long_side // scale) for scale in (2, 4, 8)]
        assert LEAST_KEPT_SIDE <= max(copy.size) <= MOST_KEPT_SIDE

    def test_keeps_a_jpegs_own_pixels_without_its_metadata(
        self, embedder: CountingEmbedder
    ) -> None:
        exif = Image.Exif()
        exif[0x010F] = "secret maker"
        content = encoded(drawn(1, (1600, 1200)), "JPEG", exif=exif)
        copies = Copies()

        copies.make_ready(content, embedder)

        (copy,) = copies.values()
        assert b"secret" in content
        assert b"secret" not in copy
        with Image.open(io.BytesIO(content)) as original:
            assert copies.only().tobytes() == original.tobytes()

    def test_keeps_a_plain_jpeg_as_it_is(self, embedder: CountingEmbedder) -> None:
        content = jpeg(1, size=(800, 600))
        copies = Copies()

        copies.make_ready(content, embedder)

        assert list(copies.values()) == [content]

    @pytest.mark.parametrize("orientation", [3, 6])
    def test_keeps_a_turned_jpeg_upright(
        self, embedder: CountingEmbedder, orientation: int
    ) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = encoded(drawn(1, (1200, 800)), "JPEG", exif=exif)
        copies = Copies()

        copies.make_ready(content, embedder)

        copy = copies.only()
        upright = decode(content).image.resize(copy.size)
        assert LEAST_KEPT_SIDE <= max(copy.size) <= MOST_KEPT_SIDE
        assert (copy.width < copy.height) == (orientation == 6)
        difference = np.asarray(upright, np.int16) - np.asarray(copy.convert("RGB"), np.int16)
        assert np.abs(difference).mean() < 3

    def test_keeps_colours_that_a_profile_moves_in_srgb(self, embedder: CountingEmbedder) -> None:
        content = encoded(drawn(1, (600, 400)), "JPEG", icc_profile=swapped_profile())
        copies = Copies()

        copies.make_ready(content, embedder)

        shown = np.asarray(copies.only().convert("RGB"), np.int16)
        with Image.open(io.BytesIO(content)) as stored:
            assert np.abs(shown - np.asarray(stored, np.int16)).mean() > 3
        meant = np.asarray(decode(content).image, np.int16)
        assert np.abs(shown - meant).mean() < 3
        assert "icc_profile" not in copies.only().info

    def test_keeps_own_pixels_beside_a_profile_that_changes_nothing(
        self, embedder: CountingEmbedder
    ) -> None:
        content = encoded(drawn(1), "JPEG", quality=90, icc_profile=srgb_profile())
        copies = Copies()

        copies.make_ready(content, embedder)

        assert list(copies.values()) == [jpeg(1, quality=90)]

    def test_makes_a_model_input_as_a_query_does_of_the_same_file(
        self, embedder: CountingEmbedder
    ) -> None:
        """Whether the copy wants a larger scale (the second) or not."""
        for size in [(1600, 1200), (2100, 1400)]:
            content = jpeg(2, size=size)

            ready = Copies().make_ready(content, embedder)

            assert isinstance(ready, ReadyPicture)
            query = embedder.prepare(decode(content, target_side=embedder.target_side).image)
            vectors = embedder.embed_prepared([ready.prepared, query])
            assert vectors[0] @ vectors[1] > 0.9999

    def test_what_is_known_is_not_decoded(self, embedder: CountingEmbedder) -> None:
        copies = Copies()

        known = copies.make_ready(b"not even a picture", embedder, known=True)

        assert isinstance(known, StoredImage)
        assert not copies

    @pytest.mark.parametrize(
        ("content", "limits", "error"),
        [
            (jpeg(0)[:300], DecodeLimits(), PictureUnreadable),
            (b"", DecodeLimits(), PictureUnreadable),
            (jpeg(0), DecodeLimits(max_bytes=100), PictureTooLarge),
            (jpeg(0), DecodeLimits(max_pixels=100), PictureTooLarge),
        ],
    )
    def test_refuses_what_cannot_be_used(
        self,
        embedder: CountingEmbedder,
        content: bytes,
        limits: DecodeLimits,
        error: type[Exception],
    ) -> None:
        with pytest.raises(error):
            Copies().make_ready(content, embedder, limits=limits)


class TestUpsertProduct:
    def test_stores_rows_vectors_and_copies(self, home: Home, embedder: CountingEmbedder) -> None:
        done = upsert(home, embedder, "p1", jpeg(1), jpeg(2))

        product = stored(home, "p1")
        assert product is not None
        assert (done.created, done.images_added) == (True, 2)
        assert [image.source for image in product.images] == ["0.jpg", "1.jpg"]
        for image in product.images:
            assert home.pictures.has(image.content_sha256)

    def test_the_same_again_embeds_nothing(self, home: Home, embedder: CountingEmbedder) -> None:
        upsert(home, embedder, "p1", jpeg(1), jpeg(2))
        before = stored(home, "p1")

        done = upsert(home, embedder, "p1", jpeg(1), jpeg(2))

        assert embedder.embedded == 2
        assert (done.images_added, done.images_removed) == (0, 0)
        assert stored(home, "p1") == before

    def test_a_lost_copy_is_made_again(self, home: Home, embedder: CountingEmbedder) -> None:
        upsert(home, embedder, "p1", jpeg(1))
        sha256 = hashlib.sha256(jpeg(1)).hexdigest()
        home.pictures.path(sha256).unlink()

        upsert(home, embedder, "p1", jpeg(1))

        assert home.pictures.has(sha256)

    def test_a_copy_swept_away_meanwhile_is_made_again(
        self, home: Home, embedder: CountingEmbedder
    ) -> None:
        content_sha256 = hashlib.sha256(jpeg(1)).hexdigest()
        home.pictures.put(content_sha256, jpeg(1))
        home.pictures = SweptFolder(home.root / "pictures")

        upsert(home, embedder, "p1", jpeg(1))

        assert home.pictures.read(content_sha256)

    def test_replaces_the_pictures(self, home: Home, embedder: CountingEmbedder) -> None:
        upsert(home, embedder, "p1", jpeg(1), jpeg(2))

        done = upsert(home, embedder, "p1", jpeg(2), jpeg(3))

        product = stored(home, "p1")
        assert product is not None
        assert (done.images_added, done.images_removed) == (1, 1)
        assert embedder.embedded == 3
        assert [image.content_sha256 for image in product.images] == [
            hashlib.sha256(jpeg(number)).hexdigest() for number in (2, 3)
        ]

    def test_one_bad_picture_stores_nothing(self, home: Home, embedder: CountingEmbedder) -> None:
        with pytest.raises(PictureUnreadable):
            upsert(home, embedder, "p1", jpeg(1), jpeg(2)[:300])

        assert stored(home, "p1") is None

    def test_every_kind_of_picture_is_taken(self, home: Home, embedder: CountingEmbedder) -> None:
        kinds = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"]

        done = upsert(home, embedder, "p1", *(encoded(drawn(n), k) for n, k in enumerate(kinds)))

        assert done.images_added == len(kinds)

    def test_embeds_again_when_the_model_flips_meanwhile(
        self, home: Home, embedder: CountingEmbedder
    ) -> None:
        outdated = CountingEmbedder(embedder)
        outdated.card_shown = embedder.card.model_copy(update={"revision": "outdated"})
        embedders = iter([outdated, embedder])

        upsert_product(
            ProductFields("p1"),
            [PictureFile(jpeg(1))],
            collection="default",
            database=home.database,
            pictures=home.pictures,
            embedder_of=lambda name: next(embedders),
            limits=home.limits,
        )

        assert (outdated.embedded, embedder.embedded) == (1, 2)
        assert known_contents(
            ["p1"],
            collection="default",
            database=home.database,
            model_fingerprint=embedder.card.fingerprint,
        ) == {"p1": {hashlib.sha256(jpeg(1)).hexdigest()}}

    def test_gives_up_when_it_flips_again_and_again(
        self, home: Home, embedder: CountingEmbedder
    ) -> None:
        embedder.card_shown = embedder.card.model_copy(update={"revision": "never this one"})

        with pytest.raises(ModelChanged):
            upsert(home, embedder, "p1", jpeg(1))

        assert stored(home, "p1") is None

    def test_a_folder_that_cannot_be_written_stores_nothing(
        self, home: Home, embedder: CountingEmbedder
    ) -> None:
        (home.root / "pictures").write_text("in the way")

        with pytest.raises(StorageFull):
            upsert(home, embedder, "p1", jpeg(1))

        assert stored(home, "p1") is None

"""The classic embedder: what its vectors promise, on pictures drawn here."""

import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance

from embedding.classic import ClassicEmbedder, ClassicParameters
from embedding.classic.background import BackgroundParameters
from embedding.classic.colour import ColourParameters
from embedding.classic.descriptor import PartWeights
from embedding.classic.texture import TextureParameters

Draw = Callable[[ImageDraw.ImageDraw], None]


@pytest.fixture(scope="module")
def embedder() -> ClassicEmbedder:
    return ClassicEmbedder()


def shirt(
    colour: str | tuple[int, int, int],
    background: str | tuple[int, int, int] = "white",
    size: tuple[int, int] = (300, 400),
) -> Image.Image:
    """A T-shirt in one colour, filling about a third of a plain background."""
    width, height = size
    picture = Image.new("RGB", size, background)
    outline = [
        (0.32, 0.2), (0.68, 0.2), (0.9, 0.35), (0.8, 0.47), (0.7, 0.4), (0.7, 0.85),
        (0.3, 0.85), (0.3, 0.4), (0.2, 0.47), (0.1, 0.35),
    ]  # fmt: skip
    ImageDraw.Draw(picture).polygon([(x * width, y * height) for x, y in outline], fill=colour)
    return picture


def striped(spacing: float, *, turn: float = 0.0, shift: float = 0.0) -> Image.Image:
    """Soft grey stripes `spacing` pixels apart, turned by degrees, shifted by pixels."""
    down, right = np.mgrid[:256, :256]
    across = down * np.cos(np.radians(turn)) + right * np.sin(np.radians(turn)) + shift
    wave = 128 + 100 * np.sin(2 * np.pi * across / spacing)
    return Image.fromarray(wave.astype(np.uint8)).convert("RGB")


def scene(seed: int) -> Image.Image:
    """Twelve ellipses and boxes in random colours on a light, nearly neutral background."""
    chance = random.Random(seed)
    shade = chance.randrange(200, 256)
    picture = Image.new("RGB", (360, 300), (shade, shade, shade - chance.randrange(12)))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        left, top = chance.randrange(30, 260), chance.randrange(30, 200)
        box = (left, top, left + chance.randrange(15, 90), top + chance.randrange(15, 90))
        colour = (chance.randrange(256), chance.randrange(256), chance.randrange(256))
        (pen.ellipse if chance.random() < 0.5 else pen.rectangle)(box, fill=colour)
    return picture


def republished(picture: Image.Image) -> Image.Image:
    """The picture as another shop shows it: cropped by 5 %, half as large, brighter, JPEG 60."""
    width, height = picture.size
    cut = (round(width * 0.05), round(height * 0.05), round(width * 0.95), round(height * 0.95))
    smaller = picture.crop(cut).resize((width // 2, height // 2), Image.Resampling.BICUBIC)
    stored = io.BytesIO()
    ImageEnhance.Brightness(smaller).enhance(1.1).save(stored, "JPEG", quality=60)
    return Image.open(stored).convert("RGB")


def cosine(embedder: ClassicEmbedder, left: Image.Image, right: Image.Image) -> float:
    vectors = embedder.embed([left, right])
    return float(vectors[0] @ vectors[1])


def noise(width: int, height: int, seed: int = 0) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Image.fromarray(pixels)


class TestVectors:
    @pytest.mark.parametrize(
        "picture",
        [
            Image.new("RGB", (200, 200), "black"),
            Image.new("RGB", (200, 200), "white"),
            Image.new("RGB", (64, 64), (0, 0, 255)),
            Image.new("RGB", (1, 1), (12, 200, 90)),
            noise(1000, 10),
            noise(10, 1000),
            noise(1, 4000),
            Image.new("L", (90, 120), 77).convert("RGB"),
            noise(300, 300).convert("L").convert("RGB"),
            shirt("red"),
        ],
        ids=[
            "black", "white", "blue", "one pixel", "100:1", "1:100", "one column", "plain grey",
            "grey noise", "shirt",
        ],
    )  # fmt: skip
    def test_any_picture_gives_a_finite_unit_vector(
        self, embedder: ClassicEmbedder, picture: Image.Image
    ) -> None:
        vectors = embedder.embed([picture])
        assert vectors.shape == (1, embedder.card.dimension)
        assert vectors.dtype == np.float32
        assert np.isfinite(vectors).all()
        assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)

    def test_every_pure_shade_gives_a_finite_unit_vector(self, embedder: ClassicEmbedder) -> None:
        corners = [0, 51, 128, 255]
        shades = [(r, g, b) for r in corners for g in corners for b in corners]
        vectors = embedder.embed([Image.new("RGB", (8, 8), shade) for shade in shades])
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)

    def test_the_same_picture_always_gives_the_same_bytes(self, embedder: ClassicEmbedder) -> None:
        first = embedder.embed([scene(1), scene(2)])
        assert ClassicEmbedder().embed([scene(1), scene(2)]).tobytes() == first.tobytes()

    def test_a_vector_does_not_depend_on_its_batch(self, embedder: ClassicEmbedder) -> None:
        pictures = [scene(seed) for seed in range(11)] + [Image.new("RGB", (9, 9), "white")]
        together = embedder.embed(pictures)
        alone = np.concatenate([embedder.embed([picture]) for picture in pictures])
        np.testing.assert_array_equal(together, alone)

    def test_nothing_to_embed_is_refused(self, embedder: ClassicEmbedder) -> None:
        with pytest.raises(ValueError, match="inputs is empty"):
            embedder.embed_prepared([])

    def test_prepared_pictures_are_small_bytes_of_one_size(self, embedder: ClassicEmbedder) -> None:
        side = embedder.card.input_size
        for picture in (noise(700, 900), noise(3, 2)):
            prepared = embedder.prepare(picture)
            assert prepared.shape == (side, side, 3)
            assert prepared.dtype == np.uint8


class TestColour:
    def test_another_colour_is_further_than_a_darker_shade(self, embedder: ClassicEmbedder) -> None:
        red = shirt((200, 20, 30))
        darker = cosine(embedder, red, shirt((180, 15, 25)))
        blue = cosine(embedder, red, shirt((20, 40, 200)))
        assert darker > blue + 0.2

    def test_a_close_shade_is_nearer_than_a_far_one_of_the_same_hue(
        self, embedder: ClassicEmbedder
    ) -> None:
        navy = shirt((20, 30, 80))
        assert cosine(embedder, navy, shirt((25, 36, 92))) > cosine(
            embedder, navy, shirt((150, 180, 250))
        )

    def test_swapped_colours_are_told_apart(self, embedder: ClassicEmbedder) -> None:
        halves = Image.new("RGB", (256, 256), "red")
        halves.paste("blue", (0, 128, 256, 256))
        swapped = halves.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        assert cosine(embedder, halves, swapped) < 0.98


class TestTexture:
    @pytest.mark.parametrize(
        "other",
        [striped(11), striped(24), striped(16, turn=90), striped(16, turn=30)],
        ids=["narrower", "wider", "upright", "slanted"],
    )
    def test_other_stripes_are_further_than_the_same_ones_shifted(
        self, embedder: ClassicEmbedder, other: Image.Image
    ) -> None:
        stripes = striped(16)
        shifted = cosine(embedder, stripes, striped(16, shift=5))
        assert shifted > 0.95
        assert shifted > cosine(embedder, stripes, other) + 0.05

    def test_a_plain_picture_has_no_texture(self, embedder: ClassicEmbedder) -> None:
        vector = embedder.embed([Image.new("RGB", (64, 64), (90, 120, 60))])[0]
        texture = TextureParameters()
        bands = len(texture.shape_frequencies) * texture.shape_cells**2
        bands += len(texture.pattern_frequencies)
        assert np.abs(vector[-bands * texture.orientations :]).max() < 1e-3


class TestBackground:
    def test_another_plain_background_matters_less_than_another_product(
        self, embedder: ClassicEmbedder
    ) -> None:
        on_white = shirt((30, 120, 60))
        on_grey = shirt((30, 120, 60), background=(215, 215, 218))
        assert cosine(embedder, on_white, on_grey) > 0.85
        assert cosine(embedder, on_white, on_grey) > cosine(
            embedder, on_white, shirt((120, 30, 90))
        )

    def test_the_product_outweighs_a_white_background(self, embedder: ClassicEmbedder) -> None:
        """Two thirds of both pictures are the same white; by area alone they would agree."""
        assert cosine(embedder, shirt("red"), shirt("green")) < 0.75


class TestRepublishedPictures:
    def test_each_finds_its_original_first(self, embedder: ClassicEmbedder) -> None:
        originals = [scene(seed) for seed in range(40)]
        gallery = embedder.embed(originals)
        queries = embedder.embed([republished(picture) for picture in originals])
        nearest = (queries @ gallery.T).argmax(axis=1)
        assert nearest.tolist() == list(range(40))

    def test_they_count_as_similar_and_other_products_do_not(
        self, embedder: ClassicEmbedder
    ) -> None:
        picture = shirt((200, 20, 30))
        copy = (cosine(embedder, picture, republished(picture)) + 1) / 2
        other = (cosine(embedder, picture, shirt((20, 120, 60))) + 1) / 2
        assert other < embedder.card.threshold < copy


class TestCard:
    def test_it_is_honest_and_complete(self, embedder: ClassicEmbedder) -> None:
        card = embedder.card
        assert (card.name, card.kind, card.licence) == ("classic", "classic", "Apache-2.0")
        assert "does not know what a thing is" in card.description
        assert card.dimension % 8 == 0
        assert embedder.target_side == card.input_size

    def test_equal_parameters_have_equal_fingerprints(self, embedder: ClassicEmbedder) -> None:
        assert ClassicEmbedder(ClassicParameters()).card == embedder.card

    @pytest.mark.parametrize(
        "changed",
        [
            replace(ClassicParameters(), weights=PartWeights(shape=0.7)),
            replace(ClassicParameters(), background=BackgroundParameters(width=0.07)),
            replace(ClassicParameters(), colour=ColourParameters(softness=0.6)),
            replace(ClassicParameters(), texture=TextureParameters(orientations=8)),
        ],
        ids=["weights", "background", "colour", "texture"],
    )
    def test_other_parameters_have_another_fingerprint(
        self, embedder: ClassicEmbedder, changed: ClassicParameters
    ) -> None:
        assert ClassicEmbedder(changed).card.fingerprint != embedder.card.fingerprint


class TestParameters:
    @pytest.mark.parametrize(
        "build",
        [
            lambda: PartWeights(histogram=0.0),
            lambda: PartWeights(shape=-1.0),
            lambda: BackgroundParameters(width=0.0),
            lambda: BackgroundParameters(plain_from=0.8, plain_until=0.7),
            lambda: ColourParameters(chroma_step=0.0),
            lambda: ColourParameters(layout_cells=0),
            lambda: TextureParameters(window=31),
            lambda: TextureParameters(pattern_frequencies=()),
            lambda: TextureParameters(orientations=0),
        ],
    )
    def test_impossible_values_are_refused(self, build: Callable[[], object]) -> None:
        with pytest.raises(ValueError, match=r"must|needed"):
            build()


class TestRealPhotographs:
    def test_copies_of_studio_photographs_find_them_first(
        self, embedder: ClassicEmbedder, shared_photos: Path
    ) -> None:
        paths = sorted((shared_photos / "luma" / "images").glob("*.jpg"))[::6]
        photos = [Image.open(path).convert("RGB") for path in paths]
        gallery: NDArray[np.float32] = embedder.embed(photos)
        queries = embedder.embed([republished(photo) for photo in photos])
        right = (queries @ gallery.T).argmax(axis=1) == np.arange(len(photos))
        assert len(photos) >= 40
        assert right.mean() >= 0.95

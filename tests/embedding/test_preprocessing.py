from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image

from embedding.card import ModelCard
from embedding.preprocessing import prepare_pixels, shorter_side_needed


def card(**fields: object) -> ModelCard:
    return ModelCard.model_validate(
        {
            "name": "any",
            "kind": "onnx",
            "licence": "x",
            "source": "x",
            "created_at": datetime(2025, 1, 1, tzinfo=UTC),
            "dimension": 8,
            "input_size": 64,
            "files": {"model.onnx": "a" * 64},
            **fields,
        }
    )


def thirds(width: int, height: int) -> Image.Image:
    """Red, green and blue from left to right, or from top to bottom when upright."""
    strip = np.zeros((1, 3, 3), np.uint8)
    strip[0, range(3), range(3)] = 255
    picture = Image.fromarray(strip if width > height else strip.transpose(1, 0, 2))
    return picture.resize((width, height), Image.Resampling.NEAREST)


class TestFits:
    @pytest.mark.parametrize("fit", ["crop", "letterbox", "stretch"])
    @pytest.mark.parametrize(
        "size", [(300, 100), (100, 300), (64, 64), (1, 500), (3000, 2), (1, 1)]
    )
    def test_always_give_a_square_of_bytes(self, fit: str, size: tuple[int, int]) -> None:
        pixels = prepare_pixels(Image.new("RGB", size, "red"), card(fit=fit))
        assert pixels.shape == (64, 64, 3)
        assert pixels.dtype == np.uint8

    @pytest.mark.parametrize("size", [(300, 100), (100, 300)])
    def test_crop_keeps_only_the_centre(self, size: tuple[int, int]) -> None:
        pixels = prepare_pixels(thirds(*size), card(fit="crop"))
        assert (pixels[4:-4, 4:-4] == (0, 255, 0)).all()

    def test_crop_fraction_leaves_out_a_margin(self) -> None:
        framed = Image.new("RGB", (100, 100), "red")
        framed.paste("blue", (10, 10, 90, 90))
        whole = prepare_pixels(framed, card(fit="crop", crop_fraction=1.0))
        inner = prepare_pixels(framed, card(fit="crop", crop_fraction=0.8))
        assert (whole[0, 0] == (255, 0, 0)).all()
        assert (inner[2:-2, 2:-2] == (0, 0, 255)).all()

    def test_letterbox_keeps_everything_and_pads_with_white(self) -> None:
        pixels = prepare_pixels(thirds(300, 100), card(fit="letterbox"))
        assert (pixels[:20] == 255).all()
        assert (pixels[-20:] == 255).all()
        assert (pixels[32, [4, 32, 60]] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]).all()

    def test_stretch_keeps_everything_and_pads_nothing(self) -> None:
        pixels = prepare_pixels(thirds(300, 100), card(fit="stretch"))
        assert (pixels[0, [4, 32, 60]] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]).all()


class TestResampling:
    def test_is_antialiased(self) -> None:
        """Fine black and white stripes become grey, not stripes of another period."""
        stripes = np.zeros((1024, 1024, 3), np.uint8)
        stripes[:, ::2] = 255
        for interpolation in ("bilinear", "bicubic", "lanczos"):
            pixels = prepare_pixels(
                Image.fromarray(stripes), card(fit="stretch", interpolation=interpolation)
            )
            assert np.abs(pixels.astype(int) - 127).max() <= 4

    def test_of_a_large_picture_is_close_to_resampling_at_once(self) -> None:
        y, x = np.mgrid[0:1500, 0:1500] / 1500
        smooth = np.stack([x, y, np.sin(9 * x * y) ** 2], axis=-1)
        picture = Image.fromarray((smooth * 255).astype(np.uint8))
        at_once = np.asarray(picture.resize((64, 64), Image.Resampling.BICUBIC)).astype(int)
        assert np.abs(prepare_pixels(picture, card(fit="stretch")) - at_once).max() <= 3

    def test_interpolations_differ(self) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)
        results = [
            prepare_pixels(Image.fromarray(noise), card(interpolation=interpolation)).tobytes()
            for interpolation in ("bilinear", "bicubic", "lanczos")
        ]
        assert len(set(results)) == 3


class TestContract:
    def test_refuses_a_picture_that_is_not_rgb(self) -> None:
        with pytest.raises(ValueError, match="RGBA"):
            prepare_pixels(Image.new("RGBA", (9, 9)), card())

    def test_leaves_the_picture_as_it_was(self) -> None:
        picture = thirds(300, 100)
        before = picture.tobytes()
        prepare_pixels(picture, card(fit="letterbox"))
        assert picture.size == (300, 100)
        assert picture.tobytes() == before

    def test_shorter_side_needed(self) -> None:
        assert shorter_side_needed(card(fit="crop", crop_fraction=0.875)) == 74
        assert shorter_side_needed(card(fit="letterbox", crop_fraction=0.875)) == 64
        assert shorter_side_needed(card(fit="stretch")) == 64

from pathlib import Path

import numpy as np

from embedding.images import DecodeLimits, decode
from embedding.preprocessing import prepare_pixels
from evaluation.pictures import Picture
from tests.evaluation.making import picture
from tests.pictures import jpeg
from training.data.pixels import Pixels, Square, decoded

_SQUARE = Square(48)


def pictures(count: int) -> list[Picture]:
    return [picture(f"{number}", jpeg(number)) for number in range(count)]


def filled(folder: Path, some: list[Picture]) -> tuple[Pixels, dict[str, str]]:
    return decoded(some, _SQUARE, folder=folder, limits=DecodeLimits(), threads=2)


class TestDecoding:
    def test_gives_the_very_pixels_a_model_is_given(self, tmp_path: Path) -> None:
        some = pictures(3)

        found, unreadable = filled(tmp_path, some)

        assert not unreadable
        for each, row in zip(some, found.places(some), strict=True):
            image = decode(each.read(), target_side=48).image
            assert np.array_equal(found.table[row], prepare_pixels(image, _SQUARE))

    def test_says_of_which_pictures_there_are_none(self, tmp_path: Path) -> None:
        broken = picture("broken", b"no picture")

        found, unreadable = filled(tmp_path, [*pictures(2), broken])

        assert len(found.table) == 2
        assert list(unreadable) == [broken.content_sha256]


class TestKeeping:
    def test_decodes_nothing_twice(self, tmp_path: Path) -> None:
        filled(tmp_path, pictures(2))
        gone = [Picture(each.name, each.content_sha256, _never) for each in pictures(2)]

        found, unreadable = filled(tmp_path, [*gone, *pictures(4)[2:]])

        assert (len(found.table), unreadable) == (4, {})

    def test_takes_up_what_a_killed_run_left_half_written(self, tmp_path: Path) -> None:
        some = pictures(3)
        whole, _ = filled(tmp_path, some)
        expected = np.array(whole.table[whole.places(some)])
        folder = tmp_path / _SQUARE.name
        with (folder / "pixels.bin").open("r+b") as file:
            file.truncate(2 * 48 * 48 * 3 + 100)
        with (folder / "contents.txt").open("ab") as file:
            file.write(b"0123")

        found, _ = filled(tmp_path, some)

        assert np.array_equal(found.table[found.places(some)], expected)


def _never() -> bytes:
    raise AssertionError("this picture was decoded already")

"""Regions of pictures: read, refused, and cut out of the upright picture at enough pixels."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from embedding.errors import RegionInvalid
from embedding.images import DecodeLimits, decode
from embedding.regions import Region, decode_region
from tests.embedding.test_images import difference, encoded, scene

LIMITS = DecodeLimits()


class TestReading:
    @pytest.mark.parametrize(
        "written",
        [
            "0.1,0.2,0.5,0.25",
            " 0.1, 0.2, 5e-1 ,.25",
            "[0.1, 0.2, 0.5, 0.25]",
            [0.1, 0.2, 0.5, 0.25],
        ],
    )
    def test_text_or_list(self, written: str | list[float]) -> None:
        assert Region.parse(written) == Region(0.1, 0.2, 0.5, 0.25)

    @pytest.mark.parametrize(
        ("written", "said"),
        [
            ("", "'' in the region is no number"),
            ("0,0,1", "3 numbers, not four"),
            ([0, 0, 1, 1, 1], "5 numbers, not four"),
            ("0,0,one,1", "'one' in the region is no number"),
            ("0,0,nan,1", "'nan' in the region is no number"),
            ("0,0,inf,1", "'inf' in the region is no number"),
            ([0, 0, True, 1], "'True' in the region is no number"),
            ([0, 0, None, 1], "'None' in the region is no number"),
            ([0, 0, 10**400, 1], "in the region is no number"),
            ("[0,0", "not valid JSON"),
            ("-0.1,0,0.5,0.5", "x is -0.1; it must be 0 or more"),
            ("0,1,0.5,0.5", "y is 1; it must be 0 or more, and less than 1"),
            ("0,0,0,0.5", "width is 0; it must be more than 0"),
            ("0,0,0.5,-0.5", "height is -0.5; it must be more than 0"),
            ("0.6,0,0.5,1", "ends at 1.1 of the picture's width, outside it"),
            ("0,0.6,1,0.5", "ends at 1.1 of the picture's height, outside it"),
        ],
    )
    def test_refused_with_what_is_wrong_and_how_to_write_it(self, written: Any, said: str) -> None:
        with pytest.raises(RegionInvalid) as caught:
            Region.parse(written)
        assert said in str(caught.value)
        assert "such as 0.1,0.2,0.5,0.6" in str(caught.value)

    def test_rounded_numbers_may_pass_the_edge_by_a_little(self) -> None:
        assert Region.parse("0.3334,-0.0001,0.6667,1.0001").box((300, 200)) == (100, 0, 300, 200)


class TestPixels:
    def test_are_those_of_the_shares(self) -> None:
        assert Region(0.25, 0.5, 0.5, 0.25).box((400, 200)) == (100, 100, 300, 150)

    @given(
        *(st.floats(0, 1, exclude_max=True) for _ in range(2)),
        *(st.floats(0, 1, exclude_min=True) for _ in range(2)),
        *(st.integers(1, 500) for _ in range(2)),
    )
    def test_lie_inside_and_are_never_none(
        self, x: float, y: float, width: float, height: float, across: int, down: int
    ) -> None:
        region = Region(x, y, min(width, 1 - x), min(height, 1 - y))
        left, upper, right, lower = region.box((across, down))
        assert 0 <= left < right <= across
        assert 0 <= upper < lower <= down


class TestDecodeRegion:
    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_is_cut_from_the_upright_picture(self, orientation: int) -> None:
        exif = Image.Exif()
        exif[0x0112] = orientation
        content = encoded(scene(1200, 900), "JPEG", exif=exif, quality=95)
        region = Region(0.05, 0.1, 0.3, 0.6)
        whole = decode(content).image

        cut = decode_region(content, region, limits=LIMITS, target_side=60)

        expected = whole.crop(region.box(whole.size)).resize(cut.size, Image.Resampling.BOX)
        assert difference(cut, expected) < 4

    @pytest.mark.parametrize(
        "region", [Region(0, 0, 1, 1), Region(0.1, 0.1, 0.5, 0.5), Region(0.4, 0, 0.2, 0.9)]
    )
    @pytest.mark.parametrize("size", [(1600, 1200), (900, 1600)])
    def test_has_enough_pixels_and_not_many_more(
        self, region: Region, size: tuple[int, int]
    ) -> None:
        content = encoded(scene(*size), "JPEG")
        left, upper, right, lower = region.box(size)
        most = min(right - left, lower - upper)

        cut = decode_region(content, region, limits=LIMITS, target_side=96)
        longer = decode_region(content, region, limits=LIMITS, target_side=1, target_long_side=200)

        assert min(most, 96) <= min(cut.size) <= most
        assert max(longer.size) >= min(max(right - left, lower - upper), 200)

    def test_is_decoded_at_a_reduced_scale_where_that_suffices(self) -> None:
        content = encoded(scene(1600, 1200), "JPEG")
        half = Region(0.25, 0.25, 0.5, 0.5)
        assert decode_region(content, half, limits=LIMITS, target_side=96).size == (200, 150)
        small = Region(0.25, 0.25, 0.1, 0.1)
        assert decode_region(content, small, limits=LIMITS, target_side=96).size == (160, 120)

    def test_other_formats_are_cut_from_full_size(self) -> None:
        cut = decode_region(
            encoded(scene(90, 60), "PNG"), Region(0.5, 0.5, 0.5, 0.5), limits=LIMITS, target_side=8
        )
        assert np.array_equal(np.asarray(cut), np.asarray(scene(90, 60))[30:, 45:])

    def test_without_one_it_is_the_whole_picture(self) -> None:
        content = encoded(scene(1600, 1200), "JPEG")
        whole = decode_region(content, None, limits=LIMITS, target_side=96)
        assert difference(whole, decode(content, target_side=96).image) == 0

    @pytest.mark.parametrize("region", [Region(0, 0.5, 1, 0.001), Region(0.5, 0, 5e-324, 1)])
    def test_a_strip_is_refused(self, region: Region) -> None:
        with pytest.raises(RegionInvalid, match=r"Draw it around the product\.$"):
            decode_region(encoded(scene(600, 400), "JPEG"), region, limits=LIMITS, target_side=96)

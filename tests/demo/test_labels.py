"""Labels: every brand in every language, in letters the built-in face has."""

import numpy as np
import pytest

from demo.brands import BRANDS
from demo.labels import CONTENTS, LANGUAGES, Inks, emblem, inks_on, label, mark, wordmark
from demo.model import Label
from demo.palette import INK, PAPER, TONES, brightness, colourway

INKS = Inks(PAPER, INK, TONES["navy"])


class TestLabel:
    @pytest.mark.parametrize("brand", sorted(BRANDS))
    def test_text_language_size_and_logo_each_change_the_print(self, brand: str) -> None:
        plain = Label("tea", "en", "100 g")
        prints = [
            label(brand, text, INKS, 180, 220).tobytes()
            for text in (
                plain,
                Label("coffee", "en", "100 g"),
                Label("tea", "it", "100 g"),
                Label("tea", "en", "250 g"),
            )
        ]
        other = next(name for name in BRANDS if name != brand)
        prints.append(label(other, plain, INKS, 180, 220).tobytes())
        assert len(set(prints)) == 5

    def test_shape_and_opacity(self) -> None:
        artwork = label("Norvela", Label("tea", "en", "100 g"), INKS, 90, 120)
        assert artwork.shape == (120, 90, 4)
        assert artwork.dtype == np.float32
        assert (artwork[..., 3] == 1).all()

    def test_the_words_are_in_every_language_and_in_ascii(self) -> None:
        for content in CONTENTS.values():
            assert set(content) == set(LANGUAGES)
            assert len(set(content.values())) == len(LANGUAGES)
            assert all(line.isascii() for words in content.values() for line in words)

    @pytest.mark.parametrize("pale", [True, False])
    @pytest.mark.parametrize("tone", sorted(TONES))
    def test_print_can_be_read_in_every_colour(self, tone: str, pale: bool) -> None:
        inks = inks_on(colourway(tone), pale=pale)
        paper = brightness(inks.paper)
        assert abs(brightness(inks.ink) - paper) > 0.28
        assert abs(brightness(inks.band) - paper) > 0.28


class TestMarks:
    def test_every_brand_has_a_mark_of_its_own(self) -> None:
        drawn = {name: mark(name, 64, INK) for name in BRANDS}
        assert len({artwork.tobytes() for artwork in drawn.values()}) == len(BRANDS)
        for artwork in drawn.values():
            assert artwork.shape == (64, 64, 4)
            assert 0.12 < artwork[..., 3].mean() < 0.8

    def test_emblem_and_wordmark_print_something(self) -> None:
        for name in BRANDS:
            assert emblem(name, 120, INK)[..., 3].max() > 0.9
            name_alone = wordmark(name, 120, INK)
            assert name_alone.shape[1] <= 120
            assert name_alone[..., 3].max() > 0.9

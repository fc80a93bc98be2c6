"""Pairs with one known difference: enough of each, one factor only, and visible."""

from collections import Counter
from dataclasses import replace

import pytest

from demo.pairs import EFFECTS, PAIRS_PER_EFFECT, Effect, Pair, plan_pairs
from demo.render import draw_picture


class TestPlanPairs:
    def test_at_least_six_pairs_of_every_effect(self) -> None:
        counted = Counter(pair.effect for pair in plan_pairs(7))
        assert PAIRS_PER_EFFECT >= 6
        assert counted == {effect.name: PAIRS_PER_EFFECT for effect in EFFECTS}

    def test_more_pairs_begin_with_the_fewer_and_no_two_are_alike(self) -> None:
        many = plan_pairs(7, 24)
        for effect in EFFECTS:
            few = [pair for pair in plan_pairs(7) if pair.effect == effect.name]
            assert [pair for pair in many if pair.effect == effect.name][: len(few)] == few
        shown = {(pair.first.look, pair.first.shot.accident) for pair in many}
        assert len(shown) == len(many) == 24 * len(EFFECTS)

    @pytest.mark.parametrize("seed", [0, 7, 99])
    def test_paths_are_unique(self, seed: int) -> None:
        paths = [half.path for pair in plan_pairs(seed) for half in (pair.first, pair.second)]
        assert len(set(paths)) == len(paths)

    @pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: effect.name)
    def test_the_difference_can_be_seen(self, effect: Effect) -> None:
        for pair in plan_pairs(7):
            if pair.effect == effect.name:
                assert draw_picture(pair.first, 192) != draw_picture(pair.second, 192), pair


class TestPair:
    def test_two_differences_are_refused(self) -> None:
        pair = plan_pairs(7)[0]
        look = replace(pair.second.look, spacing=0.2, pattern="waves")
        with pytest.raises(ValueError, match="changes colour, not"):
            Pair(pair.effect, pair.factor, pair.first, replace(pair.second, look=look))

    def test_no_difference_is_refused(self) -> None:
        pair = plan_pairs(7)[0]
        with pytest.raises(ValueError, match="changes colour, not"):
            Pair(pair.effect, pair.factor, pair.first, replace(pair.first, path="pairs/b.jpg"))

    def test_other_accidents_are_refused(self) -> None:
        pair = plan_pairs(7)[0]
        shot = replace(pair.second.shot, accident=pair.second.shot.accident + 1)
        with pytest.raises(ValueError, match="changes colour"):
            Pair(pair.effect, pair.factor, pair.first, replace(pair.second, shot=shot))

"""What is said of a picture of a group."""

from evaluation.duplicates.rows import telling
from retrieval.duplicates.grouping import Group
from retrieval.duplicates.links import Link

TWO_MIRRORED = Link(1, 2, "resized", 0.99)
MIRRORED = Link(0, 1, "mirrored", 0.95)


def test_a_picture_is_what_it_is_beside_the_kept_one() -> None:
    also = Link(0, 2, "mirrored", 0.94)
    group = Group(kept=0, members=(0, 1, 2), links=(TWO_MIRRORED, MIRRORED, also))

    assert (telling(group, 1), telling(group, 2)) == (MIRRORED, also)


def test_what_was_not_compared_with_the_kept_one_is_what_its_surest_copy_says() -> None:
    weaker = Link(2, 3, "cropped", 0.92)
    group = Group(kept=0, members=(0, 1, 2, 3), links=(TWO_MIRRORED, MIRRORED, weaker))

    assert (telling(group, 2), telling(group, 3)) == (TWO_MIRRORED, weaker)

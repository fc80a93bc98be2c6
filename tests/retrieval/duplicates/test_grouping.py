"""Groups hold copies of one picture, and weak links chain nothing together."""

from dataclasses import replace

from retrieval.duplicates.grouping import CERTAIN, grouped, why_kept
from retrieval.duplicates.links import Link
from retrieval.duplicates.listing import ListedPicture


def pictures(*widths: int) -> list[ListedPicture]:
    return [
        ListedPicture(f"{place}.jpg", f"{place:064x}", width, 100, bytes)
        for place, width in enumerate(widths)
    ]


def link(first: int, second: int, confidence: float) -> Link:
    return Link(first, second, "resized", confidence)


class TestGroups:
    def test_of_certain_links_are_transitive(self) -> None:
        groups = grouped([link(0, 1, 0.99), link(1, 2, 0.95)], pictures(10, 20, 30))
        assert [group.members for group in groups] == [(2, 1, 0)]
        assert groups[0].kept == 2
        assert groups[0].confidence == 0.95

    def test_keep_the_largest_then_the_largest_file_then_the_first_by_name(self) -> None:
        links = [link(0, 1, 0.99), link(1, 2, 0.99), link(2, 3, 0.99)]
        first, second, third, fourth = pictures(10, 30, 30, 40)
        told = []
        for shown in (
            [first, second, third, fourth],
            [first, second, replace(third, file_bytes=9), replace(fourth, width=10)],
            [first, replace(second, name="z.jpg"), third, replace(fourth, width=10)],
        ):
            (group,) = grouped(links, shown)
            assert group.kept == group.members[0]
            told.append((group.kept, why_kept(group, shown)))
        assert told == [(3, "largest"), (2, "largest file"), (2, "first by name")]

    def test_do_not_grow_by_a_chain_of_weak_links(self) -> None:
        weak = CERTAIN - 0.1
        chain = [link(place, place + 1, weak) for place in range(9)]
        groups = grouped(chain, pictures(*range(100, 0, -10)))
        assert max(len(group.members) for group in groups) == 2

    def test_take_in_what_is_weakly_linked_to_the_kept_picture(self) -> None:
        weak = CERTAIN - 0.1
        links = [link(0, 1, 0.99), link(0, 2, weak), link(1, 3, weak)]
        groups = grouped(links, pictures(40, 30, 20, 10))
        assert [group.members for group in groups] == [(0, 1, 2)]

    def test_the_largest_come_first_and_none_without_links(self) -> None:
        links = [link(0, 1, 0.99), link(2, 3, 0.99), link(3, 4, 0.99)]
        groups = grouped(links, pictures(1, 2, 3, 4, 5, 6))
        assert [len(group.members) for group in groups] == [3, 2]
        assert grouped([], pictures(1, 2)) == []

"""Groups hold copies of one picture, and weak links chain nothing together."""

from retrieval.duplicates.grouping import CERTAIN, grouped
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

    def test_keep_the_largest_and_of_equals_the_first(self) -> None:
        groups = grouped([link(0, 1, 0.99), link(1, 2, 0.99)], pictures(10, 30, 30))
        assert groups[0].kept == 1
        assert groups[0].members == (1, 2, 0)

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

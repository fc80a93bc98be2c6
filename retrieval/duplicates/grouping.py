"""From links to groups: copies of one picture, without chaining strangers together."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from retrieval.duplicates.links import Link
from retrieval.duplicates.listing import ListedPicture

CERTAIN = 0.9
"""Links as sure as this may chain: a copy of a copy is a copy."""

Reason = Literal["largest", "largest file", "first by name"]
REASONS: tuple[Reason, ...] = ("largest", "largest file", "first by name")
"""Why one of several copies is the one to keep, the weightiest first."""


@dataclass(frozen=True)
class Group:
    """Copies of one picture. `members`: their places, the best to keep first, which is `kept`: the
    one of most pixels, of equals the largest file, of equals again the first by name. `links`:
    those between members, the surest first."""

    kept: int
    members: tuple[int, ...]
    links: tuple[Link, ...]

    @property
    def confidence(self) -> float:
        """Of the least sure member's best link: the group is as sure as that."""
        best: dict[int, float] = defaultdict(float)
        for link in self.links:
            for place in (link.first, link.second):
                best[place] = max(best[place], link.confidence)
        return min(best.values())


def grouped(links: Sequence[Link], pictures: Sequence[ListedPicture]) -> list[Group]:
    """Groups of two and more, those of most members first.

    Links of CERTAIN and more put everything that they reach into one group. A weaker link joins
    two such groups only where it is between the pictures that both would keep: a look-alike of
    some member cannot pull its own copies in, so that weak links never chain. A link that joins
    nothing is in no group.
    """
    groups = _Groups(pictures)
    for link in links:
        if link.confidence >= CERTAIN:
            groups.join(link.first, link.second)
    for link in sorted(links, key=lambda each: -each.confidence):
        if link.confidence < CERTAIN and groups.are_kept(link.first, link.second):
            groups.join(link.first, link.second)
    within: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        if groups.kept(link.first) == groups.kept(link.second):
            within[groups.kept(link.first)].append(link)
    made = [_group(kept, each, pictures) for kept, each in within.items()]
    return sorted(made, key=lambda group: (-len(group.members), -group.confidence, group.members))


def why_kept(group: Group, pictures: Sequence[ListedPicture]) -> Reason:
    """What the picture to keep has more of than the next best."""
    first, second = (_worth(pictures[place]) for place in group.members[:2])
    differing = (
        reason for reason, one, other in zip(REASONS, first, second, strict=True) if one != other
    )
    return next(differing, REASONS[-1])


def _group(kept: int, links: list[Link], pictures: Sequence[ListedPicture]) -> Group:
    members = {place for link in links for place in (link.first, link.second)}
    return Group(
        kept,
        tuple(sorted(members, key=lambda place: _by_worth(pictures, place))),
        tuple(sorted(links, key=lambda link: (-link.confidence, link.first, link.second))),
    )


class _Groups:
    """Disjoint sets of places, each known by the picture that it would keep."""

    def __init__(self, pictures: Sequence[ListedPicture]) -> None:
        self._pictures = pictures
        self._above: dict[int, int] = {}

    def kept(self, place: int) -> int:
        root = place
        while (above := self._above.get(root, root)) != root:
            root = above
        while (above := self._above.get(place, place)) != root:
            self._above[place] = root
            place = above
        return root

    def are_kept(self, *places: int) -> bool:
        return all(self.kept(place) == place for place in places)

    def join(self, first: int, second: int) -> None:
        ends = sorted(
            {self.kept(first), self.kept(second)},
            key=lambda place: _by_worth(self._pictures, place),
        )
        for smaller in ends[1:]:
            self._above[smaller] = ends[0]


def _by_worth(pictures: Sequence[ListedPicture], place: int) -> tuple[tuple[int, int, str], int]:
    """Sorts the best to keep first."""
    return _worth(pictures[place]), place


def _worth(picture: ListedPicture) -> tuple[int, int, str]:
    """In the order of REASONS; less is better."""
    return -picture.width * picture.height, -picture.file_bytes, picture.name

"""An audit: the groups of copies in a listing, each told with its products and its links."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from embedding.images import DecodeLimits
from retrieval.duplicates.grouping import Group, grouped
from retrieval.duplicates.links import Advance, find_links
from retrieval.duplicates.listing import Listing
from retrieval.errors import QueryInvalid

Across = Literal["products", "all"]
"""Only copies that different products share, or those within one product too."""

LEAST_CONFIDENCE = 0.5
"""More probably a copy than not; also the best F1 on the photographs that confidence was fitted on:
see docs/decisions/duplicates.md."""


@dataclass(frozen=True)
class Audit:
    """`groups`: the largest first; `compared`: pairs looked at closely;
    `unreadable`: name -> why."""

    listing: Listing
    across: Across
    least_confidence: float
    groups: tuple[Group, ...]
    compared: int
    unreadable: dict[str, str]

    def products(self, group: Group) -> list[str]:
        """Those that share the group's pictures, in the order of its members."""
        owners = (self.listing.pictures[place].product_id for place in group.members)
        return list(dict.fromkeys(owner for owner in owners if owner is not None))


def audited(
    listing: Listing,
    limits: DecodeLimits,
    *,
    across: Across,
    least_confidence: float,
    threads: int,
    step: Callable[[str, int], Advance],
) -> Audit:
    """See `find_links` and `grouped`. Raises QueryInvalid for a confidence out of range."""
    check_confidence(least_confidence)
    found = find_links(
        listing,
        limits,
        between_products_only=across == "products",
        least_confidence=least_confidence,
        threads=threads,
        step=step,
    )
    return Audit(
        listing=listing,
        across=across,
        least_confidence=least_confidence,
        groups=tuple(grouped(found.links, listing.pictures)),
        compared=found.compared,
        unreadable={**listing.unreadable, **found.unreadable},
    )


def check_confidence(least_confidence: float) -> None:
    if not 0.0 < least_confidence <= 1.0:
        raise QueryInvalid(
            f"least_confidence is {least_confidence}; it must be above 0, and at most 1."
        )

"""The engine put together over a home: what service, command line and evaluation all use."""

from dataclasses import dataclass

from retrieval.comparing import Comparer
from retrieval.duplicates.possible import DuplicateFinder
from retrieval.engine import SearchEngine
from retrieval.faceting import FacetCounter
from retrieval.following import Follower
from retrieval.home import Home
from retrieval.points import PointFeatures
from retrieval.releases import ReleasePublisher


@dataclass(frozen=True)
class Engine:
    """Searching, comparing, counting, finding copies, following and publishing over one home."""

    home: Home
    follower: Follower
    searching: SearchEngine
    comparing: Comparer
    facets: FacetCounter
    duplicates: DuplicateFinder
    publisher: ReleasePublisher


def assemble(home: Home) -> Engine:
    """Nothing is loaded yet: a collection opens when it is first searched."""
    publisher = ReleasePublisher(home.database, home.snapshots)
    follower = Follower(home.database, home.snapshots, home.models, publisher)
    points = PointFeatures(home.pictures, home.limits)
    return Engine(
        home=home,
        follower=follower,
        searching=SearchEngine(home.database, follower, home.limits, points),
        comparing=Comparer(home.database, home.pictures, home.models, home.limits, points),
        facets=FacetCounter(home.database),
        duplicates=DuplicateFinder(home.database, home.pictures, follower, home.limits),
        publisher=publisher,
    )

"""What is remembered, for how long, and how much of it."""

import pytest

from retrieval.caching import RecentValues


def never() -> str:
    pytest.fail("was made again")


def test_the_least_recently_used_is_forgotten_first() -> None:
    memory: RecentValues[str, str] = RecentValues(2)
    for key in "ab":
        memory.get(key, lambda key=key: key)
    assert memory.get("a", never) == "a"

    memory.get("c", lambda: "c")

    assert (memory.get("a", never), memory.get("c", never)) == ("a", "c")
    assert memory.get("b", lambda: "made again") == "made again"


def test_another_version_takes_the_place_of_the_one_before() -> None:
    memory: RecentValues[str, str] = RecentValues(6, cost=len)
    memory.get("other", lambda: "ooo")
    for version in range(9):
        assert memory.get("key", lambda version=version: f"v{version}", version) == f"v{version}"
        assert memory.get("key", never, version) == f"v{version}"

    assert memory.get("other", never) == "ooo"


def test_together_they_cost_what_is_allowed_and_no_more() -> None:
    memory: RecentValues[str, str] = RecentValues(5, cost=len)
    memory.get("a", lambda: "aa")
    memory.get("b", lambda: "bb")
    memory.get("large", lambda: "larger than all")

    made = [memory.get(key, lambda key=key: key) for key in ("large", "a", "b")]

    assert made == ["large", "a", "b"]

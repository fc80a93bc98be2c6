"""Audits of real homes: what is found, what is not, and pictures that vanish."""

from collections.abc import Callable
from pathlib import Path

import pytest

from retrieval.assembly import Engine
from retrieval.duplicates.auditing import Across, Audit, audited
from retrieval.duplicates.sources import collection_listing, folder_listing
from retrieval.errors import QueryInvalid
from tests.copies import EDITS, busy, busy_jpeg, dyed
from tests.pictures import encoded
from tests.retrieval.conftest import Put


def unwatched(_name: str, _total: int) -> Callable[[int], None]:
    return lambda _: None


def audit(engine: Engine, across: Across = "products", least_confidence: float = 0.7) -> Audit:
    return audited(
        collection_listing(engine.home, "default"),
        engine.home.limits,
        across=across,
        least_confidence=least_confidence,
        threads=2,
        step=unwatched,
    )


def groups(found: Audit) -> list[set[str]]:
    return [{found.listing.pictures[n].name for n in group.members} for group in found.groups]


class TestCollections:
    def test_products_that_share_a_picture_are_grouped(self, engine: Engine, put: Put) -> None:
        resized = encoded(EDITS["resized"][0](busy(1)), "JPEG", quality=80)
        put("a", busy_jpeg(1))
        put("b", resized)
        put("c", busy_jpeg(1))
        put("other", busy_jpeg(2))
        found = audit(engine)
        assert groups(found) == [{"a #1", "b #1", "c #1"}]
        (group,) = found.groups
        assert found.products(group) == ["a", "c", "b"]
        assert {link.kind for link in group.links} == {"same bytes", "resized"}

    def test_other_colours_and_strangers_are_not(self, engine: Engine, put: Put) -> None:
        put("blue", busy_jpeg(1))
        put("red", encoded(dyed(busy(1)), "JPEG", quality=92))
        put("other", busy_jpeg(2))
        assert groups(audit(engine)) == []

    def test_copies_within_a_product_only_when_asked(self, engine: Engine, put: Put) -> None:
        put("a", busy_jpeg(1), encoded(EDITS["mirrored"][0](busy(1)), "JPEG", quality=80))
        put("b", busy_jpeg(2))
        assert groups(audit(engine)) == []
        assert groups(audit(engine, "all")) == [{"a #1", "a #2"}]

    def test_a_picture_whose_copy_is_gone_is_left_out_and_said(
        self, engine: Engine, put: Put
    ) -> None:
        put("a", busy_jpeg(1))
        put("b", encoded(EDITS["cropped"][0](busy(1)), "JPEG", quality=80))
        listing = collection_listing(engine.home, "default")
        engine.home.pictures.path(listing.pictures[1].content_sha256).unlink()
        found = audit(engine)
        assert groups(found) == []
        assert list(found.unreadable) == ["b #1"]

    def test_one_picture_or_none(self, engine: Engine, put: Put) -> None:
        with pytest.raises(QueryInvalid, match="has no pictures to audit"):
            audit(engine)
        put("a", busy_jpeg(1))
        assert groups(audit(engine)) == []

    @pytest.mark.parametrize("confidence", [0.0, 1.1])
    def test_a_confidence_out_of_range_is_refused(
        self, engine: Engine, put: Put, confidence: float
    ) -> None:
        put("a", busy_jpeg(1))
        with pytest.raises(QueryInvalid, match="above 0, and at most 1"):
            audit(engine, least_confidence=confidence)


class TestFolders:
    def test_copies_are_found_and_what_is_no_picture_is_said(
        self, engine: Engine, tmp_path: Path
    ) -> None:
        shop = tmp_path / "shop"
        shop.mkdir()
        (shop / "a.jpg").write_bytes(busy_jpeg(1))
        for edit in ("mirrored", "cropped", "recompressed"):
            copy = EDITS[edit][0](busy(1))
            (shop / f"{edit}.png").write_bytes(encoded(copy, "PNG"))
        (shop / "b.jpg").write_bytes(busy_jpeg(2))
        (shop / "notes.txt").write_text("no picture")
        (shop / ".hidden.jpg").write_bytes(busy_jpeg(1))
        found = audited(
            folder_listing(shop, engine.home, threads=2, step=unwatched),
            engine.home.limits,
            across="products",
            least_confidence=0.7,
            threads=2,
            step=unwatched,
        )
        assert groups(found) == [{"a.jpg", "mirrored.png", "cropped.png", "recompressed.png"}]
        assert found.listing.pictures[found.groups[0].kept].width == 480
        assert list(found.unreadable) == ["notes.txt"]

    def test_no_folder_and_no_pictures_are_refused(self, engine: Engine, tmp_path: Path) -> None:
        with pytest.raises(QueryInvalid, match="is no folder"):
            folder_listing(tmp_path / "none", engine.home, threads=1, step=unwatched)
        empty = tmp_path / "empty"
        empty.mkdir()
        with pytest.raises(QueryInvalid, match="holds no picture"):
            folder_listing(empty, engine.home, threads=1, step=unwatched)

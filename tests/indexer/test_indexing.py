"""Index jobs in this process, on real files and a real database."""

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from catalog.collections import Collections
from catalog.errors import JobLost
from catalog.jobs import Jobs
from catalog.pictures import PictureFolder
from catalog.products import Products
from catalog.records import ImageInput, ProductFields, ProductInput
from indexer.counts import Counts
from indexer.job import Watch
from indexer.stopping import Stop
from retrieval.assembly import assemble
from retrieval.queries import PictureQuery
from tests.indexer.shop import Shop, Web, install_tiny_model, picture_bytes


class StopAfter(Watch):
    """Asks for the end once so many items are committed."""

    def __init__(self, stop: Stop, items: int) -> None:
        self._stop = stop
        self._items = items

    def on_progress(self, counts: Counts) -> None:
        if counts.cursor >= self._items:
            self._stop.request("interrupted")


class TestFolder:
    def test_makes_a_product_of_every_picture_and_publishes_them(
        self, shop: Shop, photos: Path
    ) -> None:
        end = shop.index(photos)
        assert (end.job.status, end.job.indexed, end.job.failed, end.job.total) == (
            "done", 12, 0, 12,
        )  # fmt: skip
        assert list(shop.products())[:5] == ["00.jpg", "01.jpg", "02.jpg", "03.jpg", "mugs/04.jpg"]
        with shop.home.database.read() as connection:
            assert Collections(connection).get("default").release_id == end.job.release_id

    def test_answers_a_search_with_the_picture_itself(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        answer = assemble(shop.home).searching.search(
            "default", [PictureQuery((photos / "mugs/05.jpg").read_bytes())], limit=3
        )
        assert answer.hits[0][0].product.external_id == "mugs/05.jpg"

    def test_takes_the_category_from_the_folder_when_asked(self, shop: Shop, photos: Path) -> None:
        shop.index(photos, category_from_folders=True)
        products = shop.products()
        assert products["shoes/red/08.jpg"].category == "shoes/red"
        assert products["00.jpg"].category is None

    def test_ends_failed_when_there_is_no_picture(self, shop: Shop, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        (tmp_path / "empty" / "read-me.pdf").write_bytes(b"%PDF")
        end = shop.index(tmp_path / "empty")
        assert (end.job.status, end.job.release_id) == ("failed", None)
        assert "nothing to index" in (end.job.error or "")
        assert ".pdf (1)" in (end.job.error or "")


class CountingFolder(PictureFolder):
    """One that tells how many pictures were decoded: each is kept as soon as it is."""

    kept = 0

    def keep(self, content_sha256: str, jpeg: bytes) -> None:
        super().keep(content_sha256, jpeg)
        self.kept += 1


class TestMemory:
    def test_no_more_is_decoded_than_a_few_batches_before_what_is_committed(
        self, shop: Shop, tmp_path: Path
    ) -> None:
        source = tmp_path / "source"
        source.mkdir()
        for number in range(96):
            (source / f"{number:02d}.jpg").write_bytes(picture_bytes(number))
        shop.home.pictures = folder = CountingFolder(shop.home.root / "pictures")

        class SlowToCommit(Watch):
            ahead = 0

            def on_progress(self, counts: Counts) -> None:
                """Waits until all that may be decoded is."""
                seen = -1
                while seen < folder.kept:
                    seen = folder.kept
                    time.sleep(0.1)
                self.ahead = max(self.ahead, folder.kept - counts.pictures)

        watch = SlowToCommit()
        end = shop.index(source, watch=watch)
        assert (end.job.status, folder.kept) == ("done", 96)
        assert 8 <= watch.ahead <= 4 * 8


class TestUnchanged:
    def test_nothing_is_embedded_or_published_again(self, shop: Shop, photos: Path) -> None:
        first = shop.index(photos)
        before = shop.embeddings()
        second = shop.index(photos)
        assert (second.job.indexed, second.job.unchanged) == (0, 12)
        assert second.job.release_id == first.job.release_id
        assert shop.embeddings() == before

    def test_only_the_changed_picture_gets_a_new_image(self, shop: Shop, photos: Path) -> None:
        first = shop.index(photos)
        before = shop.embeddings()
        (photos / "01.jpg").write_bytes(picture_bytes(901))
        end = shop.index(photos)
        assert (end.job.indexed, end.job.unchanged) == (1, 11)
        assert end.job.release_id != first.job.release_id
        after = shop.embeddings()
        assert len(before.keys() & after.keys()) == 11
        assert len(after) == 12

    def test_fields_that_changed_are_written_without_embedding(
        self, shop: Shop, photos: Path
    ) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,image,title\na,00.jpg,Old\nb,01.jpg,Same\n")
        shop.index(manifest)
        before = shop.embeddings()
        manifest.write_text("id,image,title\na,00.jpg,New\nb,01.jpg,Same\n")
        end = shop.index(manifest)
        assert (end.job.indexed, end.job.unchanged) == (1, 1)
        assert shop.products()["a"].title == "New"
        assert shop.embeddings() == before

    def test_a_lost_copy_is_made_again(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        content = shop.products()["00.jpg"].images[0].content_sha256
        shop.home.pictures.path(content).unlink()
        end = shop.index(photos)
        assert (end.job.indexed, end.job.unchanged) == (1, 11)
        assert shop.home.pictures.has(content)


class TestBadPictures:
    def test_each_is_named_and_the_others_are_indexed(self, shop: Shop, photos: Path) -> None:
        good = picture_bytes(1)
        bad = {
            "a-empty.jpg": b"",
            "b-cut.jpg": good[: len(good) // 2],
            "c-text.png": b"this is no picture at all",
            "d-photo.heic": b"\x00\x00\x00\x18ftypheic" + bytes(64),
            "e-page.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        }
        for name, content in bad.items():
            (photos / name).write_bytes(content)
        os.mkfifo(photos / "f-pipe.jpg")
        end = shop.index(photos)
        assert (end.job.status, end.job.indexed, end.job.failed) == ("done", 12, 6)
        failures = {failure.item_id: failure for failure in shop.failures(end)}
        assert {name: failure.code for name, failure in failures.items()} == {
            "a-empty.jpg": "picture-unreadable",
            "b-cut.jpg": "picture-unreadable",
            "c-text.png": "picture-unsupported",
            "d-photo.heic": "picture-unsupported",
            "e-page.svg": "picture-unsupported",
            "f-pipe.jpg": "reference-unreadable",
        }
        assert failures["a-empty.jpg"].source == "a-empty.jpg"
        assert [failures[name].position for name in [*sorted(bad), "f-pipe.jpg"]] == [
            5,
            6,
            7,
            8,
            9,
            10,
        ]

    def test_too_large_ones_are_refused_by_the_limits(
        self, make_shop: Callable[..., Shop], photos: Path
    ) -> None:
        (photos / "big.png").write_bytes(picture_bytes(5, side=200, form="PNG"))
        shop = make_shop(picture_max_pixels=10_000)
        end = shop.index(photos)
        assert [failure.code for failure in shop.failures(end)] == ["picture-too-large"]

    @pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
    def test_one_without_permission_is_reported(self, shop: Shop, photos: Path) -> None:
        (photos / "00.jpg").chmod(0)
        assert [f.code for f in shop.failures(shop.index(photos))] == ["reference-unreadable"]

    def test_a_product_keeps_its_good_pictures(self, shop: Shop, photos: Path) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,images\na,00.jpg|gone.jpg|01.jpg\nb,02.jpg\n")
        end = shop.index(manifest)
        assert (end.job.indexed, end.job.failed) == (1, 1)
        assert [image.source for image in shop.products()["a"].images] == ["00.jpg", "01.jpg"]
        failure = shop.failures(end)[0]
        assert (failure.item_id, failure.source, failure.code) == (
            "a", "gone.jpg", "reference-missing",
        )  # fmt: skip

    def test_a_product_without_any_is_left_as_it_was(self, shop: Shop, photos: Path) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,image,title\na,00.jpg,Before\n")
        shop.index(manifest)
        before = shop.products()["a"]
        (photos / "00.jpg").write_bytes(b"broken now")
        manifest.write_text("id,image,title\na,00.jpg,After\n")
        assert shop.index(manifest).job.failed == 1
        assert shop.products()["a"] == before

    def test_a_picture_that_fails_today_leaves_the_one_from_the_same_place(
        self, shop: Shop, photos: Path
    ) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,images,title\na,00.jpg|01.jpg,Before\n")
        shop.index(manifest)
        before = shop.products()["a"].images
        (photos / "01.jpg").unlink()
        manifest.write_text("id,images,title\na,00.jpg|01.jpg,After\n")
        end = shop.index(manifest)
        assert end.job.failed == 1
        assert shop.products()["a"].title == "After"
        assert shop.products()["a"].images == before

    def test_more_than_a_product_may_have_are_left_out_and_reported(
        self, shop: Shop, photos: Path
    ) -> None:
        names = [f"many-{number}.jpg" for number in range(52)]
        for number, name in enumerate(names):
            (photos / name).write_bytes(picture_bytes(100 + number, side=16))
        manifest = photos / "list.csv"
        manifest.write_text(f"id,images\na,{'|'.join(names)}\n")
        end = shop.index(manifest)
        assert len(shop.products()["a"].images) == 50
        assert [failure.code for failure in shop.failures(end)] == ["too-many-pictures"]


class TestPrune:
    def test_products_gone_from_the_source_are_kept_without_it(
        self, shop: Shop, photos: Path
    ) -> None:
        shop.index(photos)
        (photos / "00.jpg").unlink()
        assert shop.index(photos).job.pruned == 0
        assert "00.jpg" in shop.products()

    def test_removes_what_is_gone_and_publishes(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        (photos / "00.jpg").unlink()
        end = shop.index(photos, prune=True)
        assert (end.job.status, end.job.pruned) == ("done", 1)
        assert "00.jpg" not in shop.products()
        assert len(shop.embeddings()) == 11

    def test_an_item_that_fails_counts_as_met(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        (photos / "00.jpg").write_bytes(b"broken now")
        end = shop.index(photos, prune=True)
        assert (end.job.failed, end.job.pruned) == (1, 0)
        assert "00.jpg" in shop.products()

    def test_a_broken_row_whose_id_is_known_counts_as_met(self, shop: Shop, photos: Path) -> None:
        manifest = photos / "list.csv"
        manifest.write_text("id,image,price\na,00.jpg,1\nb,01.jpg,2\nc,02.jpg,3\n")
        shop.index(manifest)
        manifest.write_text("id,image,price\na,00.jpg,1\nb,01.jpg,two\n")
        end = shop.index(manifest, prune=True)
        assert end.job.pruned == 1
        assert set(shop.products()) == {"a", "b"}

    def test_nothing_is_removed_when_a_line_could_not_even_be_named(
        self, shop: Shop, photos: Path
    ) -> None:
        manifest = photos / "list.jsonl"
        manifest.write_text('{"id": "a", "image": "00.jpg"}\n{"id": "b", "image": "01.jpg"}\n')
        shop.index(manifest)
        manifest.write_text('{"id": "a", "image": "00.jpg"}\n{"id": "b", "ima\n')
        end = shop.index(manifest, prune=True)
        assert (end.job.status, end.job.pruned) == ("done", 0)
        assert any("Nothing was pruned" in note for note in end.notes)
        assert set(shop.products()) == {"a", "b"}

    def test_is_refused_when_the_source_is_empty(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        shutil.rmtree(photos)
        photos.mkdir()
        end = shop.index(photos, prune=True)
        assert (end.job.status, end.job.pruned) == ("failed", 0)
        assert getattr(end.error, "code", None) == "prune-refused"
        assert len(shop.products()) == 12

    def test_removes_everything_when_empty_is_meant(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        shutil.rmtree(photos)
        photos.mkdir()
        end = shop.index(photos, prune=True, allow_empty=True)
        assert (end.job.status, end.job.pruned) == ("done", 12)
        assert shop.products() == {}

    def test_is_not_begun_by_a_job_that_was_stopped(self, shop: Shop, photos: Path) -> None:
        shop.index(photos)
        (photos / "00.jpg").unlink()
        stop = Stop()
        end = shop.index(photos, prune=True, stop=stop, watch=StopAfter(stop, 11))
        assert (end.job.status, end.job.pruned) == ("interrupted", 0)
        assert "00.jpg" in shop.products()


class TestResuming:
    def test_a_folder_is_gone_through_again_without_embedding_again(
        self, shop: Shop, many_photos: Path
    ) -> None:
        stop = Stop()
        stopped = shop.index(many_photos, stop=stop, watch=StopAfter(stop, 1))
        assert stopped.job.status == "interrupted"
        before = shop.embeddings()
        assert 0 < len(before) < 40
        end = shop.index(many_photos)
        assert (end.job.id, end.job.status) == (stopped.job.id, "done")
        after = shop.embeddings()
        assert len(after) == 40
        assert {i: after[i] for i in before} == before

    def test_a_manifest_is_gone_on_with_from_where_it_stopped(
        self, shop: Shop, photos: Path, web: Web
    ) -> None:
        web.pages = {f"/{n}.jpg": picture_bytes(n) for n in range(40)}
        manifest = photos / "list.csv"
        rows = "".join(f"p{n},{web.address}/{n}.jpg\n" for n in range(40))
        manifest.write_text("id,image\n" + rows)
        stop = Stop()
        stopped = shop.index(manifest, stop=stop, watch=StopAfter(stop, 8))
        done = stopped.job.cursor
        assert 8 <= done < 40
        for thread in threading.enumerate():
            if thread.name.startswith("prepare-"):
                thread.join(10)
        web.asked.clear()
        end = shop.index(manifest)
        assert (end.job.id, end.job.indexed, end.job.cursor) == (stopped.job.id, 40, 40)
        assert sorted(web.asked) == sorted(f"/{n}.jpg" for n in range(done, 40))

    def test_a_manifest_that_changed_is_begun_again(self, shop: Shop, photos: Path) -> None:
        manifest = photos / "list.csv"
        names = ["00.jpg", "01.jpg", "02.jpg", "03.jpg", "mugs/04.jpg", "mugs/05.jpg"] * 4
        rows = "".join(f"p{n},{name}\n" for n, name in enumerate(names))
        manifest.write_text("id,image\nbad,gone.jpg\n" + rows)
        stop = Stop()
        stopped = shop.index(manifest, stop=stop, watch=StopAfter(stop, 8))
        assert stopped.job.failed == 1
        manifest.write_text("id,image\n" + rows)
        end = shop.index(manifest)
        assert (end.job.id, end.job.failed, end.job.total) == (stopped.job.id, 0, 24)
        assert shop.failures(end) == []
        assert end.job.unchanged + end.job.indexed == 24
        assert set(shop.products()) == {f"p{n}" for n in range(24)}

    def test_another_source_is_another_job(
        self, shop: Shop, many_photos: Path, photos: Path
    ) -> None:
        stop = Stop()
        stopped = shop.index(many_photos, stop=stop, watch=StopAfter(stop, 1))
        assert shop.index(photos).job.id != stopped.job.id


class TestCancelling:
    def test_stops_and_keeps_what_is_committed(self, shop: Shop, photos: Path) -> None:
        class CancelAfterFirstBatch(Watch):
            def on_progress(self, counts: Counts) -> None:
                if counts.cursor:
                    with shop.home.database.write() as connection:
                        Jobs(connection).request_cancel(job.id)

        for number in range(40):
            shutil.copy(photos / "00.jpg", photos / f"more-{number:02d}.jpg")
        job = shop.claimed(photos)
        end = shop.run(job, watch=CancelAfterFirstBatch())
        assert end.job.status == "cancelled"
        assert 8 <= len(shop.products()) < 52

    def test_a_download_that_hangs_does_not_hold_it_up(
        self, shop: Shop, photos: Path, web: Web
    ) -> None:
        web.pages = {f"/{n}.jpg": picture_bytes(n) for n in range(20)}
        web.held = {"/15.jpg": threading.Event()}
        manifest = photos / "list.txt"
        manifest.write_text("".join(f"{web.address}/{n}.jpg\n" for n in range(20)))
        job = shop.claimed(manifest)

        class CancelAfterFirstBatch(Watch):
            def on_progress(self, counts: Counts) -> None:
                if counts.cursor == 8:
                    with shop.home.database.write() as connection:
                        Jobs(connection).request_cancel(job.id)

        end = shop.run(job, watch=CancelAfterFirstBatch())
        assert (end.job.status, end.job.cursor) == ("cancelled", 8)


class TestOtherWriters:
    def test_a_model_flip_in_the_middle_is_followed(
        self, shop: Shop, photos: Path, tmp_path: Path
    ) -> None:
        tiny = install_tiny_model(shop, tmp_path / "built")
        for number in range(30):
            (photos / f"more-{number:02d}.jpg").write_bytes((photos / "00.jpg").read_bytes())

        class FlipAfterFirstBatch(Watch):
            flipped = False

            def on_progress(self, counts: Counts) -> None:
                if counts.cursor and not self.flipped:
                    self.flipped = True
                    _flip(shop, tiny)

        end = shop.index(photos, watch=FlipAfterFirstBatch())
        assert end.job.status == "done", end.job.error
        with shop.home.database.read() as connection:
            assert Collections(connection).get("default").model_name == "tiny"
        assert len(shop.embeddings()) == 42

    def test_a_product_changed_by_another_writer_is_written_again(
        self, shop: Shop, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its known picture is removed between the look-up and the commit."""
        manifest = photos / "list.csv"
        manifest.write_text("id,images\na,00.jpg\n")
        shop.index(manifest)
        manifest.write_text("id,images\na,00.jpg|01.jpg\n")
        keep = shop.home.pictures.put
        interfered: list[str] = []

        def interfere_once(content: str, jpeg: bytes) -> None:
            if not interfered:
                interfered.append(content)
                _remove_pictures(shop, "a")
            keep(content, jpeg)

        monkeypatch.setattr(shop.home.pictures, "put", interfere_once)
        end = shop.index(manifest)
        assert interfered
        assert end.job.status == "done", end.job.error
        assert [image.source for image in shop.products()["a"].images] == ["00.jpg", "01.jpg"]

    def test_a_collection_that_is_deleted_meanwhile_ends_the_job(
        self, shop: Shop, many_photos: Path
    ) -> None:
        class DeleteAfterFirstBatch(Watch):
            def on_progress(self, counts: Counts) -> None:
                if counts.cursor == 8:
                    with shop.home.database.write() as connection:
                        Collections(connection).delete("default")

        with pytest.raises(JobLost, match="deleted"):
            shop.index(many_photos, watch=DeleteAfterFirstBatch())

    def test_a_job_that_was_taken_over_is_let_go(self, shop: Shop, many_photos: Path) -> None:
        job = shop.claimed(many_photos)

        class TakeOverAfterFirstBatch(Watch):
            def on_progress(self, counts: Counts) -> None:
                if counts.cursor == 8:
                    with shop.home.database.write() as connection:
                        Jobs(connection, lambda worker: True).claim(job.id, "another")

        with pytest.raises(JobLost):
            shop.run(job, watch=TakeOverAfterFirstBatch())
        (left,) = shop.jobs()
        assert (left.status, left.worker, left.cursor) == ("running", "another", 8)


class TestObjectStore:
    def test_a_folder_in_memory_is_indexed(self, shop: Shop) -> None:
        store = fsspec.filesystem("memory")
        for number in range(3):
            store.pipe(f"/bucket/cat{number}/p.jpg", picture_bytes(number))
        try:
            end = shop.index("memory://bucket", category_from_folders=True)
            assert (end.job.status, end.job.indexed) == ("done", 3), end.job.error
            assert {p.category for p in shop.products().values()} == {"cat0", "cat1", "cat2"}
        finally:
            store.rm("/bucket", recursive=True)

    def test_a_manifest_in_memory_names_its_neighbours(self, shop: Shop) -> None:
        store = fsspec.filesystem("memory")
        store.pipe("/bucket/images/a.jpg", picture_bytes(1))
        store.pipe(
            "/bucket/list.csv", b"id,image\na,images/a.jpg\nb,images/gone.jpg\nc,/etc/x.jpg\n"
        )
        try:
            end = shop.index("memory://bucket/list.csv")
            assert (end.job.indexed, end.job.failed) == (1, 2), end.job.error
            assert [failure.code for failure in shop.failures(end)] == [
                "reference-missing", "reference-refused",
            ]  # fmt: skip
        finally:
            store.rm("/bucket", recursive=True)

    def test_nothing_there_is_said(self, shop: Shop) -> None:
        end = shop.index("memory://nowhere")
        assert getattr(end.error, "code", None) == "source-missing"

    def test_a_driver_that_is_not_installed_is_named(self, shop: Shop) -> None:
        end = shop.index("nosuchstore://bucket/x")
        assert getattr(end.error, "code", None) == "source-unreadable"
        assert "nosuchstore" in (end.job.error or "")


class TestWeb:
    def test_a_list_of_addresses_is_fetched(self, shop: Shop, web: Web, tmp_path: Path) -> None:
        web.pages = {"/a.jpg": picture_bytes(1), "/b.jpg": b"<html>not found, but 200</html>"}
        addresses = tmp_path / "list.txt"
        addresses.write_text(
            f"# summer\n{web.address}/a.jpg\n\n{web.address}/b.jpg\n{web.address}/c.jpg\n"
        )
        end = shop.index(addresses)
        assert set(shop.products()) == {f"{web.address}/a.jpg"}
        assert [failure.code for failure in shop.failures(end)] == [
            "picture-unsupported", "fetch-status",
        ]  # fmt: skip

    def test_a_manifest_on_the_web_names_its_neighbours(self, shop: Shop, web: Web) -> None:
        web.pages = {
            "/shop/list.csv": b"id,image\na,images/one two.jpg\nb,file:///etc/passwd\n",
            "/shop/images/one%20two.jpg": picture_bytes(1),
        }
        end = shop.index(f"{web.address}/shop/list.csv")
        assert set(shop.products()) == {"a"}, end.job.error
        assert [failure.code for failure in shop.failures(end)] == ["reference-refused"]

    def test_private_networks_are_refused_by_default(
        self, make_shop: Callable[..., Shop], web: Web
    ) -> None:
        end = make_shop().index(f"{web.address}/list.csv")
        assert end.job.status == "failed"
        assert web.asked == []


class TestJobsOverHttp:
    def test_only_the_allowed_folder_is_read(
        self, make_shop: Callable[..., Shop], photos: Path
    ) -> None:
        shop = make_shop()
        end = shop.index(photos, origin="http")
        assert getattr(end.error, "code", None) == "source-refused"
        assert "LIKENESS_JOB_ROOTS" in (end.job.error or "")
        imports = shop.home.root / "imports"
        shutil.copytree(photos, imports)
        assert shop.index(imports, origin="http").job.indexed == 12

    def test_a_root_can_be_set(self, make_shop: Callable[..., Shop], photos: Path) -> None:
        shop = make_shop(job_roots=str(photos))
        assert shop.index(photos / "mugs", origin="http").job.indexed == 4

    def test_a_manifest_cannot_climb_out(
        self, make_shop: Callable[..., Shop], photos: Path
    ) -> None:
        shop = make_shop(job_roots=str(photos / "mugs"))
        (photos / "mugs" / "link.jpg").symlink_to(photos / "01.jpg")
        manifest = photos / "mugs" / "list.csv"
        manifest.write_text(
            f"id,image\na,04.jpg\nb,../00.jpg\nc,{photos / '00.jpg'}\nd,link.jpg\n"
            "e,memory://secret/x.jpg\n"
        )
        end = shop.index(manifest, origin="http")
        assert set(shop.products()) == {"a"}
        assert {failure.code for failure in shop.failures(end)} == {"reference-refused"}
        assert len(shop.failures(end)) == 4

    def test_links_out_of_a_folder_are_passed_over(
        self, make_shop: Callable[..., Shop], photos: Path
    ) -> None:
        shop = make_shop(job_roots=str(photos / "mugs"))
        (photos / "mugs" / "out").symlink_to(photos / "shoes")
        (photos / "mugs" / "link.jpg").symlink_to(photos / "01.jpg")
        shop.index(photos / "mugs", origin="http")
        assert set(shop.products()) == {"04.jpg", "05.jpg", "06.jpg", "07.jpg"}


def _flip(shop: Shop, model: str) -> None:
    """What a reindex elsewhere would do, in the middle of an index job."""
    from catalog.embeddings import Embeddings
    from embedding.images import decode
    from retrieval.releases import ReleasePublisher

    embedder = shop.home.store.load(model)
    with shop.home.database.write() as connection:
        collection = Collections(connection).locked("default")
        missing = Embeddings(connection).missing(
            collection.id, embedder.card.fingerprint, limit=10_000
        )
        vectors = embedder.embed(
            [decode(shop.home.pictures.read(content)).image for _, content in missing]
        )
        Embeddings(connection).add(
            embedder.card.fingerprint,
            {image_id: vector for (image_id, _), vector in zip(missing, vectors, strict=True)},
        )
    ReleasePublisher(shop.home.database, shop.home.snapshots).publish(
        "default", embedder.card, flip_model=True
    )


def _remove_pictures(shop: Shop, product_id: str) -> None:
    with shop.home.database.write() as connection:
        collection = Collections(connection).locked("default")
        images: tuple[ImageInput, ...] = ()
        Products(connection).upsert(collection, [ProductInput(ProductFields(product_id), images)])

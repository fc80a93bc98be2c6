"""Snapshots of clustered indexes: several files, of which the largest is read row by row."""

import os
import shutil
import stat
import threading
import zlib
from pathlib import Path

import faiss
import numpy as np
import pytest

from vector_index import errors
from vector_index.clustered import ClusteredIndex
from vector_index.exact import ExactIndex
from vector_index.live import LiveIndex
from vector_index.manifest import Clusters, Manifest, SnapshotFile, read_manifest
from vector_index.snapshot import open_snapshot, write_snapshot

FILES = ["ids.npy", "index.faiss", "axes.npy", "vectors.f16"]
COUNT, DIMENSION = 3_000, 24


@pytest.fixture(scope="module")
def vectors(neighbourhoods):
    return neighbourhoods(COUNT, DIMENSION, seed=60)


@pytest.fixture(scope="module")
def queries(neighbourhoods):
    return neighbourhoods(30, DIMENSION, seed=61)


@pytest.fixture(scope="module")
def index(vectors):
    return ClusteredIndex.build(np.arange(COUNT) * 3, vectors, 32)


@pytest.fixture
def snapshot(index, tmp_path):
    folder = tmp_path / "snapshots" / "7"
    write(folder, index)
    return folder


def write(folder: Path, index: ClusteredIndex) -> Manifest:
    return write_snapshot(
        folder, index, model_fingerprint="resnet18-1f", sequence=4_711, agreement=0.9925
    )


def reopen(folder: Path):
    return open_snapshot(folder, model_fingerprint="resnet18-1f")


def replace(path: Path, content: bytes) -> None:
    """Other content in a new file of the same name: those who have the old one open keep it."""
    path.unlink()
    path.write_bytes(content)


def reseal(folder: Path, **changes) -> None:
    """Make the manifest true again for files that were changed on purpose."""
    files = {
        name: SnapshotFile(
            size_bytes=(folder / name).stat().st_size,
            crc32=f"{zlib.crc32((folder / name).read_bytes()):08x}",
        )
        for name in FILES
    }
    manifest = read_manifest(folder).model_copy(update={"files": files, **changes})
    replace(folder / "manifest.json", manifest.to_bytes())


def assert_same(mine, theirs) -> None:
    np.testing.assert_array_equal(mine[0], theirs[0])
    np.testing.assert_array_equal(mine[1], theirs[1])


class TestRoundTrip:
    def test_what_is_written_opens_and_answers_the_same(self, snapshot, index, queries):
        opened, manifest = reopen(snapshot)
        allowed = np.arange(0, 3 * COUNT, 6)
        for count in (1, 10, 500, COUNT):
            assert_same(opened.nearest(queries, count), index.nearest(queries, count))
        assert_same(opened.nearest(queries, 10, allowed), index.nearest(queries, 10, allowed))
        assert (manifest.recipe, manifest.format) == ("pca24-ivf32-sq8", 2)
        assert (opened.recipe, opened.plan, len(opened)) == ("pca24-ivf32-sq8", index.plan, COUNT)
        np.testing.assert_array_equal(opened.ids(), index.ids())

    def test_writing_what_was_opened_gives_the_same_files(self, snapshot, tmp_path):
        write(tmp_path / "again", reopen(snapshot)[0])
        for name in FILES:
            assert (tmp_path / "again" / name).read_bytes() == (snapshot / name).read_bytes()

    def test_hidden_ids_are_left_out(self, index, tmp_path, queries):
        hidden = index.without(np.arange(0, 1_500))
        write(tmp_path / "s", hidden)
        opened, manifest = reopen(tmp_path / "s")
        assert (len(opened), manifest.count) == (2_500, 2_500)
        assert_same(opened.nearest(queries, 2_500), hidden.nearest(queries, 2_500))

    def test_the_files_are_read_only(self, snapshot):
        for path in snapshot.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o444

    def test_several_threads_read_the_rows(self, snapshot, vectors):
        opened, _ = reopen(snapshot)
        exact = ExactIndex.build(np.arange(COUNT) * 3, vectors)
        expected = exact.nearest(vectors[:8], COUNT)
        wrong = []

        def ask(row: int) -> None:
            for _ in range(5):
                found = opened.nearest(vectors[row : row + 1], COUNT)
                if (found[0][0] != expected[0][row]).any():
                    wrong.append(row)

        threads = [threading.Thread(target=ask, args=(row,)) for row in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []

    def test_carries_live_changes(self, snapshot, vectors):
        opened, _ = reopen(snapshot)
        live = LiveIndex(opened, DIMENSION)
        live.apply(np.array([1]), vectors[5:6], np.array([15]))
        assert live.nearest(vectors[5:6], 1)[0].tolist() == [[1]]


class TestWhileItServes:
    def test_serves_on_when_the_folder_is_removed(self, snapshot, index, queries):
        opened, _ = reopen(snapshot)
        shutil.rmtree(snapshot)
        assert opened.is_whole()
        assert_same(opened.nearest(queries, 10), index.nearest(queries, 10))

    @pytest.mark.parametrize("name", ["ids.npy", "index.faiss", "axes.npy"])
    def test_serves_on_when_a_file_that_is_in_memory_is_cut_short(self, snapshot, queries, name):
        opened, _ = reopen(snapshot)
        os.truncate(snapshot / name, 0)
        assert opened.is_whole()
        assert (opened.nearest(queries, 10)[0] >= 0).all()

    @pytest.mark.parametrize("kept", [0, 4_096, COUNT * DIMENSION])
    def test_says_so_when_the_rows_are_cut_short(self, snapshot, queries, kept):
        opened, _ = reopen(snapshot)
        live = LiveIndex(opened, DIMENSION)
        assert live.is_whole()
        os.truncate(snapshot / "vectors.f16", kept)
        with pytest.raises(errors.SnapshotTorn, match=rf"vectors\.f16, {kept} bytes instead"):
            live.nearest(queries, 10)
        assert not live.is_whole()


class TestTorn:
    @pytest.mark.parametrize("name", [*FILES, "manifest.json"])
    def test_a_file_missing(self, snapshot, name):
        (snapshot / name).unlink()
        with pytest.raises(errors.SnapshotTorn, match=f"{name} is missing"):
            reopen(snapshot)

    @pytest.mark.parametrize("name", [*FILES, "manifest.json"])
    @pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
    def test_a_file_cut_short(self, snapshot, name, kept):
        size = (snapshot / name).stat().st_size
        os.truncate(snapshot / name, min(int(size * kept), size - 3))
        with pytest.raises(errors.SnapshotTorn, match=name):
            reopen(snapshot)

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("place", [0.0, 0.3, 0.97])
    def test_a_byte_flipped(self, snapshot, name, place):
        content = bytearray((snapshot / name).read_bytes())
        content[int(len(content) * place)] ^= 0xFF
        replace(snapshot / name, bytes(content))
        with pytest.raises(errors.SnapshotTorn, match=f"{name} does not match its checksum"):
            reopen(snapshot)

    def test_of_another_model(self, snapshot):
        with pytest.raises(errors.SnapshotForeign, match=r"resnet18-1f.*vgg16-2e"):
            open_snapshot(snapshot, model_fingerprint="vgg16-2e")

    def test_without_its_plan(self, snapshot):
        reseal(snapshot, clusters=None)
        with pytest.raises(errors.SnapshotTorn, match="does not say how to search its clusters"):
            reopen(snapshot)

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [({"depths": (30,)}, "must be as many"), ({"shortlists": (1, 1, 1, 1)}, "as many as its")],
    )
    def test_with_a_plan_that_no_search_can_follow(self, snapshot, index, wrong, message):
        """A shortlist shorter than the answer would be looked for without end."""
        reseal(
            snapshot, clusters=Clusters.model_construct(plan=index.plan.model_copy(update=wrong))
        )
        with pytest.raises(errors.SnapshotTorn, match=message):
            reopen(snapshot)

    def test_of_another_number_of_clusters(self, snapshot):
        reseal(snapshot, recipe="pca24-ivf64-sq8")
        with pytest.raises(errors.SnapshotTorn, match="not of the recipe pca24-ivf64-sq8"):
            reopen(snapshot)

    def test_a_recipe_like_ours_from_the_future(self, snapshot):
        reseal(snapshot, recipe="pca24-ivf32-sq4")
        with pytest.raises(errors.SnapshotFormat, match="does not know its recipe pca24-ivf32-sq4"):
            reopen(snapshot)

    def test_files_of_an_exact_snapshot(self, snapshot, vectors):
        exact = ExactIndex.build(np.arange(COUNT), vectors)
        write_index(snapshot, exact.storage)
        with pytest.raises(errors.SnapshotTorn, match="not of the recipe pca24-ivf32-sq8"):
            reopen(snapshot)

    def test_lists_that_hold_a_vector_twice(self, snapshot, index, vectors):
        other = ClusteredIndex.build(np.arange(COUNT), vectors, 32).store.lists
        size = other.invlists.list_size(0)
        places = faiss.rev_swig_ptr(other.invlists.get_ids(0), size)
        places[0] = places[1]
        write_index(snapshot, other)
        with pytest.raises(errors.SnapshotTorn, match="do not hold every vector once"):
            reopen(snapshot)
        places[0] = COUNT
        write_index(snapshot, other)
        with pytest.raises(errors.SnapshotTorn, match="a place that is not there"):
            reopen(snapshot)

    def test_rows_of_another_size(self, snapshot):
        replace(snapshot / "vectors.f16", bytes(COUNT * DIMENSION))
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match=r"vectors\.f16, 72000 bytes instead"):
            reopen(snapshot)

    def test_a_checksum_of_no_kind(self, snapshot):
        manifest = read_manifest(snapshot)
        files = {
            name: entry.model_copy(update={"crc32": None}) for name, entry in manifest.files.items()
        }
        broken = manifest.model_copy(update={"files": files})
        replace(snapshot / "manifest.json", broken.to_bytes())
        with pytest.raises(errors.SnapshotTorn, match="exactly one of sha256 and crc32"):
            reopen(snapshot)


def write_index(snapshot: Path, storage) -> None:
    replace(snapshot / "index.faiss", faiss.serialize_index(storage).tobytes())
    reseal(snapshot)

import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import faiss
import numpy as np
import pytest

from vector_index import errors
from vector_index.exact import ExactIndex
from vector_index.live import LiveIndex
from vector_index.manifest import Manifest, SnapshotFile, read_manifest
from vector_index.snapshot import open_snapshot, write_snapshot

FILES = ["index.faiss", "ids.npy", "manifest.json"]


@pytest.fixture
def vectors(unit_vectors):
    return unit_vectors(300, 32, seed=40)


@pytest.fixture
def index(vectors):
    return ExactIndex.build(np.arange(300) * 3, vectors)


@pytest.fixture
def snapshot(index, tmp_path):
    folder = tmp_path / "snapshots" / "7"
    write(folder, index)
    return folder


def write(folder: Path, index: ExactIndex) -> Manifest:
    return write_snapshot(
        folder, index, model_fingerprint="resnet18-1f", sequence=4_711, agreement=0.9975
    )


def reopen(folder: Path):
    return open_snapshot(folder, model_fingerprint="resnet18-1f")


def reseal(folder: Path, **changes) -> None:
    """Make the manifest true again for files that were changed on purpose."""
    files = {
        name: SnapshotFile(
            size_bytes=(folder / name).stat().st_size,
            sha256=hashlib.sha256((folder / name).read_bytes()).hexdigest(),
        )
        for name in ("index.faiss", "ids.npy")
    }
    manifest = read_manifest(folder).model_copy(update={"files": files, **changes})
    (folder / "manifest.json").write_bytes(manifest.to_bytes())


class TestWriteSnapshot:
    def test_what_is_written_opens_and_answers_the_same(self, snapshot, index, unit_vectors):
        opened, manifest = reopen(snapshot)
        queries = unit_vectors(4, 32, seed=41)
        for mine, theirs in zip(
            opened.nearest(queries, 20), index.nearest(queries, 20), strict=True
        ):
            np.testing.assert_array_equal(mine, theirs)
        assert (manifest.count, manifest.dimension, manifest.sequence) == (300, 32, 4_711)
        assert (manifest.recipe, manifest.agreement) == ("exact-fp16", 0.9975)

    def test_leaves_three_files_and_no_draft(self, snapshot):
        assert sorted(path.name for path in snapshot.iterdir()) == sorted(FILES)
        assert list(snapshot.parent.iterdir()) == [snapshot]

    def test_the_manifest_returned_is_the_one_on_disk(self, index, tmp_path):
        manifest = write(tmp_path / "s", index)
        assert reopen(tmp_path / "s")[1] == manifest
        for name, entry in manifest.files.items():
            content = (tmp_path / "s" / name).read_bytes()
            assert entry.size_bytes == len(content)
            assert entry.sha256 == hashlib.sha256(content).hexdigest()

    def test_an_empty_index(self, tmp_path, unit_vectors):
        write(tmp_path / "s", ExactIndex.build(np.empty(0, np.int64), np.empty((0, 32), "f4")))
        opened, manifest = reopen(tmp_path / "s")
        assert (len(opened), opened.dimension, manifest.count) == (0, 32, 0)
        assert opened.nearest(unit_vectors(1, 32), 1)[0].tolist() == [[-1]]

    def test_hidden_ids_are_left_out(self, index, tmp_path, vectors):
        write(tmp_path / "s", index.without(np.array([0, 3, 6])))
        opened, manifest = reopen(tmp_path / "s")
        assert (len(opened), manifest.count) == (297, 297)
        assert opened.ids().tolist() == [identity * 3 for identity in range(3, 300)]
        assert opened.nearest(vectors[9:10], 1)[0].tolist() == [[27]]

    def test_never_overwrites(self, snapshot, index):
        before = {name: (snapshot / name).read_bytes() for name in FILES}
        with pytest.raises(errors.SnapshotExists, match="never overwritten"):
            write(snapshot, index)
        assert {name: (snapshot / name).read_bytes() for name in FILES} == before

    def test_of_two_writers_of_one_folder_one_wins_and_nothing_is_torn(self, index, tmp_path):
        outcomes = []

        def attempt() -> None:
            try:
                outcomes.append(write(tmp_path / "s" / "1", index))
            except errors.SnapshotExists as exc:
                outcomes.append(exc)

        writers = [threading.Thread(target=attempt) for _ in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        assert sum(isinstance(outcome, Manifest) for outcome in outcomes) == 1
        assert len(outcomes) == 4
        assert len(reopen(tmp_path / "s" / "1")[0]) == 300
        assert list((tmp_path / "s").iterdir()) == [tmp_path / "s" / "1"]

    def test_a_parent_that_is_a_file_is_reported(self, index, tmp_path):
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(errors.SnapshotUnwritable, match="cannot be written"):
            write(tmp_path / "file" / "s", index)

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
    def test_a_folder_without_permission_is_reported(self, index, tmp_path):
        tmp_path.chmod(0o500)
        with pytest.raises(errors.SnapshotUnwritable, match="Make the folder writable"):
            write(tmp_path / "s", index)


class TestOpenSnapshot:
    @pytest.mark.parametrize("name", ["index.faiss", "ids.npy"])
    def test_serves_on_when_a_file_is_cut_short(self, snapshot, vectors, name):
        opened, _ = reopen(snapshot)
        os.truncate(snapshot / name, 0)
        assert opened.nearest(vectors[5:6], 1)[0].tolist() == [[15]]

    def test_serves_on_when_the_folder_is_removed(self, snapshot, vectors):
        opened, _ = reopen(snapshot)
        shutil.rmtree(snapshot)
        assert opened.nearest(vectors[5:6], 1)[0].tolist() == [[15]]

    def test_carries_live_changes(self, snapshot, vectors):
        opened, manifest = reopen(snapshot)
        live = LiveIndex(opened, manifest.dimension)
        live.apply(np.array([1]), vectors[5:6], np.array([15]))
        assert live.nearest(vectors[5:6], 1)[0].tolist() == [[1]]

    def test_missing(self, tmp_path):
        with pytest.raises(errors.SnapshotMissing, match="likeness reindex") as caught:
            reopen(tmp_path / "nowhere")
        assert caught.value.code == "snapshot-missing"

    def test_of_another_model(self, snapshot):
        with pytest.raises(errors.SnapshotForeign, match=r"resnet18-1f.*vgg16-2e") as caught:
            open_snapshot(snapshot, model_fingerprint="vgg16-2e")
        assert caught.value.code == "snapshot-foreign"

    def test_of_a_newer_format_whatever_else_changed(self, snapshot):
        newer = {"format": 3, "vectors": {"shards": 8}}
        (snapshot / "manifest.json").write_text(json.dumps(newer))
        with pytest.raises(errors.SnapshotFormat, match=r"format is 3, .* up to 2") as caught:
            reopen(snapshot)
        assert caught.value.code == "snapshot-format"

    def test_of_an_unknown_recipe(self, snapshot):
        reseal(snapshot, recipe="hnsw-fp16")
        with pytest.raises(errors.SnapshotFormat, match="recipe hnsw-fp16"):
            reopen(snapshot)


class TestTornSnapshot:
    @pytest.mark.parametrize("name", FILES)
    def test_a_file_missing(self, snapshot, name):
        (snapshot / name).unlink()
        with pytest.raises(errors.SnapshotTorn, match=f"{name} is missing") as caught:
            reopen(snapshot)
        assert caught.value.code == "snapshot-torn"
        assert "likeness reindex" in str(caught.value)

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("kept", [0.0, 0.5, 0.999])
    def test_a_file_cut_short(self, snapshot, name, kept):
        size = (snapshot / name).stat().st_size
        os.truncate(snapshot / name, min(int(size * kept), size - 3))
        with pytest.raises(errors.SnapshotTorn, match=name):
            reopen(snapshot)

    @pytest.mark.parametrize("name", FILES)
    @pytest.mark.parametrize("place", [0.0, 0.2, 0.5, 0.8, 0.97])
    def test_a_byte_flipped(self, snapshot, name, place):
        content = bytearray((snapshot / name).read_bytes())
        content[int(len(content) * place)] ^= 0xFF
        (snapshot / name).write_bytes(content)
        with pytest.raises(errors.SnapshotTorn, match=name):
            reopen(snapshot)

    def test_another_sequence_written_into_the_manifest(self, snapshot):
        manifest = snapshot / "manifest.json"
        manifest.write_text(manifest.read_text().replace("4711", "4811"))
        with pytest.raises(errors.SnapshotTorn, match="does not match its own checksum"):
            reopen(snapshot)

    @pytest.mark.parametrize("content", ["[]", "null", '{"format": "one"}', "[" * 60_000])
    def test_a_manifest_that_is_something_else(self, snapshot, content):
        (snapshot / "manifest.json").write_text(content)
        with pytest.raises(errors.SnapshotTorn, match=r"manifest\.json"):
            reopen(snapshot)

    @pytest.mark.parametrize(
        "changes", [{"agreement": 1.5}, {"count": -1}, {"created_at": None}, {"sequence": "x"}]
    )
    @pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
    def test_a_manifest_with_impossible_values(self, snapshot, changes):
        reseal(snapshot, **changes)
        with pytest.raises(errors.SnapshotTorn, match=next(iter(changes))):
            reopen(snapshot)

    def test_a_manifest_that_names_other_files(self, snapshot):
        entry = next(iter(read_manifest(snapshot).files.values()))
        manifest = read_manifest(snapshot).model_copy(update={"files": {"../index.faiss": entry}})
        (snapshot / "manifest.json").write_bytes(manifest.to_bytes())
        with pytest.raises(errors.SnapshotTorn, match="names other files"):
            reopen(snapshot)

    @pytest.mark.parametrize(
        ("changes", "complaint"),
        [({"count": 299}, "holds 300 ids"), ({"dimension": 16}, "300 vectors of 32 dimensions")],
    )
    def test_a_manifest_that_counts_otherwise(self, snapshot, changes, complaint):
        reseal(snapshot, **changes)
        with pytest.raises(errors.SnapshotTorn, match=complaint):
            reopen(snapshot)

    def test_files_of_two_snapshots_mixed(self, snapshot, unit_vectors, tmp_path):
        write(tmp_path / "other", ExactIndex.build(np.arange(200), unit_vectors(200, 32)))
        shutil.copy(tmp_path / "other" / "index.faiss", snapshot / "index.faiss")
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match="holds 200 vectors"):
            reopen(snapshot)

    @pytest.mark.parametrize(
        "ids",
        [np.arange(300)[::-1], np.zeros(300, np.int64), np.arange(300) - 1],
        ids=["descending", "repeated", "negative"],
    )
    def test_ids_out_of_order(self, snapshot, ids):
        np.save(snapshot / "ids.npy", ids)
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match="not in ascending order"):
            reopen(snapshot)

    def test_a_pickle_is_not_unpickled(self, snapshot, tmp_path):
        class Trap:
            def __reduce__(self):
                return (Path.touch, (tmp_path / "sprung",))

        np.save(snapshot / "ids.npy", np.array([Trap()] * 300, object), allow_pickle=True)
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match="not a plain array of ids"):
            reopen(snapshot)
        assert not (tmp_path / "sprung").exists()

    @pytest.mark.parametrize("content", [b"", b"not an index", b"IxSQ" + b"\xff" * 200])
    def test_vectors_faiss_cannot_read(self, snapshot, content):
        (snapshot / "index.faiss").write_bytes(content)
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match=r"index\.faiss is not readable by FAISS"):
            reopen(snapshot)

    def test_a_faiss_index_of_another_kind(self, snapshot, vectors):
        flat = faiss.IndexFlatIP(32)
        flat.add(vectors)
        faiss.write_index(flat, str(snapshot / "index.faiss"))
        reseal(snapshot)
        with pytest.raises(errors.SnapshotTorn, match="not of the recipe exact-fp16"):
            reopen(snapshot)

    def test_a_file_in_place_of_the_folder(self, tmp_path):
        (tmp_path / "s").write_text("not a folder")
        with pytest.raises(errors.SnapshotTorn, match=r"manifest\.json cannot be read"):
            reopen(tmp_path / "s")


WRITE_UNDER_FILE_SIZE_LIMIT = """
import resource, sys
from pathlib import Path
import numpy as np
from vector_index.errors import StorageFull
from vector_index.exact import ExactIndex
from vector_index.snapshot import write_snapshot

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
index = ExactIndex.build(np.arange(2_000), np.eye(64, dtype=np.float32)[np.arange(2_000) % 64])
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    write_snapshot(folder, index, model_fingerprint="m", sequence=1, agreement=1.0)
except StorageFull as exc:
    print(exc.code, exc)
"""


def write_elsewhere(folder: Path, *, file_size_limit: int = 0) -> str:
    finished = subprocess.run(
        [sys.executable, "-c", WRITE_UNDER_FILE_SIZE_LIMIT, str(folder), str(file_size_limit)],
        capture_output=True,
        text=True,
        check=True,
    )
    return finished.stdout


@pytest.fixture
def small_disk(tmp_path):
    """A real file system of 128 KiB."""
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if mount is None or unmount is None or os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=128k", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not permitted here: {mounted.stderr.decode().strip()}")
    yield disk
    # Lazily: a failed test's traceback may still hold a file open.
    subprocess.run([unmount, "-l", str(disk)], check=True)


class TestFullDisk:
    # The ids take 16 kB, the vectors 256 kB.
    @pytest.mark.parametrize("limit", [100, 8_192, 100_000, 256_000])
    def test_a_file_size_limit(self, tmp_path, limit):
        said = write_elsewhere(tmp_path / "snapshots" / "1", file_size_limit=limit)
        assert said.startswith("storage-full ")
        assert "Free some space" in said
        assert list((tmp_path / "snapshots").iterdir()) == []

    def test_without_a_limit_the_same_is_written(self, tmp_path):
        assert write_elsewhere(tmp_path / "snapshots" / "1") == ""
        opened, _ = open_snapshot(tmp_path / "snapshots" / "1", model_fingerprint="m")
        assert len(opened) == 2_000

    def test_a_full_file_system_and_then_room_again(self, small_disk, index):
        ballast = small_disk / "ballast"
        ballast.write_bytes(bytes(112 * 1024))
        with pytest.raises(errors.StorageFull, match="No space left on device") as caught:
            write(small_disk / "1", index)
        assert caught.value.code == "storage-full"
        assert list(small_disk.iterdir()) == [ballast]
        ballast.unlink()
        write(small_disk / "1", index)
        assert len(reopen(small_disk / "1")[0]) == 300

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_full_only_when_flushed_to_the_disk(self, index, tmp_path, monkeypatch, number):
        """Network file systems and quotas may say so as late as fsync."""

        def refuse(_descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(errors.StorageFull):
            write(tmp_path / "snapshots" / "1", index)
        assert list((tmp_path / "snapshots").iterdir()) == []

    def test_another_failure_of_the_disk_is_not_called_full(self, index, tmp_path, monkeypatch):
        def refuse(_descriptor: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(errors.SnapshotUnwritable, match="Input/output error"):
            write(tmp_path / "snapshots" / "1", index)
        assert list((tmp_path / "snapshots").iterdir()) == []

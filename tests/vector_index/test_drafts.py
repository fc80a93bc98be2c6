import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from vector_index.drafts import draft_of, remove_abandoned
from vector_index.errors import SnapshotExists, SnapshotUnwritable
from vector_index.exact import ExactIndex
from vector_index.snapshot import open_snapshot, write_snapshot

# Dies in the middle of writing its first file, or waits there.
WRITER = """
import os, signal, sys
from pathlib import Path
import numpy as np
from vector_index import snapshot, snapshot_files
from vector_index.exact import ExactIndex

def interrupted(file, content):
    os.write(file._file.fileno(), content[:1_000])
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    print("writing", flush=True)
    sys.stdin.read()

snapshot_files.WrittenFile.write = interrupted
index = ExactIndex.build(np.arange(64), np.eye(64, dtype=np.float32))
snapshot.write_snapshot(
    Path(sys.argv[1]), index, model_fingerprint="m", sequence=1, agreement=1.0
)
"""


def start_writer(folder: Path, behaviour: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), behaviour],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def killed(tmp_path):
    """A parent folder in which a writer of `1` was killed half-way."""
    with start_writer(tmp_path / "s" / "1", "die") as writer:
        writer.communicate()
    assert writer.returncode == -signal.SIGKILL
    return tmp_path / "s"


class TestKilledWriter:
    def test_leaves_a_draft_and_no_snapshot(self, killed):
        [draft] = killed.iterdir()
        assert draft.name.startswith(".draft-1-")
        assert [path.name for path in draft.iterdir()] == ["ids.npy"]

    def test_does_not_hinder_the_next_writer(self, killed):
        index = ExactIndex.build(np.arange(64), np.eye(64, dtype=np.float32))
        write_snapshot(killed / "1", index, model_fingerprint="m", sequence=1, agreement=1.0)
        assert len(open_snapshot(killed / "1", model_fingerprint="m")[0]) == 64

    def test_its_draft_can_be_removed(self, killed):
        [draft] = killed.iterdir()
        assert remove_abandoned(killed) == [draft]
        assert list(killed.iterdir()) == []


class TestRemoveAbandoned:
    def test_leaves_a_living_writer_alone_until_it_dies(self, tmp_path):
        with start_writer(tmp_path / "1", "wait") as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "writing\n"
            assert remove_abandoned(tmp_path) == []
            [draft] = tmp_path.iterdir()
            assert list(draft.iterdir())
            writer.kill()
        assert remove_abandoned(tmp_path) == [draft]

    def test_leaves_a_writer_of_this_process_alone(self, tmp_path):
        with draft_of(tmp_path / "1") as draft:
            assert remove_abandoned(tmp_path) == []
            (draft / "file").write_text("whole")
        assert (tmp_path / "1" / "file").read_text() == "whole"

    def test_leaves_everything_else_alone(self, tmp_path):
        (tmp_path / "7").mkdir()
        (tmp_path / "notes.txt").write_text("mine")
        (tmp_path / ".draft-of-a-letter").write_text("a file, not a folder")
        assert remove_abandoned(tmp_path) == []
        assert len(list(tmp_path.iterdir())) == 3

    def test_a_missing_parent_has_no_drafts(self, tmp_path):
        assert remove_abandoned(tmp_path / "nowhere") == []


class TestDraftOf:
    def test_appears_whole_at_the_end(self, tmp_path):
        with draft_of(tmp_path / "deep" / "1") as draft:
            (draft / "file").write_text("whole")
            assert not (tmp_path / "deep" / "1").exists()
        assert (tmp_path / "deep" / "1" / "file").read_text() == "whole"
        assert not draft.exists()

    def test_is_removed_when_the_block_fails(self, tmp_path):
        with pytest.raises(ZeroDivisionError), draft_of(tmp_path / "1") as draft:
            (draft / "file").write_text(str(1 / 0))
        assert list(tmp_path.iterdir()) == []

    def test_a_folder_that_appears_meanwhile_is_not_replaced(self, tmp_path):
        (tmp_path / "theirs").mkdir()
        (tmp_path / "theirs" / "file").write_text("theirs")
        with pytest.raises(SnapshotExists), draft_of(tmp_path / "1"):
            (tmp_path / "theirs").rename(tmp_path / "1")
        assert (tmp_path / "1" / "file").read_text() == "theirs"
        assert list(tmp_path.iterdir()) == [tmp_path / "1"]

    def test_a_dangling_link_counts_as_something_there(self, tmp_path):
        (tmp_path / "1").symlink_to(tmp_path / "nowhere")
        with pytest.raises(SnapshotExists), draft_of(tmp_path / "1"):
            pytest.fail("the block must not run")

    def test_a_draft_removed_under_the_writer_is_reported(self, tmp_path):
        with (
            pytest.raises(SnapshotUnwritable, match="cannot be written"),
            draft_of(tmp_path / "1") as draft,
        ):
            shutil.rmtree(draft)
        assert list(tmp_path.iterdir()) == []

"""The conversation with the peer's process; the peer itself is gigabytes, and `make bench`'s."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peer import running as running_module
from bench.peer.running import Peer

RUNNER = Path(running_module.__file__).with_name("runner.py")

# As much of the peer's interface as the runner uses: every picture's vector is its first bytes.
PEER = """
class Store:
    dimension = 4
    def __init__(self): self.ids = []
    def count(self): return len(self.ids)
    def add(self, ids, vectors, metadata):
        assert vectors.shape == (len(ids), 4) and len(metadata) == len(ids)
        self.ids += ids

class Search_Setup:
    def __init__(self, image_list, model_name, pretrained, metadata_dir):
        assert not pretrained
        self.vector_store = Store()
    def run_index(self, force_reindex):
        print("a line of its own on standard output")
        self.vector_store = Store()
        for path in self.image_list:
            if open(path, "rb").read(2) == b"ok":
                self.vector_store.ids.append(path)
    def get_similar_images(self, path, count):
        return dict(enumerate(self.vector_store.ids[:count]))
"""


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    (tmp_path / "DeepImageSearch.py").write_text(PEER)
    program = (
        f"import sys, runpy; sys.path.insert(0, {str(tmp_path)!r}); "
        f"runpy.run_path({str(RUNNER)!r}, run_name='__main__')"
    )
    started = Peer([sys.executable, "-c", program, "resnet18", str(tmp_path)], tmp_path / "log")
    yield started
    started.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path in paths:
        path.write_bytes(b"ok")
    return paths


def test_orders_are_carried_out_in_turn(peer: Peer, files: list[Path]) -> None:
    assert peer.indexing_rate(files) > 0
    assert peer.fill(25_000) == 4
    assert len(peer.query_ms(files)) == 3


def test_a_picture_it_leaves_out_is_told(peer: Peer, files: list[Path]) -> None:
    files[1].write_bytes(b"broken")

    with pytest.raises(RuntimeError, match="indexed 2 of 3"):
        peer.indexing_rate(files)


def test_its_end_is_told_in_its_own_words(peer: Peer, files: list[Path]) -> None:
    with pytest.raises(RuntimeError, match="nothing was found"):
        peer.query_ms(files)

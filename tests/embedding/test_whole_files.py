from pathlib import Path

import pytest

from embedding.whole_files import replacing, write_whole


def test_what_is_there_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    write_whole(file, "old")

    def cut_off() -> None:
        with replacing(file) as written:
            written.write(b"half of ")
            assert file.read_text() == "old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cut_off()
    assert [each.name for each in tmp_path.iterdir()] == ["card.json"]
    assert file.read_text() == "old"

    with replacing(file) as written:
        written.write(b"new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o644)

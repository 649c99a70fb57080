"""What is written takes its name when it is whole, and never before."""

from pathlib import Path

import pytest

from optimizer.errors import SitewattError
from optimizer.folders import AlreadyThere, written_aside


def write(folder: Path, text: str, *, overwrite: bool = False) -> None:
    with written_aside(folder, overwrite=overwrite) as aside:
        aside.mkdir()
        (aside / "a.txt").write_text(text)


def test_folder_appears_whole(tmp_path: Path) -> None:
    target = tmp_path / "new" / "run"
    with written_aside(target) as aside:
        aside.mkdir()
        (aside / "a.txt").write_text("a")
        assert not target.exists()
        assert aside.parent == target.parent  # Renaming must not cross file systems.
    assert [path.name for path in target.iterdir()] == ["a.txt"]
    assert list(target.parent.iterdir()) == [target]


def test_failure_leaves_what_was_there(tmp_path: Path) -> None:
    write(tmp_path / "run", "old")

    def fail() -> None:
        with written_aside(tmp_path / "run", overwrite=True) as aside:
            aside.mkdir()
            (aside / "a.txt").write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (tmp_path / "run" / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_nothing_is_replaced_unasked(tmp_path: Path) -> None:
    write(tmp_path / "run", "old")
    with pytest.raises(AlreadyThere, match="--overwrite"):
        write(tmp_path / "run", "new")
    write(tmp_path / "run", "new", overwrite=True)
    assert (tmp_path / "run" / "a.txt").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_file_can_be_written_aside(tmp_path: Path) -> None:
    target = tmp_path / "a.gpkg"
    for text in ("old", "new"):
        with written_aside(target, overwrite=True) as aside:
            aside.write_text(text)
    assert target.read_text() == "new"


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SitewattError, match="run cannot be written"):
        write(tmp_path / "file" / "run", "a")

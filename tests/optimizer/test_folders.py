"""What is written takes its name when it is whole, and never before."""

import errno
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.errors import SitewattError
from optimizer.folders import AlreadyThere, sibling, try_place, written_aside


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


@pytest.mark.parametrize("theirs", ["thesis.txt", "letters/a.txt"])
def test_a_folder_of_other_things_is_never_replaced(tmp_path: Path, theirs: str) -> None:
    kept = tmp_path / "run" / theirs
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(AlreadyThere, match="other things than a result"):
        write(tmp_path / "run", "new", overwrite=True)
    assert kept.read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(AlreadyThere, match="other things than a result"):
        write(tmp_path / "run", "new", overwrite=True)
    assert (tmp_path / "run").read_text() == "mine"


def test_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    write(tmp_path / "run", "new", overwrite=True)
    assert (tmp_path / "run" / "a.txt").read_text() == "new"


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


def abandoned(target: Path, what: str, process: int) -> Path:
    """What a process leaves beside a place when it is killed."""
    return target.with_name(sibling(target, what).name.replace(f"-{os.getpid()}-", f"-{process}-"))


@pytest.fixture
def dead() -> int:
    """Number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_process_left_goes_with_the_next(tmp_path: Path, dead: int) -> None:
    target = tmp_path / "run"
    mine, another = abandoned(target, "partial", dead), abandoned(tmp_path / "other", "partial", 1)
    for folder in (mine, another):
        folder.mkdir()
        (folder / "plan.json").write_text("half")
    write(target, "new")
    assert {path.name for path in tmp_path.iterdir()} == {"run", another.name}


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_of_two_that_write_to_one_place_one_wins_whole(tmp_path: Path, kind: str) -> None:
    target = tmp_path / "run"

    def make(path: Path, text: str) -> None:
        if kind == "folder":
            path.mkdir()
            path = path / "a.txt"
        path.write_text(text)

    def write_too_late() -> None:
        with written_aside(target) as slow:
            make(slow, "slow")
            with written_aside(target) as quick:
                make(quick, "quick")
            assert slow.exists()  # The quick one did not take it for a leftover.

    with pytest.raises(AlreadyThere, match="in the meantime"):
        write_too_late()
    assert (target / "a.txt" if kind == "folder" else target).read_text() == "quick"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_old_folder_comes_back_after_a_kill_between_two_renames(tmp_path: Path, dead: int) -> None:
    target = tmp_path / "run"
    write(target, "old")
    target.rename(abandoned(target, "old", dead))
    with pytest.raises(AlreadyThere):
        write(target, "new")
    assert (target / "a.txt").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_place_is_tried_before_hours_of_work(tmp_path: Path) -> None:
    try_place(tmp_path / "new" / "run")
    assert list((tmp_path / "new").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(SitewattError, match="Name a place below a folder"):
        try_place(tmp_path / "file" / "run")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "Free some space"), (errno.EROFS, "can be written to"), (errno.EIO, "")],
)
def test_error_of_the_disk_names_the_remedy(tmp_path: Path, number: int, remedy: str) -> None:
    write(tmp_path / "run", "old")

    def fail() -> None:
        with written_aside(tmp_path / "run", overwrite=True) as aside:
            aside.mkdir()
            raise OSError(number, os.strerror(number))

    with pytest.raises(SitewattError, match=f"{os.strerror(number)}.*{remedy}"):
        fail()
    assert (tmp_path / "run" / "a.txt").read_text() == "old"


def test_file_that_does_not_fit_leaves_nothing(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(SitewattError, match="Raise the limit"):
            write(tmp_path / "run", "a" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list(tmp_path.iterdir()) == []

"""Write aside and rename: what was there before gives way to a finished result alone.

What is being written has a hidden name beside its place, with the machine and the process that
writes it in it. So the leftovers of a process that was killed are known from what somebody is
still writing, and go when the next one writes to that place.
"""

import errno
import os
import platform
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from optimizer.errors import SitewattError

# What to do about an error of the system; others speak for themselves.
REMEDIES = {
    errno.ENOSPC: "Free some space, or name a place on another disk with --out.",
    errno.EDQUOT: "Free some space, or name a place on another disk with --out.",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f).",
    errno.EROFS: "Name a place that can be written to with --out.",
    errno.EACCES: "Name a place that can be written to with --out, or change its permissions.",
    errno.ENOTDIR: "Name a place below a folder with --out.",
    errno.EEXIST: "Name a place below a folder with --out.",
}
# Process numbers mean nothing on another machine that shares the disk.
MACHINE = f"{crc32(platform.node().encode()):08x}"
LEFTOVER = re.compile(rf"\.(partial|old)-{MACHINE}-([0-9]+)-[0-9a-f]{{8}}\.(.+)", re.DOTALL)


class AlreadyThere(SitewattError):
    """The place to write to is taken, and nobody said that it may be replaced."""

    exit_code = 2


@contextmanager
def written_aside(target: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Yield a path beside `target` to write a file or folder to; it becomes `target` at the end.

    If the block raises, what was written is removed and `target` stays as it was.

    Raises
    ------
    AlreadyThere
        `target` exists and `overwrite` was not asked for; also where it came in the meantime.
    SitewattError
        The place cannot be written to.
    """
    refuse_existing(target, overwrite=overwrite)
    aside = sibling(target, "partial")
    with writing(target):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            yield aside
            flush(aside)
            if overwrite:
                replace(aside, target)
            else:
                place(aside, target)
        finally:
            remove(aside)


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Turn an error of the system in the block into one that says what to do about it.

    Raises
    ------
    SitewattError
        The place cannot be written to.
    """
    try:
        yield
    except OSError as error:
        said = f"{target} cannot be written: {error.strerror or error}."
        raise SitewattError(f"{said} {REMEDIES.get(error.errno or 0, '')}".rstrip()) from error


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise AlreadyThere if `target` exists and may not be replaced."""
    with writing(target):
        clear_leftovers(target)
        taken = target.exists() and not overwrite
    if taken:
        raise AlreadyThere(f"{target} is there already. Name another place, or add --overwrite.")


def refuse_other_things(target: Path, ours: Collection[str] | None) -> None:
    """Raise AlreadyThere if what is there is no earlier result, so that nobody loses other things.

    Parameters
    ----------
    ours : names, without endings, of which a result has at least one in its folder; None for a
        result that is a file.
    """
    theirs = {path.stem for path in target.iterdir()} if target.is_dir() else None
    alike = not theirs or not theirs.isdisjoint(ours or ())
    if (theirs is None) != (ours is None) or not alike:
        raise AlreadyThere(f"{target} holds other things than a result. Name another place.")


def try_place(target: Path) -> None:
    """Find out before hours of work whether something can be written to a place at all.

    Raises
    ------
    SitewattError
        It cannot.
    """
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        probe = sibling(target, "partial")
        probe.mkdir()
        probe.rmdir()


def place(new: Path, target: Path) -> None:
    """Give `new` the name of `target`, unless something took it in the meantime."""
    taken = f"{target} was written by somebody else in the meantime. Name another place."
    if new.is_dir():
        try:
            new.rename(target)
        except OSError as error:
            if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR) and target.exists():
                raise AlreadyThere(taken) from error
            raise
        return
    try:
        # A second name is refused where there is one already; a rename would replace it.
        target.hardlink_to(new)
    except FileExistsError:
        raise AlreadyThere(taken) from None
    except OSError:  # This file system has no second names.
        new.rename(target)


def replace(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`; a folder is set aside until that has worked.

    Whoever is killed between the two steps leaves the old folder aside, and `clear_leftovers`
    puts it back.

    Raises
    ------
    AlreadyThere
        Nothing in `target` bears the name of anything in `new`: it is no earlier result.
    """
    if target.exists():
        refuse_other_things(target, {path.stem for path in new.iterdir()} if new.is_dir() else None)
    if not target.exists() or (target.is_file() and new.is_file()):
        new.replace(target)
        return
    old = sibling(target, "old")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    remove(old)


def flush(path: Path) -> None:
    """Wait until the disk has a file or every file of a folder: a name must not come first."""
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())


def clear_leftovers(target: Path) -> None:
    """Remove what processes that are no more began to write to `target`.

    Was one killed as it set an old folder aside, that takes its place again.
    """
    for path in sorted(target.parent.iterdir()) if target.parent.is_dir() else []:
        found = LEFTOVER.fullmatch(path.name)
        if found is None or found[3] != target.name or is_running(int(found[2])):
            continue
        if found[1] == "old" and not target.exists():
            path.rename(target)
        else:
            remove(path)


def is_running(process: int) -> bool:
    """Whether there is a process of this number; on Windows nobody may ask so, and it counts."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def sibling(target: Path, what: str) -> Path:
    """Hidden path beside `target` that nobody else uses, with its ending: some writers check it."""
    writer = f"{MACHINE}-{os.getpid()}-{secrets.token_hex(4)}"
    return target.with_name(f".{what}-{writer}.{target.name}")


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    elif path.exists() or path.is_symlink():
        path.unlink()

"""Write aside and rename: what was there before gives way to a finished result alone."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from optimizer.errors import SitewattError


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
        `target` exists and `overwrite` was not asked for.
    SitewattError
        The place cannot be written to.
    """
    refuse_existing(target, overwrite=overwrite)
    aside = sibling(target, "partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        replace(aside, target)
    except OSError as error:
        raise SitewattError(f"{target} cannot be written: {error.strerror or error}.") from error
    finally:
        remove(aside)


def refuse_existing(target: Path, *, overwrite: bool) -> None:
    """Raise AlreadyThere if `target` exists and may not be replaced."""
    if target.exists() and not overwrite:
        raise AlreadyThere(f"{target} is there already. Name another place, or add --overwrite.")


def replace(new: Path, target: Path) -> None:
    """Put `new` in the place of `target`, which is set aside until that has worked."""
    if not target.exists():
        new.rename(target)
        return
    old = sibling(target, "old")
    target.rename(old)
    try:
        new.rename(target)
    except OSError:
        old.rename(target)
        raise
    remove(old)


def sibling(target: Path, what: str) -> Path:
    """Hidden path beside `target` that nobody else uses, with its ending: some writers check it."""
    return target.with_name(f".{what}-{os.getpid()}-{secrets.token_hex(4)}.{target.name}")


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    elif path.exists() or path.is_symlink():
        path.unlink()

"""The files of an instance folder: which there are, and their bytes within limits."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import Problem
from optimizer.names import as_written, nearest
from optimizer.schema import LATER_TABLES, TABLES

ENDINGS = (".csv", ".parquet")

# Limits on what is read, so that no file can take the machine's memory. They leave room for ten
# times the largest study in sight: 1,000 sites × 10,000 regions × 20 workloads × 10 stages, and
# 200 profiles of 8760 hours.
MOST_ROWS = {"demand": 5_000_000, "latency": 10_000_000, "profiles": 2_000_000}
MOST_ROWS_ELSEWHERE = 200_000
MOST_BYTES = {"demand": 2**29, "latency": 2**30, "profiles": 2**28}
MOST_BYTES_ELSEWHERE = 2**26
MOST_BYTES_OF_MANIFEST = 2**16
MOST_BYTES_OF_PLAN = 2**20
# Where somebody puts a link or a pipe in a file's place as it is opened, neither is followed.
CAUTION = sum(getattr(os, flag, 0) for flag in ("O_NOFOLLOW", "O_NONBLOCK"))


@dataclass(frozen=True)
class Size:
    """How large a table may be.

    Parameters
    ----------
    rows : that it may have.
    bytes : that its file may have, in Parquet also once it is unpacked.
    """

    rows: int
    bytes: int


def most_of(table: str) -> Size:
    """How large a table of an instance may be."""
    return Size(
        MOST_ROWS.get(table, MOST_ROWS_ELSEWHERE), MOST_BYTES.get(table, MOST_BYTES_ELSEWHERE)
    )


def find_tables(folder: Path, prefix: str) -> tuple[dict[str, Path], list[Problem]]:
    """Table files of a folder by the table they hold.

    Other files and sub-folders are not looked at: a README may stand beside the tables.

    Parameters
    ----------
    prefix : what stands before a table's name in problems.
    """
    files: dict[str, Path] = {}
    problems = []
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in ENDINGS:
            continue
        if path.suffix not in ENDINGS or path.stem not in TABLES:
            problems.append(unknown_file(path, prefix))
        elif path.stem in files:
            twice = "is there twice, as CSV and as Parquet"
            problems.append(
                Problem(prefix + path.stem, None, "", path.name, twice, "keep one of the two")
            )
        else:
            files[path.stem] = path
    return files, problems


def unknown_file(path: Path, prefix: str) -> Problem:
    """Problem of a file that looks like a table and is none."""
    if path.stem in LATER_TABLES:
        message, remedy = "this version does not read this table yet", "take it out"
    elif path.stem in TABLES:
        message = "the ending is not in small letters"
        remedy = f"rename it to {path.stem}{path.suffix.lower()}"
    else:
        message, remedy = "there is no such table", nearest(path.stem, TABLES)
    return Problem(prefix + as_written(path.name), None, "", "", message, remedy)


def read_bytes(path: Path, label: str, most: int) -> tuple[bytes | None, list[Problem]]:
    """Content of a file, unless it is a link, no regular file, or too large."""

    def refused(message: str, remedy: str) -> tuple[None, list[Problem]]:
        return None, [Problem(label, None, "", path.name, message, remedy)]

    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            return refused("is a link", "put the file itself into the folder")
        if not stat.S_ISREG(status.st_mode):
            return refused("is not a file", "put a file in its place")
        with open(path, "rb", opener=as_it_lies) as file:
            # Python sets aside what may be read at most before it reads.
            content = file.read(min(status.st_size, most) + 1) or b""
        if len(content) > most:
            return refused(
                f"is larger than {most:,} bytes", "take out what the question does not need"
            )
        if len(content) != status.st_size:
            return refused("changes while it is read", "wait until it is written")
        return content, []
    except OSError as error:
        return refused(f"cannot be read: {error.strerror}", "check the file and its permissions")


def as_it_lies(path: str, flags: int) -> int:
    """Open what lies there, not what it leads to, and wait for nobody."""
    return os.open(path, flags | CAUTION)

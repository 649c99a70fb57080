"""What a sweep has to show, and a receipt by which it is known to be done without any reading.

Everything here is quick to import: to run a sweep again that is done loads nothing else.
"""

import hashlib
import json
import platform
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from optimizer.folders import written_aside

# What a result depends on besides the case; HiGHS comes with highspy.
PACKAGES = ("sitewatt", "highspy", "pyomo", "numpy", "scipy", "pandas")
# Goes up where a figure of the results comes to mean something else.
MEANING = "2"
RECEIPT = "cases/receipt.json"

Hashes = dict[str, str]


@dataclass(frozen=True)
class Swept:
    """What a sweep has to show.

    Parameters
    ----------
    out : its folder.
    files : tables and pictures there.
    ended : cases by status, those that are the same counted each.
    solved : how many were solved this time.
    """

    out: Path
    files: list[str]
    ended: Counter[str]
    solved: int

    def lines(self) -> list[str]:
        """Lines for a terminal."""
        told = ", ".join(f"{count:,} {status}" for status, count in sorted(self.ended.items()))
        return [
            f"{self.ended.total():,} cases, {self.solved:,} solved now: {told}",
            f"{self.out} holds {', '.join(self.files)}",
        ]

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        counts = dict(sorted(self.ended.items()))
        return {"out": str(self.out), "files": self.files, "cases": counts, "solved": self.solved}


@dataclass(frozen=True)
class Inputs:
    """What a sweep is made from, as it was when that was read.

    Parameters
    ----------
    folders : of the instance and of all that it extends, from the folder of the study on.
    hashes : by path, likewise, of the study and of whatever lies in those folders.
    """

    folders: list[str]
    hashes: Hashes

    @classmethod
    def of(cls, study: Path, folders: list[str]) -> "Inputs":
        """Inputs as they are now."""
        here = study.parent.resolve()
        inside = [
            f"{folder}/{path.name}" for folder in folders for path in (here / folder).iterdir()
        ]
        return cls(folders, hashes(here, [study.name, *inside]))

    @classmethod
    def since(cls, study: Path, folders: list[str], moment: float) -> "Inputs | None":
        """Inputs as they have been since a moment, in seconds as files are dated.

        Returns
        -------
        Inputs
            None if anything has changed since: who read it then may have read something else.
        """
        try:
            found = cls.of(study, folders)
            paths = (study.parent / path for path in (*folders, *found.hashes))
            stats = [path.stat() for path in paths]
        except OSError:
            return None
        changed = max(max(stat.st_mtime, stat.st_ctime) for stat in stats)
        return found if changed < moment else None


def keep_receipt(swept: Swept, inputs: Inputs, cases: Iterable[str]) -> None:
    """Keep what a finished sweep was made from and what it wrote.

    Parameters
    ----------
    cases : files of the cases, from the folder of the sweep on.
    """
    written = hashes(swept.out, [*swept.files, *cases])
    content = {"versions": versions(), **asdict(inputs), "written": written, **swept.as_dict()}
    with written_aside(swept.out / RECEIPT, overwrite=True) as file:
        file.write_text(json.dumps(content), encoding="utf-8")


def done_before(study: Path, out: Path) -> Swept | None:
    """A sweep that is done, if all that it was made from and all that it wrote is as it was."""
    try:
        kept = json.loads((out / RECEIPT).read_bytes())
        same = (
            kept["versions"] == versions()
            and kept["hashes"] == Inputs.of(study, kept["folders"]).hashes
            and kept["written"] == hashes(out, kept["written"])
        )
        return Swept(out, kept["files"], Counter(kept["cases"]), 0) if same else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None  # There is no receipt, or none that can be read.


def hashes(folder: Path, paths: Iterable[str]) -> Hashes:
    """Hash of each file by its path from a folder on; "" for what is no file."""
    return {path: hash_of_file(folder / path) for path in paths}


def hash_of_file(path: Path) -> str:
    """Hash of a file; "" for what is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    packages = {name: version(name) for name in PACKAGES}
    return {"python": platform.python_version(), "meaning": MEANING, **packages}

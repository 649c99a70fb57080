"""Finished cases on disk: a file each, written aside and renamed, found again by the case's key."""

import json
from dataclasses import dataclass
from pathlib import Path

from optimizer.folders import refuse_other_things, writing, written_aside
from optimizer.study.cases import Case
from optimizer.study.engine import Result

FOLDER = "cases"
# Statuses of cases that are tried again: these say something of the machine, not of the case.
UNSOLVED = ("failed", "crashed")


@dataclass(frozen=True)
class Store:
    """Folder of a study.

    Parameters
    ----------
    folder : that holds results, and the finished cases below it.
    """

    folder: Path

    def claim(self) -> None:
        """Make the folder, unless it is there and holds other things.

        Raises
        ------
        AlreadyThere
            It does.
        """
        with writing(self.folder):
            if self.folder.exists():
                refuse_other_things(self.folder, {FOLDER})
            (self.folder / FOLDER).mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """File of a case."""
        return self.folder / FOLDER / f"{key}.json"

    def save(self, key: str, result: Result) -> None:
        """Keep the result of a case."""
        text = json.dumps(result, ensure_ascii=False, allow_nan=False)
        with written_aside(self.path(key), overwrite=True) as file:
            file.write_text(text, encoding="utf-8")

    def load(self, key: str) -> Result | None:
        """Result of a case; None where there is none, or none that can be read."""
        try:
            result = json.loads(self.path(key).read_bytes())
        except (OSError, ValueError, RecursionError):
            return None
        return result if isinstance(result, dict) and "status" in result else None

    def results(self, cases: list[Case]) -> dict[str, Result]:
        """Results by key of the cases that are finished."""
        found = ((case.key, self.load(case.key)) for case in cases)
        return {key: result for key, result in found if result is not None}


def missing(cases: list[Case], results: dict[str, Result]) -> list[Case]:
    """Cases still to be solved, those that are the same once."""
    again = {k for k, result in results.items() if result["status"] in UNSOLVED}
    waiting = {case.key: case for case in reversed(cases)}
    return [
        waiting[key]
        for key in dict.fromkeys(case.key for case in cases)
        if key not in results or key in again
    ]

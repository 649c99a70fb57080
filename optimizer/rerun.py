"""Solve a run's own copy of its instance again, as it says it was solved, and compare."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from optimizer.errors import SitewattError
from optimizer.files import read_bytes
from optimizer.instance import read_instance
from optimizer.run import Options
from optimizer.run_files import MOST_OF_A_TABLE, damaged, read_record

# Costs are compared with what polishing and another order of adding up may change.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Recorded:
    """What a run folder says of how it came about.

    Parameters
    ----------
    plan : content of plan.json.
    options : that it was solved with.
    """

    plan: dict[str, Any]
    options: Options


@dataclass(frozen=True)
class Comparison:
    """Two runs of one instance with the same options.

    Parameters
    ----------
    verdict : `identical`, every table to the last byte; `consistent`, where no identity can be
        asked for, and neither plan costs less than the other's bound; `different`.
    differences : tables and figures that differ.
    versions : those that differ, and what of the machine does, as `name old → new`.
    note : why no identity can be asked for, "" where it can.
    """

    verdict: str
    differences: list[str]
    versions: list[str]
    note: str

    @property
    def passed(self) -> bool:
        """Whether the second run confirms the first."""
        return self.verdict != "different"

    def lines(self) -> list[str]:
        """Report for a terminal."""
        said = {
            "identical": "the same plan: every table is the same to the last byte",
            "consistent": "consistent: neither plan costs less than the other's bound",
            "different": "NOT the same plan",
        }
        lines = [said[self.verdict]]
        lines += [f"  {self.note}"] if self.note else []
        lines += [f"  {version}" for version in self.versions]
        return lines + [f"  {difference} differs" for difference in self.differences]

    def as_dict(self) -> dict[str, Any]:
        """Content for JSON."""
        return asdict(self)


def recorded(run: Path) -> Recorded:
    """Read how a run came about.

    Raises
    ------
    SitewattError
        The folder is no run, or does not say.
    """
    plan = read_record(run)
    if not (run / "tables").is_dir():
        raise SitewattError(f"{run} is no run of sitewatt: it has no tables.")
    unknown = plan["options"].keys() - {field.name for field in fields(Options)}
    if unknown:
        raise SitewattError(
            f"{run} was solved with options that this version does not know: "
            f"{', '.join(sorted(unknown))}. "
            f"Repeat it with sitewatt {plan['versions'].get('sitewatt')}."
        )
    try:
        options = TypeAdapter(Options).validate_json(json.dumps(plan["options"]), strict=True)
    except ValidationError as error:
        wrong = "; ".join(f"{e['loc'][0]}: {e['msg']}" for e in error.errors())
        raise damaged(run, f"options: {wrong}") from error
    sha256 = read_instance(run / "instance").sha256
    if sha256 != plan.get("instance_sha256"):
        raise SitewattError(
            f"{run}/instance is not the instance that was solved: its hash is {sha256}. "
            "Solve it anew with sitewatt solve."
        )
    return Recorded(plan, options)


def compare(first: Path, second: Path) -> Comparison:
    """Compare two run folders of one instance and the same options."""
    old, new = (recorded(run).plan for run in (first, second))
    before, after = made_with(old), made_with(new)
    versions = [
        f"{name} {before.get(name, 'unknown')} → {after.get(name, 'unknown')}"
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    differences = [
        *(f"table {name}" for name in differing_tables(first, second)),
        *(name for name in ("status", "objective", "bound") if old[name] != new[name]),
    ]
    ended = (old["status"], new["status"])
    cut_short = [status for status in ended if status not in ("optimal", "gap_missed")]
    note = ""
    if cut_short:
        reason = str(cut_short[0]).replace("_", " ")
        note = f"not comparable table by table: a run ended by {reason}, not by its gap"
    elif versions:
        note = "solved with other versions or elsewhere: only cost and bound can be compared"
    if not differences:
        return Comparison("identical", [], versions, "")
    agree = old["bound"] <= new["objective"] + ROUNDING * abs(new["objective"]) and new[
        "bound"
    ] <= old["objective"] + ROUNDING * abs(old["objective"])
    verdict = "consistent" if note and agree else "different"
    return Comparison(verdict, differences, versions, note)


def made_with(plan: dict[str, Any]) -> dict[str, Any]:
    """Versions and machine that a plan was made with; older ones do not name the machine."""
    machine = plan.get("machine")
    return {**plan["versions"], **(machine if isinstance(machine, dict) else {})}


def differing_tables(first: Path, second: Path) -> Iterator[str]:
    """Names of result tables that are not the same to the last byte, or cannot be read."""
    names = {path.name for run in (first, second) for path in (run / "tables").iterdir()}
    for name in sorted(names):
        files = (run / "tables" / name for run in (first, second))
        contents = [read_bytes(file, name, MOST_OF_A_TABLE.bytes)[0] for file in files]
        if contents[0] != contents[1] or contents[0] is None:
            yield name.removesuffix(".csv")

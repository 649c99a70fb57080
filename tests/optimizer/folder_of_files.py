"""Instances as files in a dict, to spoil one thing at a time, and what reading then says."""

from pathlib import Path

from optimizer.errors import InvalidInstance, Problem
from optimizer.instance import read_instance
from optimizer.starter import FILES

Files = dict[str, str | bytes]
# Two sites, two regions, two stages, solved by hand; every table but policies has rows.
SOUND: Files = {
    **{name: text for name, text in FILES.items() if name != "README.md"},
    "policies.csv": "policy,year,value,unit\ncarbon_price,2026,80,EUR/t\n",
}
FIT = "\n[latency]\nbase_ms = 5\nms_per_km = 0.02\n"


def edited(name: str, old: str, new: str) -> Files:
    """Sound files with one text in one of them replaced."""
    assert SOUND[name].count(old), f"{name} has no {old!r}"
    return {**SOUND, name: SOUND[name].replace(old, new)}


def write_files(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def problems_in(folder: Path) -> list[Problem]:
    """All that is wrong with an instance, [] if nothing is."""
    try:
        read_instance(folder)
    except InvalidInstance as error:
        return error.problems
    return []


def problems_of(folder: Path, files: Files) -> list[Problem]:
    return problems_in(write_files(folder, files))


def assert_only(problems: list[Problem], place: tuple, message: str, remedy: str) -> None:
    """One problem: at (table, row, column, value), with these words in it."""
    (problem,) = problems
    assert (problem.table, problem.row, problem.column, problem.value) == place
    assert message in problem.message
    assert remedy in problem.remedy

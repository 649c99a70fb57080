"""The files of a run folder, read within limits: it may come from a stranger, or be damaged."""

import json
import math
import os
import re
import shutil
import stat
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import types

from optimizer.errors import Problem, SitewattError
from optimizer.files import ENDINGS, MOST_BYTES_OF_PLAN, Size, as_it_lies, read_bytes
from optimizer.parse import is_text, parse_csv, parse_parquet
from optimizer.reading import Reading

PLAN = "plan.json"
# Every table of the largest study in sight, but for a list of pairs that were ruled out.
MOST_OF_A_TABLE = Size(rows=10_000_000, bytes=2**30)


class Unreadable(ValueError):
    """A file of a run holds nothing that can be worked with, for the reason that it says."""


def table_file(run: Path, name: str) -> Path | None:
    """File that holds a table of a run, None where there is none."""
    files = (run / "tables" / f"{name}{ending}" for ending in ENDINGS)
    return next((file for file in files if file.exists() or file.is_symlink()), None)


def read_cells(file: Path) -> pd.DataFrame:
    """Read a table: CSV as text, Parquet as text, "" where it has none, and numbers.

    Raises
    ------
    Unreadable
        It is none, or too large.
    """
    content, problems = read_bytes(file, file.name, MOST_OF_A_TABLE.bytes)
    if content is None:
        raise unreadable(problems)
    reading = Reading(file.stem, file.name)
    parse = parse_csv if file.suffix == ".csv" else parse_parquet
    cells = parse(reading, content, MOST_OF_A_TABLE)
    if cells is None or reading.problems:
        raise unreadable(reading.problems)
    if len({*cells.header}) < len(cells.header):
        raise Unreadable("a column is there twice")
    columns = zip(cells.header, cells.columns, strict=True)
    return pd.DataFrame({name: as_pandas(name, column) for name, column in columns})


def unreadable(problems: list[Problem]) -> Unreadable:
    """Error that tells the first of some problems."""
    row = problems[0].row
    return Unreadable(f"row {row} {problems[0].message}" if row else problems[0].message)


def as_pandas(name: str, cells: pa.ChunkedArray) -> Any:
    """Column of text or of numbers."""
    if is_text(cells.type) or types.is_null(cells.type):
        return pd.array(cells.cast(pa.string()).fill_null(""), dtype="str")
    if types.is_temporal(cells.type):
        raise Unreadable(f"{name} holds {cells.type}, neither text nor numbers")
    if types.is_decimal(cells.type):
        cells = cells.cast(pa.float64())
    return cells.to_pandas().array


def read_record(run: Path) -> dict[str, Any]:
    """Read plan.json.

    Returns
    -------
    dict
        `objective`, `bound`, `gap` and the gap among the `options` are finite numbers, `versions`
        is an object, `currency` a currency code; nothing else is certain.

    Raises
    ------
    SitewattError
        There is none, or it is damaged.
    """
    content, problems = read_bytes(run / PLAN, PLAN, MOST_BYTES_OF_PLAN)
    if content is None:
        raise SitewattError(f"{run} is no run of sitewatt: {PLAN} {problems[0].message}.")
    try:
        record = json.loads(content)
        wrong = [key for key, fits in EXPECTED.items() if not fits(record[key])]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(run, f"{type(error).__name__} {error}") from error
    if wrong:
        raise damaged(run, f"{', '.join(wrong)} cannot be what it says")
    return dict(record)


def damaged(run: Path, how: str) -> SitewattError:
    """Error for a plan.json that no run has."""
    return SitewattError(f"{run / PLAN} is damaged: {how[:200]}. Solve the instance anew.")


def is_finite(value: object) -> bool:
    """Whether a value of JSON is a number that a computer can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


EXPECTED = {
    **dict.fromkeys(("objective", "bound", "gap"), is_finite),
    "options": lambda value: is_finite(value["gap"]),
    "versions": lambda value: isinstance(value, dict),
    "currency": lambda value: bool(re.fullmatch("[A-Z]{3}", value)),
}


def copy_as_it_is(file: Path, to: Path) -> None:
    """Copy a file of a run, byte for byte and however large.

    Raises
    ------
    SitewattError
        It is a link or no file, or cannot be read.
    """
    try:
        source = open(file, "rb", opener=as_it_lies)  # noqa: SIM115 - its errors are told apart
    except OSError as error:
        how = "is a link" if file.is_symlink() else f"cannot be read: {error.strerror}"
        raise SitewattError(f"{file} {how}. Put a file in its place.") from error
    with source:
        if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
            raise SitewattError(f"{file} is not a file. Put one in its place.")
        with to.open("wb") as copy:
            shutil.copyfileobj(source, copy)

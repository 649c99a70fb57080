"""Tables as exact numbers: a decimal in a file is the fraction it spells, not the nearest float."""

import csv
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.errors import SitewattError
from optimizer.instance import Instance
from optimizer.run_files import Unreadable, read_cells, table_file
from optimizer.schema import TABLES

NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d+))?")
# Floats end at 1e308 and 5e-324: whatever is beyond spells no number of a plan, but would take
# all memory to write out.
LARGEST_EXPONENT = 400
LONGEST_NUMBER = 1000
LARGEST_NUMBER = int(sys.float_info.max)

Row = dict[str, Any]


def exact(text: str) -> Fraction:
    """Number that a decimal spells.

    Raises
    ------
    ValueError
        It spells none, or one that no float comes near.
    """
    found = NUMBER.fullmatch(text.strip()) if len(text) <= LONGEST_NUMBER else None
    if found is None or abs(int(found[1] or 0)) > LARGEST_EXPONENT:
        raise ValueError(f"{text[:60]!r} is no number that can be worked with exactly")
    number = Fraction(text.strip())
    if abs(number) > LARGEST_NUMBER:
        raise ValueError(f"{text[:60]!r} is larger than any number of a plan")
    return number


def exact_manifest(instance: Instance) -> dict[str, Any]:
    """Keys of the manifest as written, decimals as fractions."""
    path = instance.folder / "instance.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=exact)
    except (OSError, ValueError) as error:
        raise SitewattError(f"{path} cannot be read exactly: {error}") from error


def exact_json(path: Path) -> dict[str, Any]:
    """JSON object of a file, numbers as fractions."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text, parse_float=exact, parse_int=exact, parse_constant=exact)
    except (OSError, ValueError, RecursionError) as error:
        raise SitewattError(f"{path} cannot be read exactly: {error}") from error
    return content if isinstance(content, dict) else {}


def instance_rows(instance: Instance, name: str, only: Iterable[int] | None = None) -> list[Row]:
    """Rows of an instance's table: numbers as fractions, None where there is none.

    Text, years and defaults are the reader's; each number is spelt out again from the file, and
    has to be the one that the reader found, up to its rounding. A number in Parquet is a float,
    which is a fraction already.

    Parameters
    ----------
    only : positions of the rows that matter; None for all.
    """
    frame = instance.tables[name]
    positions = range(len(frame)) if only is None else list(only)
    written = csv_columns(instance, name)
    columns = {}
    for column, values in frame.iloc[positions].items():
        if TABLES[name].columns[column].metadata["kind"] == "number":
            cells = written.get(str(column))
            columns[column] = [
                spelt(value, cells[position] if cells else "", f"{name}.{column}")
                for position, value in zip(positions, values.tolist(), strict=True)
            ]
        else:
            columns[column] = [None if pd.isna(value) else value for value in values.tolist()]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def spelt(value: float, cell: str, where: str) -> Fraction | None:
    """Exact value of a cell; of the default, or of Parquet's float, where nothing is written."""
    if pd.isna(value):
        return None
    if not cell.strip():
        return Fraction(value)
    try:
        number = exact(cell)
    except ValueError as error:
        raise SitewattError(f"{where}: {error}") from error
    if float(number) != value:
        raise SitewattError(f"{where}: {cell!r} was read as {value!r}")
    return number


def csv_columns(instance: Instance, name: str) -> dict[str, list[str]]:
    """Cells of a table's CSV file by column; none where it is Parquet or not there."""
    if name not in instance.contents or instance.files[name].suffix != ".csv":
        return {}
    return columns_of(instance.contents[name].decode("utf-8-sig"))


def columns_of(text: str) -> dict[str, list[str]]:
    """Cells of a CSV text by column."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    return {name: [row[i] for row in rows if row] for i, name in enumerate(header)}


def result_rows(run: Path, name: str) -> list[Row]:
    """Rows of a run's table as text; of Parquet, its floats as they would be written.

    Raises
    ------
    SitewattError
        There is no such table, or none that can be read.
    """
    file = table_file(run, name)
    if file is None:
        raise SitewattError(f"{run} has no table {name}. Name the folder of a finished run.")
    try:
        columns = read_cells(file).astype(str).to_dict("list")
    except Unreadable as error:
        raise SitewattError(f"{file} cannot be read exactly: {error}") from error
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

"""Read one table: from bytes to a typed frame that keeps its schema, and what is wrong with it."""

from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa

from optimizer.cells import Cells, as_pandas, type_column
from optimizer.columns import Limit
from optimizer.files import most_of
from optimizer.manifest import FIRST_YEAR
from optimizer.names import nearest
from optimizer.parse import parse_csv, parse_parquet
from optimizer.reading import Reading
from optimizer.schema import LATER_COLUMNS, TABLES

# Where Arrow, which checks, and Python, which explains, disagree on a text.
NO_WORDS = ("is not allowed here", "write something else")


def read_table(
    table: str, label: str, first_stage: int, content: bytes | None, file: Path | None
) -> Reading:
    """Read a table.

    Parameters
    ----------
    label : what problems call it.
    first_stage : the default of `earliest_year`.
    content : of its file; None where it could not be read.
    file : where it is; None where there is none, and the table is empty.
    """
    reading, schema = Reading(table, label), TABLES[table]
    cells = None
    if file is not None and content is not None:
        parse = parse_csv if file.suffix == ".csv" else parse_parquet
        cells = parse(reading, content, most_of(table))
    reading.complete &= file is None or cells is not None
    if cells is None:
        reading.frame = without_rows(table).copy(deep=False)
        reading.sound = {name: np.full(0, True) for name in schema.columns}
        return reading
    check_header(reading, cells.header, schema)
    reading.lines = cells.lines
    for name, column in zip(cells.header, cells.columns, strict=True):
        reading.written.setdefault(name, column)
    type_columns(reading, schema, first_stage)
    if schema.metadata["key"]:
        blame_duplicates(reading, list(schema.metadata["key"]))
    return reading


@cache
def without_rows(table: str) -> pd.DataFrame:
    """Columns of a table without a row, as most tables of most instances are."""
    reading = Reading(table, table)
    type_columns(reading, TABLES[table], FIRST_YEAR)
    return reading.frame


def type_columns(reading: Reading, schema: pandera.DataFrameSchema, first_stage: int) -> None:
    """Make the frame of all columns that a table has, and hold them to their limits."""
    rows = len(reading.lines)
    missing = pa.chunked_array([pa.nulls(rows)])
    typed: dict[str, Cells] = {}
    for name, column in schema.columns.items():
        reading.sound[name] = np.full(rows, name in reading.written or not column.required)
        written = reading.written.get(name, missing)
        key = next(iter(typed.values()), None)
        typed[name] = type_column(reading, name, column, written, first_stage, key)
    for name, cells in typed.items() if rows else ():
        for limit in schema.columns[name].metadata["limits"]:
            check_limit(reading, name, cells, limit)
    columns = {name: as_pandas(cells, schema.columns[name]) for name, cells in typed.items()}
    reading.frame = pd.DataFrame(columns, index=pd.RangeIndex(rows))


def check_header(reading: Reading, header: list[str], schema: pandera.DataFrameSchema) -> None:
    """Columns that are unknown, missing, or there twice."""
    for name, count in Counter(header).items():
        if name in LATER_COLUMNS.get(reading.table, ()):
            reading.reject("this version does not read this column yet", "remove it", column=name)
        elif not name:
            reading.reject("the column has no name", "name or remove it")
        elif name not in schema.columns:
            known = [column for column in schema.columns if column not in header]
            reading.reject("there is no such column", nearest(name, known), column=name)
        elif count > 1:
            reading.reject(f"the column is there {count} times", "keep one", column=name)
    for name, column in schema.columns.items():
        if column.required and name not in header:
            reading.reject("the column is missing", "add it; it has no default", column=name)


def check_limit(reading: Reading, name: str, cells: Cells, limit: Limit) -> None:
    """Hold a column to a limit; where a cell is empty there is nothing to hold."""
    wrong = ~limit.keeps(cells)
    if isinstance(cells, np.ndarray):
        wrong &= ~np.isnan(cells)

    def words(place: int) -> Callable[[str], str]:
        return lambda value: (limit.explain(value) or NO_WORDS)[place]

    reading.blame(name, wrong, words(0), words(1))


def blame_duplicates(reading: Reading, key: list[str]) -> None:
    """Blame rows whose key stands in an earlier row."""
    sound = reading.sound_rows(*key)
    keys = reading.frame if sound.all() else reading.frame.loc[sound]
    again = keys[key[0]].duplicated() if len(key) == 1 else keys.duplicated(key)
    if not again.any():
        return
    first = (
        pd.Series(reading.lines[sound], index=keys.index)
        .groupby([keys[column] for column in key], sort=False)
        .transform("first")
    )
    wrong = np.full(len(reading.frame), False)
    wrong[keys.index[again]] = True
    lines = iter(first[again])
    reading.blame(
        key[-1], wrong, lambda _: f"the same {', '.join(key)} as in row {next(lines)}",
        "keep one of the rows",
    )  # fmt: skip

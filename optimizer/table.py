"""Read one table: from bytes to a typed frame that keeps its schema, and what is wrong with it."""

from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
from pandera.errors import SchemaError, SchemaErrorReason, SchemaErrors

from optimizer.cells import type_column
from optimizer.names import nearest
from optimizer.parse import parse_csv, parse_parquet
from optimizer.reading import Reading
from optimizer.schema import LATER_COLUMNS, TABLES


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
        cells = parse(reading, content)
    reading.complete &= file is None or cells is not None
    if cells is not None:
        check_header(reading, cells.header, schema)
        reading.lines = cells.lines
        for name, column in zip(cells.header, cells.columns, strict=True):
            reading.written.setdefault(name, column)
    rows = len(reading.lines)
    for name, column in schema.columns.items():
        reading.sound[name] = np.full(rows, name in reading.written or not column.required)
        written = reading.written.get(name, pa.chunked_array([pa.nulls(rows)]))
        reading.frame[name] = type_column(reading, name, column, written, first_stage)
    if rows:
        check_schema(reading, schema)
    return reading


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


def check_schema(reading: Reading, schema: pandera.DataFrameSchema) -> None:
    """Limits, lists and keys, as the schema states them."""
    try:
        schema.validate(reading.frame, lazy=True)
    except SchemaErrors as errors:
        for error in errors.schema_errors:
            enter(reading, schema, error)
    if schema.metadata["key"]:
        blame_duplicates(reading, list(schema.metadata["key"]))


def enter(reading: Reading, schema: pandera.DataFrameSchema, error: SchemaError) -> None:
    """Enter one failed check of a schema as problems."""
    wrong = np.full(len(reading.frame), False)
    wrong[error.failure_cases["index"].to_numpy(dtype=int)] = True
    if error.reason_code is SchemaErrorReason.SERIES_CONTAINS_NULLS:
        # An empty or bad cell has been blamed where it was read.
        assert not (wrong & reading.sound[error.column_name]).any()
        return
    check, explain = error.check, schema.columns[error.column_name].metadata["explain"]
    if check.description:
        reading.blame(error.column_name, wrong, check.error, check.description)
    else:
        message, remedy = ((lambda value, i=i: explain(value)[i]) for i in (0, 1))
        reading.blame(error.column_name, wrong, message, remedy)


def blame_duplicates(reading: Reading, key: list[str]) -> None:
    """Blame rows whose key stands in an earlier row."""
    sound = reading.sound_rows(*key)
    keys = reading.frame.loc[sound, key]
    again = keys.duplicated()
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

"""From cells as written, text in CSV and types in Parquet, to columns of the schema's types."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pandera.pandas as pandera
import pyarrow as pa
import pyarrow.compute as pc

from optimizer.columns import FIRST_STAGE, OWN_KEY, Mask
from optimizer.reading import Reading

# Text in Arrow, or floats in numpy, NaN where there is no number.
Cells: TypeAlias = pa.ChunkedArray | npt.NDArray[np.float64]
NUMBERS = ("number", "whole")

NUMBER = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
# Whole numbers up to here are exact as floats.
MOST_EXACT = 2.0**53


def type_column(
    reading: Reading,
    name: str,
    column: pandera.Column,
    cells: pa.ChunkedArray,
    first_stage: int,
    key: Cells | None,
) -> Cells:
    """Cells of a column's kind with defaults for empty ones; bad cells are blamed.

    Parameters
    ----------
    first_stage, key : defaults of columns that say so: a year, and the table's first column.

    Returns
    -------
    Cells
        No text is null.
    """
    default, kind = column.metadata["default"], column.metadata["kind"]
    if default == FIRST_STAGE:
        default = first_stage
    if kind in NUMBERS:
        values, empty = numbers(reading, name, cells, whole=kind == "whole")
        values = values if default is None else np.where(empty, default, values)
    else:
        text, empty = texts(reading, name, cells)
        if default == OWN_KEY:
            text = pc.if_else(pa.array(empty), key, text)
        elif default and empty.any():
            text = pc.if_else(pa.array(empty), default, text)
        values = text
    if column.required:
        reading.blame(name, empty, "is empty", "every row needs a value here")
    return values


def as_pandas(cells: Cells, column: pandera.Column) -> Any:
    """Cells as an array of the type that the schema states."""
    kind = column.metadata["kind"]
    if kind not in NUMBERS:
        # pandas 3.0 fails to merge columns neither of which has a chunk, be it an empty one.
        return pd.array(cells if len(cells) else [], dtype="str")
    if kind == "number":
        return cells
    missing = np.isnan(cells)
    whole = np.where(missing, 0, cells).astype(np.int64)
    return pd.arrays.IntegerArray(whole, missing) if column.nullable else whole


def texts(reading: Reading, name: str, cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray, Mask]:
    """Text as written, and which cells are empty."""
    kind = cells.type.value_type if pa.types.is_dictionary(cells.type) else cells.type
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind)):
        reading.blame_column(name, f"holds {kind}, not text", "write the column as text")
        cells = pa.chunked_array([pa.nulls(len(cells), pa.string())])
    cells = cells.cast(pa.string()).fill_null("")
    return cells, pc.equal(cells, "").to_numpy()


def numbers(
    reading: Reading, name: str, cells: pa.ChunkedArray, *, whole: bool
) -> tuple[npt.NDArray[np.float64], Mask]:
    """Finite numbers, NaN where there is none, and which cells are empty."""
    kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        cells = pc.utf8_trim_whitespace(cells.fill_null(""))
        empty = pc.equal(cells, "").to_numpy()
        is_number = pc.match_substring_regex(cells, NUMBER)
        cells = pc.if_else(is_number, cells, pa.scalar(None, kind)).cast(pa.float64())
        reading.blame(
            name,
            ~is_number.to_numpy() & ~empty,
            lambda value: "is not finite" if is_special(value) else "is not a number",
            "write digits, with . for decimals, and nothing else",
        )
    elif is_numeric(kind):
        empty = cells.is_null().to_numpy()
        cells = cells.cast(pa.float64(), safe=False)
        reading.blame(
            name, pc.is_nan(cells).fill_null(False).to_numpy(), "is not finite",
            "write a number, or null for an empty cell",
        )  # fmt: skip
    else:
        empty = np.full(len(cells), True)
        if not pa.types.is_null(kind):
            reading.blame_column(name, f"holds {kind}, not numbers", "write it as numbers")
        cells = pa.nulls(len(cells), pa.float64())
    values = cells.to_numpy() if isinstance(cells, pa.ChunkedArray) else cells.to_numpy(False)
    values = np.where(np.isinf(values), np.nan, values)
    infinite = np.isnan(values) & ~empty
    reading.blame(name, infinite, "is not finite", "write a number that a computer can hold")
    if whole:
        with np.errstate(invalid="ignore"):
            broken = (values != np.rint(values)) & ~np.isnan(values)
            broken |= np.abs(values) > MOST_EXACT
        reading.blame(name, broken, "is not a whole number", "write digits only")
        values = np.where(broken, np.nan, values)
    return values, empty


def is_numeric(kind: pa.DataType) -> bool:
    """Whether an Arrow type holds plain numbers; truth values, dates and times are none."""
    return pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)


def is_special(text: str) -> bool:
    """Whether a text names one of the numbers that are none."""
    return text.strip().lstrip("+-").lower() in ("nan", "inf", "infinity")

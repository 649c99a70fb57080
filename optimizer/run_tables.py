"""The tables of a finished run, read back as they were written and with the types they had."""

from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.audit.tables import POWER_SHAPES, SHAPES
from optimizer.errors import SitewattError
from optimizer.power_results import POWER_RESULTS
from optimizer.results import RESULT_TABLES, ResultColumn
from optimizer.run_files import read_cells, table_file

# Those that every run has, and those that one with slices has besides.
ALL_TABLES = RESULT_TABLES | POWER_RESULTS

# Columns that tell rows apart; of orders of upgrades, two may be of the same.
KEYS = {
    name: list(shape.key)
    for name, shape in (SHAPES | POWER_SHAPES).items()
    if shape.key and name != "upgrades"
}

# Whole numbers; empty where a stage or a year does not apply.
WHOLE = frozenset({"year", "open", "opened_year", "ordered_year", "available_year", "holds"})


def read_table(run: Path, name: str) -> pd.DataFrame:
    """Read a table of a run folder.

    Raises
    ------
    SitewattError
        The table is missing, or no table.
    """
    file = table_file(run, name)
    if file is None:
        raise SitewattError(f"{run} has no table {name}. Name the folder of a finished run.")
    try:
        table = typed(name, read_cells(file))
        if name in KEYS and table.duplicated(KEYS[name]).any():
            raise ValueError(f"two rows have the same {', '.join(KEYS[name])}")
        return table
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise SitewattError(f"{file} is no table {name}: {error}") from error


def typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Columns that a table is stated to have, in that order and with their types, rows or not.

    Parameters
    ----------
    table : numbers may be text, an empty one being none.

    Raises
    ------
    KeyError, ValueError, TypeError, OverflowError
        A column is missing or holds something else.
    """
    types = {column.name: column_type(name, column) for column in ALL_TABLES[name]}
    table = table[list(types)]
    empty = table.isin({column: [""] for column, kind in types.items() if kind != "str"})
    typed_table = table.mask(empty).astype(types)
    if np.isinf(typed_table.select_dtypes("float64")).any(axis=None):
        raise ValueError("a number is not finite")
    return typed_table


def column_type(table: str, column: ResultColumn) -> str:
    """Type of a column, which follows from its name and unit."""
    if column.name in WHOLE or (table, column.name) == ("ineligible", "sites"):
        return "Int64"
    return "float64" if column.unit or column.name == "share" else "str"

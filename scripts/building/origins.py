"""Rows of `sources.csv`: where a column comes from, and whether that is data or an assumption."""

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from building.assumed import Assumed

KEY = "key; names of this instance"
COLUMNS = ["table", "column", "kind", "source", "licence", "year", "note"]

Origin = tuple[str, str, int | None]
Entries = list[tuple[str, Origin, str]]
Notes = Mapping[str, Mapping[str, Entries]]
NOBODY: Origin = ("Sitewatt", "Apache-2.0", 2026)


def noted(notes: Notes) -> list[tuple[object, ...]]:
    """A row for every entry of every column."""
    return [
        (table, column, kind, *origin, note)
        for table, columns in notes.items()
        for column, entries in columns.items()
        for kind, origin, note in entries
    ]


def sources_table(
    rows: Iterable[tuple[object, ...]], built: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    """One row or more for every column of every table.

    Raises
    ------
    ValueError
        If a column has no row, or a row no column.
    """
    table = pd.DataFrame(list(rows), columns=COLUMNS).astype({"year": "Int64"})
    named = {pair for pair in zip(table.table, table.column, strict=True) if pair[0] in built}
    real = {(name, column) for name, frame in built.items() for column in frame.columns}
    if named != real:
        raise ValueError(f"columns without a source or the reverse: {sorted(named ^ real)}")
    return table


def each(figures: Mapping[Any, Assumed]) -> str:
    """Several assumed figures in one note."""
    return "; ".join(f"{name} {figure}" for name, figure in figures.items())


def assumed(*notes: object, origin: Origin = NOBODY) -> Entries:
    """Rows of an assumed column."""
    return [("assumed", origin, str(note)) for note in notes]


def derived(note: str, origin: Origin = NOBODY) -> Entries:
    """The row of a column worked out from data."""
    return [("derived", origin, note)]


def measured(origin: Origin, note: str) -> Entries:
    """The row of a column taken from data."""
    return [("measured", origin, note)]


def link(url: str, year: int | None) -> Origin:
    """A page that states facts."""
    return url, "facts", year

"""Tables of the report: what a cell shows and what it is sorted by, headings with units."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.digits import digits, percent
from optimizer.results import ResultColumn
from optimizer.run_tables import ALL_TABLES, WHOLE

# More rows make a page slow and nobody reads them; the run has them all.
MOST_ROWS = 100


@dataclass(frozen=True)
class Column:
    """Heading of a column.

    Parameters
    ----------
    name : for people.
    unit : "" where it has none.
    numeric : whether cells are set to the right and sorted as numbers.
    meaning : longer, "" where the name says it.
    short : whether its cells stay on one line.
    """

    name: str
    unit: str = ""
    numeric: bool = False
    meaning: str = ""
    short: bool = False


@dataclass(frozen=True)
class Cell:
    """What a cell shows, and the number that it is sorted by, None for text."""

    text: str
    number: float | None = None
    strong: bool = False

    @property
    def key(self) -> str:
        """Number as a script reads it."""
        return "" if self.number is None or math.isnan(self.number) else repr(float(self.number))


@dataclass(frozen=True)
class Table:
    """A table that can be sorted.

    Parameters
    ----------
    key : name of it in the page's addresses.
    caption : what it shows.
    columns, rows : the first column names the row.
    note : what is left out, and where it is.
    wraps : columns that hold sentences.
    foot : row of sums, which stays below.
    """

    key: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    note: str = ""
    wraps: frozenset[int] = frozenset()
    foot: Sequence[Cell] = ()


def text(value: object) -> Cell:
    """Cell of words."""
    return Cell("" if value is None or value is pd.NA else str(value))


def number(value: float, show: Callable[[float], str] = digits) -> Cell:
    """Cell of a number; empty where there is none."""
    return Cell("", math.nan) if pd.isna(value) else Cell(show(float(value)), float(value))


def whole(value: float) -> Cell:
    """Cell of a whole number that counts."""
    return number(value, lambda amount: f"{amount:,.0f}")


def year(value: Any) -> Cell:
    """Cell of a year."""
    return number(value, lambda amount: f"{amount:.0f}")


def share(value: float) -> Cell:
    """Cell of a share."""
    return number(value, percent)


def result_table(
    name: str, table: pd.DataFrame, caption: str, *, without: Iterable[str] = ()
) -> Table:
    """First rows of a result table.

    Parameters
    ----------
    table : sorted, what matters most first.
    without : columns that are left out.
    """
    described = [column for column in ALL_TABLES[name] if column.name not in set(without)]
    shown = table.head(MOST_ROWS)
    cells = [[cell_of(column, value) for value in shown[column.name]] for column in described]
    headings = [heading(column) for column in described]
    rows = list(zip(*cells, strict=True)) if cells else []
    return Table(f"table-{name}", caption, headings, rows, rest(f"tables/{name}", len(table)))


def rest(file: str, rows: int) -> str:
    """Where rows are that a page has no room for."""
    if rows <= MOST_ROWS:
        return ""
    return f"The first {MOST_ROWS} of {rows:,} rows; the rest is in {file} of the run."


def cell_of(column: ResultColumn, value: Any) -> Cell:
    """Cell of a result table."""
    if column.name in WHOLE:
        return year(value) if column.name not in ("open", "holds") else yes(value)
    if column.name == "share":
        return share(value)
    return number(value) if column.unit else text(value)


def yes(value: Any) -> Cell:
    """Cell of a truth."""
    return Cell("yes" if value == 1 else "no", float(value))


def heading(column: ResultColumn) -> Column:
    """Heading of a column of a result table: its name without the unit at its end."""
    parts = column.name.split("_")
    if column.unit and len(parts) > 1 and parts[-1] in UNITS:
        parts = parts[:-1]
    words = " ".join(WORDS.get(part, part) for part in parts)
    numeric = bool(column.unit) or column.name in WHOLE or column.name == "share"
    unit = "" if column.name == "share" else column.unit
    return Column(words[:1].upper() + words[1:], unit, numeric, column.description)


UNITS = frozenset({"mw", "mwh", "ms", "t", "m3"})
WORDS = {"it": "IT", "rtt": "round trip", "mw": "power", "mwh": "energy", "pue": "PUE"}

"""A comparison of runs for a terminal: costs first, then what differs, then why."""

from collections.abc import Callable, Iterator
from typing import Any

import pandas as pd

from optimizer.digits import digits
from optimizer.tradeoffs.compare import Comparison
from optimizer.tradeoffs.measures import NAMES
from optimizer.why.answer import Interval, money, span

# More rows than these of a table help nobody on a terminal; the files hold all.
MOST_SHOWN = 12


def comparison_lines(found: Comparison) -> Iterator[str]:
    """Lines for a terminal."""
    first = found.runs.iloc[0]
    yield f"{first.run}: {span(Interval(first.bound, first.objective))} {found.currency}"
    yield "  present value, from the bound to the cost of the plan; others are compared with it"
    for _, other in found.runs.iloc[1:].iterrows():
        yield ""
        yield from one_other(found, first, other)


def one_other(found: Comparison, first: pd.Series, other: pd.Series) -> Iterator[str]:
    """What is to be said of one other run."""
    yield f"{other.run}: {span(Interval(other.bound, other.objective))} {found.currency}"
    yield f"  {verdict(other)}"
    own = {name: table[table.run == other.run] for name, table in found.tables.items()}
    yield "What costs differently, in plans as found"
    costs = own["costs"]
    for row in costs[costs.change.abs() > 0.5].head(MOST_SHOWN).itertuples():
        yield f"  {row.kind}: {signed(row.change)} ({money(row.first)} to {money(row.other)})"
    for name, (told, unit) in NAMES.items():
        before, after = (digits(shown(run[name], unit)) for run in (first, other))
        if before != after:
            yield f"  {told}: {before} to {after} {unit}"
    yield from section("What opens differently", own["opened"], opening_line)
    yield "What moves"
    moved = found.moved_mw[other.run]
    yield f"  {digits(moved)} IT MW of the last stage are served from other sites"
    yield from section("Inputs that differ", own["inputs"], input_line)
    yield from section("What binds in one alone", own["binding"], binding_line)


def verdict(other: pd.Series) -> str:
    """Whether the costs of two runs can be told apart, and by how much."""
    if not other.distinguishable:
        return "its cost cannot be told from the first's: within their gaps either may be cheaper"
    least, most = other.difference_at_least, other.difference_at_most
    if least > 0:
        return f"costs {span(Interval(least, most))} more than the first"
    return f"costs {span(Interval(-most, -least))} less than the first"


def section(title: str, table: pd.DataFrame, line: Callable[[Any], str]) -> Iterator[str]:
    """Heading and the first rows of a table, or that there are none."""
    yield title + (": nothing" if table.empty else "")
    for row in table.head(MOST_SHOWN).itertuples():
        yield f"  {line(row)}"
    if len(table) > MOST_SHOWN:
        yield f"  and {len(table) - MOST_SHOWN:,} more"


def opening_line(row: Any) -> str:
    """One site or upgrade."""
    before, after = ("never" if pd.isna(year) else year for year in (row.first, row.other))
    return f"{row.kind} {row.name}: {before} to {after}"


def input_line(row: Any) -> str:
    """One number or row."""
    where = row.row if row.table == "manifest" else f"{row.table} {row.row}"
    if not row.column:
        return f"{where}: only in the {'first' if row.first else 'other'}"
    what = "" if row.table == "manifest" else f", {row.column}"
    return f"{where}{what}: {row.first or 'none'} to {row.other or 'none'}"


def binding_line(row: Any) -> str:
    """One limit."""
    when = "" if pd.isna(row.year) else f" in {row.year}"
    return f"{row.kind} {row.name}{when}: only in the {row.binds_in}"


def shown(value: float, unit: str) -> float:
    """Number in the unit that it is told in."""
    return 100 * value if unit == "%" else value


def signed(amount: float) -> str:
    """Sum of money with its sign."""
    return ("+" if amount > 0 else "−") + money(abs(amount))

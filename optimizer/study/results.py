"""Tables of a study: one row a case, and long ones; the same bytes in whatever order it came."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.folders import written_aside
from optimizer.study.cases import Case
from optimizer.study.engine import Result
from optimizer.study.file import Value

FIGURES = (
    "installed_it_mw",
    "served_it_mw",
    "sites",
    "energy_mwh",
    "carbon_t",
    "mean_rtt_ms",
    "foreign_share",
    "unserved_it_mw",
)
CAPACITY = ["site", "year", "open", "new_it_mw", "installed_it_mw", "served_it_mw"]
COSTS = ["kind", "year", "cost", "discounted_cost"]


def result_tables(
    factors: Sequence[str], cases: Sequence[Case], results: dict[str, Result]
) -> dict[str, pd.DataFrame]:
    """Tables `results`, `capacity` and `costs`, rows in the order of the cases.

    Parameters
    ----------
    factors : names of all factors.
    results : by key of the case; a case without is `missing`.
    """
    none: Result = {"status": "missing", "reason": ""}
    rows, capacity, costs = [], [], []
    for case in cases:
        result = results.get(case.key, none)
        figures = result.get("figures", {})
        rows.append(
            {
                "case": case.number,
                "name": case.name,
                **{name: in_cell(case.levels.get(name)) for name in factors},
                "status": result["status"],
                "reason": result["reason"],
                **{name: result.get(name) for name in ("objective", "bound", "gap")},
                **{name: figures.get(name) for name in FIGURES},
                "hash": case.key,
            }
        )
        capacity += [[case.number, *row] for row in result.get("capacity", ())]
        costs += [[case.number, *row] for row in result.get("costs", ())]
    table = pd.DataFrame(rows)
    numbers = ["objective", "bound", "gap", *FIGURES]
    table[numbers] = table[numbers].astype(float)
    rank_from, rank_to = ranks(table)
    table.insert(table.columns.get_loc("gap") + 1, "rank_from", rank_from)
    table.insert(table.columns.get_loc("gap") + 2, "rank_to", rank_to)
    return {
        "results": table,
        "capacity": pd.DataFrame(capacity, columns=["case", *CAPACITY]),
        "costs": pd.DataFrame(costs, columns=["case", *COSTS]),
    }


def planned(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of `results` that have a plan."""
    return table[table.objective.notna()]


def ranks(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Best and worst place by cost that the gaps leave open to each plan, from 1 for the cheapest.

    Others certainly cost less where their plan does than this one's bound, and may cost less where
    their bound lies below this plan. Plans whose gaps overlap so share places.
    """
    done = planned(table)
    cheaper = np.searchsorted(np.sort(done.objective), done.bound, side="left")
    perhaps = np.searchsorted(np.sort(done.bound), done.objective, side="right")
    places = (
        pd.Series(found, done.index) for found in (1 + cheaper, np.maximum(perhaps, 1 + cheaper))
    )
    first, last = (place.reindex(table.index).astype("Int64") for place in places)
    return first, last


def in_cell(value: Value | None) -> Any:
    """Value of a factor as a table holds it; a list of years as text."""
    return " ".join(map(str, value)) if isinstance(value, list) else value


def of_one_kind(column: pd.Series) -> pd.Series:
    """Column of numbers, or of texts where any value is none."""
    given = column.dropna()
    if len(given) and all(isinstance(v, int | float) and not isinstance(v, bool) for v in given):
        return column.astype(float)
    return column.map(lambda value: "" if pd.isna(value) else str(value)).astype("str")


def write_tables(folder: Path, tables: dict[str, pd.DataFrame]) -> list[str]:
    """Write each table as CSV and Parquet; returns the names of the files."""
    names = []
    for name, table in tables.items():
        plain = table.apply(lambda cells: of_one_kind(cells) if cells.dtype == object else cells)
        for ending in ("csv", "parquet"):
            names.append(f"{name}.{ending}")
            with written_aside(folder / names[-1], overwrite=True) as file:
                if ending == "csv":
                    plain.to_csv(file, index=False, lineterminator="\n")
                else:
                    plain.to_parquet(file, index=False)
    return names

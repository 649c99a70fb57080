"""Step functions of the year: a value holds from its row on until the next."""

from collections.abc import Callable, Iterable

import pandas as pd

from optimizer.manifest import Manifest


def in_force(values: pd.Series, year: int) -> float:
    """Value of a step function in a year; `values` by the year they start in, increasing."""
    return float(values[values.index <= year].iloc[-1])


def by_stage(
    manifest: Manifest,
    table: pd.DataFrame,
    key: str,
    column: str,
    before: float,
    worst: Callable[[Iterable[float]], float],
) -> pd.Series:
    """Worst value of each stage's years, by (key, stage).

    Parameters
    ----------
    key : column that tells the step functions of the table apart.
    before : value ahead of a function's first row.
    """
    stages, end = manifest.stages, manifest.horizon_end
    found = {}
    for name, rows in table.groupby(key, sort=False):
        steps = rows.set_index("year")[column].sort_index()
        steps = pd.concat([pd.Series({0: before}), steps])
        for stage, following in zip(stages, [*stages[1:], end], strict=True):
            found[name, stage] = worst(in_force(steps, y) for y in range(stage, following))
    index = pd.MultiIndex.from_tuples(list(found), names=[key, "stage"])
    return pd.Series(list(found.values()), index=index, dtype=float)

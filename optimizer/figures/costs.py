"""Figure of what a plan costs: from nothing to its present value, a step for each kind of cost."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.digits import digits, money_unit
from optimizer.figures.style import new_figure
from optimizer.finished import Finished
from optimizer.palette import CATEGORIES, COST_NAMES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Kinds below this part of all are told as one.
SMALL = 1e-3
COST, INCOME, TOTAL = CATEGORIES[0], CATEGORIES[2], "#444444"


def draw_costs(run: Finished) -> "Figure":
    """Waterfall of present values: costs first, the largest on top, then what comes back."""
    parts = cost_parts(run)
    manifest = run.instance.manifest
    total = parts.sum()
    size, unit = money_unit(max(abs(parts).max(), abs(total)) if len(parts) else 0.0)
    values = np.append(parts.to_numpy(float), total) / size
    starts = np.append(np.cumsum(values[:-1]) - values[:-1], 0.0)
    colours = [COST if value >= 0 else INCOME for value in values[:-1]] + [TOTAL]
    figure = new_figure(run, "What the plan costs", 7.5, 1.5 + 0.3 * len(values))
    axes = figure.subplots()
    rows = range(len(values))
    axes.barh(rows, values, 0.66, starts, color=colours)
    for row, (start, value) in enumerate(zip(starts, values, strict=True)):
        after = max(start, start + value)
        axes.annotate(
            *(digits(value), (after, row)),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
        )
    axes.set_yticks(rows, [*(COST_NAMES.get(kind, kind) for kind in parts.index), "present value"])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.margins(x=0.1)
    axes.xaxis.set_major_formatter("{x:,.10g}")
    money = " ".join(filter(None, [unit, manifest.currency]))
    rate = f"{100 * manifest.discount_rate:.4g} %"
    axes.set_xlabel(f"{money}, discounted to {manifest.base_year} at {rate} a year")
    return figure


def cost_parts(run: Finished) -> pd.Series:
    """Present value by kind of cost: the largest first, what comes back last, small ones as one."""
    parts = run.tables["costs"].groupby("kind").discounted_cost.sum()
    parts = parts[parts != 0].sort_values(ascending=False, kind="stable")
    small = parts.abs() < SMALL * parts.abs().sum()
    if small.sum() < 2:
        return parts
    rest = pd.Series({f"{small.sum()} others": parts[small].sum()})
    return pd.concat([parts[~small], rest]).sort_values(ascending=False, kind="stable")

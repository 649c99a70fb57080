"""Pictures of factors that differ one at a time: tornado and spider."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.digits import digits, money_unit
from optimizer.figures.style import caption, name_of, new_figure
from optimizer.finished import Finished
from optimizer.palette import CATEGORIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DEARER, CHEAPER = CATEGORIES[3], CATEGORIES[0]
MOST_FACTORS = 25


def swings(table: pd.DataFrame, factors: Sequence[str]) -> pd.DataFrame:
    """How far each factor alone moves the cost of the first case, the widest first.

    Returns
    -------
    DataFrame
        By factor: `low` and `high`, the ends of the swing from plan to plan; `least` and `most`,
        what its width is proven to lie between; `tied`, whether its place after the one before is
        not proven, for their widths overlap.
    """
    base = table.iloc[0]
    rows = {}
    for name in factors:
        own = table[table[name].notna() & table.objective.notna()]
        if own.empty:
            continue
        own = pd.concat([table.iloc[:1], own])
        least = max(0.0, own.bound.max() - own.objective.min())
        rows[name] = {
            "low": own.objective.min() - base.objective,
            "high": own.objective.max() - base.objective,
            "least": least,
            "most": own.objective.max() - own.bound.min(),
        }
    found = pd.DataFrame.from_dict(rows, orient="index", columns=["low", "high", "least", "most"])
    order = (found.high - found.low).sort_values(ascending=False, kind="stable").index
    found = found.loc[order]
    return found.assign(tied=found.most > found["least"].shift(1, fill_value=np.inf))


def draw_tornado(run: Finished, table: pd.DataFrame, factors: Sequence[str]) -> "Figure":
    """Bars of how far each factor alone moves the cost; a place that is not proven is marked."""
    found = swings(table, factors).head(MOST_FACTORS)
    size, unit = money_unit(max(found[["low", "high"]].abs().to_numpy().max(initial=0), 1.0))
    base = table.objective[0]
    figure = new_figure(run, "What moves the cost", 7.5, 1.6 + 0.32 * len(found))
    axes = figure.subplots()
    rows = np.arange(len(found))
    axes.barh(rows, found.high / size, 0.66, color=DEARER, label="dearer")
    axes.barh(rows, found.low / size, 0.66, color=CHEAPER, label="cheaper")
    marks = [" ≈" if tied else "" for tied in found.tied]
    axes.set_yticks(rows, [f"{name_of(n)}{m}" for n, m in zip(found.index, marks, strict=True)])
    axes.invert_yaxis()
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    money = " ".join(filter(None, [unit, run.instance.manifest.currency]))
    axes.set_xlabel(f"{money} of present value, from {digits(base / size, 5)}")
    axes.legend(loc="lower right")
    tied = "≈: the gaps of the plans leave open whether it stands before the one above. "
    caption(figure, run, tied if found.tied.any() else "The order is proven by the plans' gaps.")
    return figure


def draw_spider(run: Finished, table: pd.DataFrame, factors: Sequence[str]) -> "Figure":
    """Lines of the cost over the values of each factor alone."""
    figure = new_figure(run, "The cost as each factor alone moves", 7.5, 4.5)
    axes = figure.subplots()
    base = table.objective[0]
    names = swings(table, factors).index[: len(CATEGORIES)]
    for name, colour in zip(names, CATEGORIES, strict=False):
        own = table[table[name].notna() & table.objective.notna()]
        places, _ = places_of(own[name])
        order = np.argsort(places, kind="stable")
        change = 100 * (own.objective.to_numpy() - base) / abs(base)
        missed = 100 * (own.objective - own.bound).to_numpy() / abs(base)
        axes.errorbar(
            *(places[order], change[order]),
            yerr=[missed[order], np.zeros(len(own))],
            color=colour,
            marker="o",
            markersize=3.5,
            capsize=2,
            elinewidth=0.8,
            label=name_of(name),
        )
    axes.axhline(0, color="#444444", linewidth=0.8)
    axes.set_xticks([0, 1], ["lowest value", "highest value"])
    axes.set_ylabel("present value, % more than as it is")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    caption(figure, run, "Whiskers go down to the bound: no plan costs less.")
    return figure


def places_of(values: pd.Series) -> tuple[np.ndarray, tuple[str, str]]:
    """Places from 0 to 1 of values on an axis of their own, and the names of its ends.

    Texts stand in the order in which they first come.
    """
    if pd.api.types.is_bool_dtype(values) or not pd.api.types.is_numeric_dtype(values):
        texts = values.astype(str)
        known = list(dict.fromkeys(texts))
        numbers = texts.map(known.index).to_numpy(float)
        ends = known[0], known[-1]
    else:
        numbers = values.to_numpy(float)
        ends = f"{numbers.min():.4g}", f"{numbers.max():.4g}"
    width = np.ptp(numbers)
    return (numbers - numbers.min()) / width if width else np.full(len(numbers), 0.5), ends

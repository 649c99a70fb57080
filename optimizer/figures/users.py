"""Figures of who is served: how far from their limits round trips stay, and under whose control."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from optimizer.digits import digits
from optimizer.figures.style import by_rank, caption, cells, name_of, new_figure
from optimizer.finished import Finished
from optimizer.palette import CATEGORIES

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BINS = 30
MOST_PANELS = 6
MOST_USERS, MOST_CONTROLS = 24, 11
PANELS_ABREAST = 3


def draw_latency(run: Finished) -> "Figure":
    """Load by round trip in the last stage, a panel for each workload, with its limit."""
    last = run.serving[run.serving.year == run.stages[-1]]
    workloads = run.instance.tables["workloads"].set_index("workload")
    load = last.groupby("workload").it_mw.sum().sort_values(ascending=False, kind="stable")
    shown = list(load.index[:MOST_PANELS]) or list(workloads.index[:1])
    abreast = 2 if len(shown) == 4 else min(len(shown), PANELS_ABREAST)
    down = -(-len(shown) // abreast)
    figure = new_figure(
        run, f"Round trips in {run.stages[-1]}", 1.2 + 3.1 * abreast, 1.2 + 2.5 * down
    )
    panels = figure.subplots(down, abreast, squeeze=False).ravel()
    for axes, workload in zip(panels, shown, strict=False):
        own = last[last.workload == workload]
        limit = allowed_ms(workloads, workload)
        longest = max(own.rtt_ms.max() if len(own) else 0.0, 1.0)
        edge = limit if np.isfinite(limit) and limit < 3 * longest else longest
        share = 100 * own.it_mw / max(own.it_mw.sum(), 1e-9)
        axes.hist(
            own.rtt_ms, np.linspace(0, edge * 1.001, BINS + 1), weights=share, color=CATEGORIES[0]
        )
        axes.set_title(f"{name_of(workload, 24)}, {load.get(workload, 0):,.0f} MW", loc="left")
        axes.set_xlabel("network round trip, ms")
        axes.set_xlim(0, edge * 1.12)
        if np.isfinite(limit):
            near = limit <= edge * 1.12
            if near:
                axes.axvline(limit, color=CATEGORIES[3], linewidth=1.4)
            axes.margins(y=0.15)
            axes.annotate(
                f"at most {limit:,.4g}" if near else f"at most {limit:,.4g} →",
                (limit if near else edge * 1.12, 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(-3, -3),
                textcoords="offset points",
                ha="right",
                va="top",
                fontsize=8,
                color="#9c3f00",
            )
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    for axes in panels[::abreast]:
        axes.set_ylabel("% of the load")
    caption(figure, run, "A round trip may last as long as the objective less the time to answer.")
    return figure


def allowed_ms(workloads: pd.DataFrame, workload: str) -> float:
    """Longest round trip that meets a workload's objective; NaN where it has none."""
    return float(workloads.latency_slo_ms[workload] - workloads.service_ms[workload])


def draw_sovereignty(run: Finished) -> "Figure":
    """Load of the last stage: users' country by row, country of the operators' control by column.

    A dot marks users who are served by operators of their own country.
    """
    table = control(run)
    shares = table.div(table.sum(axis=1).where(lambda mw: mw > 0), axis=0).to_numpy(float) * 100
    shown = table.map(lambda mw: digits(mw) if mw >= 0.05 else "")
    own = table.index.to_numpy()[:, None] == table.columns.to_numpy()[None, :]
    words = np.where(own & (shown != "").to_numpy(), "• " + shown.to_numpy(), shown.to_numpy())
    figure = new_figure(
        run,
        f"Whose machines serve whom, {run.stages[-1]}",
        2.2 + 0.55 * max(len(table.columns), 4),
        1.6 + 0.22 * max(len(table), 9),
    )
    axes = figure.subplots()
    if table.size:
        cells(axes, shares, words, highest=100.0, name="% of the users' load")
    across, down = ([name_of(run.country(code), 26) for code in axis] for axis in table.axes[::-1])
    axes.set_xticks(range(len(across)), across, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(down)), down)
    axes.set_xlabel("country that controls the operator")
    axes.set_ylabel("country of the users")
    axes.set_title("IT MW at peak; • at home", loc="left")
    return figure


def control(run: Finished) -> pd.DataFrame:
    """IT MW of the last stage by users' country and operators' control, largest first."""
    last = run.serving[run.serving.year == run.stages[-1]]
    table = last.pivot_table(
        index="user_country", columns="operator_country", values="it_mw", aggfunc="sum"
    ).fillna(0.0)
    table = by_rank(table, MOST_CONTROLS)
    return by_rank(table.T, MOST_USERS).T

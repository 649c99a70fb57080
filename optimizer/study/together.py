"""Pictures of all cases together: heat map, parallel coordinates, how often sites are in use."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely import box

from optimizer.countries import countries
from optimizer.digits import digits, money_unit
from optimizer.figures.maps import BORDER, LAND, WGS84, view_of
from optimizer.figures.style import caption, name_of, new_figure
from optimizer.finished import Finished
from optimizer.study.alone import places_of
from optimizer.study.results import in_cell, planned

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Figures that stand beside the factors as axes of their own.
AXES = {
    "objective": "cost",
    "carbon_t": "carbon",
    "sites": "sites",
    "mean_rtt_ms": "round trip",
    "foreign_share": "foreign share",
}
MOST_AXES = 12


def draw_heat_map(run: Finished, table: pd.DataFrame, across: str, down: str) -> "Figure":
    """Cost by the values of two factors, a cell each; one without a plan says why."""
    columns, rows = (list(dict.fromkeys(table[name].map(in_cell))) for name in (across, down))
    size, unit = money_unit(table.objective.abs().max())
    shape = len(rows), len(columns)
    values, shown = np.full(shape, np.nan), np.full(shape, "", dtype=object)
    for case in table.to_dict("records"):
        at = rows.index(case[down]), columns.index(case[across])
        values[at] = case["objective"] / size
        shown[at] = digits(values[at], 4) if np.isfinite(values[at]) else case["status"]
    figure = new_figure(
        run, "The cost over two factors", 3.0 + 0.8 * len(columns), 1.8 + 0.45 * len(rows)
    )
    axes = figure.subplots()
    image = axes.imshow(values, cmap="Blues", aspect="auto")
    middle = (np.nanmin(values) + np.nanmax(values)) / 2
    for (row, column), value in np.ndenumerate(values):
        colour = "white" if value > middle else "black"
        axes.text(column, row, shown[row, column], ha="center", va="center", color=colour, size=7)
    axes.set_xticks(range(len(columns)), [name_of(str(value), 12) for value in columns])
    axes.set_yticks(range(len(rows)), [name_of(str(value), 12) for value in rows])
    axes.set_xlabel(name_of(across))
    axes.set_ylabel(name_of(down))
    axes.grid(visible=False)
    money = " ".join(filter(None, [unit, run.instance.manifest.currency]))
    figure.colorbar(image, ax=axes).set_label(f"{money} of present value")
    worst = planned(table).gap.max()
    caption(figure, run, f"Cells that differ by less than {worst:.2%} may be the same.")
    return figure


def draw_coordinates(run: Finished, table: pd.DataFrame, factors: Sequence[str]) -> "Figure":
    """A line for each plan through the values of its factors and figures, coloured by cost."""
    from matplotlib import colormaps  # noqa: PLC0415 — heavy

    done = planned(table)
    names = [*factors[: MOST_AXES - len(AXES)], *AXES]
    columns = [
        done[name].map(lambda value: "as it is" if pd.isna(value) else value)
        if done[name].isna().any()
        else done[name]
        for name in names
    ]
    places, ends = zip(*(places_of(column) for column in columns), strict=True)
    figure = new_figure(run, f"{len(done):,} plans", 2.0 + 1.1 * len(names), 4.0)
    axes = figure.subplots()
    colours = colormaps["viridis"](places[names.index("objective")])
    for line, colour in zip(np.column_stack(places), colours, strict=True):
        axes.plot(line, color=colour, linewidth=0.8, alpha=0.7)
    axes.set_xticks(range(len(names)), [name_of(AXES.get(n, n), 16) for n in names])
    axes.tick_params(axis="x", labelrotation=20)
    axes.set_yticks([])
    axes.set_ylim(-0.1, 1.1)
    axes.grid(visible=True, axis="x")
    for number, (low, high) in enumerate(ends):
        for text, height in ((low, -0.07), (high, 1.04)):
            axes.text(number, height, name_of(text, 14), ha="center", fontsize=7)
    caption(figure, run, "Bright lines cost most. Axes run from their least value to their most.")
    return figure


def draw_site_frequency(run: Finished, capacity: pd.DataFrame, plans: int) -> "Figure":
    """Map of how often each site is in use in the last stage, over all plans."""
    share = frequency(run, capacity, plans)
    own = run.instance.tables["sites"].set_index("site").loc[share.index]
    sites = own.assign(share=share).dropna(subset=["latitude", "longitude"])
    run.tables["sites"] = run.instance.tables["sites"]
    view = view_of(run)
    left, bottom, right, top = view.limits
    title = f"Sites in use in {run.stages[-1]}, over {plans:,} plans"
    figure = new_figure(run, title, 8.0, 7.0 * (top - bottom) / (right - left) + 0.75)
    axes = figure.subplots()
    axes.set_axis_off()
    axes.set_aspect("equal")
    axes.set_xlim(left, right)
    axes.set_ylim(bottom, top)
    land = gpd.clip(countries(), box(*view.frame)).to_crs(view.crs)
    land.plot(ax=axes, color=LAND, edgecolor=BORDER, linewidth=0.4, aspect=None)
    points = gpd.GeoSeries.from_xy(sites.longitude, sites.latitude, crs=WGS84).to_crs(view.crs)
    marks = axes.scatter(
        *(points.x, points.y, 20 + 60 * sites.share),
        c=100 * sites.share,
        cmap="Blues",
        vmin=0,
        vmax=100,
        edgecolors="#444444",
        linewidths=0.4,
        zorder=3,
    )
    figure.colorbar(marks, ax=axes, fraction=0.03, pad=0.02).set_label("% of plans that use it")
    caption(figure, run, "Countries: Natural Earth.")
    return figure


def frequency(run: Finished, capacity: pd.DataFrame, plans: int) -> pd.Series:
    """Part of all plans in which each site is in use in its last stage, by site."""
    last = capacity[capacity.groupby("case").year.transform("max") == capacity.year]
    used = last[last.open == 1].groupby("site").case.nunique() / plans
    return used.reindex(run.instance.tables["sites"].site, fill_value=0.0)

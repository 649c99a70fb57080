"""How a site is powered: a row for each stage in which it is, a column for each day."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.errors import SitewattError
from optimizer.figures.style import LINE_COLOUR, name_of, new_figure
from optimizer.finished import NOTHING_MW, Finished
from optimizer.names import nearest
from optimizer.palette import COLOURS, NAMES, SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# Sites drawn where nobody names some.
MOST_SITES = 12


def choose_sites(run: Finished, wanted: Sequence[str]) -> list[str]:
    """Sites whose dispatch is drawn: those that are wanted, else the largest that are powered."""
    if run.slices.empty:
        if wanted:
            raise SitewattError("The plan knows no hours: only one with slices has a dispatch.")
        return []
    known = list(run.tables["sites"].site)
    for site in wanted:
        if site not in known:
            raise SitewattError(f"No site is called {site}: {nearest(site, known)}")
    if wanted:
        return list(dict.fromkeys(wanted))
    energy = run.tables["dispatch"].groupby("site").facility_mw.sum()
    return list(energy[energy > NOTHING_MW].sort_values(ascending=False).index[:MOST_SITES])


def draw_dispatch(run: Finished, site: str) -> "Figure":
    """How a site is powered: a row for each stage in which it is, a column for each day."""
    dispatch = run.tables["dispatch"]
    powered = dispatch[(dispatch.site == site) & (dispatch.facility_mw > NOTHING_MW)]
    stages = [year for year in run.stages if year in set(powered.year)] or run.stages[:1]
    days = list(run.slices.groupby("day", sort=False))
    title = f"{name_of(run.sites.name[site], 60)}: power by the hour"
    figure = new_figure(run, title, 1.9 + 2.2 * len(days), 1.4 + 1.55 * len(stages))
    panels = figure.subplots(len(stages), len(days), sharex=True, sharey=True, squeeze=False)
    shown: dict[str, Any] = {}
    for row, year in zip(panels, stages, strict=True):
        power, load = site_power(run, site, year)
        for axes, (day, slices) in zip(row, days, strict=True):
            edges = np.concatenate([[0.0], slices.hours.astype(float).cumsum()])
            shown |= stack_day(axes, power.loc[slices.index], load[slices.index], edges)
            axes.set_xlim(0, edges[-1])
            axes.set_xticks(np.linspace(0, edges[-1], 5))
            if year == stages[0]:
                often = slices.weight_hours.iloc[0] / slices.hours.iloc[0]
                times = "once" if often == 1 else f"{often:,.4g} times"
                axes.set_title(f"{day or 'the year'}\n{times} a year", loc="left")
        row[0].set_ylabel(f"{year}\nMW")
    panels[-1][0].set_xlabel(clock(run), loc="left")
    order = [name for name in ("load", *SOURCES[::-1], "export") if name in shown]
    figure.legend(
        [shown[name] for name in order],
        [NAMES.get(name, name) for name in order],
        loc="outside right center",
    )
    return figure


def stack_day(
    axes: "Axes", power: pd.DataFrame, load: pd.Series, edges: np.ndarray
) -> dict[str, Any]:
    """Draw one day, steps on steps; give what stands for each source in a legend."""
    shown: dict[str, Any] = {}
    above, below = np.zeros(len(power)), np.zeros(len(power))
    for name in power:
        values = power[name].to_numpy(float)
        if not np.abs(values).max() > NOTHING_MW:
            continue
        base = below if values.min() < 0 else above
        kind = "battery" if name == "charged" else name
        drawn = axes.stairs(
            base + values, edges, baseline=base.copy(), fill=True, color=COLOURS[kind], label=name
        )
        shown.setdefault(kind, drawn)
        base += values
    axes.axhline(0, color="#888888", linewidth=0.8)
    line = axes.stairs(
        load.to_numpy(float), edges, baseline=None, color=LINE_COLOUR, linewidth=1.3, label="load"
    )
    return {**shown, "load": line}


def site_power(run: Finished, site: str, year: int) -> tuple[pd.DataFrame, pd.Series]:
    """MW by slice and source at a site in a stage, what is charged and sold below zero; its load.

    Flexible power is that part of what comes through the connection; contracts are not counted
    in it as long as the grid's own power covers it.
    """
    at = run.of("dispatch", site, year).set_index("slice")
    at = at.reindex(run.slices.index).fillna(0.0)
    made = run.of("generation", site, year)
    made = made.assign(kind=made.technology.map(run.kind))
    power = made.pivot_table(index="slice", columns="kind", values="made_mw", aggfunc="sum")
    power = power.reindex(run.slices.index).fillna(0.0)
    storage = made.groupby("slice")[["charged_mw", "discharged_mw"]].sum()
    storage = storage.reindex(run.slices.index).fillna(0.0)
    power["battery"] = storage.discharged_mw
    power["flexible"] = np.minimum(at.flexible_mw, at.grid_mw)
    power["grid"] = at.grid_mw - power.flexible
    power = power[[kind for kind in SOURCES if kind in power]]
    power["charged"], power["export"] = -storage.charged_mw, -at.exported_mw
    return power, at.facility_mw


def clock(run: Finished) -> str:
    """What the hours of a day are counted from."""
    starts = run.slices.starts_utc
    of_midnight = starts.groupby(run.slices.day, sort=False).first().str.contains("T00:00")
    return "hour of the day, UTC" if of_midnight.all() else "hours since the day's first slice"

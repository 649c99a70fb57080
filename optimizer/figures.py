"""Figures of a plan: what is built by stage, and how each site is powered hour by hour."""

import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from optimizer.errors import SitewattError
from optimizer.figure_data import (
    NOTHING_MW,
    SOURCES,
    TAKEN,
    Plan,
    by_place,
    power_by_source,
    read_plan,
    site_power,
)
from optimizer.folders import written_aside
from optimizer.names import nearest
from optimizer.palette import COLOURS, NAMES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Sites drawn where nobody names some.
MOST_SITES = 12
LOAD_COLOUR = "#000000"
STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 10,
    "font.size": 9,
    "grid.color": "#e5e5e5",
    "legend.frameon": False,
    "svg.hashsalt": "sitewatt",
    "xtick.color": "#444444",
    "ytick.color": "#444444",
}


def write_figures(
    run: Path,
    out: Path,
    *,
    file_format: str = "svg",
    sites: Sequence[str] = (),
    overwrite: bool = False,
) -> list[str]:
    """Draw a finished run into a new folder: capacity by stage, and the dispatch of sites.

    Parameters
    ----------
    file_format : `svg` or `png`.
    sites : whose dispatch to draw; by default the largest.

    Returns
    -------
    list
        Names of the files.

    Raises
    ------
    SitewattError
        Matplotlib is not installed, the run is not whole, or it has no such site.
    """
    if find_spec("matplotlib") is None:
        raise SitewattError("Figures need Matplotlib. Install it: pip install 'sitewatt[figures]'")
    import matplotlib as mpl  # noqa: PLC0415 — an extra

    plan = read_plan(run)
    chosen = choose_sites(plan, sites)
    # The same plan gives the same bytes.
    options: dict[str, Any] = {"metadata": {"Date": None}} if file_format == "svg" else {"dpi": 160}
    files = []
    with mpl.rc_context(STYLE), written_aside(out, overwrite=overwrite) as folder:
        folder.mkdir()
        for name, figure in draw(plan, chosen):
            files.append(f"{name}.{file_format}")
            figure.savefig(folder / files[-1], **options)
    return files


def choose_sites(plan: Plan, wanted: Sequence[str]) -> list[str]:
    """Sites whose dispatch is drawn: those that are wanted, else the largest that are powered."""
    if plan.slices.empty:
        if wanted:
            raise SitewattError("The plan knows no hours: only one with slices has a dispatch.")
        return []
    known = list(plan.tables["sites"].site)
    for site in wanted:
        if site not in known:
            raise SitewattError(f"No site is called {site}: {nearest(site, known)}")
    if wanted:
        return list(dict.fromkeys(wanted))
    energy = plan.tables["dispatch"].groupby("site").facility_mw.sum()
    return list(energy[energy > NOTHING_MW].sort_values(ascending=False).index[:MOST_SITES])


def draw(plan: Plan, sites: Sequence[str]) -> Iterator[tuple[str, "Figure"]]:
    """Each figure with its name, one at a time: they take memory."""
    yield "capacity", draw_capacity(plan)
    for number, site in enumerate(sites, start=1):
        slug = re.sub(r"[^\w.-]+", "-", site)[:60]
        yield f"dispatch-{number:02}-{slug}", draw_dispatch(plan, site)


# Capacity by stage


def draw_capacity(plan: Plan) -> "Figure":
    """IT capacity of each stage, with the highest load, and where power comes from."""
    from matplotlib.figure import Figure  # noqa: PLC0415 — an extra

    hourly = not plan.slices.empty
    figure = Figure(figsize=(10.5 if hourly else 6.5, 4.2), layout="constrained")
    panels = figure.subplots(1, 2 if hourly else 1, squeeze=False)[0]
    figure.suptitle(heading(plan), x=0.01, ha="left", fontweight="bold")

    capacity = plan.tables["capacity"]
    what, parts, colours = by_place(plan)
    stack_bars(panels[0], parts, colours)
    served = capacity.groupby("year").served_it_mw.sum().reindex(plan.stages, fill_value=0.0)
    panels[0].plot(
        *(range(len(served)), served.to_numpy(float)),
        color=LOAD_COLOUR,
        marker="o",
        markersize=4,
        linewidth=1.2,
        label="highest load",
    )
    finish(panels[0], f"IT capacity by {what}", "MW of IT", plan.stages)
    if hourly:
        sources = power_by_source(plan)
        stack_bars(panels[1], sources, {TAKEN: COLOURS["grid"], **COLOURS})
        finish(panels[1], "Power at the sites", "MW", plan.stages)
    return figure


def stack_bars(axes: "Axes", table: pd.DataFrame, colours: dict[str, str]) -> None:
    """Draw a bar for each row, of a part for each column."""
    bottom = np.zeros(len(table))
    for name in table:
        height = table[name].to_numpy(float)
        axes.bar(
            *(range(len(table)), height, 0.62, bottom),
            color=colours[name],
            edgecolor="white",
            linewidth=0.5,
            label=source_name(name),
        )
        bottom = bottom + height


def finish(axes: "Axes", title: str, unit: str, stages: list[int]) -> None:
    """Give a panel of stages its words, and its legend beside it in the order of the stack."""
    axes.set_title(title, loc="left")
    axes.set_ylabel(unit)
    axes.set_xticks(range(len(stages)), [str(year) for year in stages])
    axes.set_xlabel("stage, by its first year")
    axes.set_ylim(bottom=0)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(handles[::-1], labels[::-1], loc="center left", bbox_to_anchor=(1.0, 0.5))


# Dispatch


def draw_dispatch(plan: Plan, site: str) -> "Figure":
    """How a site is powered: a row for each stage in which it is, a column for each day."""
    from matplotlib.figure import Figure  # noqa: PLC0415 — an extra

    dispatch = plan.tables["dispatch"]
    powered = dispatch[(dispatch.site == site) & (dispatch.facility_mw > NOTHING_MW)]
    stages = [year for year in plan.stages if year in set(powered.year)] or plan.stages[:1]
    days = list(plan.slices.groupby("day", sort=False))
    figure = Figure(figsize=(1.9 + 2.2 * len(days), 1.1 + 1.55 * len(stages)), layout="constrained")
    figure.suptitle(f"{full_name(plan, site)}: power by the hour", x=0.01, ha="left", weight="bold")
    panels = figure.subplots(len(stages), len(days), sharex=True, sharey=True, squeeze=False)
    shown: dict[str, Any] = {}
    for row, year in zip(panels, stages, strict=True):
        power, load = site_power(plan, site, year)
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
    figure.supxlabel(clock(plan), fontsize=9)
    order = [name for name in ("load", *SOURCES[::-1], "export") if name in shown]
    figure.legend(
        [shown[name] for name in order],
        [source_name(name) for name in order],
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
        load.to_numpy(float), edges, baseline=None, color=LOAD_COLOUR, linewidth=1.3, label="load"
    )
    return {**shown, "load": line}


# Words


def heading(plan: Plan) -> str:
    """Title of the instance."""
    return plan.instance.manifest.title or plan.instance.manifest.name


def full_name(plan: Plan, site: str) -> str:
    """Name of a site for people."""
    names = plan.tables["sites"].set_index("site").name
    return str(names[site])


def source_name(name: str) -> str:
    """Name of a source for people."""
    return NAMES.get(name, name)


def clock(plan: Plan) -> str:
    """What the hours of a day are counted from."""
    starts = plan.slices.starts_utc
    of_midnight = starts.groupby(plan.slices.day, sort=False).first().str.contains("T00:00")
    return "hour of the day, UTC" if of_midnight.all() else "hours since the day's first slice"

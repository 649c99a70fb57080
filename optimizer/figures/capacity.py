"""Figures by stage: IT capacity, power that stands at the sites, energy by source, carbon."""

from typing import TYPE_CHECKING

import pandas as pd

from optimizer.figures.style import LINE_COLOUR, by_stage, first_of, new_figure, stack_bars
from optimizer.finished import NOTHING_MW, Finished
from optimizer.palette import CATEGORIES, COLOURS, ENERGY, OTHERS, SOURCES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAKEN = "grid, highest draw"
# MWh of a GWh, t of a kt.
KILO = 1000


def draw_capacity(run: Finished) -> "Figure":
    """IT capacity of each stage, with the highest load, and where power comes from."""
    panels = 2 if run.hourly else 1
    figure = new_figure(run, "Capacity and power", 10.5 if run.hourly else 6.5, 4.2)
    axes = figure.subplots(1, panels, squeeze=False)[0]
    what, parts, colours = by_place(run)
    stack_bars(axes[0], parts, colours)
    served = run.tables["capacity"].groupby("year").served_it_mw.sum()
    line(axes[0], served.reindex(run.stages, fill_value=0.0), "highest load")
    by_stage(axes[0], f"IT capacity by {what}", "MW of IT", run.stages)
    if run.hourly:
        stack_bars(axes[1], power_by_source(run), {TAKEN: COLOURS["grid"], **COLOURS})
        by_stage(axes[1], "Power at the sites", "MW", run.stages)
    return figure


def draw_energy(run: Finished) -> "Figure":
    """Energy that the sites use in each year of a stage, by source, and the carbon it emits."""
    figure = new_figure(run, "Energy and carbon", 10.5, 3.9)
    left, right = figure.subplots(1, 2)
    table = energy_by_source(run)
    stack_bars(left, table, dict(ENERGY.values()))
    by_stage(left, "Energy of the sites, cooling included", "GWh a year", run.stages)
    energy = run.tables["energy"].groupby("year")[["facility_mwh", "carbon_t"]].sum()
    energy = energy.reindex(run.stages, fill_value=0.0)
    stack_bars(right, pd.DataFrame({"emitted": energy.carbon_t / KILO}), {"emitted": "#7f7f7f"})
    by_stage(right, "Carbon dioxide", "kt a year", run.stages)
    for place, (carbon_t, mwh) in enumerate(zip(energy.carbon_t, energy.facility_mwh, strict=True)):
        if mwh > 0:
            kg = f"{carbon_t / mwh * 1000:,.0f}\nkg/MWh"
            right.annotate(kg, (place, carbon_t / KILO), ha="center", va="bottom", fontsize=8)
    right.set_ylim(0, max(energy.carbon_t.max() / KILO * 1.18, 1e-3))
    return figure


def line(axes: "Axes", values: pd.Series, name: str) -> None:
    """Draw a line over the bars of a panel of stages."""
    axes.plot(
        *(range(len(values)), values.to_numpy(float)),
        color=LINE_COLOUR,
        marker="o",
        markersize=4,
        linewidth=1.2,
        label=name,
    )


def by_place(run: Finished) -> tuple[str, pd.DataFrame, dict[str, str]]:
    """Installed IT MW by stage and site, or country where sites are many.

    Returns
    -------
    tuple
        What the columns are, the table with the largest first and small ones as others, and a
        colour for each column.
    """
    capacity, sites = run.tables["capacity"], run.tables["sites"]
    used = capacity.site[capacity.installed_it_mw > NOTHING_MW].nunique()
    what = "site" if used <= len(CATEGORIES) else "country"
    capacity = capacity.merge(sites[["site", "country"]], on="site")
    capacity["country"] = capacity.country.map(run.country)
    if run.sites.name.is_unique:
        capacity["site"] = capacity.site.map(run.sites.name)
    table = capacity.pivot_table(
        index="year", columns=what, values="installed_it_mw", aggfunc="sum"
    ).reindex(run.stages, fill_value=0.0)
    order = table.iloc[-1].sort_values(ascending=False, kind="stable").index
    table = table[[place for place in order if table[place].max() > NOTHING_MW]]
    table = first_of(table, len(CATEGORIES))
    return what, table, dict(zip(table.columns, (*CATEGORIES, OTHERS), strict=False))


def power_by_source(run: Finished) -> pd.DataFrame:
    """MW by stage: what sites take through connections at most, contracts included; what stands."""
    standing = run.tables["standing"]
    table = (
        standing.assign(kind=standing.technology.map(run.kind))
        .pivot_table(index="year", columns="kind", values="mw", aggfunc="sum")
        .reindex(run.stages)
    )
    table[TAKEN] = run.tables["connections"].groupby("year").peak_mw.sum()
    table = table.fillna(0.0)
    order = [TAKEN, *(kind for kind in SOURCES if kind != "ppa")]
    return table[[kind for kind in order if kind in table and table[kind].max() > NOTHING_MW]]


def energy_by_source(run: Finished) -> pd.DataFrame:
    """GWh a year by stage and source; without slices all of it is the grid's."""
    if run.hourly:
        table = run.tables["power_sources"].groupby("year")[list(ENERGY)].sum()
    else:
        grid = run.tables["energy"].groupby("year").facility_mwh.sum()
        table = pd.DataFrame({"firm_mwh": grid})
    table = table.reindex(run.stages, fill_value=0.0) / KILO
    used = [column for column in table if table[column].max() > 0] or list(table)[:1]
    return table[used].rename(columns={column: name for column, (name, _) in ENERGY.items()})

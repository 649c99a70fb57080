"""What figures show of a plan: megawatts by stage, country and source, and by slice at a site."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from optimizer.instance import Instance, read_instance
from optimizer.palette import CATEGORIES, OTHERS
from optimizer.run_tables import read_table

# From the bottom of a stack to its top: what comes all day, then what the weather gives.
SOURCES = (
    *("nuclear", "grid", "flexible", "fuel_cell", "gas", "diesel"),
    *("ppa", "wind", "solar", "battery"),
)
NOTHING_MW = 1e-6
TAKEN = "grid, highest draw"


@dataclass(frozen=True)
class Plan:
    """What figures show of a run.

    Parameters
    ----------
    instance : as the run keeps it.
    tables : result tables; those of the hours only where there are slices.
    """

    instance: Instance
    tables: dict[str, pd.DataFrame]

    @property
    def slices(self) -> pd.DataFrame:
        """Slices by name, in their order; none where the plan knows no hours."""
        return self.instance.tables["slices"].set_index("slice")

    def of(self, name: str, site: str, year: int) -> pd.DataFrame:
        """Rows of a result table about a site in a stage."""
        table = self.tables[name]
        return table[(table.site == site) & (table.year == year)]

    @property
    def stages(self) -> list[int]:
        """Investment years."""
        return list(self.instance.manifest.stages)

    @property
    def kind(self) -> pd.Series:
        """Kind by technology."""
        return self.instance.tables["technologies"].set_index("technology").kind


def read_plan(run: Path) -> Plan:
    """Read what figures show of a run folder."""
    instance = read_instance(run / "instance")
    names = ["sites", "capacity"]
    if len(instance.tables["slices"]):
        names += ["dispatch", "generation", "standing", "connections"]
    return Plan(instance, {name: read_table(run, name) for name in names})


def by_place(plan: Plan) -> tuple[str, pd.DataFrame, dict[str, str]]:
    """Installed IT MW by stage and site, or country where sites are many.

    Returns
    -------
    tuple
        What the columns are, the table with the largest first and small ones as others, and a
        colour for each column.
    """
    capacity, sites = plan.tables["capacity"], plan.tables["sites"]
    used = capacity.site[capacity.installed_it_mw > NOTHING_MW].nunique()
    what = "site" if used <= len(CATEGORIES) else "country"
    capacity = capacity.merge(sites[["site", "country"]], on="site")
    table = capacity.pivot_table(
        index="year", columns=what, values="installed_it_mw", aggfunc="sum"
    ).reindex(plan.stages, fill_value=0.0)
    order = table.iloc[-1].sort_values(ascending=False, kind="stable").index
    table = table[[place for place in order if table[place].max() > NOTHING_MW]]
    most = len(CATEGORIES)
    colours = dict(zip(table.columns, CATEGORIES, strict=False))
    if len(table.columns) > most:
        rest = table.iloc[:, most:]
        name = f"{len(rest.columns)} others"
        table = table.iloc[:, :most].assign(**{name: rest.sum(axis=1)})
        colours[name] = OTHERS
    return what, table, colours


def power_by_source(plan: Plan) -> pd.DataFrame:
    """MW by stage: what sites take through connections at most, contracts included; what stands."""
    standing = plan.tables["standing"]
    table = (
        standing.assign(kind=standing.technology.map(plan.kind))
        .pivot_table(index="year", columns="kind", values="mw", aggfunc="sum")
        .reindex(plan.stages)
    )
    table[TAKEN] = plan.tables["connections"].groupby("year").peak_mw.sum()
    table = table.fillna(0.0)
    order = [TAKEN, *(kind for kind in SOURCES if kind != "ppa")]
    return table[[kind for kind in order if kind in table and table[kind].max() > NOTHING_MW]]


def site_power(plan: Plan, site: str, year: int) -> tuple[pd.DataFrame, pd.Series]:
    """MW by slice and source at a site in a stage, what is charged and sold below zero; its load.

    Flexible power is that part of what comes through the connection; contracts are not counted
    in it as long as the grid's own power covers it.
    """
    at = plan.of("dispatch", site, year).set_index("slice")
    at = at.reindex(plan.slices.index).fillna(0.0)
    made = plan.of("generation", site, year)
    made = made.assign(kind=made.technology.map(plan.kind))
    power = made.pivot_table(index="slice", columns="kind", values="made_mw", aggfunc="sum")
    power = power.reindex(plan.slices.index).fillna(0.0)
    storage = made.groupby("slice")[["charged_mw", "discharged_mw"]].sum()
    storage = storage.reindex(plan.slices.index).fillna(0.0)
    power["battery"] = storage.discharged_mw
    power["flexible"] = np.minimum(at.flexible_mw, at.grid_mw)
    power["grid"] = at.grid_mw - power.flexible
    power = power[[kind for kind in SOURCES if kind in power]]
    power["charged"], power["export"] = -storage.charged_mw, -at.exported_mw
    return power, at.facility_mw

"""What hourly results say of power over the years: roles, sources, hardware that waits."""

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.derived import compare
from optimizer.audit.dispatch import Dispatch
from optimizer.audit.report import TOLERANCE, Ledger

SOURCES = {"bridge": "bridge_mwh", "own": "own_mwh"}


def roles(flows: Dispatch, limit_mw: Numbers) -> pd.DataFrame:
    """Role of each of `supply_rows`, and `unsure` where so little is made that either would do.

    `backup` makes and discharges nothing in the stage; `bridge` does, at a node whose firm MW and
    upgrades grow in a later stage; `own` is all else.
    """
    power = flows.power
    mwh = (flows.made + flows.discharged) @ power.weight_hours
    nodes = power.node_rows.keys.assign(limit_mw=limit_mw).sort_values("year", ascending=False)
    most_later = nodes.groupby("node").limit_mw.cummax()
    grows = (most_later > nodes.limit_mw + 1e-9).sort_index().to_numpy()
    at_node = power.site_node.assign(row=power.node_rows.rows_of(power.site_node))
    row = at_node.row.to_numpy()[power.site_rows.rows_of(power.supply_rows.keys)]
    works = np.where(grows[row], "bridge", "own")
    unsure = (mwh > 0) & (mwh <= TOLERANCE * 8760)
    return power.supply_rows.figures(
        role=np.where(mwh > 0, works, "backup"), works=works, unsure=unsure
    )


def check_standing_table(
    ledger: Ledger, flows: Dispatch, role: pd.DataFrame, table: pd.DataFrame
) -> None:
    """`standing` tells what stands in each stage, and in which role."""
    keys = ["site", "technology", "year"]
    rows = flows.power.supply_rows
    compare(ledger, "standing", table, rows.figures(mw=flows.mw, mwh=flows.mwh), keys)
    told = table.merge(role.rename(columns={"role": "own"}), on=keys)
    ledger.holds(
        "standing table",
        told[[*keys, "role", "own"]],
        (told.role == told.own) | (told.unsure & told.role.isin(["backup"])),
        "standing: {technology} at {site} in {year} is called {role}, but it is {own}",
    )


def power_sources(flows: Dispatch, role: pd.DataFrame) -> pd.DataFrame:
    """Columns of `power_sources`: where each of `site_rows` has its energy from, MWh a year.

    Of the grid's, the flexible part is flexible_mw as far as it is drawn from the grid. What is
    made on site counts by its role; what is discharged was counted when it was had.
    """
    power, hours = flows.power, flows.power.weight_hours
    on_site = flows.made * ~power.contract[:, None] @ hours
    flexible = np.minimum(flows.flexible, flows.grid)
    return power.site_rows.figures(
        firm_mwh=(flows.grid - flexible) @ hours,
        flexible_mwh=flexible @ hours,
        contract_mwh=flows.delivered @ hours,
        **{
            column: flows.at_sites(np.where(role.role == name, on_site, 0.0))
            for name, column in SOURCES.items()
        },
    )


def idle_hardware(flows: Dispatch, installed: Numbers, limit_mw: Numbers) -> pd.DataFrame:
    """Columns of `idle_hardware`: installed IT beyond what each of `node_rows` can power.

    Needed is installed IT × the highest PUE of a slice; there are firm MW, upgrades, flexible MW,
    and of technologies on site other than batteries their MW × lowest availability. What it cost
    is at the mean `it_cost_per_mw` of what is installed.
    """
    power = flows.power
    facts, rows = power.facts, power.node_rows
    needed = installed * power.pue.max(axis=1)
    relied = np.where(power.battery | power.contract, 0.0, flows.mw * power.available.min(axis=1))
    spent = installed * power.site_rows.keys.site.map(facts.sites.it_cost_per_mw).to_numpy(float)
    needed, it_mw, spent, own = (
        flows.at_nodes(values) for values in (needed, installed, spent, flows.at_sites(relied))
    )
    there = limit_mw + power.flexible.flexible_mw.to_numpy(dtype=float) + own
    idle = np.maximum(0.0, needed - there)
    years = rows.keys.year.map({t: len(facts.years(t)) for t in facts.stages})
    with np.errstate(divide="ignore", invalid="ignore"):
        idle_it = np.where(it_mw > 0, idle / (needed / it_mw), 0.0)
        cost = np.where(it_mw > 0, idle_it * (spent / it_mw), 0.0)
    return rows.figures(idle_mw=idle, mw_years=idle * years.to_numpy(float), idle_cost=cost)


def check_node_hours(ledger: Ledger, expected: pd.DataFrame, table: pd.DataFrame) -> None:
    """`node_hours` tells limits and highest draws, and the hours in which nothing firm is left.

    A slice with less left than results are precise to may be counted either way.
    """
    keys = ["node", "year"]
    figures = expected.drop(columns=["least_hours", "most_hours"])
    compare(ledger, "node_hours", table, figures, keys)
    told = expected[keys].merge(table, on=keys, how="left").binding_hours.fillna(0.0)
    words = "node_hours: binding_hours of {node} {year} is {amount}, recomputed at "
    family, named = "node_hours table", expected[keys]
    ledger.at_most(family, named, told, expected.most_hours, words + "most {limit}")
    ledger.at_least(family, named, told, expected.least_hours, words + "least {limit}")


def check_levelised(ledger: Ledger, expected: pd.DataFrame, table: pd.DataFrame) -> None:
    """`levelised` tells each site's discounted cost and energy, and the first by the second."""
    compare(ledger, "levelised", table, expected.drop(columns="cost_per_it_mwh"), ["site"])
    told = table.merge(expected[["site", "cost_per_it_mwh"]], on="site", suffixes=("", "_own"))
    known = told.cost_per_it_mwh_own.notna()
    ledger.equal(
        "levelised table",
        told[["site"]][known],
        told.cost_per_it_mwh[known],
        told.cost_per_it_mwh_own[known],
        "levelised: an IT MWh at {site} costs {amount}, recomputed {limit}",
    )

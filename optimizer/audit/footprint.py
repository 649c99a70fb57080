"""Carbon, water and clean energy of each site, and the policies that limit them."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.costs import first_openings
from optimizer.audit.dispatch import Dispatch
from optimizer.audit.facts import Facts, step_function
from optimizer.audit.load import Load, it_power_mw
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger

KEYS = ["site", "year"]


def footprints(
    flows: Dispatch, load: Load, capacity: pd.DataFrame, orders: pd.DataFrame
) -> pd.DataFrame:
    """Columns of `footprint`, and what policies ask for besides, for each of `site_rows`.

    - grid_t: energy from the grid × the node's carbon in the slice;
    - supply_t: `carbon_kg_per_mwh` of what is made and delivered;
    - event_t: curtailed hours × what is held ready in the dirtiest slice emits in an hour;
    - embodied_t: in what opens, is installed or ordered in the stage;
    - water_m3: `water_l_per_kwh` × energy of the IT, idle part included;
    - clean_mwh: clean technologies' energy, and `clean_share` of the grid's, less exports;
    - matched_mwh: in each slice the same, with what is discharged less what is charged, up to the
      facility load and from 0.

    `operating_t` is the sum of the first three, `least_clean_mw` the lowest such supply of a slice.
    """
    power = flows.power
    facts, rows, hours = power.facts, power.site_rows, power.weight_hours
    water_l_per_kwh = rows.keys.site.map(facts.sites.water_l_per_kwh).to_numpy(dtype=float)
    clean = (power.option.clean == 1).to_numpy()[:, None]
    grid_share = power.site_node.node.map(facts.nodes.clean_share).to_numpy(dtype=float)[:, None]
    net_clean = flows.at_sites(flows.made * clean) + grid_share * flows.grid - flows.exported
    supply = net_clean + flows.at_sites(flows.discharged - flows.charged)
    matched = np.clip(supply, 0.0, np.maximum(flows.facility, 0.0))
    it_mwh = it_power_mw(power, load, capacity.installed.to_numpy()) @ hours
    kg = flows.made @ hours * power.option.carbon_kg_per_mwh.to_numpy(dtype=float)
    grid_t = (flows.grid * power.carbon_kg_per_mwh) @ hours / 1000.0
    supply_t, event_t = flows.at_sites(kg) / 1000.0, event_tonnes(flows)
    return rows.figures(
        grid_t=grid_t,
        supply_t=supply_t,
        event_t=event_t,
        operating_t=grid_t + supply_t + event_t,
        embodied_t=embodied_tonnes(power, capacity, orders),
        water_m3=water_l_per_kwh * it_mwh,
        clean_mwh=net_clean @ hours,
        matched_mwh=matched @ hours,
        facility_mwh=flows.facility @ hours,
        least_clean_mw=supply.min(axis=1),
    )


def event_tonnes(flows: Dispatch) -> Numbers:
    """Tonnes a year of what is held ready, in the hours in which flexible power is cut."""
    power = flows.power
    kg_per_mwh = power.option.carbon_kg_per_mwh.to_numpy(dtype=float)[:, None]
    dirtiest = flows.at_sites(flows.ready * kg_per_mwh).max(axis=1)
    return power.flexible_at_sites("curtailed_hours") * dirtiest / 1000.0


def embodied_tonnes(power: PowerFacts, capacity: pd.DataFrame, orders: pd.DataFrame) -> Numbers:
    """Tonnes in the sites that open in a stage, the IT installed and the supply ordered in it."""
    of_sites = embodied_in_sites(power.facts, capacity)
    of_supply = orders.mw * orders.embodied_t_per_mw + orders.mwh * orders.embodied_t_per_mwh
    stage = orders[["site"]].assign(year=orders.ordered_year)
    rows = power.site_rows
    return rows.total(capacity, of_sites) + rows.total(stage, of_supply.to_numpy(dtype=float))


def embodied_in_sites(facts: Facts, capacity: pd.DataFrame) -> Numbers:
    """The same without supply, for each row of `capacity`."""
    new = pd.MultiIndex.from_frame(first_openings(facts, capacity)[KEYS])
    opens = pd.MultiIndex.from_frame(capacity[KEYS]).isin(new)
    of_site = capacity.site.map(facts.sites.embodied_t).where(opens, 0.0)
    of_it = capacity.new_it_mw * capacity.site.map(facts.sites.embodied_t_per_it_mw)
    return (of_site + of_it).to_numpy(dtype=float)


def flat_footprints(facts: Facts, capacity: pd.DataFrame, energy: pd.DataFrame) -> pd.DataFrame:
    """The same without slices, of a year's energy: all of it is drawn from the grid."""
    rows = capacity[KEYS].merge(energy, on=KEYS, how="left").fillna(0.0)
    share = rows.site.map(facts.sites.node.map(facts.nodes.clean_share)).astype(float)
    water_l_per_kwh = rows.site.map(facts.sites.water_l_per_kwh).astype(float)
    return rows[KEYS].assign(
        operating_t=rows.carbon_t,
        embodied_t=embodied_in_sites(facts, capacity),
        water_m3=rows.it_mwh * water_l_per_kwh,
        clean_mwh=rows.facility_mwh * share,
        matched_mwh=rows.facility_mwh * share,
        facility_mwh=rows.facility_mwh,
        least_clean_mw=0.0,
    )


def check_policies(ledger: Ledger, facts: Facts, footprint: pd.DataFrame) -> None:
    """Carbon and water of all sites keep to their caps in any year, clean energy to its share.

    In a stage's first year, what is embodied counts, too. A clean share above 0 is of the facility
    load; with `hourly` as unit clean energy counts up to the load of each slice only, and no site
    may charge, or sell, more than it has of it.
    """
    total = footprint.groupby("year").sum(numeric_only=True).reindex(facts.stages, fill_value=0.0)
    years = pd.DataFrame(
        [(stage, year) for stage in facts.stages for year in facts.years(stage)],
        columns=["stage", "year"],
    )
    total = total.reindex(years.stage).set_axis(years.index)
    first = years.stage == years.year
    tonnes = total.operating_t + total.embodied_t.where(first, 0.0)
    for name, amount, words in (
        ("carbon_cap", tonnes, "{year} emits {amount} t of carbon dioxide, at most {limit} t may"),
        ("water_cap", total.water_m3, "{year} uses {amount} m³ of water, at most {limit} m³ may"),
    ):
        limit = years.year.map(facts.policy(name, math.inf))
        capped = np.isfinite(limit)
        ledger.at_most("policies", years[["year"]][capped], amount[capped], limit[capped], words)
    share = years.year.map(facts.policy("clean_share", 0.0))
    hourly = years.year.map(clean_hourly(facts)).astype(bool)
    needed_mwh = share * total.facility_mwh
    for rows, column, words in (
        (
            ~hourly & (share > 0),
            "clean_mwh",
            "{year} has {amount} MWh of clean energy, {limit} MWh are needed",
        ),
        (
            hourly & (share > 0),
            "matched_mwh",
            "{year} has {amount} MWh of clean energy by the hour, {limit} MWh are needed",
        ),
    ):
        named = years[["year"]][rows]
        ledger.at_least("policies", named, total[column][rows], needed_mwh[rows], words)
    strict = footprint.year.isin(years.stage[hourly & (share > 0)])
    ledger.at_least(
        "policies",
        footprint[KEYS][strict],
        footprint.least_clean_mw[strict],
        0.0,
        "{site} charges or sells more clean energy than it has in {year}: {amount} MW in a slice",
    )


def clean_hourly(facts: Facts) -> Callable[[int], float]:
    """Whether the row of `clean_share` that holds in a year counts hour by hour, 1 or 0."""
    table = facts.instance.tables["policies"]
    table = table[table.policy == "clean_share"].sort_values("year")
    hourly = (table.unit == "hourly").to_numpy(dtype=float)
    return step_function(table.year.to_numpy(), hourly, 0.0)

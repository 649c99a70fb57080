"""A plan's power side as PyPSA networks: a folder of CSV files for each stage.

Only what is built is fixed; what is drawn, made and stored stays free, so that optimising a network
gives the stage's operating cost again. Writing takes no PyPSA.

A day is an investment period: that is how storage goes round within each (`e_cyclic_per_period`).
Buses beside those of the sites keep the plan's limits: `node` what may be taken through its
connection, `meter` what a site takes through its own, `made` what may be sold, `corridor` what is
left of a transfer limit.
"""

import json
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Block
from optimizer.palette import COLOURS
from optimizer.plan_power import PlanPower, read_plan
from optimizer.pypsa_folder import PYPSA_VERSION, Network, write_csv


def export_networks(run: Path, folder: Path) -> None:
    """Write a network for each stage of a run into a new folder.

    Raises
    ------
    SitewattError
        The run is not whole, or knows no slices.
    """
    plan = read_plan(run)
    for year in plan.facts.stages:
        stage = folder / str(year)
        stage.mkdir(parents=True)
        stage_network(plan, year).write(stage)
        write_frame(plan, year, stage)


def stage_network(plan: PlanPower, year: int) -> Network:
    """All that stands in a stage, with the plan's load."""
    network = Network()
    for carrier, colour in COLOURS.items():
        network.add("carriers", carrier, color=colour)
    network.add("buses", "grid", carrier="AC")
    corridors = add_corridors(network, plan, year)
    limits = add_nodes(network, plan, year, corridors)
    add_sites(network, plan, year, limits, corridors)
    add_supply(network, plan, year)
    return network


def add_corridors(network: Network, plan: PlanPower, year: int) -> dict[str, dict[str, float]]:
    """Add what each corridor may carry, as a good that a node's connection uses up.

    Returns
    -------
    dict
        By node, corridor and factor.
    """
    limits = plan.power.corridors
    limits = limits[(limits.year == year) & np.isfinite(limits.max_mw)].set_index("corridor").max_mw
    factors: dict[str, dict[str, float]] = {}
    for row in plan.power.tables["corridor_nodes"].itertuples():
        if row.corridor in limits.index:
            factors.setdefault(row.node, {})[row.corridor] = float(row.factor)
    most_mw = 2 * float(most_taken(plan, year).sum()) + plan.facts.nodes.export_mw.sum()
    for corridor, max_mw in limits.items():
        steepest = max((abs(of.get(corridor, 0.0)) for of in factors.values()), default=0.0)
        ample_mw = max(max_mw, steepest * most_mw, 1.0)
        bus = f"corridor {corridor}"
        network.add("buses", bus, carrier="AC")
        # Exports give room back, and may give more than there was.
        network.add(
            *("generators", bus),
            bus=bus,
            carrier="corridor",
            p_nom=ample_mw,
            p_max_pu=max_mw / ample_mw,
            p_min_pu=-1.0,
        )
    return factors


def ports(used: dict[str, float], sign: int) -> dict[str, Any]:
    """Further ends of a link, at the corridors that it uses (−1) or relieves (1)."""
    ends: dict[str, Any] = {}
    for number, (corridor, factor) in enumerate(used.items(), start=2):
        ends[f"bus{number}"] = f"corridor {corridor}"
        ends[f"efficiency{number}"] = sign * factor
    return ends


def most_taken(plan: PlanPower, year: int) -> pd.Series:
    """MW that may be taken at each node in a stage: firm, added, and flexible if it is drawn."""
    grid_use = plan.of("grid_use", year).set_index("node")
    flexible = plan.power.node_rows.keys.assign(mw=plan.power.flexible.flexible_mw)
    flexible = flexible[flexible.year == year].set_index("node").mw
    return grid_use.firm_mw + grid_use.upgrade_mw + flexible


def add_nodes(
    network: Network, plan: PlanPower, year: int, corridors: dict[str, dict[str, float]]
) -> dict[str, float]:
    """Add the grid and the connection of each node that has sites.

    Returns
    -------
    dict
        Most MW that each node's connection carries in a slice.
    """
    power, facts = plan.power, plan.facts
    dispatch = plan.of("dispatch", year).assign(node=lambda of: of.site.map(facts.sites.node))
    nodes = Block(pd.DataFrame({"node": facts.nodes.index, "year": year}), power.slices.index)
    flexible = plan.by_slice(nodes, nodes.spread(dispatch, "flexible_mw"), year)
    grid_use = plan.of("grid_use", year).set_index("node")
    taken = dict(zip(grid_use.index, grid_use.firm_mw + grid_use.upgrade_mw, strict=True))
    limits = {}
    for node in sorted(set(facts.sites.node[plan.sites(year)])):
        # Flexible MW are the plan's: what would ride through a cut is not told to PyPSA.
        limit = taken[node] + flexible[node]
        limits[node] = float(limit.max())
        place = facts.nodes.loc[node]
        network.add(
            *("buses", f"node {node}"),
            x=place.longitude,
            y=place.latitude,
            country=place.country,
            carrier="AC",
        )
        network.add(
            *("links", f"node {node}"),
            bus0="grid",
            bus1=f"node {node}",
            carrier="grid",
            p_nom=limits[node],
            p_max_pu=limit / max(limits[node], 1e-9),
            **ports(corridors.get(node, {}), -1),
        )
        if place.export_mw > 0:
            network.add("buses", f"sold {node}", carrier="AC")
            network.add(
                *("generators", f"sold {node}"),
                bus=f"sold {node}",
                carrier="export",
                p_nom=place.export_mw,
                p_max_pu=0.0,
                p_min_pu=-1.0,
            )
    network.add("generators", "grid", bus="grid", carrier="grid", p_nom=sum(limits.values()))
    return limits


def add_sites(
    network: Network,
    plan: PlanPower,
    year: int,
    limits: dict[str, float],
    corridors: dict[str, dict[str, float]],
) -> None:
    """Add each site that needs power: its load, its meter, what it draws and what it sells."""
    power, facts = plan.power, plan.facts
    load = plan.by_slice(
        power.site_rows, power.site_rows.spread(plan.tables["dispatch"], "facility_mw"), year
    )
    price = plan.by_slice(power.site_rows, power.price, year)
    carbon_kg = plan.by_slice(power.site_rows, power.carbon_kg_per_mwh, year)
    price_per_kg = plan.carbon_price(year) / 1000
    peak = plan.of("connections", year).set_index("site").peak_mw
    for site in plan.sites(year):
        place, node = facts.sites.loc[site], facts.nodes.loc[facts.sites.node[site]]
        # A peak that costs is part of what was decided.
        dear = node.demand_charge_per_mw_year > 0 or node.connection_fee_per_mw > 0
        width_mw = float(peak.get(site, 0.0)) if dear else limits[place.node]
        where = {"x": place.longitude, "y": place.latitude, "country": place.country}
        for bus in ("site", "meter"):
            network.add("buses", f"{bus} {site}", carrier="AC", **where)
        network.add(
            *("links", f"connection {site}"),
            bus0=f"node {place.node}",
            bus1=f"meter {site}",
            carrier="AC",
            p_nom=width_mw,
        )
        network.add(
            *("links", f"grid {site}"),
            bus0=f"meter {site}",
            bus1=f"site {site}",
            carrier="grid",
            p_nom=width_mw,
            marginal_cost=price[site] + carbon_kg[site] * price_per_kg,
        )
        network.add("loads", f"site {site}", bus=f"site {site}", carrier="AC", p_set=load[site])
        if node.export_mw > 0:
            ample_mw = float(load[site].max() + node.export_mw + standing_mw(plan, year, site))
            network.add("buses", f"made {site}", carrier="AC", **where)
            network.add(
                *("links", f"own use {site}"),
                bus0=f"made {site}",
                bus1=f"site {site}",
                carrier="AC",
                p_nom=ample_mw,
            )
            network.add(
                *("links", f"export {site}"),
                bus0=f"made {site}",
                bus1=f"sold {place.node}",
                carrier="export",
                p_nom=node.export_mw,
                marginal_cost=-node.export_price_share * np.maximum(price[site], 0.0),
                **ports(corridors.get(place.node, {}), 1),
            )


def add_supply(network: Network, plan: PlanPower, year: int) -> None:
    """Add what stands at the sites in a stage."""
    power, facts = plan.power, plan.facts
    available = plan.by_slice(power.supply_rows, power.available, year)
    share = plan.yearly(year)
    cost = sum(part * power.energy_cost(y) for y, part in share.items())
    costs = pd.Series(cost, power.supply_rows.index)
    for row in plan.of("standing", year).itertuples():
        option = power.options.loc[(row.site, row.technology)]
        name, own = f"{row.site}/{row.technology}", f"site {row.site}"
        if facts.nodes.export_mw[option.node] > 0:
            own = f"made {row.site}"
        each_mwh = float(costs[(row.site, row.technology, year)])
        if option.kind == "battery":
            add_battery(network, name, row, own, option.efficiency, each_mwh)
            continue
        each_mwh += option.carbon_kg_per_mwh / 1000 * plan.carbon_price(year)
        made = {
            "carrier": option.kind,
            "p_nom": row.mw,
            "p_max_pu": available[(row.site, row.technology)],
            "marginal_cost": each_mwh,
        }
        if option.kind == "ppa":
            ends = {"bus0": f"meter {row.site}", "bus1": f"site {row.site}"}
            network.add("links", name, **ends, **made)
        else:
            network.add("generators", name, bus=own, **made)


def add_battery(
    network: Network, name: str, row: Any, own: str, efficiency: float, each_mwh: float
) -> None:
    """Add a battery: its MW limit what goes in and what comes out, its MWh what is held."""
    one_way = sqrt(efficiency)
    network.add("buses", name, carrier="battery")
    network.add(
        "stores", name, bus=name, carrier="battery", e_nom=row.mwh, e_cyclic_per_period=True
    )
    network.add(
        *("links", f"{name} charge"),
        bus0=f"site {row.site}",
        bus1=name,
        carrier="battery",
        p_nom=row.mw,
        efficiency=one_way,
    )
    # PyPSA counts a link where it begins.
    network.add(
        *("links", f"{name} discharge"),
        bus0=name,
        bus1=own,
        carrier="battery",
        p_nom=row.mw / one_way,
        efficiency=one_way,
        marginal_cost=each_mwh * one_way,
    )


def standing_mw(plan: PlanPower, year: int, site: str) -> float:
    """MW of all that stands at a site."""
    standing = plan.of("standing", year)
    return float(standing.mw[standing.site == site].sum())


def write_frame(plan: PlanPower, year: int, folder: Path) -> None:
    """Write what is no component: snapshots, days as periods, the network's name, what it is of."""
    facts, slices = plan.facts, plan.power.slices.iloc[plan.order]
    days = {day: number for number, day in enumerate(dict.fromkeys(slices.day), start=1)}
    snapshots = pd.DataFrame(
        {
            "period": slices.day.map(days),
            "timestep": timesteps(slices),
            "objective": slices.weight_hours,
            "stores": slices.hours,
            "generators": slices.weight_hours,
        }
    )
    write_csv(snapshots.reset_index(drop=True), folder / "snapshots.csv")
    worth = sum(facts.discount(y) for y in facts.years(year))
    periods = pd.DataFrame({"objective": worth, "years": 1.0}, index=list(days.values()))
    write_csv(periods.rename_axis("period"), folder / "investment_periods.csv")
    name = f"{facts.manifest.name} {year}"
    network = pd.DataFrame({"name": [name], "pypsa_version": PYPSA_VERSION, "srid": 4326})
    write_csv(network.set_index("name"), folder / "network.csv")
    meta = {
        "instance": facts.manifest.name,
        "stage": year,
        "currency": facts.manifest.currency,
        "base_year": facts.manifest.base_year,
        "days": {number: day for day, number in days.items()},
        "slices": slices.index.tolist(),
        "operating_cost": plan.operating_cost(year),
    }
    text = json.dumps(meta, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "meta.json").write_text(text + "\n", encoding="utf-8")


def timesteps(slices: pd.DataFrame) -> pd.Series:
    """When slices start, or else their numbers: PyPSA may take a name such as `mon` for a date."""
    starts = slices.starts_utc
    if (starts != "").all() and not starts.duplicated().any():
        return starts
    return pd.Series(range(1, len(slices) + 1), slices.index)

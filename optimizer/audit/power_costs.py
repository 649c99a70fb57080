"""Every cost of a plan with slices, year by year."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.costs import KEYS, carbon_cost, entries, once
from optimizer.audit.dispatch import Dispatch
from optimizer.audit.load import Load
from optimizer.audit.power_facts import PowerFacts

OF_NO_SITE = ("upgrade", "unserved")


def power_costs(
    flows: Dispatch,
    load: Load,
    peaks: pd.DataFrame,
    footprint: pd.DataFrame,
    orders: pd.DataFrame,
    retired: pd.DataFrame,
) -> pd.DataFrame:
    """Costs of power and load: kind, year, item, cost, discounted_cost.

    Once:

    - supply: MW and MWh ordered, at the costs of that year;
    - resale: what is retired brings resale_share × its cost × (1 − age / life), at least 0;
    - connection: `connection_fee_per_mw` on the highest draw beyond all earlier ones.

    In each year of a stage:

    - supply_fixed: on MW that stand;
    - supply_energy: on MWh made and delivered, at each year's fuel price, and discharged;
    - energy: MWh from the grid × the node's price in the slice;
    - export: MWh sold × export_price_share × that price, where positive;
    - demand_charge: on the highest draw;
    - moving, cutting: on MWh moved and cut;
    - events: curtailed hours × the cost of an hour of what is held ready in the dearest slice, at
      least 0;
    - carbon: tonnes × the price of each year, and what is embodied in the first.
    """
    power = flows.power
    facts, hours = power.facts, power.weight_hours
    site, supply = power.site_rows.keys, power.supply_rows.keys
    first, yearly = once(facts), facts.stage_sums()
    node = facts.nodes.reindex(power.site_node.node)
    earned = node.export_price_share.to_numpy(dtype=float)[:, None] * np.maximum(0.0, power.price)
    item = supply.site + "/" + supply.technology
    fixed = flows.mw * power.option.fixed_cost_per_mw_year.to_numpy(dtype=float)
    energy_mwh = (flows.made + flows.discharged) @ hours
    moves, cuts = (
        (values @ hours) * load.of_workload(power, column)[:, 0]
        for values, column in (
            (load.out, "move_cost_per_mwh"),
            (load.cut, "cut_cost_per_mwh"),
        )
    )
    fee, charge = (
        node[column].to_numpy(dtype=float)
        for column in ("connection_fee_per_mw", "demand_charge_per_mw_year")
    )
    at = load.rows.keys
    return pd.concat(
        [
            bought(power, orders),
            resold(power, retired),
            entries("connection", site.year, site.site, peaks.gained_mw * fee, first),
            entries("supply_fixed", supply.year, item, fixed, yearly),
            by_year(
                "supply_energy",
                power,
                supply.year,
                item,
                lambda y: energy_mwh * power.energy_cost(y),
            ),
            entries("energy", site.year, site.site, (flows.grid * power.price) @ hours, yearly),
            entries("export", site.year, site.site, -(flows.exported * earned) @ hours, yearly),
            entries("demand_charge", site.year, site.site, peaks.peak_mw * charge, yearly),
            entries("moving", at.year, at.site, moves, yearly),
            entries("cutting", at.year, at.site, cuts, yearly),
            by_year("events", power, site.year, site.site, lambda y: event_cost(flows, load, y)),
            carbon_cost(facts, footprint),
        ],
        ignore_index=True,
    )


def bought(power: PowerFacts, orders: pd.DataFrame) -> pd.DataFrame:
    """What is ordered, at the costs of the year in which it is."""
    amount = cost_when_ordered(power, orders)
    item = orders.site + "/" + orders.technology
    return entries("supply", orders.ordered_year, item, amount, once(power.facts))


def resold(power: PowerFacts, retired: pd.DataFrame) -> pd.DataFrame:
    """What retired supply brings, as a negative cost; age counts from the order."""
    technology = power.technologies.reindex(retired.technology)
    life = technology.life_years.to_numpy(dtype=float)
    age = (retired.year - retired.ordered_year).to_numpy(dtype=float)
    left = np.where(np.isnan(life), 1.0, np.maximum(0.0, 1.0 - age / life))
    share = technology.resale_share.to_numpy(dtype=float) * left
    item = retired.site + "/" + retired.technology
    brought = -share * cost_when_ordered(power, retired)
    return entries("resale", retired.year, item, brought, once(power.facts))


def cost_when_ordered(power: PowerFacts, orders: pd.DataFrame) -> Numbers:
    """MW × cost_per_mw + MWh × cost_per_mwh_storage, at the costs of the order's year."""
    keys = pd.MultiIndex.from_arrays([orders.technology, orders.ordered_year])
    cost = power.costs_of_year.reindex(keys)
    of_mw = orders.mw.to_numpy(dtype=float) * cost.cost_per_mw.to_numpy()
    return of_mw + orders.mwh.to_numpy(dtype=float) * cost.cost_per_mwh_storage.to_numpy()


def event_cost(flows: Dispatch, load: Load, calendar_year: int) -> Numbers:
    """A year's cost of the hours in which flexible power is cut, at each of `site_rows`."""
    power = flows.power
    own = flows.at_sites(flows.ready * power.energy_cost(calendar_year)[:, None])
    pauses = load.ready * load.of_workload(power, "move_cost_per_mwh")
    dearest = (own + power.site_rows.total(load.rows.keys, pauses)).max(axis=1)
    return power.flexible_at_sites("curtailed_hours") * np.maximum(0.0, dearest)


def by_year(
    kind: str,
    power: PowerFacts,
    year: pd.Series,
    item: pd.Series,
    amount: Callable[[int], Numbers],
) -> pd.DataFrame:
    """One kind of cost whose amounts differ from year to year within a stage.

    Parameters
    ----------
    year, item : stage and item of each amount.
    amount : from a calendar year to its amounts, for all stages.
    """
    parts = []
    for stage, calendar_year, worth in power.calendar.itertuples(index=False):
        at = (year == stage).to_numpy()
        cost = amount(calendar_year)[at]
        parts.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "year": stage,
                    "item": item.to_numpy()[at],
                    "cost": cost,
                    "discounted_cost": cost * worth,
                }
            )
        )
    return pd.concat(parts).groupby(KEYS, as_index=False).sum()


def levelised(power: PowerFacts, costs: pd.DataFrame, energy: pd.DataFrame) -> pd.DataFrame:
    """Columns of `levelised`: each site's discounted costs by its discounted IT energy.

    Costs are those of the site and of its technologies; upgrades of nodes and unserved demand are
    nobody's. Without energy there is no cost per MWh.
    """
    own = costs[~costs.kind.isin(OF_NO_SITE)]
    site_of = {f"{site}/{technology}": site for site, technology in power.options.index}
    of_supply = own.kind.isin(["supply", "resale", "supply_fixed", "supply_energy"])
    site = own.item.where(~of_supply, own.item.map(site_of))
    sites = power.facts.sites.index
    cost = own.discounted_cost.groupby(site).sum().reindex(sites, fill_value=0.0)
    worth = energy.year.map(power.calendar.groupby("year").worth.sum())
    it_mwh = (energy.it_mwh * worth).groupby(energy.site).sum().reindex(sites, fill_value=0.0)
    return pd.DataFrame(
        {
            "site": sites,
            "discounted_cost": cost.to_numpy(),
            "discounted_it_mwh": it_mwh.to_numpy(),
            "cost_per_it_mwh": (cost / it_mwh.where(it_mwh > 0)).to_numpy(),
        }
    )

"""The order of an audit where there are slices: load, supply, dispatch, connections, costs."""

from dataclasses import dataclass

import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.connection import (
    check_corridors,
    check_events,
    check_nodes,
    check_ride_through,
    connection_peaks,
    node_hours,
)
from optimizer.audit.costs import decided_costs, unserved_cost
from optimizer.audit.derived import compare
from optimizer.audit.dispatch import (
    Dispatch,
    check_balance,
    check_exports,
    check_generation,
    check_storage,
    dispatch_of,
    dispatch_tables,
)
from optimizer.audit.eligibility import Eligibility
from optimizer.audit.facts import Facts
from optimizer.audit.footprint import check_policies, footprints
from optimizer.audit.load import (
    Load,
    check_campaigns,
    check_load,
    check_moves,
    facility_mw,
    load_of,
)
from optimizer.audit.power_costs import levelised, power_costs
from optimizer.audit.power_derived import (
    check_levelised,
    check_node_hours,
    check_standing_table,
    idle_hardware,
    power_sources,
    roles,
)
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger
from optimizer.audit.supply import (
    allowed,
    check_arrivals,
    check_retired,
    check_standing,
    check_supply_orders,
    dated,
    standing,
)

SITE_YEAR, NODE_YEAR = ["site", "year"], ["node", "year"]
SUPPLY_KEYS = ["site", "technology", "year"]
SUPPLY_TABLES = ("generation", "supply", "retired", "standing")


@dataclass(frozen=True)
class Use:
    """What an instance's sites use of its power, in the terms of an instance without slices.

    Parameters
    ----------
    served, facility : MW at peak of every site and stage, as `Facts.grid_of_keys` has them.
    drawn, unpowered : MW of every node and stage.
    energy : site, year, it_mwh, facility_mwh, carbon_t.
    costs : all of them.
    """

    served: Numbers
    facility: Numbers
    drawn: Numbers
    unpowered: Numbers
    energy: pd.DataFrame
    costs: pd.DataFrame


def audit_power(
    ledger: Ledger,
    facts: Facts,
    judge: Eligibility,
    tables: dict[str, pd.DataFrame],
    limit_mw: Numbers,
) -> Use:
    """Check what happens in the slices, and compare all tables that follow from it.

    Parameters
    ----------
    tables : with the audit's own `mw` in `serving` and `unserved`, its `installed` in
        `capacity`, and no orders of upgrades that there are not.
    limit_mw : firm MW and upgrades at every node and stage.
    """
    power = PowerFacts(facts)
    tables = tables | {name: allowed(ledger, power, name, tables[name]) for name in SUPPLY_TABLES}
    capacity, retired = tables["capacity"], tables["retired"]
    installed = capacity.installed.to_numpy(dtype=float)
    load = load_of(power, tables, tables["serving"])
    check_moves(ledger, power, load)
    check_campaigns(ledger, power, judge, tables["campaign_sites"])
    check_load(ledger, power, load, installed)

    orders = dated(power, tables["supply"])
    check_supply_orders(ledger, orders)
    check_arrivals(ledger, orders, capacity)
    check_retired(ledger, orders, retired)
    mw, mwh = (standing(power, orders, retired, column) for column in ("mw", "mwh"))
    check_standing(ledger, power, mw, mwh)

    needed = facility_mw(power, load, installed)
    flows = dispatch_of(power, tables, needed, mw, mwh)
    check_balance(ledger, flows)
    check_generation(ledger, flows)
    check_storage(ledger, flows)
    check_exports(ledger, flows)
    check_nodes(ledger, flows, limit_mw)
    check_ride_through(ledger, flows, load)
    check_events(ledger, flows)
    check_corridors(ledger, flows)

    footprint = footprints(flows, load, capacity, orders)
    check_policies(ledger, facts, footprint)
    peaks = connection_peaks(flows)
    full_hours = power.load_shapes(tables["unserved"]) @ power.weight_hours
    costs = pd.concat(
        [
            decided_costs(facts, capacity, tables["serving"], tables["upgrades"]),
            power_costs(flows, load, peaks, footprint, orders, retired),
            unserved_cost(facts, tables["unserved"], full_hours),
        ],
        ignore_index=True,
    )
    energy = power.site_rows.figures(
        it_mwh=load.at_sites @ power.weight_hours,
        facility_mwh=footprint.facility_mwh,
        carbon_t=footprint.operating_t,
    )
    idle = idle_hardware(flows, installed, limit_mw)
    compare_power(ledger, flows, load, tables, limit_mw)
    written = footprint.drop(columns=["operating_t", "facility_mwh", "least_clean_mw"])
    for name, own, keys in (
        ("connections", peaks, SITE_YEAR),
        ("footprint", written, SITE_YEAR),
        ("idle_hardware", idle, NODE_YEAR),
    ):
        compare(ledger, name, tables[name], own, keys)
    check_levelised(ledger, levelised(power, costs, energy), tables["levelised"])
    firm_mw = flows.at_nodes(flows.drawn) - flows.at_nodes(flows.flexible)
    return Use(
        served=load.at_sites.max(axis=1),
        facility=needed.max(axis=1),
        drawn=firm_mw.max(axis=1),
        unpowered=idle.idle_mw.to_numpy(dtype=float),
        energy=energy,
        costs=costs,
    )


def compare_power(
    ledger: Ledger,
    flows: Dispatch,
    load: Load,
    tables: dict[str, pd.DataFrame],
    limit_mw: Numbers,
) -> None:
    """Compare the tables that tell of power in slices and by source."""
    keys = {"dispatch": ["site", "year", "slice"], "generation": [*SUPPLY_KEYS, "slice"]}
    for name, own in dispatch_tables(flows, load.at_sites).items():
        compare(ledger, name, tables[name], own, keys[name])
    role = roles(flows, limit_mw)
    check_standing_table(ledger, flows, role, tables["standing"])
    compare(ledger, "power_sources", tables["power_sources"], power_sources(flows, role), SITE_YEAR)
    check_node_hours(ledger, node_hours(flows, limit_mw), tables["node_hours"])

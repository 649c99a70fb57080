"""Each constraint in turn is left out of the model, and the audit notices what the plan then does.

That the rows themselves are right is pinned in tests/lp and solved by hand in tests/models; here
the point is that the audit, which knows nothing of the model, would see a model that forgets.
"""

import pyomo.environ as pyo
import pytest

from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, solve_instance, write_run
from tests.models.baselines import CONSTRAINTS
from tests.random_hours import hourly_instance
from tests.random_instances import write_instance
from tests.test_oracles import made

# The case whose plan breaks the constraint once it may, and the family of checks that says so.
# Capacity or an order that is handed back is no breach, but money that the tables do not get.
SEEN_BY = {
    "siting.stays_open": ("4 upgrades", "siting"),
    "siting.stays_extended": ("0 shared_nodes", "objective"),
    "siting.keeps_blocks": (
        "36 existing blocks unserved uneven_stages site_not_in min_sites_in",
        "objective",
    ),
    "siting.hall_limit": ("0 shared_nodes", "capacity"),
    "demand.all_served": ("0 existing", "demand"),
    "demand.load_balance": ("0 existing", "capacity"),
    "compute.enough_capacity": ("0 blocks", "capacity"),
    "grid.ordered_once": (
        "1 upgrades shared_nodes budget unserved earliest max_share_operator min_share_at_home",
        "objective",
    ),
    "grid.node_limit": (
        "7 upgrades budget site_not_in operator_in operator_not_in max_share_operator_outside"
        " max_share_operator",
        "grid",
    ),
    "sovereignty.max_share_operator_outside": (
        "4 shared_nodes budget latency_table max_share_operator_outside",
        "sovereignty",
    ),
    "sovereignty.max_share_country": ("25 operator_in max_share_country", "sovereignty"),
    "sovereignty.max_share_operator": ("0 max_share_operator", "sovereignty"),
    "sovereignty.min_share_at_home": ("0 min_share_at_home", "sovereignty"),
    "sovereignty.min_sites_in": ("1 upgrades min_sites_in", "sovereignty"),
    "policies.within_budget": ("10 budget uneven_stages", "budget"),
}
# The same by the slice.
SEEN_BY_SLICE = {
    "grid.in_sequence": ("0 sequence", "upgrades"),
    "loads.class_balance": ("0", "capacity"),
    "loads.hosted_once": ("0 campaigns", "campaigns"),
    "loads.steady_capacity": ("0", "capacity"),
    "supply.stands_mw": ("0 gas lead", "generation"),
    "supply.stands_mwh": ("0 storage", "storage"),
    "supply.at_open_site": (
        "11 flexible solar export cutting carbon_cap embodied clean_annual clean_hourly budget"
        " resale",
        "supply",
    ),
    "supply.within_land": ("0 solar land", "supply"),
    "supply.within_availability": ("0 solar", "generation"),
    "storage.level": ("0 storage", "storage"),
    "storage.charge_limit": ("1 storage", "storage"),
    "storage.discharge_limit": ("0 storage", "storage"),
    "storage.level_limit": ("0 storage", "storage"),
    "dispatch.slice_load": ("0 solar", "capacity"),
    "dispatch.slice_capacity": ("0 solar", "capacity"),
    "dispatch.balance": ("0 solar", "balance"),
    "dispatch.leaves": ("0 moving", "movable load"),
    "dispatch.moved_within_day": ("0 moving", "movable load"),
    "dispatch.cut_limit": ("0 moving cutting", "movable load"),
    "dispatch.sold_on_site": (
        "10 shared_node storage solar export negative_price water_cap used_cells lead dated_costs",
        "export",
    ),
    "dispatch.export_limit": ("1 solar export", "export"),
    "connection.node_limit": ("0", "grid"),
    "connection.flexible_limit": ("0 flexible gas", "flexible power"),
    "connection.part_of_draw": ("2 shared_node flexible storage gas used_cells", "flexible power"),
    "connection.ride_through": ("0 flexible gas", "flexible power"),
    "connection.ready_limit": ("0 flexible gas", "flexible power"),
    "connection.event_energy": ("0 flexible storage", "flexible power"),
    "connection.corridor_limit": ("2 corridors", "corridors"),
    "connection.highest_draw": ("0 tariffs", "objective"),
    "connection.covers_peak": ("0 tariffs", "objective"),
    "connection.stays_contracted": (
        "7 existing shared_node flexible ppa solar land moving cutting tariffs embodied"
        " clean_hourly budget lead grid_carbon law",
        "objective",
    ),
    "events.dearest_slice": ("0 flexible gas", "objective"),
    "events.dirtiest_slice": ("1 flexible gas carbon_price", "objective"),
    "footprint.carbon_cap": ("1 gas carbon_cap", "policies"),
    "footprint.water_cap": ("0 water_cap", "policies"),
    "footprint.clean_annual": ("0 solar clean_annual", "policies"),
    "footprint.matched_supply": ("0 storage clean_hourly", "policies"),
    "footprint.clean_hourly": ("0 solar clean_hourly", "policies"),
}
# Seen in an instance of its own, for a battery without a hall is rare.
WITHOUT_A_HALL = "supply.mwh_at_open_site"
# No case here sells more than was ordered; that the audit would see it is shown by hand, in
# tests/optimizer/audit/test_bridge_run.py.
SHOWN_BY_HAND = {"supply.retired_once_mw", "supply.retired_once_mwh"}
# What is drawn, made and discharged is what a site needs, charges and sells, so that clean power is
# never more than the load: the row is no limit of its own.
IMPLIED = {"footprint.matched_load"}
# Plans with much in them at once.
WHOLE = (
    "5 flexible gas land negative_price campaigns corridors embodied clean_annual budget resale"
    " lead dated_costs",
    "10 shared_node storage solar export negative_price water_cap used_cells lead dated_costs",
    "0 moving cutting tariffs idle temperature local grid_carbon ppa carbon_price sequence",
)


def by_slice(case, folder):
    """Instance with slices of a case: a seed, and the aspects that are switched on."""
    seed, *aspects = case.split()
    return read_instance(hourly_instance(folder, int(seed), aspects))


def broken_families(instance, tmp_path):
    """Families of checks that the audit of an instance's plan finds broken."""
    options = Options(gap=0.0, threads=1)
    plan = solve_instance(instance, options, Control(), Clock(lambda *_: None))
    report = write_run(plan, instance, tmp_path / "run", None)
    return {family.family for family in report.families if family.broken}


def test_every_constraint_is_left_out_once():
    seen = SEEN_BY.keys() | SEEN_BY_SLICE.keys() | {WITHOUT_A_HALL}
    assert seen | SHOWN_BY_HAND | IMPLIED == set(CONSTRAINTS)
    assert not seen & IMPLIED


@pytest.mark.parametrize("constraint", [*SEEN_BY, *SEEN_BY_SLICE])
def test_audit_notices_a_missing_constraint(constraint, tmp_path, monkeypatch):
    make, seen_by = (made, SEEN_BY) if constraint in SEEN_BY else (by_slice, SEEN_BY_SLICE)
    case, family = seen_by[constraint]
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    monkeypatch.setattr(f"models.{constraint}", lambda *_: pyo.Constraint.Skip)
    assert family in broken_families(make(case, tmp_path / "instance"), tmp_path)


def test_audit_notices_storage_ordered_for_a_site_that_never_opens(tmp_path, monkeypatch):
    # The shed has a battery, buys for 20 by night, sells for 100 by noon, and could hold more.
    site = {"country": "NL", "operator": "aqua", "operator_country": "NL", "node": "port"}
    tables = {
        "sites": [
            {"site": "hall", "max_it_mw": 1, "existing_it_mw": 1} | site,
            {"site": "shed", "max_it_mw": 1, "opening_cost": 1e9} | site,
        ],
        "nodes": [
            {"node": "port", "latitude": 0, "longitude": 0, "country": "NL"}
            | {"energy_price_per_mwh": 100, "export_mw": 9, "export_price_share": 1}
        ],
        "grid": [{"node": "port", "year": 2026, "firm_mw": 9}],
        "regions": [{"region": "delft", "country": "NL"}],
        "workloads": [{"workload": "chat"}],
        "demand": [{"region": "delft", "workload": "chat", "year": 2026, "it_mw": 1}],
        "latency": [{"region": "delft", "site": site, "rtt_ms": 1} for site in ("hall", "shed")],
        "slices": [
            {"slice": name, "day": "d", "weight_hours": 4380, "hours": 12}
            for name in ("night", "noon")
        ],
        "profiles": [
            {"profile": "price", "slice": "night", "value": 0.2},
            {"profile": "price", "slice": "noon", "value": 1},
        ],
        "place_profiles": [{"place": "*", "quantity": "energy_price", "profile": "price"}],
        "technologies": [
            {"technology": "cells", "kind": "battery", "cost_per_mwh_storage": 1, "lead_years": 0}
        ],
        "site_technologies": [
            {"site": "shed", "technology": "cells", "max_mw": 3, "max_mwh": 24}
            | {"existing_mw": 2, "existing_mwh": 1}
        ],
    }
    manifest = """\
name = "shed"
title = "A shed"
currency = "EUR"
base_year = 2026
discount_rate = 0.0
stages = [2026]
horizon_end = 2027
"""
    instance = read_instance(write_instance(tmp_path / "instance", manifest, tables))
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    assert broken_families(instance, tmp_path / "right") == set()
    monkeypatch.setattr(f"models.{WITHOUT_A_HALL}", lambda *_: pyo.Constraint.Skip)
    assert broken_families(instance, tmp_path / "wrong") == {"supply"}


@pytest.mark.parametrize(
    ("make", "case"), [(made, "0 blocks"), *((by_slice, case) for case in WHOLE)]
)
def test_audit_finds_nothing_where_nothing_is_left_out(make, case, tmp_path, monkeypatch):
    monkeypatch.setattr("optimizer.run.write_geopackage", lambda *_: None)
    assert broken_families(make(case, tmp_path / "instance"), tmp_path) == set()

"""Plans with an empty table: nobody served, nothing paid, no rule, every pair eligible."""

import pytest

from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.run import Clock, Options, solve_instance, write_run
from tests.random_instances import write_instance

MANIFEST = """\
name = "tiny"
title = "One site, one region, one year"
currency = "EUR"
base_year = 2026
discount_rate = 0.0
stages = [2026]
horizon_end = 2027
unserved = {{ penalty_per_mwh = {penalty} }}

[latency]
base_ms = 5
ms_per_km = 0.02
"""
SITE = {
    "site": "north",
    "latitude": 52,
    "longitude": 5,
    "country": "NL",
    "operator": "aqua",
    "operator_country": "NL",
    "node": "port",
    "max_it_mw": 10,
}
NODE = {"node": "port", "country": "NL", "latitude": 52, "longitude": 5}


def plan_of(tmp_path, *, penalty, opening_cost):
    """Plan of one region at one site, and what the audit says of it."""
    tables = {
        "sites": [SITE | {"opening_cost": opening_cost}],
        "nodes": [NODE | {"energy_price_per_mwh": 0}],
        "grid": [{"node": "port", "year": 2026, "firm_mw": 10}],
        "regions": [{"region": "delft", "latitude": 52, "longitude": 4, "country": "NL"}],
        "workloads": [{"workload": "chat", "latency_slo_ms": 30}],
        "demand": [{"region": "delft", "workload": "chat", "year": 2026, "it_mw": 1}],
    }
    folder = write_instance(tmp_path / "instance", MANIFEST.format(penalty=penalty), tables)
    instance = read_instance(folder)
    plan = solve_instance(instance, Options(gap=0.0, threads=1), Control(), Clock(lambda *_: None))
    return plan, write_run(plan, instance, tmp_path / "run", None)


@pytest.mark.parametrize(
    ("penalty", "opening_cost", "objective", "empty"),
    [
        (1, 500, 500, {"unserved"}),
        (1, 0, 0, {"unserved", "costs"}),
        (1, 9000, 8760, {"serving", "energy"}),
        (0, 9000, 0, {"serving", "energy", "costs"}),
    ],
    ids=["served", "for nothing", "nobody served", "nobody served for nothing"],
)
def test_a_plan_with_empty_tables_is_written_and_audited(
    penalty, opening_cost, objective, empty, tmp_path
):
    plan, report = plan_of(tmp_path, penalty=penalty, opening_cost=opening_cost)
    assert plan.record["objective"] == pytest.approx(objective)
    assert report.passed, report.violations
    never = {"upgrades", "compliance", "ineligible"}  # no upgrade, no rule, every pair eligible
    found = {name for name, table in plan.tables.items() if table.empty}
    assert found == empty | never

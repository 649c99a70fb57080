"""Why there is no plan through the hours: one hall by day and night, short of one thing each time.

Ten megawatts are asked for by day and five by night, twelve hours each: 65,700 MWh a year.
"""

import json
from pathlib import Path

import pytest

from optimizer.explain import Explanation, explain
from optimizer.explain.changes import Preparer
from optimizer.explain.power_changes import more_in_stages, other_policy, strictest
from optimizer.explain.shortage import shortages
from optimizer.highs import Control
from optimizer.instance import Instance
from tests.optimizer.explain.small_instances import small_instance
from tests.random_instances import Rows

DAYS: dict[str, Rows] = {
    "slices": [
        {"slice": name, "day": "d", "weight_hours": 4380, "hours": 12} for name in ("night", "day")
    ],
    "profiles": [
        {"profile": "rhythm", "slice": "night", "value": 0.5},
        {"profile": "rhythm", "slice": "day", "value": 1},
    ],
    "demand_profiles": [{"profile": "rhythm"}],
}
GAS = {"technology": "gas", "kind": "gas", "lead_years": 0}
BATTERY = {"technology": "cells", "kind": "battery", "lead_years": 0, "cost_per_mwh_storage": 1}


def hourly(
    folder: Path,
    *,
    firm_mw: float = 10,
    site: dict | None = None,
    stages: tuple[int, ...] = (2026,),
    **tables: Rows,
) -> Instance:
    return small_instance(
        folder,
        {"a": site or {}},
        {("delft", t): 10.0 for t in stages},
        firm_mw={("port", 2026): firm_mw},
        **(DAYS | tables),
    )


def explained(instance: Instance) -> tuple[Explanation, set[str]]:
    told = explain(instance, Control())
    json.dumps(told.as_dict(), allow_nan=False)
    ((conflict, where),) = told.conflicts
    assert all(where.values()), "a cause without its rows"
    return told, set(conflict.families)


def ways(told: Explanation) -> list[str]:
    assert all(way.verdict.possible and way.places for way in told.ways)
    return [way.words for way in told.ways]


def policy(name: str, value: float, unit: str = "") -> Rows:
    return [{"policy": name, "year": 2026, "value": value, "unit": unit}]


def may_stand(technology: dict, **limits: object) -> dict[str, Rows]:
    return {
        "technologies": [technology],
        "site_technologies": [{"site": "a", "technology": technology["technology"], **limits}],
    }


def test_there_is_a_plan(tmp_path: Path) -> None:
    assert explain(hourly(tmp_path), Control()).status == "feasible"


def test_power_that_is_short_by_day(tmp_path: Path) -> None:
    told, families = explained(hourly(tmp_path, firm_mw=6, **may_stand(GAS, max_mw=2)))
    assert families == {"grid", "supply"}
    (missing,) = told.missing
    assert missing.it_mw == {2026: pytest.approx(2)}
    assert missing.eligible == (
        "a (grid full: 6 MW at port in 2026, grid row 2; on site at most 2 MW of gas at a,"
        " site_technologies row 2)",
    )
    assert set(ways(told)) == {
        "2 MW more firm power at port in 2026",
        "2 MW more of gas allowed at a",
    }


def test_load_that_may_move_is_no_shortage(tmp_path: Path) -> None:
    # 7.5 MW are the mean; half of the day's load may wait for the night.
    stiff = [{"workload": "chat", "latency_slo_ms": 30, "service_ms": 5}]
    loose = [stiff[0] | {"movable_share": 0.5}]
    for name, workloads, short in (("stiff", stiff, True), ("loose", loose, False)):
        instance = hourly(tmp_path / name, firm_mw=7.5, workloads=workloads)
        assert bool(shortages(Preparer()(instance))) == short
        assert (explain(instance, Control()).status == "infeasible") == short


def test_battery_that_holds_too_little(tmp_path: Path) -> None:
    # 2 MW for twelve hours are 24 MWh.
    may = may_stand(BATTERY, max_mw=4, max_mwh=10)
    told, families = explained(hourly(tmp_path, firm_mw=8, **may))
    assert families == {"grid", "supply"}
    assert "14 MWh more of cells allowed at a" in ways(told)


def test_land_that_is_too_small(tmp_path: Path) -> None:
    may = may_stand(GAS | {"land_ha_per_mw": 2}, max_mw=9)
    told, families = explained(hourly(tmp_path, firm_mw=6, site={"land_ha": 5}, **may))
    assert families == {"grid", "land"}
    assert set(ways(told)) == {"1.5 MW more firm power at port in 2026", "3 ha more land at a"}


def test_supply_that_comes_too_late(tmp_path: Path) -> None:
    may = may_stand(GAS | {"lead_years": 1}, max_mw=9)
    told, families = explained(hourly(tmp_path, firm_mw=6, stages=(2026, 2027), **may))
    assert families == {"grid", "dates"}
    assert set(ways(told)) == {
        "4 MW more firm power at port in 2026",
        "gas at a 1 year earlier",
    }


def test_corridor_that_is_too_tight(tmp_path: Path) -> None:
    told, families = explained(
        hourly(
            tmp_path,
            corridors=[{"corridor": "west", "year": 2026, "max_mw": 8}],
            corridor_nodes=[{"corridor": "west", "node": "port"}],
        )
    )
    assert families == {"corridors"}
    assert ways(told) == ["2 MW more in corridor west in 2026"]


def test_campaign_that_is_too_large(tmp_path: Path) -> None:
    told, families = explained(
        hourly(
            tmp_path,
            firm_mw=99,
            site={"max_it_mw": 12},
            campaigns=[
                {"campaign": "model", "workload": "chat", "country": "NL", "it_mw": 5}
                | {"year": 2026, "until_year": 2027}
            ],
        )
    )
    assert families == {"campaigns", "halls"}
    assert set(ways(told)) == {
        "2 MW for campaign model instead of 5",
        "room for 3 IT MW more at a",
    }


def test_budget_that_supply_takes_part_of(tmp_path: Path) -> None:
    may = may_stand(GAS | {"cost_per_mw": 1e6}, max_mw=9)
    told, families = explained(
        hourly(tmp_path, firm_mw=6, policies=policy("capital_budget", 3e6), **may)
    )
    assert families == {"grid", "budget"}
    assert "1,000,000 EUR more to spend in 2026" in ways(told)


def at_port(**facts: object) -> Rows:
    place = {"node": "port", "latitude": 0, "longitude": 0, "country": "NL"}
    return [place | {"energy_price_per_mwh": 0} | facts]


def test_caps_on_carbon_and_water(tmp_path: Path) -> None:
    told, families = explained(
        hourly(
            tmp_path / "carbon",
            nodes=at_port(carbon_kg_per_mwh=100),
            policies=policy("carbon_cap", 6000),
        )
    )
    assert families == {"carbon"}
    assert ways(told) == ["570 t more of carbon in 2026"]
    told, families = explained(
        hourly(
            tmp_path / "water",
            site={"water_l_per_kwh": 1},
            policies=policy("water_cap", 60_000),
        )
    )
    assert families == {"water"}
    assert ways(told) == ["5,700 m³ more of water in 2026"]


@pytest.mark.parametrize("unit", ["annual", "hourly"])
def test_share_of_clean_energy_that_nobody_reaches(tmp_path: Path, unit: str) -> None:
    told, families = explained(
        hourly(
            tmp_path,
            nodes=at_port(clean_share=0.4),
            policies=policy("clean_share", 0.5, unit),
        )
    )
    assert families == {"clean"}
    (way,) = told.ways
    assert way.words == "clean_share 40 % instead of 50 % in 2026"
    assert (way.amount, way.unit) == (pytest.approx(10, abs=1e-3), "points")


def test_caps_hold_without_slices_too(tmp_path: Path) -> None:
    # 10 MW around the clock: 87,600 MWh.
    instance = small_instance(
        tmp_path,
        {"a": {}},
        {("delft", 2026): 10.0},
        nodes=at_port(carbon_kg_per_mwh=100),
        policies=policy("carbon_cap", 8000),
    )
    told, families = explained(instance)
    assert families == {"carbon"}
    assert ways(told) == ["760 t more of carbon in 2026"]


def test_limits_change_in_their_stages_alone(tmp_path: Path) -> None:
    instance = hourly(
        tmp_path,
        stages=(2026, 2028, 2030),
        flexible_grid=[
            {"node": "port", "year": 2026, "flexible_mw": 3}
            | {"curtailed_hours_per_year": 50, "event_hours": 4}
        ],
        policies=policy("carbon_cap", 100),
    )
    more = more_in_stages(instance, "flexible_grid", {("port", 2028): 2})
    table = more.tables["flexible_grid"].set_index("year")
    assert table.flexible_mw.to_dict() == {2026: 3, 2028: 5, 2030: 3}
    assert set(table.curtailed_hours_per_year) == {50}
    more = other_policy(instance, "carbon_cap", {2028: 120})
    assert [strictest(more, "carbon_cap", t) for t in (2026, 2028, 2030)] == [100, 120, 100]

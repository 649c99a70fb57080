"""Sites that share a node, nodes that share a corridor, and what an hour is where.

Three halls, all of whose year is one slice; a and b draw 2 and 3 MW behind one node, c draws 4
behind another. A corridor carries all of the first and half of the second: 5 + 2 = 7 MW.
"""

from pathlib import Path

import pytest

from optimizer.audit import audit_run
from optimizer.power_results import POWER_RESULTS
from tests.optimizer.audit.runs import Spoil, check_named, resigned, table, write_power_run
from tests.optimizer.test_audit import Run

MANIFEST = """\
name = "by-hand"
title = "Three halls behind two nodes"
currency = "EUR"
base_year = 2026
discount_rate = 0.0
stages = [2026]
horizon_end = 2028
"""
MW = {"a": 2, "b": 3, "c": 4}
NODE = {"a": "g", "b": "g", "c": "h"}
INSTANCE = {
    "sites": table(
        "site country operator operator_country node max_it_mw existing_it_mw it_cost_per_mw",
        ("a", "NL", "aqua", "NL", "g", 2, 2, 3000000),
        ("b", "NL", "aqua", "NL", "g", 6, 6, 1000000),
        ("c", "NL", "aqua", "NL", "h", 4, 4, 0),
    ),
    "nodes": table(
        "node latitude longitude country energy_price_per_mwh export_mw export_price_share",
        ("g", 0, 0, "NL", -10, 1, 1),
        ("h", 0, 0, "NL", 0, 0, 0),
    ),
    "grid": table("node year firm_mw", ("g", 2026, 5), ("h", 2026, 4)),
    "corridors": table("corridor year max_mw", ("cut", 2026, 8), ("cut", 2027, 7)),
    "corridor_nodes": table("corridor node factor", ("cut", "g", 1), ("cut", "h", 0.5)),
    "regions": table("region country", ("delft", "NL"), ("lille", "FR")),
    "workloads": table("workload", ("chat",)),
    "demand": table("region workload year it_mw", ("delft", "chat", 2026, 9)),
    "latency": table("region site rtt_ms", *(("delft", site, 4) for site in MW)),
    "slices": table("slice day weight_hours hours", ("year", "d", 8760, 8760)),
    "technologies": table(
        "technology kind lead_years profile", ("mill", "wind", 0, "breeze"), ("hill", "wind", 0, "")
    ),
    "profiles": table("profile slice value", ("breeze", "year", 0.5)),
    "site_technologies": table(
        "site technology max_mw existing_mw", ("a", "mill", 1, 1), ("b", "hill", 1, 1)
    ),
}
# The mills stand still. With all 8 MW of IT at work node g would lack 3, less the 0.5 and 1 MW that
# the wind is sure for; a MW there cost (2 × 3 + 6 × 1) / 8 = 1.5 million.
TABLES = {
    "sites": table(
        "site name latitude longitude country operator operator_country node max_it_mw"
        " existing_it_mw opened_year",
        *(
            (site, site, "", "", "NL", "aqua", "NL", node, hall, hall, 2026)
            for (site, node), hall in zip(NODE.items(), (2, 6, 4), strict=True)
        ),
    ),
    "capacity": table(
        "site year open new_it_mw installed_it_mw served_it_mw facility_mw",
        *(
            (site, 2026, 1, 0, hall, mw, mw)
            for (site, mw), hall in zip(MW.items(), (2, 6, 4), strict=True)
        ),
    ),
    "serving": table(
        "region workload site year share it_mw rtt_ms",
        *(("delft", "chat", site, 2026, mw / 9, mw, 4) for site, mw in MW.items()),
    ),
    "grid_use": table(
        "node year firm_mw upgrade_mw drawn_mw headroom_mw unpowered_mw",
        ("g", 2026, 5, 0, 5, 0, 1.5),
        ("h", 2026, 4, 0, 4, 0, 0),
    ),
    "energy": table(
        "site year it_mwh facility_mwh carbon_t",
        *((site, 2026, 8760 * mw, 8760 * mw, 0) for site, mw in MW.items()),
    ),
    "costs": table(
        "kind year item cost discounted_cost",
        ("energy", 2026, "a", -2 * 2 * 87600, -2 * 2 * 87600),
        ("energy", 2026, "b", -2 * 3 * 87600, -2 * 3 * 87600),
    ),
    "dispatch": table(
        "site year slice load_mw facility_mw grid_mw flexible_mw exported_mw",
        *((site, 2026, "year", mw, mw, mw, 0, 0) for site, mw in MW.items()),
    ),
    "generation": table(
        " ".join(column.name for column in POWER_RESULTS["generation"]),
        ("a", "mill", 2026, "year", 0, 0, 0, 0, 0, 0.5),
        ("b", "hill", 2026, "year", 0, 0, 0, 0, 0, 1),
    ),
    "standing": table(
        "site technology year mw mwh role",
        ("a", "mill", 2026, 1, 0, "backup"),
        ("b", "hill", 2026, 1, 0, "backup"),
    ),
    "connections": table(
        "site year peak_mw gained_mw", *((site, 2026, mw, mw) for site, mw in MW.items())
    ),
    "power_sources": table(
        "site year firm_mwh flexible_mwh contract_mwh bridge_mwh own_mwh",
        *((site, 2026, 8760 * mw, 0, 0, 0, 0) for site, mw in MW.items()),
    ),
    "node_hours": table(
        "node year limit_mw flexible_mw highest_mw binding_hours",
        ("g", 2026, 5, 0, 5, 8760),
        ("h", 2026, 4, 0, 4, 8760),
    ),
    "idle_hardware": table(
        "node year idle_mw mw_years idle_cost",
        ("g", 2026, 1.5, 3, 2250000),
        ("h", 2026, 0, 0, 0),
    ),
    "levelised": table(
        "site discounted_cost discounted_it_mwh cost_per_it_mwh",
        ("a", -2 * 2 * 87600, 2 * 2 * 8760, -10),
        ("b", -2 * 3 * 87600, 2 * 3 * 8760, -10),
        ("c", 0, 2 * 4 * 8760, 0),
    ),
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_power_run(tmp_path / "run", MANIFEST, INSTANCE, TABLES)


def test_right_plan_passes(run: Run) -> None:
    report = audit_run(run.folder)
    assert report.passed, report.violations
    worst = {family.family: family.worst for family in report.families}
    assert worst["corridors"] == pytest.approx(0.0, abs=1e-12)
    assert worst["grid"] == pytest.approx(0.0, abs=1e-12)


FAULTS: dict[str, Spoil] = {
    "corridor": (
        resigned(lambda run: run.set("instance/corridors", "max_mw", 6, year=2027)),
        "corridors",
        "corridor cut carries 7 MW in slice year of 2026, at most 6 may",
    ),
    "a node's part in a corridor": (
        resigned(lambda run: run.set("instance/corridor_nodes", "factor", 1, node="h")),
        "corridors",
        "corridor cut carries 9 MW in slice year of 2026, at most 7 may",
    ),
    "sites of a node together": (
        resigned(lambda run: run.set("instance/grid", "firm_mw", 4, node="g")),
        "grid",
        "g draws 5 MW in slice year of 2026 besides what is flexible, but its connection gives"
        " 4 MW",
    ),
    "exports of a node together": (
        lambda run: run.set("tables/dispatch", "exported_mw", 0.6, site="a").set(
            "tables/dispatch", "exported_mw", 0.6, site="b"
        ),
        "export",
        "the sites of g export 1.2 MW in slice year of 2026, at most 1 may",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_wrong_plan_is_named(run: Run, name: str) -> None:
    check_named(run, FAULTS[name], alone=False)


def test_exports_relieve_a_corridor_but_no_node(run: Run) -> None:
    # The mill at a makes 0.5 MW and sells it, while the node still gives all 5 MW.
    run.set("tables/generation", "made_mw", 0.5, site="a")
    run.set("tables/dispatch", "exported_mw", 0.5, site="a")
    run.set("instance/corridors", "max_mw", 6.5, year=2027)
    families = {v.family for v in audit_run(run.folder).violations}
    assert not families & {"corridors", "export", "balance", "generation"}
    run.set("instance/grid", "firm_mw", 4.5, node="g")
    assert "grid" in {v.family for v in audit_run(run.folder).violations}


def test_export_at_a_negative_price_earns_nothing_and_costs_nothing(run: Run) -> None:
    run.set("tables/generation", "made_mw", 0.5, site="a")
    run.set("tables/dispatch", "exported_mw", 0.5, site="a")
    assert "costs table" not in {v.family for v in audit_run(run.folder).violations}


def test_before_a_corridors_first_row_there_is_no_limit(run: Run) -> None:
    run.set("instance/corridors", "year", 2027, max_mw=8)
    run.drop("instance/corridors", max_mw=7).set("instance/corridors", "max_mw", 1)
    families = {v.family for v in audit_run(run.folder).violations}
    assert "corridors" in families  # 2027 has one.
    run.set("instance/corridors", "year", 2028)
    assert "corridors" not in {v.family for v in audit_run(run.folder).violations}

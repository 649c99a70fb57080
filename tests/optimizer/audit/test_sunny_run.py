"""Each decision on load, supply and dispatch, and each figure, spoilt in turn, is named."""

from pathlib import Path

import pytest

from optimizer.audit import audit_run
from tests.optimizer.audit.runs import Spoil, check_named, resigned
from tests.optimizer.audit.sunny_run import write_sunny_run
from tests.optimizer.test_audit import Run

NIGHT = {"slice": "night"}
NOON = {"slice": "noon"}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_sunny_run(tmp_path / "run")


def test_right_plan_passes(run: Run) -> None:
    report = audit_run(run.folder)
    assert report.passed, report.violations
    worst = {family.family: family.worst for family in report.families}
    # The night's batch could give up 1 MW and gives 0.7; the battery's level is at 0 by night.
    assert worst["movable load"] == pytest.approx(0.0, abs=1e-9)
    assert worst["budget"] == pytest.approx((490000 - 500000) / 500000)


DECISIONS: dict[str, Spoil] = {
    "load that exceeds the hall": (
        lambda run: run.set("tables/moved", "in_mw", 1.1, **NOON),
        "capacity",
        "hall serves 5.1 IT MW in slice noon of 2026 with 5 MW installed",
    ),
    "more leaves than may": (
        lambda run: run.set("tables/moved", "out_mw", 0.9, **NIGHT),
        "movable load",
        "1.1 MW of batch at hall leave slice night of 2026, at most 1 may",
    ),
    "load that may not move": (
        lambda run: run.add("tables/moved", "hall", "chat", 2026, "noon", 0.5, 0, 0, 0),
        "movable load",
        "0.5 MW of chat at hall leave slice noon of 2026, at most 0 may",
    ),
    "load of a site that moves none": (
        resigned(lambda run: run.table("instance/sites", lambda frame: frame.assign(moves_load=0))),
        "movable load",
        "0.7 MW of batch at hall leave slice night of 2026, at most 0 may",
    ),
    "what left never comes": (
        lambda run: run.set("tables/moved", "in_mw", 0.25, **NOON),
        "movable load",
        "3 MWh of batch at hall come into slices of day d in 2026, but 6 leave others",
    ),
    "more cut than may be": (
        lambda run: run.set("tables/moved", "cut_mw", 0.45, **NIGHT),
        "movable load",
        "5.4 MWh of batch at hall are cut on day d in 2026, at most 4.8 may",
    ),
    "negative move": (
        lambda run: run.set("tables/moved", "out_mw", -0.1, **NOON),
        "movable load",
        "-0.1 MW of batch at hall leaves in slice noon of 2026",
    ),
    "power from nowhere": (
        lambda run: run.set("tables/dispatch", "grid_mw", 2, **NIGHT),
        "balance",
        "hall has 3.31 MW in slice night of 2026, but needs, charges and exports 3.408",
    ),
    "negative draw": (
        lambda run: run.set("tables/dispatch", "grid_mw", -0.5, **NOON),
        "balance",
        "hall draws -0.5 MW from the grid in slice noon of 2026",
    ),
    "more than the sun gives": (
        lambda run: run.set("tables/generation", "made_mw", 7.3, technology="panels", **NOON),
        "generation",
        "panels at hall makes 7.3 MW in slice noon of 2026, at most 7.2 can be had",
    ),
    "less sun": (
        resigned(lambda run: run.set("instance/profiles", "value", 0.8, profile="sun", value=0.9)),
        "generation",
        "panels at hall makes 7 MW in slice noon of 2026, at most 6.4 can be had",
    ),
    "a battery that makes power": (
        lambda run: run.set("tables/generation", "made_mw", 0.1, technology="cells", **NOON),
        "generation",
        "cells at hall makes 0.1 MW in slice noon of 2026, at most 0 can be had",
    ),
    "panels that store": (
        lambda run: run.set("tables/generation", "charged_mw", 1, technology="panels", **NOON),
        "storage",
        "panels at hall charges 1 MW in slice noon of 2026, with 0 MW of storage standing",
    ),
    "charge beyond the battery's power": (
        lambda run: run.set("tables/generation", "charged_mw", 1.2, technology="cells", **NOON),
        "storage",
        "cells at hall charges 1.2 MW in slice noon of 2026, with 1 MW of storage standing",
    ),
    "a round trip without loss": (
        lambda run: run.set("tables/generation", "discharged_mw", 1, technology="cells", **NIGHT),
        "storage",
        "cells at hall holds 0 MWh at the end of slice night of 2026, but -2.53333333 follow from"
        " the slice before",
    ),
    "a level that nothing explains": (
        lambda run: run.set("tables/generation", "stored_mwh", 12, technology="cells", **NOON),
        "storage",
        "cells at hall holds 12 MWh at the end of slice noon of 2026, but 10.8 follow from the"
        " slice before",
    ),
    "more than the battery holds": (
        lambda run: run.set("tables/supply", "mwh", 10, technology="cells"),
        "storage",
        "cells at hall holds 10.8 MWh at the end of slice noon of 2026, with room for 10",
    ),
    "a contract sold on": (
        lambda run: run.set("tables/dispatch", "exported_mw", 0.9, **NIGHT),
        "export",
        "hall exports 0.9 MW in slice night of 2026, but 0.81 MW are made and discharged there",
    ),
    "export beyond the node": (
        lambda run: run.set("tables/dispatch", "exported_mw", 0.6, **NOON),
        "export",
        "the sites of port export 0.6 MW in slice noon of 2026, at most 0.5 may",
    ),
    "flexible power that nobody offers": (
        lambda run: run.set("tables/dispatch", "flexible_mw", 0.1, **NIGHT),
        "flexible power",
        "port draws 0.1 MW flexibly in slice night of 2026, at most 0 MW are offered",
    ),
    "draw beyond the connection": (
        resigned(lambda run: run.set("instance/grid", "firm_mw", 2.5)),
        "grid",
        "port draws 2.598 MW in slice night of 2026 besides what is flexible, but its connection"
        " gives 2.5 MW",
    ),
    "more than may stand": (
        lambda run: run.set("tables/supply", "mw", 3, technology="panels"),
        "supply",
        "9 MW of panels stand at hall in 2026, at most 8 may",
    ),
    "more MWh than may stand": (
        lambda run: run.set("tables/supply", "mwh", 15, technology="cells"),
        "supply",
        "cells at hall holds 15 MWh in 2026, at most 14 may stand",
    ),
    "less land": (
        resigned(lambda run: run.set("instance/sites", "land_ha", 16)),
        "supply",
        "supply takes 16.5 ha at hall in 2026, which has 16 ha",
    ),
    "storage of panels": (
        lambda run: run.set("tables/supply", "mwh", 1, technology="panels"),
        "supply",
        "panels at hall, ordered in 2026, is no battery, but has 1 MWh",
    ),
    "negative order": (
        lambda run: run.set("tables/supply", "mw", -2, technology="panels"),
        "supply",
        "-2 MW of panels are ordered at hall in 2026",
    ),
    "what the site may not have": (
        resigned(lambda run: run.drop("instance/site_technologies", technology="breeze")),
        "supply",
        "supply speaks of breeze at hall, which is not allowed there",
    ),
    "carbon": (
        resigned(lambda run: run.set("instance/policies", "value", 2800, value=2806)),
        "policies",
        "2026 emits 2,805.772 t of carbon dioxide, at most 2,800 t may",
    ),
    "carbon in a later year": (
        resigned(lambda run: run.set("instance/policies", "value", 2700, value=2757)),
        "policies",
        "2027 emits 2,756.772 t of carbon dioxide, at most 2,700 t may",
    ),
    "water": (
        resigned(lambda run: run.set("instance/policies", "value", 16000, value=16300)),
        "policies",
        "2027 uses 16,293.6 m³ of water, at most 16,000 m³ may",
    ),
    "clean over the year": (
        resigned(lambda run: run.set("instance/policies", "value", 0.9, unit="annual")),
        "policies",
        "2026 has 35,059.71 MWh of clean energy, 37,007.496 MWh are needed",
    ),
    "clean by the hour": (
        resigned(lambda run: run.set("instance/policies", "value", 0.85, unit="hourly")),
        "policies",
        "2027 has 34,227.51 MWh of clean energy by the hour, 34,951.524 MWh are needed",
    ),
    "budget": (
        resigned(lambda run: run.set("instance/policies", "value", 489000, value=500000)),
        "budget",
        "2026 spends 490,000 on sites, IT, upgrades and supply with a budget of 489,000",
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_wrong_decision_is_named(run: Run, name: str) -> None:
    check_named(run, DECISIONS[name], alone=False)


def test_dirty_charging_is_no_clean_energy(run: Run) -> None:
    # Without sun the battery charges by noon, from a grid that is a quarter clean.
    run.set("tables/generation", "made_mw", 0, technology="panels", **NOON)
    run.set("tables/dispatch", "grid_mw", 6.98, **NOON).set(
        "tables/dispatch", "exported_mw", 3, **NOON
    )
    found = [v.message for v in audit_run(run.folder).violations if v.family == "policies"]
    assert (
        "hall charges or sells more clean energy than it has in 2026: -2.255 MW in a slice" in found
    )


def figure(name: str, column: str, recomputed: str, keys: str, /, **where: object) -> Spoil:
    """A figure set to 7.7, and what the audit says of it."""
    return (
        lambda run: run.set(f"tables/{name}", column, 7.7, **where),
        f"{name} table",
        f"{name}: {column} of {keys} is 7.7, recomputed {recomputed}",
    )


FIGURES: dict[str, Spoil] = {
    **{
        f"{kind} of {item}": figure(
            "costs", "cost", cost, f"{kind} 2026 {item}", kind=kind, item=item
        )
        for kind, item, cost in (
            ("supply", "hall/panels", "200,000"),
            ("supply", "hall/cells", "290,000"),
            ("connection", "hall", "5,196"),
            ("supply_fixed", "hall/panels", "16,000"),
            ("supply_energy", "hall/cells", "14,191.2"),
            ("supply_energy", "hall/breeze", "262,800"),
            ("energy", "hall", "735,139.2"),
            ("export", "hall", "-5,256"),
            ("demand_charge", "hall", "5,196"),
            ("moving", "hall", "21,900"),
            ("cutting", "hall", "70,080"),
            ("carbon", "hall", "305,694.92"),
        )
    },
    **{
        f"{table}.{column}": figure(table, column, recomputed, keys, **where)
        for table, column, recomputed, keys, where in (
            ("capacity", "served_it_mw", "4.5", "hall 2026", {}),
            ("capacity", "facility_mw", "5.98", "hall 2026", {}),
            ("grid_use", "drawn_mw", "2.598", "port 2026", {}),
            ("grid_use", "headroom_mw", "1.402", "port 2026", {}),
            ("grid_use", "unpowered_mw", "2.5", "port 2026", {}),
            ("energy", "it_mwh", "29,784", "hall 2026", {}),
            ("energy", "facility_mwh", "41,119.44", "hall 2026", {}),
            ("energy", "carbon_t", "2,756.772", "hall 2026", {}),
            ("dispatch", "load_mw", "2.3", "hall 2026 night", NIGHT),
            ("dispatch", "facility_mw", "5.98", "hall 2026 noon", NOON),
            (
                *("generation", "curtailed_mw", "0.2", "hall panels 2026 noon"),
                {"technology": "panels"} | NOON,
            ),
            ("standing", "mw", "8", "hall panels 2026", {"technology": "panels"}),
            ("standing", "mwh", "12", "hall cells 2026", {"technology": "cells"}),
            ("connections", "peak_mw", "2.598", "hall 2026", {}),
            ("connections", "gained_mw", "2.598", "hall 2026", {}),
            ("footprint", "grid_t", "2,756.772", "hall 2026", {}),
            ("footprint", "supply_t", "0", "hall 2026", {}),
            ("footprint", "embodied_t", "49", "hall 2026", {}),
            ("footprint", "water_m3", "16,293.6", "hall 2026", {}),
            ("footprint", "clean_mwh", "35,059.71", "hall 2026", {}),
            ("footprint", "matched_mwh", "34,227.51", "hall 2026", {}),
            ("power_sources", "firm_mwh", "9,189.24", "hall 2026", {}),
            ("power_sources", "contract_mwh", "2,190", "hall 2026", {}),
            ("power_sources", "own_mwh", "30,660", "hall 2026", {}),
            ("power_sources", "bridge_mwh", "0", "hall 2026", {}),
            ("node_hours", "limit_mw", "4", "port 2026", {}),
            ("node_hours", "highest_mw", "2.598", "port 2026", {}),
            ("idle_hardware", "idle_mw", "2.5", "port 2026", {}),
            ("idle_hardware", "mw_years", "5", "port 2026", {}),
            ("idle_hardware", "idle_cost", "1,923,076.92", "port 2026", {}),
            ("levelised", "discounted_it_mwh", "53,611.2", "hall", {}),
        )
    },
    "hours that bind": (
        lambda run: run.set("tables/node_hours", "binding_hours", 4380),
        "node_hours table",
        "node_hours: binding_hours of port 2026 is 4,380, recomputed at most 0",
    ),
    "cost per MWh": (
        lambda run: run.set("tables/levelised", "cost_per_it_mwh", 20),
        "levelised table",
        "levelised: an IT MWh at hall costs 20, recomputed 34.1541136",
    ),
    "a role": (
        lambda run: run.set("tables/standing", "role", "bridge", technology="panels"),
        "standing table",
        "standing: panels at hall in 2026 is called bridge, but it is own",
    ),
    "a slice left out": (
        lambda run: run.drop("tables/dispatch", **NOON).add(
            "tables/dispatch", "hall", 2026, "noon", 0, 0, 0, 0, 0.02
        ),
        "dispatch table",
        "dispatch: load_mw of hall 2026 noon is 0, recomputed 4.5",
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_wrong_figure_is_named_alone(run: Run, name: str) -> None:
    check_named(run, FIGURES[name], alone=True)


FILES: dict[str, Spoil] = {
    "missing table": (
        lambda run: run.remove("tables/generation.csv"),
        "tables",
        "table generation is missing",
    ),
    "unknown slice": (
        lambda run: run.set("tables/dispatch", "slice", "dusk", **NOON),
        "tables",
        "dispatch row 3: the instance has no slice dusk",
    ),
    "unknown technology": (
        lambda run: run.set("tables/supply", "technology", "mill", technology="panels"),
        "tables",
        "supply row 2: the instance has no technology mill",
    ),
    "order in no stage": (
        lambda run: run.set("tables/supply", "ordered_year", 2027, technology="panels"),
        "tables",
        "supply row 2: the instance has no stage 2027",
    ),
    "same slice twice": (
        lambda run: run.add("tables/dispatch", "hall", 2026, "noon", 0, 0, 0, 0, 0),
        "tables",
        "dispatch row 4: there is a row of the same site, year, slice above",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_damaged_table_is_a_violation(run: Run, name: str) -> None:
    check_named(run, FILES[name], alone=False)

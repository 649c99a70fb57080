"""Supply over the years and flexible power: each decision and figure spoilt in turn is named."""

from pathlib import Path

import pytest

from optimizer.audit import audit_run
from tests.optimizer.audit.bridge_run import write_bridge_run
from tests.optimizer.audit.runs import Spoil, check_named, resigned
from tests.optimizer.test_audit import Run

ENGINE, CELLS = {"technology": "engine"}, {"technology": "cells"}
IN_2026 = {"year": 2026}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_bridge_run(tmp_path / "run")


def test_right_plan_passes(run: Run) -> None:
    report = audit_run(run.folder)
    assert report.passed, report.violations


DECISIONS: dict[str, Spoil] = {
    "order before its time": (
        resigned(
            lambda run: run.set("instance/site_technologies", "earliest_year", 2027, site="hall")
        ),
        "supply",
        "engine at hall is ordered in 2026, before its earliest year",
    ),
    "order for a site that is not open": (
        lambda run: run.add("tables/supply", "annex", "panels", 2026, 1, 0),
        "supply",
        "panels comes to annex in 2028, when the site is not open",
    ),
    "made before it comes": (
        lambda run: run.add("tables/generation", "hall", "panels", 2026, "day", 1, 0, 0, 0, 0, 0),
        "generation",
        "panels at hall makes 1 MW in slice day of 2026, at most 0 can be had",
    ),
    "made after its life": (
        resigned(lambda run: run.set("instance/technologies", "life_years", 1, **ENGINE)),
        "supply",
        "engine at hall of 2026 is retired in 2028, when it does not stand or has just come",
    ),
    "made after it was sold": (
        lambda run: run.add("tables/generation", "hall", "engine", 2028, "day", 1, 0, 0, 0, 0, 0),
        "generation",
        "engine at hall makes 1 MW in slice day of 2028, at most 0.5 can be had",
    ),
    "retired without an order": (
        lambda run: run.add("tables/retired", "hall", "cells", 2026, 2028, 0.5, 4),
        "supply",
        "cells at hall of 2026 is retired in 2028, but was not ordered",
    ),
    "more retired than ordered": (
        lambda run: run.set("tables/retired", "mw", 1.5),
        "supply",
        "1.5 MW of engine at hall of 2026 are retired, 1 were ordered",
    ),
    "retired before it comes": (
        lambda run: run.add("tables/retired", "hall", "panels", 2026, 2026, 1, 0),
        "supply",
        "panels at hall of 2026 is retired in 2026, when it does not stand or has just come",
    ),
    "an upgrade out of sequence": (
        lambda run: run.set("tables/upgrades", "ordered_year", 2028, upgrade="line"),
        "upgrades",
        "bay at port is ordered in 2026, without line by then",
    ),
    "an upgrade without the one before": (
        lambda run: run.drop("tables/upgrades", upgrade="line"),
        "upgrades",
        "bay at port is ordered in 2026, without line by then",
    ),
    "draw beyond the node before the line comes": (
        lambda run: run.set("tables/dispatch", "flexible_mw", 0.9, slice="day", **IN_2026),
        "grid",
        "port draws 2.1 MW in slice day of 2026 besides what is flexible, but its connection gives"
        " 2 MW",
    ),
    "more flexible power than there is": (
        lambda run: run.set("tables/dispatch", "flexible_mw", 2.5, slice="day", **IN_2026),
        "flexible power",
        "port draws 2.5 MW flexibly in slice day of 2026, at most 2 MW are offered",
    ),
    "flexible power beyond the draw": (
        lambda run: run.add("tables/dispatch", "annex", 2026, "day", 0, 0, 0, 0.1, 0),
        "flexible power",
        "annex draws 0.1 MW flexibly in slice day of 2026, but takes only 0 MW",
    ),
    "too little ready": (
        lambda run: run.set("tables/moved", "ready_mw", 0.1, slice="day"),
        "flexible power",
        "hall draws 1 MW flexibly in slice day of 2026, but has only 0.9 MW ready to do without",
    ),
    "an engine at work held ready": (
        lambda run: run.set("tables/generation", "ready_mw", 0.7, slice="day", **ENGINE),
        "flexible power",
        "engine at hall holds 0.7 MW ready in slice day of 2026, but has 0.5",
    ),
    "a battery that discharges held ready": (
        lambda run: run.set("tables/generation", "discharged_mw", 0.3, slice="day", **CELLS),
        "flexible power",
        "cells at hall holds 0.3 MW ready in slice day of 2026, but has 0.2",
    ),
    "load held ready that may not move": (
        lambda run: run.set("tables/moved", "ready_mw", 2.5, slice="day"),
        "flexible power",
        "2.5 MW of batch at hall are held ready in slice day of 2026, but only 2 could pause",
    ),
    "load held ready where none moves": (
        resigned(lambda run: run.table("instance/sites", lambda frame: frame.assign(moves_load=0))),
        "flexible power",
        "0.3 MW of batch at hall are held ready in slice night of 2026, but only 0 could pause",
    ),
    "load held ready that has left": (
        lambda run: run.set("tables/moved", "out_mw", 1.9, slice="day"),
        "flexible power",
        "0.2 MW of batch at hall are held ready in slice day of 2026, but only 0.1 could pause",
    ),
    "too empty for a long cut": (
        lambda run: run.set("tables/generation", "stored_mwh", 3, **CELLS),
        "flexible power",
        "cells at hall would give 3.75 MWh in a cut of 10 h that ends with slice day of 2026,"
        " but holds 3 MWh",
    ),
    "a cut that reaches into the day before": (
        lambda run: run.set("tables/generation", "stored_mwh", 2.7, **CELLS),
        "flexible power",
        "cells at hall would give 2.75 MWh in a cut of 10 h that ends with slice night of 2026,"
        " but holds 2.7 MWh",
    ),
    "a campaign nowhere": (
        lambda run: run.drop("tables/campaign_sites"),
        "campaigns",
        "campaign model runs nowhere",
    ),
    "a campaign at two sites": (
        lambda run: run.add("tables/campaign_sites", "model", "annex"),
        "campaigns",
        "campaign model runs at 2 sites, not at one",
    ),
    "a campaign without room": (
        lambda run: run.set("tables/campaign_sites", "site", "annex"),
        "capacity",
        "annex serves 1 IT MW in slice night of 2028 with 0 MW installed",
    ),
    "a campaign where a rule forbids it": (
        resigned(lambda run: run.set("instance/rules", "group", "FR", rule="at_home")),
        "campaigns",
        "campaign model runs at hall, which rule at_home forbids",
    ),
    "a campaign of users whom another rule governs": (
        resigned(
            lambda run: run.set("instance/campaigns", "country", "FR").set(
                "instance/rules", "group", "NL", rule="no_giant"
            )
        ),
        "campaigns",
        "campaign model runs at hall, which rule no_giant forbids",
    ),
    "less land for panels": (
        resigned(lambda run: run.set("instance/sites", "land_ha", 1.5, site="hall")),
        "supply",
        "supply takes 2 ha at hall in 2028, which has 1.5 ha",
    ),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_wrong_decision_is_named(run: Run, name: str) -> None:
    check_named(run, DECISIONS[name], alone=False)


def test_campaign_counts_in_the_stages_of_its_years(run: Run) -> None:
    spoil = resigned(lambda run: run.set("instance/campaigns", "year", 2026))
    message = "dispatch: load_mw of hall 2026 night is 4, recomputed 5"
    check_named(run, (spoil, "dispatch table", message), alone=False)


def figure(name: str, column: str, recomputed: str, keys: str, /, **where: object) -> Spoil:
    """A figure set to 7.7, and what the audit says of it."""
    return (
        lambda run: run.set(f"tables/{name}", column, 7.7, **where),
        f"{name} table",
        f"{name}: {column} of {keys} is 7.7, recomputed {recomputed}",
    )


FIGURES: dict[str, Spoil] = {
    **{
        f"{kind} of {year}": figure(
            *("costs", "cost", cost, f"{kind} {year} {item}"), kind=kind, year=year, item=item
        )
        for kind, year, item, cost in (
            ("supply", 2026, "hall/engine", "300,000"),
            ("resale", 2028, "hall/engine", "-120,000"),
            ("supply_fixed", 2028, "hall/engine", "2,000"),
            ("supply_energy", 2026, "hall/engine", "876,000"),
            ("events", 2026, "hall", "12,760"),
        )
    },
    "years of fuel": figure(
        *("costs", "discounted_cost", "773,800", "supply_energy 2026 hall/engine"),
        kind="supply_energy",
    ),
    "years of events": figure(
        "costs", "discounted_cost", "11,284", "events 2026 hall", kind="events"
    ),
    **{
        f"{table}.{column} of {where['year']}": figure(table, column, recomputed, keys, **where)
        for table, column, recomputed, keys, where in (
            ("standing", "mw", "1.5", "hall engine 2026", ENGINE | IN_2026),
            ("standing", "mw", "0.5", "hall engine 2028", ENGINE | {"year": 2028}),
            ("footprint", "event_t", "40", "hall 2026", IN_2026),
            ("footprint", "supply_t", "2,920", "hall 2026", IN_2026),
            ("footprint", "embodied_t", "200", "hall 2026", IN_2026),
            ("power_sources", "flexible_mwh", "10,220", "hall 2026", IN_2026),
            ("power_sources", "bridge_mwh", "7,300", "hall 2026", IN_2026),
            ("power_sources", "own_mwh", "5,840", "hall 2028", {"year": 2028}),
            ("node_hours", "flexible_mw", "2", "port 2026", IN_2026),
            ("node_hours", "limit_mw", "6", "port 2028", {"year": 2028}),
            ("connections", "gained_mw", "1.5", "hall 2028", {"year": 2028}),
            ("idle_hardware", "idle_cost", "500,000", "port 2026", IN_2026),
            ("grid_use", "drawn_mw", "2", "port 2026", IN_2026),
        )
    },
    "hours that bind": (
        lambda run: run.set("tables/node_hours", "binding_hours", 5840, **IN_2026),
        "node_hours table",
        "node_hours: binding_hours of port 2026 is 5,840, recomputed at least 8,760",
    ),
    "a bridge called own": (
        lambda run: run.set("tables/standing", "role", "own", **ENGINE, **IN_2026),
        "standing table",
        "standing: engine at hall in 2026 is called own, but it is bridge",
    ),
    "a backup called own": (
        lambda run: run.set("tables/standing", "role", "own", **CELLS, **IN_2026),
        "standing table",
        "standing: cells at hall in 2026 is called own, but it is backup",
    ),
}


@pytest.mark.parametrize("name", FIGURES)
def test_wrong_figure_is_named_alone(run: Run, name: str) -> None:
    check_named(run, FIGURES[name], alone=True)

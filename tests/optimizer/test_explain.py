"""An infeasible instance is explained by what is missing and by what would help."""

import pytest

from models import PlanInputs
from optimizer.explain import explain
from optimizer.highs import Control
from tests.models.small_inputs import share_rule, small_inputs


def explained(inputs: PlanInputs) -> list[str]:
    return str(explain(inputs, Control())).splitlines()


def ways(lines: list[str]) -> list[str]:
    start = "Any one of these alone would make a plan possible:"
    return lines[lines.index(start) + 1 :] if start in lines else []


def test_grid_that_comes_too_late() -> None:
    # 6 MW × 1.3 draw 7.8 MW of 6.5 in the second stage; the line is there in 2028.
    lines = explained(
        small_inputs(
            {"north": {"pue": 1.3}},
            {("delft", "chat"): {2026: 4.0, 2027: 6.0}},
            stages=(2026, 2027),
            firm_mw={"port": 6.5},
            upgrades={("port", "line"): {"lead_years": 2}},
        )
    )
    assert lines == [
        "No plan keeps every limit of this instance.",
        "At least 1 MW of demand cannot be served:",
        "  1 MW of chat of delft in 2027: eligible sites are north (grid full at port)",
        "Any one of these alone would make a plan possible:",
        "  grid: 1.3 MW more power at port in 2027",
    ]


def test_node_without_power() -> None:
    lines = explained(
        small_inputs(
            {"north": {"existing_it_mw": 10.0}},
            5.0,
            stages=(2026, 2027),
            firm_mw={"port": {2026: 0.0, 2027: 20.0}},
        )
    )
    assert "north (no power at port until 2027)" in lines[2]
    assert ways(lines) == ["  grid: 5 MW more power at port in 2026"]


def test_hall_too_small_and_site_too_early() -> None:
    lines = explained(
        small_inputs(
            {"north": {"max_it_mw": 3.0}, "south": {"earliest_year": 2030}}, 5.0, firm_mw={}
        )
    )
    assert "eligible sites are north (hall full), south (not before 2030)" in lines[2]
    (way,) = ways(lines)
    assert way.startswith("  capacity: 2 MW more IT capacity at ")


def test_share_rule() -> None:
    lines = explained(
        small_inputs(
            {"north": {}, "abroad": {"operator": "acme", "max_it_mw": 4.0}},
            10.0,
            rules=[share_rule("max_share_operator", 0.5)],
        )
    )
    assert "At least 1 MW of demand cannot be served:" in lines
    assert "  rule max_share_operator: 1 IT MW more than allowed (aqua in 2026)" in ways(lines)
    assert any("capacity: 1 MW more IT capacity at abroad" in way for way in ways(lines))


def test_share_at_home_and_site_counts() -> None:
    home = share_rule("min_share_at_home", 0.5)
    sites = {"abroad": {"country": "FR"}}
    assert ways(explained(small_inputs(sites, 4.0, rules=[home]))) == [
        "  rule min_share_at_home: 2 IT MW less than asked for (NL in 2026)"
    ]
    count = share_rule("min_sites_in", 2, group={"NL"})
    assert ways(explained(small_inputs({"north": {}}, 4.0, rules=[count]))) == [
        "  rule min_sites_in: 1 sites less than asked for (2026)"
    ]


def test_budget() -> None:
    lines = explained(small_inputs({"north": {"it_cost_per_mw": 1e6}}, 5.0, capital_budget=4e6))
    assert ways(lines) == [
        "  capacity: 1 MW more IT capacity at north in 2026 than can be there",
        "  budget: 1,000,000 more to spend in 2026",
    ]


def test_whole_numbers_alone_can_be_the_cause() -> None:
    # 4 + 4 MW of halls hold two blocks of 3 MW, and fractions of blocks would do.
    lines = explained(
        small_inputs(
            {s: {"block_mw": 3.0, "max_it_mw": 4.0, "it_cost_per_mw": 1.0} for s in ("a", "b")},
            7.0,
        )
    )
    assert "At least 1 MW of demand cannot be served:" in lines
    assert ways(lines)[0].startswith("  capacity: 1 MW more IT capacity at ")


def test_causes_that_only_help_together() -> None:
    lines = explained(small_inputs({"north": {"max_it_mw": 3.0}}, 5.0, firm_mw={"port": 4.0}))
    assert ways(lines) == []
    assert lines[-1].startswith("No single kind of limit is the cause")


@pytest.mark.parametrize("demands", [3, 30])
def test_long_lists_are_cut(demands: int) -> None:
    lines = explained(
        small_inputs(
            {"north": {}}, {(f"r{i}", "chat"): 1.0 for i in range(demands)}, firm_mw={"port": 0.0}
        )
    )
    assert len(lines) < 15
    assert f"At least {demands} MW of demand cannot be served:" in lines

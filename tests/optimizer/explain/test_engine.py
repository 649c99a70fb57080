"""An instance without a plan is explained: what is missing, what clashes, what would help."""

import json
from pathlib import Path

import pytest

from optimizer.explain import Explanation, explain
from optimizer.explain.words import rounded_up
from optimizer.highs import Control
from optimizer.instance import read_instance
from tests.optimizer.explain.confirming import confirm
from tests.optimizer.explain.small_instances import rule, small_instance
from tests.test_oracles import WITHOUT_A_PLAN, made

INSTANCES = Path(__file__).parents[3] / "instances"


def explained(*args, **kwargs) -> Explanation:
    return explain(small_instance(*args, **kwargs), Control())


def families(told: Explanation) -> set[str]:
    ((conflict, _),) = told.conflicts
    assert conflict.minimal
    return set(conflict.families)


def ways(told: Explanation) -> dict[str, tuple[float, str]]:
    assert all(way.verdict.possible for way in told.ways)
    return {way.words: (pytest.approx(way.amount, abs=1e-4), way.unit) for way in told.ways}


def costs(told: Explanation) -> list[float]:
    return [way.verdict.cost for way in told.ways]


def test_there_is_a_plan(tmp_path: Path) -> None:
    told = explained(tmp_path, {"a": {"opening_cost": 7}}, {("delft", 2026): 1})
    assert told.status == "feasible"
    assert told.verdict.cost == pytest.approx(7)
    assert told.lines()[0] == "There is a plan: nothing to explain."


def test_grid_that_comes_too_late() -> None:
    told = explain(read_instance(INSTANCES / "grid_too_late"), Control())
    lines = told.lines()
    assert lines[1] == "Proven by a maximum flow of demand over sites and nodes."
    assert "  chat of hamburg needs 1 MW more in 2027 (demand row 3)" in lines
    assert "    eligible: frankfurt (grid full: 6.5 MW at frankfurt in 2027, grid row 2)" in lines
    assert "    ruled out: oslo by rule chat_stays_in_eu: site_in EU, rules row 2" in lines
    assert families(told) == {"grid", "dates", "rule chat_stays_in_eu"}
    # The costs of the README of `two_sites`, whose line comes in time, and less its 2 m.
    assert ways(told) == {
        "rule chat_stays_in_eu switched off": (1, "rule"),
        "1.3 MW more firm power at frankfurt in 2027": (1.3, "MW"),
        "upgrade second_line at frankfurt 1 year earlier": (1, "years"),
    }
    assert costs(told)[1:] == pytest.approx([111_100_672, 113_100_672], rel=1e-6)
    json.dumps(told.as_dict(), allow_nan=False)


def test_connection_that_comes_too_late(tmp_path: Path) -> None:
    told = explained(
        tmp_path,
        {"a": {"existing_it_mw": 10}},
        {("delft", 2026): 5, ("delft", 2027): 5},
        firm_mw={("port", 2027): 20},
    )
    (missing,) = told.missing
    assert missing.it_mw == {2026: pytest.approx(5)}
    assert missing.eligible == (
        "a (grid full until 2027: no power at port before 2027, grid row 2)",
    )
    assert ways(told) == {
        "5 MW more firm power at port in 2026": (5, "MW"),
        "firm power at port 1 year earlier": (1, "years"),
    }


def test_site_that_opens_too_late(tmp_path: Path) -> None:
    told = explained(tmp_path, {"a": {"earliest_year": 2029}}, {("delft", 2026): 5})
    assert told.missing[0].eligible == ("a (not before 2029, sites row 2)",)
    assert families(told) == {"dates"}
    assert ways(told) == {"site a 3 years earlier": (3, "years")}


def test_hall_too_small(tmp_path: Path) -> None:
    told = explained(tmp_path, {"a": {"max_it_mw": 3}}, {("delft", 2026): 5})
    assert told.missing[0].eligible == ("a (hall full: 3 IT MW at a, sites row 2)",)
    assert families(told) == {"halls"}
    assert ways(told) == {"room for 2 IT MW more at a": (2, "MW")}


def test_no_route_at_all_and_milliseconds_that_would_do(tmp_path: Path) -> None:
    # 5 ms of service leave 25 ms of 30.
    told = explained(
        tmp_path,
        {"a": {}, "b": {"max_it_mw": 1}},
        {("delft", 2026): 5},
        rtt_ms={("delft", "a"): 28.5, ("delft", "b"): 26},
    )
    (missing,) = told.missing
    assert missing.eligible == ()
    assert missing.barred == ("too late b by 1.00 ms, a by 3.50 ms",)
    assert families(told) == {"latency chat"}
    # 1 ms opens b, which is too small.
    assert ways(told) == {"3.5 ms more for chat: 33.5 ms": (3.5, "ms")}


def test_pair_that_is_not_listed_is_told(tmp_path: Path) -> None:
    told = explained(
        tmp_path,
        {"a": {}, "b": {}},
        {("delft", 2026): 5},
        latency=[{"region": "delft", "site": "a", "rtt_ms": 28}],
    )
    assert "not listed in latency b" in told.missing[0].barred
    assert ways(told) == {"3 ms more for chat: 33 ms": (3, "ms")}


def test_two_rules_of_which_either_could_go(tmp_path: Path) -> None:
    # Each rule alone leaves one site, both leave none.
    told = explained(
        tmp_path,
        {"a": {"country": "FR", "opening_cost": 9}, "b": {"operator_country": "US"}},
        {("delft", 2026): 5},
        rules=[rule("site_in", "at_home", group="NL"), rule("operator_in", "ours", group="NL")],
    )
    assert families(told) == {"rule at_home", "rule ours"}
    assert [way.words for way in told.ways] == [
        "rule ours switched off",
        "rule at_home switched off",
    ]
    assert costs(told) == pytest.approx([0, 9])


def test_points_of_a_share(tmp_path: Path) -> None:
    # b takes 4 of 10 MW; a would need 60 %.
    told = explained(
        tmp_path,
        {"a": {}, "b": {"operator": "acme", "max_it_mw": 4}},
        {("delft", 2026): 10},
        rules=[rule("max_share_operator", value=0.5)],
    )
    assert told.verdict.proof is not None
    assert told.verdict.proof.name == "LINEAR"
    assert told.unserved_mw == pytest.approx(1)
    assert families(told) == {"rule a_rule", "halls"}
    assert ways(told) == {
        "rule a_rule at 60 % instead of 50 %": (10, "points"),
        "room for 1 IT MW more at b": (1, "MW"),
        "rule a_rule switched off": (1, "rule"),
    }


def test_share_at_home_and_numbers_of_sites(tmp_path: Path) -> None:
    told = explained(
        tmp_path / "home",
        {"a": {"country": "FR"}},
        {("delft", 2026): 4},
        rules=[rule("min_share_at_home", value=0.5)],
    )
    assert ways(told) == {
        "rule a_rule at 0 % instead of 50 %": (50, "points"),
        "rule a_rule switched off": (1, "rule"),
    }
    told = explained(
        tmp_path / "sites",
        {"a": {}},
        {("delft", 2026): 4},
        rules=[rule("min_sites_in", value=3, group="NL")],
    )
    assert families(told) == {"rule a_rule"}
    assert "2 sites fewer in rule a_rule: 1" in ways(told)


def test_budget(tmp_path: Path) -> None:
    told = explained(
        tmp_path,
        {"a": {"it_cost_per_mw": 1e6}},
        {("delft", 2026): 5},
        policies=[{"policy": "capital_budget", "year": 2026, "value": 4e6}],
    )
    assert families(told) == {"budget"}
    (way,) = told.ways
    assert way.words == "1,000,000 EUR more to spend in 2026"
    assert [str(place) for place in way.places] == ["4,000,000 to spend in 2026, policies row 2"]
    assert way.verdict.cost == pytest.approx(5e6, rel=1e-6)


def test_a_budget_is_a_cause_however_little_a_euro_buys(tmp_path: Path) -> None:
    told = explained(
        tmp_path,
        {"a": {"it_cost_per_mw": 4e7, "max_it_mw": 10_000}},
        {("delft", 2026): 5000, ("gent", 2026): 100},
        firm_mw={("port", 2026): 20_000},
        policies=[{"policy": "capital_budget", "year": 2026, "value": 1e10}],
    )
    assert families(told) == {"budget"}
    (way,) = told.ways
    assert way.words == "194,000,000,000 EUR more to spend in 2026"


def test_whole_numbers_alone_can_be_the_cause(tmp_path: Path) -> None:
    # Opening costs 10 a site, of which there are two, and the budget is 15: halves would do.
    told = explained(
        tmp_path,
        {s: {"opening_cost": 10, "max_it_mw": 8} for s in ("a", "b")},
        {("delft", 2026): 12},
        policies=[{"policy": "capital_budget", "year": 2026, "value": 15}],
    )
    assert told.verdict.proof is not None
    assert told.verdict.proof.name == "INTEGER"
    assert families(told) == {"budget", "halls"}
    # 12 MW in one hall, or 5 more for both.
    assert [(way.unit, way.amount) for way in told.ways] == [
        ("MW", pytest.approx(4)),
        ("EUR", pytest.approx(5)),
    ]
    assert costs(told) == pytest.approx([10, 20])


def test_causes_that_have_to_give_together(tmp_path: Path) -> None:
    # Hall and node are both too small: to widen one alone does not help.
    told = explained(
        tmp_path, {"a": {"max_it_mw": 3}}, {("delft", 2026): 5}, firm_mw={("port", 2026): 4}
    )
    (way,) = told.ways
    assert "1 MW more firm power at port in 2026" in way.words
    assert "room for 2 IT MW more at a" in way.words
    assert way.unit == "changes"


@pytest.mark.parametrize("regions", [3, 30])
def test_long_lists_are_cut(tmp_path: Path, regions: int) -> None:
    told = explained(
        tmp_path,
        {"a": {}},
        {(f"r{i}", 2026): 1 for i in range(regions)},
        firm_mw={("port", 2026): 0},
    )
    assert f"chat of {regions} regions needs {regions} MW more in 2026" in "\n".join(told.lines())
    assert len(told.lines()) < 20
    assert max(map(len, told.lines())) < 400


def test_hall_that_holds_whole_blocks_needs_room_for_one_more(tmp_path: Path) -> None:
    # 7 MW hold two blocks of 3; a third takes 9.
    told = explained(tmp_path, {"a": {"max_it_mw": 7, "block_mw": 3}}, {("delft", 2026): 8})
    assert told.missing[0].it_mw == {2026: pytest.approx(2)}
    assert ways(told) == {"room for 2 IT MW more at a": (2, "MW")}


def test_whole_blocks_are_a_cause_where_a_hall_would_do(tmp_path: Path) -> None:
    # 7 MW hold two blocks of 3 and half a MW of what is asked for is left over.
    told = explained(tmp_path, {"a": {"max_it_mw": 7, "block_mw": 3}}, {("delft", 2026): 6.5})
    assert families(told) == {"blocks", "halls"}
    assert ways(told) == {
        "room for 2 IT MW more at a": (2, "MW"),
        "IT capacity in any amount instead of whole blocks": (1, "rule"),
    }


def test_whole_blocks_are_a_cause_beside_a_share(tmp_path: Path) -> None:
    # a may take 5 of 10 MW, and b holds 5 but in blocks of 3.
    told = explained(
        tmp_path,
        {"a": {}, "b": {"operator": "acme", "max_it_mw": 5, "block_mw": 3}},
        {("delft", 2026): 10},
        rules=[rule("max_share_operator", value=0.5)],
    )
    assert families(told) == {"blocks", "halls", "rule a_rule"}
    assert "IT capacity in any amount instead of whole blocks" in ways(told)


# Seed 10637 once left the blocks out of its causes.
CASES = [*WITHOUT_A_PLAN, "10637 existing blocks budget carbon site_not_in max_share_country"]


@pytest.mark.parametrize("case", CASES)
def test_oracle_confirms_causes_and_ways_out(case: str, tmp_path: Path) -> None:
    instance = made(case, tmp_path)
    told = explain(instance, Control())
    confirm(instance, told)
    assert told.ways


def test_causes_of_different_demands_have_to_give_together(tmp_path: Path) -> None:
    # Delft has a alone, which is full; Lyon may use b but for the rule.
    told = explained(
        tmp_path,
        {"a": {"max_it_mw": 3}, "b": {"country": "FR"}},
        {("delft", 2026): 5, ("lyon", 2026): 1},
        rtt_ms={("delft", "b"): 90, ("lyon", "a"): 90},
        rules=[rule("site_in", "at_home", group="NL")],
    )
    assert len(told.conflicts) == 2
    (way,) = told.ways
    assert way.words == "rule at_home switched off and room for 2 IT MW more at a"
    assert way.verdict.possible


@pytest.mark.parametrize(
    ("units", "told"),
    [(1.3, 1.3), (1.3001, 1.31), (213.4, 214), (0.00001234, 0.0000124), (12_345_678, 12_350_000),
     (1_000_000.0001, 1_000_000), (0, 0), (-3, 0)],
)  # fmt: skip
def test_what_is_told_is_enough(units: float, told: float) -> None:
    assert rounded_up(units) == pytest.approx(told, rel=1e-12)

"""Rules and limits: where each is tightest, by what margin, and whether it binds."""

from dataclasses import replace

import pandas as pd
import pytest

from optimizer.report.facts import Facts
from optimizer.report.limits import POLICIES, kept_limits
from optimizer.report.rules import Kept, kept_rules
from tests.optimizer.report.runs import facts, plain

__all__ = ["facts", "plain"]


def by_name(kept: list[Kept]) -> dict[str, Kept]:
    return {rule.name: rule for rule in kept}


def shown(rule: Kept) -> tuple[str, ...]:
    return tuple(words.replace("\u00a0", " ") for words in rule.shown)


def test_every_rule_is_told_once_in_words(facts: Facts) -> None:
    rules = by_name(kept_rules(facts))
    assert list(rules) == [f"r{number}" for number in range(1, 10)]
    assert rules["r3"].asks == (
        "chat of users in NL: served by operators controlled from the users' own country"
    )
    assert rules["r5"].asks == "all load: at most 50 % by operators controlled from outside EU"
    assert rules["r9"].asks == "all load: at least 2 sites in use in EU, from 2028"


def test_the_tightest_place_and_its_margin(facts: Facts) -> None:
    rules = by_name(kept_rules(facts))
    assert rules["r5"].tightest == "2028"
    assert shown(rules["r5"]) == ("3.40 MW", "5.50 MW", "2.10 MW")
    assert rules["r5"].left == pytest.approx(2.1 / 5.5)
    assert rules["r8"].tightest == "France 2028"
    assert shown(rules["r9"]) == ("2", "2", "0")


def test_what_has_nothing_left_binds(facts: Facts) -> None:
    assert [rule.name for rule in kept_rules(facts) if rule.binds] == ["r6", "r9"]
    assert {rule.status for rule in kept_rules(facts)} == {"kept", "binds"}


def test_a_rule_that_is_broken_is_said_so(facts: Facts) -> None:
    rows = facts.run.tables["compliance"]
    tables = facts.run.tables | {"compliance": rows.assign(holds=0)}
    broken = replace(facts, run=replace(facts.run, tables=tables))
    assert {rule.status for rule in kept_rules(broken)} == {"BROKEN"}


def test_limits_besides_rules(facts: Facts) -> None:
    limits = by_name(kept_limits(facts))
    assert list(limits) == [
        *("Latency of chat", "Power at grid nodes", "Room in halls", "Budget", "Demand"),
    ]
    # 7.23 ms of the 30 less 5 that a round trip may take.
    assert limits["Latency of chat"].left == pytest.approx((25 - 7.2264) / 25, rel=1e-4)
    assert limits["Power at grid nodes"].tightest == "1 node full in some stage"
    assert shown(limits["Room in halls"]) == ("8.00 MW", "10.0 MW", "2.00 MW")
    # 4.7 of 5 million in 2026; 11.8 of 13 in 2028.
    assert limits["Budget"].tightest == "2026"
    assert limits["Budget"].left == pytest.approx(0.06)
    assert shown(limits["Demand"])[0] == "0.60 MW unserved"


def with_policy(facts: Facts, policy: str, values: dict[int, float], unit: str) -> Kept:
    """How the plan keeps a policy that is the only one."""
    table = pd.DataFrame({"policy": policy, "year": list(values), "value": list(values.values())})
    policies = table.assign(unit=unit)
    tables = facts.run.instance.tables | {"policies": policies}
    run = replace(facts.run, instance=replace(facts.run.instance, tables=tables))
    return next(
        kept for kept in kept_limits(replace(facts, run=run)) if kept.name == POLICIES[policy][0]
    )


def test_caps_have_the_slack_of_their_tightest_year(facts: Facts) -> None:
    # 3,153.6 t a year from 2026, 4,204.8 from 2028.
    cap = with_policy(facts, "carbon_cap", {2026: 4000.0, 2028: 6000.0}, "t")
    assert cap.asks.replace("\u00a0", " ") == "4,000 t from 2026; 6,000 t from 2028"
    assert cap.tightest == "2026"
    assert shown(cap) == ("3,154 t", "4,000 t", "846 t")
    assert cap.left == pytest.approx(846.4 / 4000)
    assert with_policy(facts, "carbon_cap", {2029: 4204.8}, "t").binds
    late = with_policy(facts, "carbon_cap", {2031: 1.0}, "t")
    assert (late.tightest, late.binds) == ("asks for nothing in any year", False)


def test_a_share_of_clean_energy_has_the_slack_of_its_tightest_year(facts: Facts) -> None:
    nodes = facts.run.instance.tables["nodes"].assign(clean_share=[0.5, 1.0])
    tables = facts.run.instance.tables | {"nodes": nodes}
    run = replace(facts.run, instance=replace(facts.run.instance, tables=tables))
    # Half of 31,536 MWh in 2026; half of 42,048 and all of 19,272 in 2028.
    kept = with_policy(replace(facts, run=run), "clean_share", {2026: 0.4, 2028: 0.6}, "annual")
    assert kept.tightest == "2028"
    assert shown(kept) == ("65.7 %", "60.0 %", "5.71 %")
    assert kept.left == pytest.approx((40_296 / 61_320 - 0.6) / 0.6)


def test_a_budget_gets_back_what_is_sold_again(facts: Facts) -> None:
    costs = facts.run.tables["costs"]
    sold = costs.head(1).assign(kind="resale", year=2026, cost=-2e6)
    tables = facts.run.tables | {"costs": pd.concat([costs, sold])}
    rich = replace(facts, run=replace(facts.run, tables=tables))
    budget = by_name(kept_limits(rich))["Budget"]
    # 4.7 million less 2 of 5 in 2026; 11.8 of 13 in 2028.
    assert budget.tightest == "2028"


def test_demand_is_told_of_the_stage_that_misses_most(facts: Facts) -> None:
    first = facts.run.tables["unserved"].assign(year=2026)
    tables = facts.run.tables | {"unserved": first, "serving": facts.run.tables["serving"]}
    missed = replace(facts, run=replace(facts.run, tables=tables))
    # 5 MW are served in 2026, and 0.6 are not.
    assert shown(by_name(kept_limits(missed))["Demand"])[:2] == ("0.60 MW unserved", "5.60 MW")

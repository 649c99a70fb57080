"""Rules and limits: where each is tightest, by what margin, and whether it binds."""

from dataclasses import replace

import pandas as pd
import pytest

from optimizer.report.facts import Facts
from optimizer.report.limits import kept_limits
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


def test_caps_have_the_slack_that_the_audit_found(facts: Facts) -> None:
    caps = pd.DataFrame({"policy": "carbon_cap", "year": [2026], "value": [5000.0], "unit": ["t"]})
    instance = replace(facts.run.instance, tables=facts.run.instance.tables | {"policies": caps})
    families = [replace(f, family="policies", worst=-0.25) for f in facts.audit.families[:1]]
    capped = replace(
        facts,
        run=replace(facts.run, instance=instance),
        audit=replace(facts.audit, families=tuple(families)),
    )
    cap = by_name(kept_limits(capped))["Cap on carbon"]
    assert cap.asks == "5,000 t from 2026"
    assert shown(cap) == ("–", "–", "25.0 %")

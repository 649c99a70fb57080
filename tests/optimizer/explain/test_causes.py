"""What the deletion filter keeps has no plan, and has one without any single part of it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.explain import explain
from optimizer.explain.causes import Family, deletion_filter
from optimizer.highs import Control
from tests.optimizer.explain.small_instances import small_instance

NAMES = "abcdef"


@given(st.sets(st.frozensets(st.sampled_from(NAMES), min_size=1), min_size=1))
def test_kept_families_are_a_smallest_conflict(conflicts: set[frozenset[str]]) -> None:
    # Instead of an instance, the set of families that it still has.
    def without(name: str) -> Family:
        return Family(name, lambda present: present - {name})

    def impossible(present: frozenset[str]) -> bool:
        return any(conflict <= present for conflict in conflicts)

    kept = deletion_filter(frozenset(NAMES), map(without, NAMES), impossible)
    names = frozenset(family.name for family in kept)
    assert impossible(names)
    assert not any(impossible(names - {name}) for name in names)


def test_last_families_are_blamed_first() -> None:
    def impossible(present: frozenset[str]) -> bool:
        return "a" in present or "f" in present

    families = [Family(name, lambda present, name=name: present - {name}) for name in NAMES]
    assert [f.name for f in deletion_filter(frozenset(NAMES), families, impossible)] == ["f"]


def test_what_no_time_is_left_for_is_told_without_a_claim(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.explain.causes.SECONDS_FOR_CAUSES", -1.0)
    budget = {"policy": "capital_budget", "year": 2026, "value": 4e6}
    site, demand = {"it_cost_per_mw": 1e6}, {("delft", 2026): 5.0}
    instance = small_instance(tmp_path, {"a": site}, demand, policies=[budget])
    told = explain(instance, Control())
    ((conflict, _),) = told.conflicts
    assert not conflict.minimal
    assert "budget" in conflict.families
    assert len(conflict.families) > 1
    assert "What cannot hold together" in told.lines()

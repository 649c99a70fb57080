"""Changed instances say what they should, and nothing else."""

from pathlib import Path

import pytest

from optimizer.explain import changes
from optimizer.explain.changes import Preparer
from optimizer.instance import Instance
from tests.optimizer.explain.small_instances import rule, small_instance


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return small_instance(
        tmp_path,
        {"a": {"earliest_year": 2028, "block_mw": 5}, "b": {"node": "hill"}},
        {("delft", 2026): 1, ("delft", 2028): 2},
        firm_mw={("port", 2026): 4, ("port", 2027): 3, ("port", 2028): 9, ("hill", 2026): 1},
        rtt_ms={("delft", "b"): 30},
        upgrades=[
            {"node": "port", "upgrade": "line", "mw": 6, "cost": 1, "lead_years": 1}
            | {"earliest_year": 2028}
        ],
        policies=[{"policy": "capital_budget", "year": 2026, "value": 100}],
        rules=[rule("max_share_country", value=0.5)],
    )


def firm_mw(instance: Instance) -> dict:
    return Preparer()(instance).firm_mw.to_dict()


def test_more_grid_adds_in_its_stage_alone(instance: Instance) -> None:
    before = firm_mw(instance)
    assert before["port", 2026] == 3  # The lowest of 2026 and 2027.
    after = firm_mw(changes.more_grid(instance, {("port", 2026): 2.5}))
    assert after == before | {("port", 2026): 5.5}
    after = firm_mw(changes.more_grid(instance, {("hill", 2028): 1.5}))
    assert after == before | {("hill", 2028): 2.5}


def test_grid_earlier_moves_every_step(instance: Instance) -> None:
    assert firm_mw(changes.grid_earlier(instance, "port", 1))["port", 2026] == 3
    assert firm_mw(changes.grid_earlier(instance, "port", 2))["port", 2026] == 9


@pytest.mark.parametrize(("years", "left"), [(0, (1, 2028)), (1, (0, 2028)), (3, (0, 2026))])
def test_upgrade_comes_earlier_by_its_lead_first(
    instance: Instance, years: int, left: tuple[int, int]
) -> None:
    (row,) = (
        changes.upgrade_earlier(instance, "port", "line", years).tables["upgrades"].itertuples()
    )
    assert (row.lead_years, row.earliest_year) == left


def test_other_changes_touch_their_column_alone(instance: Instance) -> None:
    halls = changes.larger_halls(instance, {"a": 7.0}).tables["sites"]
    assert halls.max_it_mw.tolist() == [107, 100]
    sites = changes.site_earlier(instance, "a", 1).tables["sites"]
    assert sites.earliest_year.tolist() == [2027, 2026]
    assert changes.without_blocks(instance).tables["sites"].block_mw.isna().all()
    assert changes.other_value(instance, "a_rule", 0.7).tables["rules"].value.tolist() == [0.7]
    assert changes.without_rule(instance, "a_rule").tables["rules"].empty
    budget = Preparer()(changes.more_budget(instance, {2028: 5.0})).capital_budget
    assert budget.to_dict() == {2026: 100, 2028: 105}
    assert (
        Preparer()(changes.without_budget(instance)).capital_budget.tolist() == [float("inf")] * 2
    )
    assert instance.tables["sites"].max_it_mw.tolist() == [100, 100]


def test_latency_opens_routes(instance: Instance) -> None:
    prepared = Preparer()
    assert [s for _, _, s in prepared(instance).routes.index] == ["a"]
    for changed in (
        changes.later(instance, "chat", 5.0),
        changes.without_latency(instance, "chat"),
    ):
        assert [s for _, _, s in prepared(changed).routes.index] == ["a", "b"]
    # Back again: routes belong to their tables, not to the last instance asked about.
    assert [s for _, _, s in prepared(instance).routes.index] == ["a"]


def test_without_dates_everything_is_there_at_once(instance: Instance) -> None:
    inputs = Preparer()(changes.without_dates(instance))
    assert inputs.node_limit_mw["port", 2026] == 9 + 6
    assert inputs.sites.earliest_year.tolist() == [2026, 2026]


def test_only_demand_keeps_rows_and_their_lines(instance: Instance) -> None:
    kept = changes.only_demand(instance, {("delft", "chat")}, {2028}).tables["demand"]
    assert kept.index.tolist() == [1]

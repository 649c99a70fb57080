"""Forcing a site in or out never makes a plan cheaper, and tells what it costs."""

import pytest

from optimizer.errors import Infeasible
from optimizer.highs import Control
from optimizer.why.forced import solve_forced
from tests.models.small_inputs import small_inputs


def cost(sites, demand_mw=4.0, **forced) -> float:
    return solve_forced(small_inputs(sites, demand_mw), Control(), 0.0, **forced).objective


def test_nothing_forced_is_the_optimum() -> None:
    assert cost({"a": {"opening_cost": 3}, "b": {"opening_cost": 5}}) == pytest.approx(3)


def test_forced_out_the_next_best_serves() -> None:
    sites = {"a": {"opening_cost": 3}, "b": {"opening_cost": 5}}
    assert cost(sites, site="a", used=False) == pytest.approx(5)


def test_forced_in_it_opens_beside_the_best_or_instead() -> None:
    beside = {"a": {"opening_cost": 3}, "b": {"opening_cost": 5, "max_it_mw": 1}}
    assert cost(beside, site="b", used=True) == pytest.approx(8)
    instead = {"a": {"opening_cost": 3}, "b": {"opening_cost": 5}}
    assert cost(instead, site="b", used=True) == pytest.approx(5)


def test_existing_site_forced_out_still_pays_its_upkeep() -> None:
    sites = {"a": {"existing_it_mw": 4, "fixed_cost_per_year": 2}, "b": {"opening_cost": 5}}
    assert cost(sites, site="a", used=False) == pytest.approx(7)


def test_blocks_are_not_bought_either() -> None:
    sites = {"a": {"block_mw": 2, "it_cost_per_mw": 1}, "b": {"it_cost_per_mw": 2}}
    assert cost(sites) == pytest.approx(4)
    assert cost(sites, site="a", used=False) == pytest.approx(8)


def test_no_plan_without_the_only_site() -> None:
    with pytest.raises(Infeasible):
        cost({"a": {}}, site="a", used=False)

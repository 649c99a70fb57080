"""Exchanges of open sites: what they are thought to save, and that they lead to cheaper plans."""

import math
from itertools import combinations, product
from threading import Event

import numpy as np
import pytest

from models import PlanInputs
from optimizer.exchange import Exchange, two_least
from optimizer.highs import Control
from optimizer.search import search
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import parts
from tests.optimizer.test_branching import siting


def roomy(seed: int, stages: tuple[int, ...] = (2026,)) -> PlanInputs:
    """Six sites, each with room for all of eight regions: nothing but ways and openings matter."""
    dice = np.random.default_rng(seed)
    sites = {
        f"s{i}": {"max_it_mw": 100.0, "opening_cost": float(dice.integers(5, 20))} for i in range(6)
    }
    demand_mw = {
        (f"r{j}", "chat"): {year: float(dice.integers(1, 4)) for year in stages} for j in range(8)
    }
    ways = {(f"r{j}", s): float(dice.integers(1, 9)) for j in range(8) for s in sites}
    return small_inputs(sites, demand_mw, stages=stages, network_cost_per_mw_year=ways)


def exchange_of(inputs: PlanInputs, control: Control | None = None) -> Exchange:
    program, _, stations = parts(inputs)
    return Exchange(program, stations, control or Control())


def mask(exchange: Exchange, sites: tuple[int, ...]) -> np.ndarray:
    """Gates of some sites, in all stages."""
    opened = np.zeros_like(exchange.gated_by_site)
    opened[list(sites)] = True
    return (opened & exchange.gated_by_site).ravel()


def test_two_least_costs_of_each_group() -> None:
    group, cost = np.array([0, 2, 0, 0, 2, 3]), np.array([5.0, 1.0, 2.0, 9.0, 1.0, 4.0])
    least, second = two_least(group, cost, 5)
    assert least.tolist() == [2.0, math.inf, 1.0, 4.0, math.inf]
    assert second.tolist() == [5.0, math.inf, 1.0, 12.0, math.inf]


@pytest.mark.parametrize("stages", [(2026,), (2026, 2028)])
@pytest.mark.parametrize("seed", range(5))
def test_with_room_for_all_estimates_are_what_exchanges_save(
    seed: int, stages: tuple[int, ...]
) -> None:
    exchange = exchange_of(roomy(seed, stages))
    now = (0, 1, 2)
    plan = exchange.solve(mask(exchange, now), math.inf)
    assert plan is not None
    saves, costs, both = exchange.estimates(plan, mask(exchange, now))
    for opens, closes in product((3, 4, 5), now):
        others = tuple(site for site in now if site != closes)
        after = exchange.solve(mask(exchange, (*others, opens)), math.inf)
        assert after is not None
        thought = saves[opens].sum() - costs[closes].sum() + both[opens, closes]
        assert thought == pytest.approx(plan.objective - after.objective, abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_the_most_promising_comes_first_and_keeps_room_for_the_demand(seed: int) -> None:
    exchange = exchange_of(siting(seed))
    sites = range(6)
    for now in combinations(sites, 4):
        opened = mask(exchange, now)
        plan = exchange.solve(opened, math.inf)
        if plan is None:
            continue
        for opens, closes in exchange.promising(plan, opened):
            assert opens not in now
            assert closes in {*now, -1}
            assert (opens, closes) != (-1, -1)
            after = exchange.after(opened, opens, closes)
            assert (exchange.room_mw(after) >= -1e-9).all()
            assert (after <= exchange.gated).all()


def test_a_site_opens_for_as_long_as_the_one_that_closes_and_alone_in_all_stages() -> None:
    exchange = exchange_of(siting(0))  # s5 may open in the second stage only
    assert exchange.gated_by_site.tolist()[4:] == [[True, True], [False, True]]
    opened = np.zeros((6, 2), dtype=bool)
    opened[1, 1] = True
    after = exchange.after(opened.ravel(), 4, 1).reshape(6, 2)
    assert after.tolist() == [*[[False, False]] * 4, [False, True], [False, False]]
    assert exchange.after(opened.ravel(), 4, -1).reshape(6, 2)[[1, 4]].all(axis=1).tolist() == [
        False,
        True,
    ]


@pytest.mark.parametrize("make", [roomy, siting])
@pytest.mark.parametrize("seed", range(6))
def test_exchanges_make_plans_cheaper_and_end_where_none_does(make, seed: int) -> None:
    inputs = make(seed)
    program, links, stations = parts(inputs)
    least = search(program, links, Control(), 0.0).objective
    exchange = Exchange(program, stations, Control())
    plan = exchange.solve(mask(exchange, tuple(range(6))), math.inf)
    if plan is None:
        pytest.skip("not all sites may be open")
    costs = [plan.objective]
    for better in exchange.improved(plan):
        assert better.values is not None
        assert program.violation(better.values) <= 1e-6
        assert better.objective < costs[-1]
        plan = better
        costs.append(better.objective)
    assert costs[-1] >= least - 1e-6 * abs(least)
    assert plan.values is not None
    opened = exchange.gated & (plan.values[stations.gate] > 0.5)
    for opens, closes in exchange.promising(plan, opened):
        after = exchange.after(opened, opens, closes)
        assert exchange.solve(after, plan.objective * (1 - 1e-7)) is None


def test_two_sites_that_no_single_step_would_part_are_exchanged() -> None:
    """All from `dear`, 12, or all from `cheap`, 7: both together cost 13, none is no plan."""
    inputs = small_inputs(
        {
            "dear": {"opening_cost": 10.0},
            "cheap": {"opening_cost": 5.0},
            "third": {"opening_cost": 50.0},
        },
        {("delft", "chat"): 1.0, ("gouda", "chat"): 1.0},
        network_cost_per_mw_year=dict.fromkeys(
            product(("delft", "gouda"), ("dear", "cheap", "third")), 1.0
        ),
    )
    exchange = exchange_of(inputs)
    plan = exchange.solve(np.array([True, False, False]), math.inf)
    assert plan is not None
    assert plan.objective == pytest.approx(12.0)
    assert [better.objective for better in exchange.improved(plan)] == pytest.approx([7.0])


def test_a_site_that_must_stay_or_may_not_open_is_left_alone() -> None:
    program, _, stations = parts(roomy(0))
    program.upper[stations.gate[5]] = 0.0
    program.lower[stations.gate[0]] = 1.0
    exchange = Exchange(program, stations, Control())
    opened = mask(exchange, (0, 1))
    plan = exchange.solve(opened, math.inf)
    assert plan is not None
    tried = list(exchange.promising(plan, opened))
    assert {opens for opens, _ in tried} == {-1, 2, 3, 4}
    assert {closes for _, closes in tried} == {-1, 1}


def test_a_demand_within_tolerance_is_not_served_where_nothing_is_open() -> None:
    inputs = small_inputs(
        {"a": {"opening_cost": 10.0}, "b": {"opening_cost": 10.0}},
        {("delft", "chat"): 1.0, ("gouda", "chat"): 1e-8},
        network_cost_per_mw_year={
            ("delft", "a"): 1.0, ("delft", "b"): 1.0, ("gouda", "a"): 1e8, ("gouda", "b"): 1.0
        },
    )  # fmt: skip
    plan = exchange_of(inputs).solve(np.array([True, False]), math.inf)
    assert plan is None or plan.objective == pytest.approx(12.0)


def test_nothing_comes_after_an_interruption() -> None:
    interrupted = Event()
    exchange = exchange_of(roomy(1), Control(interrupted=interrupted))
    plan = exchange.solve(mask(exchange, (0, 1, 2)), math.inf)
    assert plan is not None
    interrupted.set()
    assert list(exchange.improved(plan)) == []

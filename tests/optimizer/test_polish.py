"""A plan's last word: exact figures, and the shortest round trips that cost no more."""

from dataclasses import replace

import numpy as np
import pyomo.environ as pyo
import pytest

from models import PlanInputs, build_model
from optimizer.highs import Control
from optimizer.polish import polish
from optimizer.pooling import pool_regions
from optimizer.program import compile_program
from optimizer.search import Links, search
from optimizer.stations import Stations
from tests.models.small_inputs import small_inputs

BOTH = ("north", "south")


def polished(inputs: PlanInputs) -> pyo.ConcreteModel:
    pooled = pool_regions(inputs)
    model = build_model(pooled)
    program = compile_program(model)
    found = search(program, Links.of(model, pooled, program), Control(), 0.0)
    assert found.values is not None
    of_all = polish(inputs, program, found.values)
    some = polish(inputs, program, found.values, stations=Stations.of(model, pooled, program))
    assert shares(some) == shares(of_all)
    assert pyo.value(some.cost.total) == pytest.approx(pyo.value(of_all.cost.total), rel=1e-9)
    return some


def with_rtt(inputs: PlanInputs, rtt_ms: dict[tuple[str, str], float]) -> PlanInputs:
    """Round trips by (region, site)."""
    routes = inputs.routes.copy()
    routes["rtt_ms"] = [rtt_ms[r, s] for r, _, s in routes.index]
    return replace(inputs, routes=routes)


def shares(model: pyo.ConcreteModel) -> dict[tuple, float]:
    return {
        key: round(share.value, 9)
        for key, share in model.demand.serve.items()
        if share.value > 1e-9
    }


def test_plans_of_equal_cost_are_told_apart_by_latency() -> None:
    inputs = small_inputs(
        {s: {"max_it_mw": 6.0} for s in BOTH},
        {("delft", "chat"): 4.0, ("lille", "chat"): 6.0},
    )
    rtt_ms = {("delft", "north"): 2.0, ("delft", "south"): 9.0}
    rtt_ms |= {("lille", "north"): 8.0, ("lille", "south"): 3.0}
    # Both regions are one to the model. North is delft's, south lille's, and each has the room.
    assert pool_regions(inputs).demand_mw.to_dict() == {("delft", "chat", 2026): 10.0}
    assert shares(polished(with_rtt(inputs, rtt_ms))) == {
        ("delft", "chat", "north", 2026): 1.0,
        ("lille", "chat", "south", 2026): 1.0,
    }


def test_latency_never_costs_money() -> None:
    # South is near, but dearer; it serves what does not fit into north and no more.
    inputs = small_inputs(
        {"north": {"max_it_mw": 6.0}, "south": {"node": "plain"}},
        {("delft", "chat"): 4.0, ("lille", "chat"): 6.0},
        nodes={"plain": {"energy_price_per_mwh": 10.0}},
    )
    rtt_ms = {("delft", "north"): 9.0, ("delft", "south"): 2.0}
    rtt_ms |= {("lille", "north"): 9.0, ("lille", "south"): 8.0}
    model = polished(with_rtt(inputs, rtt_ms))
    assert pyo.value(model.cost.total) == pytest.approx(4.0 * 8760 * 10.0)
    # A MW of delft gains 7 ms at south, one of lille 1 ms.
    assert shares(model) == {
        ("delft", "chat", "south", 2026): 1.0,
        ("lille", "chat", "north", 2026): 1.0,
    }


def test_choices_are_whole_and_figures_exact() -> None:
    inputs = small_inputs(
        {s: {"block_mw": 3.0, "it_cost_per_mw": 1.0, "opening_cost": 1.0} for s in BOTH}, 7.0
    )
    model = polished(inputs)
    assert sum(blocks.value for blocks in model.siting.blocks.values()) == 3.0
    assert all(is_open.value in (0.0, 1.0) for is_open in model.siting.open.values())


def test_unserved_demand_of_a_pool_is_spread_by_demand() -> None:
    inputs = small_inputs(
        {"north": {"max_it_mw": 5.0}},
        {("delft", "chat"): 4.0, ("lille", "chat"): 6.0},
        unserved_penalty_per_mwh=1.0,
    )
    model = polished(inputs)
    unserved_mw = sum(
        model.demand.demand_mw[key] * share.value for key, share in model.demand.unserved.items()
    )
    assert unserved_mw == pytest.approx(5.0)
    assert pyo.value(model.cost.total) == pytest.approx(5.0 * 8760)


def test_limit_in_large_units_is_held_though_its_price_looks_small() -> None:
    # The budget buys 100 of 150 MW; one more unit of money saves 7.76, next to nothing beside what
    # the demand costs: 150 MW × 8760 h × 1000 × 10 years. Serving less would shorten round trips.
    inputs = small_inputs(
        {"north": {"max_it_mw": 1000.0, "it_cost_per_mw": 1e7}},
        150.0,
        horizon_end=2036,
        capital_budget=1e9,
        unserved_penalty_per_mwh=1000.0,
    )
    model = polished(inputs)
    assert pyo.value(model.cost.total) == pytest.approx(1e9 + 50 * 8760 * 1000 * 10, rel=1e-9)
    assert model.demand.load_mw["north", 2026].value == pytest.approx(100.0)


@pytest.mark.parametrize("seed", range(5))
def test_cost_is_that_of_the_search(seed: int) -> None:
    dice = np.random.default_rng(seed)
    inputs = small_inputs(
        {
            f"s{i}": {
                "max_it_mw": float(dice.integers(5, 15)),
                "opening_cost": float(dice.integers(1, 9)),
                "it_cost_per_mw": float(dice.integers(1, 3)),
                "node": f"g{i % 3}",
            }
            for i in range(5)
        },
        {(f"r{i}", "chat"): {2026: 2.0, 2028: float(dice.integers(2, 4))} for i in range(6)},
        stages=(2026, 2028),
        nodes={
            f"g{i}": {"energy_price_per_mwh": float(dice.integers(1, 4)) / 1e4} for i in range(3)
        },
        discount_rate=0.1,
    )
    pooled = pool_regions(inputs)
    model = build_model(pooled)
    program = compile_program(model)
    found = search(program, Links.of(model, pooled, program), Control(), 0.0)
    assert found.values is not None
    whole = polish(inputs, program, found.values)
    assert pyo.value(whole.cost.total) == pytest.approx(found.objective, rel=1e-9)

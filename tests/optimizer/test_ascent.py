"""Whatever the prices, the bound holds; good prices bring it to the strong relaxation's."""

from dataclasses import replace

import numpy as np
import pytest

from models import PlanInputs, build_model
from optimizer.ascent import Ascent, ascend
from optimizer.highs import Control, Solver, Status
from optimizer.pricing import Pricing
from optimizer.program import Program, compile_program
from optimizer.search import Found, Links, relax, search
from optimizer.stations import Stations
from tests.models.small_inputs import share_rule, small_inputs


def instance(seed: int, *, rules: bool = True) -> PlanInputs:
    """Six sites, two of them there already, some on one node, over two stages of growing demand."""
    dice = np.random.default_rng(seed)
    sites = {
        f"s{i}": {
            "max_it_mw": float(dice.integers(4, 12)),
            "existing_it_mw": 3.0 if i < 2 else 0.0,
            "opening_cost": float(dice.integers(5, 20)),
            "it_cost_per_mw": float(dice.integers(1, 4)),
            "block_mw": 2.0 if i == 3 else float("nan"),
            "earliest_year": 2028 if i == 4 else 0,
            "operator": f"o{i % 2}",
            "node": f"g{i // 2}",
        }
        for i in range(6)
    }
    demand_mw = {
        (f"r{i}", "chat"): {2026: float(dice.integers(1, 4)), 2028: float(dice.integers(2, 6))}
        for i in range(7)
    }
    network = {(f"r{i}", s): float(dice.integers(0, 5)) for i in range(7) for s in sites}
    return small_inputs(
        sites,
        demand_mw,
        stages=(2026, 2028),
        firm_mw={"g0": 9.0, "g1": 12.0},
        upgrades={("g0", "line"): {"mw": 4.0, "cost": 6.0, "lead_years": 2}},
        network_cost_per_mw_year=network,
        rules=[share_rule("max_share_operator", 0.7)] if rules else [],
        unserved_penalty_per_mwh=0.01,
    )


def parts(inputs: PlanInputs) -> tuple[Program, Links, Stations]:
    model = build_model(inputs)
    program = compile_program(model)
    return program, Links.of(model, inputs, program), Stations.of(model, inputs, program)


@pytest.mark.parametrize("seed", range(6))
def test_any_prices_give_a_bound(seed: int) -> None:
    program, links, stations = parts(instance(seed))
    least = search(program, links, Control(), 0.0).objective
    pricing = Pricing(program, stations)
    dice = np.random.default_rng(seed)
    for size in (0.0, 0.1, 1.0, 10.0):
        price = pricing.first_price() + size * dice.normal(size=len(pricing.rhs))
        price = np.clip(price, pricing.least, pricing.most)
        assert pricing.answer(price).bound <= least + 1e-6 * abs(least)


@pytest.mark.parametrize("seed", range(4))
def test_ascent_comes_near_the_strong_relaxation_and_not_above(seed: int) -> None:
    program, links, stations = parts(instance(seed, rules=False))
    strong, weak = Found(), Found()
    relax(program, links, Control(), strong)
    nothing = Links(np.array([], dtype=int), np.array([]), np.array([], dtype=int))
    relax(program, nothing, Control(), weak)
    bound = climbed(program, stations).answer.bound
    # The ascent knows more than the links: no site fills beyond its reach.
    least = search(program, links, Control(), 0.0).objective
    assert weak.bound * 0.97 < bound <= least + 1e-6
    assert bound > 0.95 * strong.bound


def climbed(program: Program, stations: Stations) -> Ascent:
    pricing = Pricing(program, stations)
    return ascend(pricing, pricing.first_price(), Control())


def forced(program: Program, column: int, value: float) -> float:
    """Least cost with a column moved to a value."""
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[column] = upper[column] = value
    outcome = Solver(replace(program, lower=lower, upper=upper), Control(), "forced").solve()
    return np.inf if outcome.status is Status.INFEASIBLE else outcome.objective


def movable(
    program: Program, ascent: Ascent, columns: np.ndarray
) -> list[tuple[int, float, float]]:
    """Columns at a bound with what a step to the other costs at least: (column, to, cost)."""
    answer = ascent.answer
    found = []
    for j in columns:
        cost = answer.reduced_cost[j]
        if cost > 1e-9 and answer.values[j] <= program.lower[j]:
            found.append((j, program.lower[j] + 1.0, cost))
        elif cost < -1e-9 and answer.values[j] >= program.upper[j]:
            found.append((j, program.upper[j] - 1.0, -cost))
    return found


@pytest.mark.parametrize("seed", range(3))
def test_moving_a_column_costs_what_is_said_or_more(seed: int) -> None:
    program, _, stations = parts(instance(seed))
    ascent = climbed(program, stations)
    gates = stations.gate[stations.gate >= 0]
    some = [*gates, *stations.serve[:: 1 + len(stations.serve) // 12]]
    moves = movable(program, ascent, np.array(some))
    assert moves
    for column, to, cost in moves:
        least = ascent.answer.bound + cost
        assert forced(program, column, to) >= least - 1e-6 * abs(least)


def test_search_takes_the_ascent_where_it_comes_further(monkeypatch: pytest.MonkeyPatch) -> None:
    program, links, stations = parts(instance(1))
    plain = search(program, links, Control(), 0.0)
    monkeypatch.setattr("optimizer.search.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("optimizer.search.LONG_PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    phases: list[str] = []
    control = Control(on_progress=lambda phase, *_: phases.append(phase))
    found = search(program, links, control, 0.0, stations=lambda: stations)
    assert "ascent" in phases
    assert "relaxation" not in phases
    assert found.objective == pytest.approx(plain.objective, rel=1e-9)
    assert found.bound <= found.objective + 1e-9

"""Plans by blocks of hours first: the same plan as by the hour, from a bound that holds."""

from dataclasses import replace
from pathlib import Path

import pytest

from models import PlanInputs, build_model
from models.coarse import blocks_of, coarse
from optimizer import by_blocks
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes
from optimizer.run import Clock, Options, solve_instance
from optimizer.search import Links, search

BRIDGE = Path("instances/bridge")


@pytest.fixture(scope="module")
def bridge() -> PlanInputs:
    instance = read_instance(BRIDGE)
    return prepare(instance, find_routes(instance))


def least_cost(inputs: PlanInputs) -> float:
    model = build_model(inputs)
    program = compile_program(model)
    return search(program, Links.of(model, inputs, program), Control(), 1e-9).objective


def test_shorter_blocks_never_cost_less_and_single_hours_cost_what_hours_do(bridge):
    costs = []
    for each_day in (1, 2, 4, 8, 24):
        power = coarse(bridge.power, blocks_of(bridge.power, each_day))
        assert len(power.slices) == each_day * bridge.power.slices.day.nunique()
        costs.append(least_cost(replace(bridge, power=power)))
    by_the_hour = least_cost(bridge)
    assert costs[0] < by_the_hour
    assert all(cost <= by_the_hour * (1 + 1e-9) for cost in costs)
    assert costs[-1] == pytest.approx(by_the_hour, rel=1e-9)


def test_blocks_are_all_slices_of_their_day_in_order(bridge):
    blocks = blocks_of(bridge.power, 5)
    assert [h for block in blocks for h in block] == list(range(len(bridge.power.slices)))
    assert all(len(set(bridge.power.slices.day.iloc[block])) == 1 for block in blocks)


def test_the_plan_is_that_of_the_whole_problem(bridge, monkeypatch):
    instance = read_instance(BRIDGE)
    options = Options(gap=1e-6)
    clock = Clock(lambda _: None)
    whole = solve_instance(instance, options, Control(), clock)
    monkeypatch.setattr(by_blocks, "FEW_HOURS", 0)
    assert by_blocks.pays(bridge)
    plan = solve_instance(instance, options, Control(), clock)
    assert plan.record["objective"] == pytest.approx(whole.record["objective"], rel=1e-6)
    assert plan.record["bound"] <= whole.record["objective"] * (1 + 1e-9)
    assert plan.record["gap"] <= 1e-6


def test_what_a_plan_by_blocks_does_not_use_is_left_out(bridge):
    # The moor has a wind turbine from the start, which nobody can leave out.
    chosen = {("open", ("quay", 2027)): 1.0, ("standing_mw", ("quay", "gas_turbine", 2027)): 0.0}
    narrowed = by_blocks.narrow(bridge, chosen, every_technology=False)
    assert set(narrowed.sites.index) == {"quay", "moor"}
    assert list(narrowed.power.allowed.index) == [("moor", "wind")]
    wider = by_blocks.narrow(bridge, chosen, every_technology=True)
    assert set(wider.power.allowed.index) == {("moor", "wind"), ("quay", "gas_turbine")}


def test_a_plan_is_priced_over_the_routes_that_it_uses_and_over_all(bridge):
    model = build_model(bridge)
    program = compile_program(model)
    best = search(program, Links.of(model, bridge, program), Control(), 1e-9)
    chosen = {
        by_blocks.name(variable): value
        for variable, value in zip(program.variables, best.values.tolist(), strict=True)
    }
    routes = {key: x for key, x in chosen.items() if key[0] != "serve" or x > 0}
    used = by_blocks.priced(program, routes, every_route=False)
    every = by_blocks.priced(program, chosen, every_route=True)
    assert used.objective == pytest.approx(every.objective, rel=1e-9)
    assert program.violation(used.values) < 1e-6
    assert len(used.values) == len(program.cost)
    region = next(index[0] for kind, index in routes if kind == "serve")
    less = {key: x for key, x in routes.items() if key[0] != "serve" or key[1][0] != region}
    less["serve", (region, "nothing", "nowhere", 0)] = 1.0
    assert by_blocks.priced(program, less, every_route=False).values is None
    assert by_blocks.priced(program, less, every_route=True).values is not None


def test_a_search_by_blocks_leaves_time_for_the_hours():
    control = Control(time_limit=100)
    assert by_blocks.within(control, 4).seconds_left() == pytest.approx(60, abs=1)
    assert by_blocks.within(Control(), 4).time_limit is None

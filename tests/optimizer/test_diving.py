"""A dive ends at a plan, and leaves its solver as it was."""

from typing import Any

import numpy as np
import pytest

from optimizer.diving import dive, stepped
from optimizer.highs import Control, Outcome, Solver
from optimizer.program import Program
from optimizer.search import Found, relax
from tests.optimizer.programs import program
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting

INF = float("inf")


def relaxed(sites: Program) -> tuple[Solver, np.ndarray]:
    """A solver with the relaxation, and its optimum."""
    solver = Solver(sites, Control(), "relaxation", relaxed=True)
    values = solver.solve().values
    assert values is not None
    return solver, values


@pytest.mark.parametrize("make", [siting, instance])
@pytest.mark.parametrize("seed", range(6))
def test_a_dive_ends_at_a_plan(seed: int, make: object) -> None:
    sites, links, _ = parts(make(seed))  # type: ignore[operator]
    found = Found()
    relaxation = relax(sites, links, Control(), found)
    assert relaxation is not None
    assert found.solver is not None
    *worse, plan = dive(sites, found.solver, relaxation.values, INF)
    assert all(before.objective > plan.objective for before in worse)
    assert plan.values is not None
    whole = plan.values[sites.integer]
    assert whole == pytest.approx(whole.round(), abs=1e-9)
    assert sites.violation(plan.values) <= 1e-6
    assert plan.objective >= relaxation.bound * (1 - 1e-9)
    assert found.solver.solve().objective == pytest.approx(relaxation.bound, rel=1e-9)


def test_what_must_not_be_rounded_down_is_rounded_up() -> None:
    # a ≥ 0.05 and b ≥ 0.5: b is nearer to whole and goes up, a goes down, which leaves no plan.
    two = program([1, 1], [[1, 0], [0, 1]], [0.05, 0.5], [INF, INF], upper=[1, 1], integer=[1, 1])
    *_, plan = dive(two, *relaxed(two), INF)
    assert plan.values == pytest.approx([1, 1])


def test_numbers_beyond_one_go_to_the_next() -> None:
    # 3 a + b ≥ 8, a dear b dearer: 2.67 blocks of 3 become 3.
    blocks = program([3, 2], [[3, 1]], [8], [INF], upper=[9, 9], integer=[True, False])
    *_, plan = dive(blocks, *relaxed(blocks), INF)
    assert plan.values == pytest.approx([3, 0])


def test_a_dive_ends_where_its_time_does() -> None:
    two = program([1, 1], [[1, 1]], [0.5], [INF], upper=[1, 1], integer=[True, True])
    assert list(dive(two, *relaxed(two), 0.0)) == []


def held(sites: Program, whole: list[float]) -> tuple[Solver, np.ndarray, Outcome]:
    """A solver, its whole numbers, and the optimum with them held."""
    solver = Solver(sites, Control(), "relaxation", relaxed=True)
    columns = np.flatnonzero(sites.integer)
    solver.set_bounds(columns, np.array(whole), np.array(whole))
    return solver, columns, solver.solve()


def knapsack_of_three() -> Program:
    """At least 4 of 3 a + 2 b + 2 c; b and c together cost least, a goes with neither."""
    return program([5, 2, 2], [[3, 2, 2]], [4], [INF], upper=[1] * 3, integer=[True] * 3)


def test_single_steps_take_back_what_is_not_needed() -> None:
    three = knapsack_of_three()
    solver, columns, plan = held(three, [1, 1, 1])
    *_, better = stepped(solver, columns, three.lower, three.upper, plan, INF)
    assert plan.objective == 9
    assert better.objective == 4
    assert better.values == pytest.approx([0, 1, 1])


def test_steps_end_where_a_plan_is_near_enough() -> None:
    three = knapsack_of_three()
    solver, columns, plan = held(three, [1, 1, 1])
    assert list(stepped(solver, columns, three.lower, three.upper, plan, INF, 9.0)) == []


def test_steps_end_where_their_time_does() -> None:
    three = knapsack_of_three()
    solver, columns, plan = held(three, [1, 1, 1])
    assert list(stepped(solver, columns, three.lower, three.upper, plan, 0.0)) == []


def test_a_plan_that_no_step_improves_stays() -> None:
    three = knapsack_of_three()
    solver, columns, plan = held(three, [0, 1, 1])
    assert list(stepped(solver, columns, three.lower, three.upper, plan, INF)) == []


def test_a_step_that_costs_as_much_is_not_taken() -> None:
    # One of a whole a or of b: from a = 1 with b = 0, whose row has no price, a seems to gain 1.
    either = program([1, 1], [[1, 1]], [1], [INF], upper=[1, 1], integer=[True, False])
    solver, columns, plan = held(either, [1])
    assert plan.column_dual == pytest.approx([1, 1])
    assert list(stepped(solver, columns, either.lower, either.upper, plan, INF)) == []


def test_a_plan_that_is_nearly_enough_is_given_more_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten of ten that may be shut, which gains 1 each and is tried in vain: all ten are needed.
    ten = program([1000.0] * 10, [[1.0] * 10], [9.5], [INF], upper=[1] * 10, integer=[True] * 10)
    solver, columns, plan = held(ten, [1] * 10)
    monkeypatch.setattr("optimizer.diving.MOST_MISSES", 2)
    monkeypatch.setattr("optimizer.diving.MANY_MISSES", 5)
    solved, solve = [], solver.solve

    def counted(**given: Any) -> Outcome:
        solved.append(1)
        return solve(**given)

    monkeypatch.setattr(solver, "solve", counted)
    for enough, steps in ((9000.0, 2), (plan.objective * (1 - 1e-4), 5), (-INF, 2)):
        solved.clear()
        assert list(stepped(solver, columns, ten.lower, ten.upper, plan, INF, enough)) == []
        assert len(solved) == steps

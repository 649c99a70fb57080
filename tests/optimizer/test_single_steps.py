"""Single steps make a plan cheaper; one that a row of whole numbers forbids costs nothing."""

from typing import Any

import numpy as np
import pytest
from scipy import sparse

from optimizer.highs import Control, Outcome, Solver
from optimizer.program import Program
from optimizer.single_steps import WholeRows, stepped
from tests.optimizer.programs import program

INF = float("inf")


def held(sites: Program, whole: list[float]) -> tuple[Solver, WholeRows, Outcome]:
    """A solver, the rows of its whole numbers, and the optimum with them held."""
    solver, rows = Solver(sites, Control(), "relaxation", relaxed=True), WholeRows.of(sites)
    solver.set_bounds(rows.columns, np.array(whole), np.array(whole))
    return solver, rows, solver.solve()


def count_solves(solver: Solver, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A list that grows by one with each linear program."""
    solved: list[int] = []
    solve = solver.solve

    def counted(**given: Any) -> Outcome:
        solved.append(1)
        return solve(**given)

    monkeypatch.setattr(solver, "solve", counted)
    return solved


def knapsack_of_three() -> Program:
    """At least 4 of 3 a + 2 b + 2 c; b and c together cost least, a goes with neither."""
    return program([5, 2, 2], [[3, 2, 2]], [4], [INF], upper=[1] * 3, integer=[True] * 3)


def opened_for_good() -> Program:
    """A site in three stages, the last the dearest, that stays open; nobody needs it."""
    monotone = [[1, -1, 0], [0, 1, -1]]
    return program([2, 3, 5], monotone, [-INF] * 2, [0, 0], upper=[1] * 3, integer=[True] * 3)


def test_single_steps_take_back_what_is_not_needed() -> None:
    solver, rows, plan = held(knapsack_of_three(), [1, 1, 1])
    *_, better = stepped(solver, rows, plan, INF)
    assert plan.objective == 9
    assert better.objective == 4
    assert better.values == pytest.approx([0, 1, 1])


def test_steps_end_where_a_plan_is_near_enough() -> None:
    assert list(stepped(*held(knapsack_of_three(), [1, 1, 1]), INF, 9.0)) == []


def test_steps_end_where_their_time_does() -> None:
    assert list(stepped(*held(knapsack_of_three(), [1, 1, 1]), 0.0)) == []


def test_a_plan_that_no_step_improves_stays() -> None:
    assert list(stepped(*held(knapsack_of_three(), [0, 1, 1]), INF)) == []


def test_a_step_that_costs_as_much_is_not_taken() -> None:
    # One of a whole a or of b: from a = 1 with b = 0, whose row has no price, a seems to gain 1.
    either = program([1, 1], [[1, 1]], [1], [INF], upper=[1, 1], integer=[True, False])
    solver, rows, plan = held(either, [1])
    assert plan.column_dual == pytest.approx([1, 1])
    assert list(stepped(solver, rows, plan, INF)) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_step_is_allowed_where_it_breaks_no_row_of_whole_numbers(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    matrix = drawn.integers(-2, 3, (12, 6)) * (drawn.random((12, 6)) < 0.5)
    whole = np.array([True] * 5 + [False])
    at, step = drawn.integers(0, 3, 5).astype(float), drawn.choice([-1.0, 0.0, 1.0], 5)
    alone = matrix[:, 5] == 0
    middle = matrix[:, :5] @ at
    limits = middle - drawn.integers(0, 3, 12), middle + drawn.integers(0, 3, 12)
    some = program([1.0] * 6, matrix, *limits, upper=[2.0] * 6, integer=whole)
    may = WholeRows.of(some).allowed(at, step)
    expected = []
    for number in range(5):
        after = at.copy()
        after[number] += step[number]
        activity = matrix[alone][:, :5] @ after
        keeps = (limits[0][alone] <= activity) & (activity <= limits[1][alone])
        expected.append(bool(keeps.all()) and 0 <= after[number] <= 2)
    assert list(may) == expected


def test_those_are_coupled_that_share_a_row_of_whole_numbers() -> None:
    # a and b by the first row, b and c by the second; d by none of them, as x is no whole number.
    rows = [[1, -1, 0, 0, 0], [0, 1, -1, 0, 0], [1, 0, 0, 1, 1]]
    some = program([1] * 5, rows, [-INF] * 3, [0] * 3, integer=[True] * 4 + [False])
    group = WholeRows.of(some).group
    assert group[0] == group[1] == group[2] != group[3]


def test_without_rows_of_whole_numbers_bounds_alone_tell() -> None:
    free = program([1, 1], [[1, 1]], [0], [INF], upper=[1, 1], integer=[True, False])
    rows = WholeRows.of(free)
    assert sparse.csr_array(rows.matrix).nnz == 0
    assert list(rows.allowed(np.array([1.0]), np.array([1.0]))) == [False]
    assert list(rows.allowed(np.array([1.0]), np.array([-1.0]))) == [True]


def test_what_waits_for_another_steps_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last stage can only be shut after the first: three steps, and not one in vain."""
    solver, rows, plan = held(opened_for_good(), [1, 1, 1])
    solved = count_solves(solver, monkeypatch)
    *_, better = stepped(solver, rows, plan, INF)
    assert better.values == pytest.approx([0, 0, 0])
    assert len(solved) == 3


def test_a_step_in_vain_is_tried_again_once_its_neighbour_has_moved() -> None:
    # To shut a, 10 dear, leaves too little room (2 a + 2 b + w ≥ 1.5, w ≤ 0.1) until b is open,
    # which gains by itself (y + 2 b ≥ 1, y 3 dear).
    four = program(
        [10, 1, 3, 0],
        [[1, 1, 0, 0], [2, 2, 0, 1], [0, 2, 1, 0]],
        [-INF, 1.5, 1],
        [2, INF, INF],
        upper=[1, 1, 9, 0.1],
        integer=[True, True, False, False],
    )
    solver, rows, plan = held(four, [1, 0])
    costs = [better.objective for better in stepped(solver, rows, plan, INF)]
    assert (plan.objective, costs) == (13, [11, 1])


def test_a_plan_that_is_nearly_enough_is_given_more_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    # Ten of ten that may be shut, which gains 1 each and is tried in vain: all ten are needed, and
    # what they are short of is no whole number, so that only a linear program can tell.
    needed = program(
        [1000.0] * 10 + [0.0],
        [[1.0] * 11],
        [9.5],
        [INF],
        upper=[1] * 10 + [0.1],
        integer=[True] * 10 + [False],
    )
    solver, rows, plan = held(needed, [1] * 10)
    monkeypatch.setattr("optimizer.single_steps.MOST_MISSES", 2)
    monkeypatch.setattr("optimizer.single_steps.MANY_MISSES", 5)
    solved = count_solves(solver, monkeypatch)
    for enough, steps in ((9000.0, 2), (plan.objective * (1 - 1e-4), 5), (-INF, 2)):
        solved.clear()
        assert list(stepped(solver, rows, plan, INF, enough)) == []
        assert len(solved) == steps

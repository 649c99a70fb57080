"""SCIP solves what HiGHS is handed: every kind of row, bound and end."""

import numpy as np
import pytest

from optimizer import scip
from optimizer.highs import Control, Solver, Status
from tests.optimizer.programs import knapsack, program

pytest.importorskip("pyscipopt")
INF = float("inf")


def test_rows_of_every_kind_and_an_offset() -> None:
    # min 2x + 3z + 10, x + z ≥ 4.5, x ≤ 4 as a row, 1 ≤ z ≤ 9 as a row, x - 2z = 0, z whole:
    # x = 2z, 3z ≥ 4.5, so z = 2 and x = 4.
    whole = program(
        [2, 3],
        [[1, 1], [1, 0], [0, 1], [1, -2]],
        [4.5, -INF, 1, 0],
        [INF, 4, 9, 0],
        integer=[False, True],
        offset=10.0,
    )
    outcome = scip.solve(whole, gap=0.0)
    assert outcome.status is Status.OPTIMAL
    assert outcome.values == pytest.approx([4, 2])
    assert outcome.objective == pytest.approx(24)
    assert outcome.bound == pytest.approx(24)


def test_no_plan_is_no_plan() -> None:
    odd = program([1, 1], [[2, 2]], [1], [1], upper=[1, 1], integer=[True, True])
    outcome = scip.solve(odd, gap=0.0)
    assert outcome.status is Status.INFEASIBLE
    assert outcome.values is None
    assert outcome.objective == INF


def test_limit_leaves_a_bound_below_the_optimum() -> None:
    outcome = scip.solve(knapsack(60), gap=0.0, seconds=0.2)
    assert outcome.status is Status.TIME_LIMIT
    assert outcome.bound <= outcome.objective


@pytest.mark.parametrize("seed", range(3))
def test_both_solvers_find_one_optimum(seed: int) -> None:
    small = knapsack(15, seed)
    own = Solver(small, Control(), "mip").solve().objective
    assert scip.solve(small, gap=0.0).objective == pytest.approx(own, rel=1e-9)
    assert np.isfinite(own)

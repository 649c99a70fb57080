"""A dive ends at a plan, and leaves its solver as it was."""

import numpy as np
import pytest

from optimizer.diving import dive
from optimizer.highs import Control, Solver
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

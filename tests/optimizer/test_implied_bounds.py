"""Bounds that rows imply, and multipliers that need no others: right by hand, never too tight."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.certify import weak_duality
from optimizer.implied_bounds import implied_bounds, repaired
from optimizer.program import Program
from tests.optimizer.programs import program

INF = float("inf")


def test_bounds_are_handed_on_from_row_to_row() -> None:
    # x ≤ 3, y ≤ 2x, z = x + y: y ≤ 6 and z ≤ 9; w is in no row.
    lp = program(
        [1, 1, 1, 1],
        [[-2, 1, 0, 0], [-1, -1, 1, 0]],
        [-INF, 0],
        [0, 0],
        upper=[3, INF, INF, INF],
    )
    lower, upper = implied_bounds(lp)
    assert lower.tolist() == [0, 0, 0, 0]
    assert np.allclose(upper[:3], [3, 6, 9], rtol=1e-4)
    assert (upper[1:3] > [6, 9]).all()  # Never tighter than the rows, however they are rounded.
    assert upper[3] == INF


def test_multipliers_that_ask_too_much_of_a_column_give_in() -> None:
    # min 3y, x + y ≥ 4, x ≤ 3: y has no bound, and costs a little less than is asked of it.
    lp = program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF])
    asked = np.array([3.0 + 1e-9])
    assert weak_duality(lp, asked) is None
    given_in = repaired(lp, asked, lp.lower, lp.upper)
    bound = weak_duality(lp, given_in)
    assert bound is not None
    assert 9 - 1e-6 < bound <= 9


def test_multipliers_that_fit_stay_as_they_are() -> None:
    lp = program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF])
    assert repaired(lp, np.array([2.5]), lp.lower, lp.upper).tolist() == [2.5]


WHOLE = st.integers(-3, 3)


@st.composite
def points_in_programs(draw: st.DrawFn) -> tuple[Program, np.ndarray]:
    """A program whose columns have few bounds, and a point that keeps its rows."""
    rows, columns = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    entries = [[draw(WHOLE) for _ in range(columns)] for _ in range(rows)]
    point = np.array([draw(st.integers(0, 5)) for _ in range(columns)], dtype=float)
    upper = [draw(st.sampled_from([INF, most])) for most in point]
    activity = np.array(entries) @ point
    below = [draw(st.sampled_from([-INF, limit])) for limit in activity]
    above = [draw(st.sampled_from([INF, limit])) for limit in activity]
    return program([0] * columns, entries, below, above, upper=upper), point


@settings(max_examples=200, deadline=None)
@given(points_in_programs())
def test_no_point_is_cut_off(made: tuple[Program, np.ndarray]) -> None:
    lp, point = made
    lower, upper = implied_bounds(lp)
    assert (lower <= point).all()
    assert (point <= upper).all()

"""How far a better plan may move a column off its bound."""

import numpy as np
import pytest

from optimizer.fixing import narrowed


def test_a_step_costs_its_reduced_cost() -> None:
    """With 10 to spare: 4 a step leaves 2.5 of them, 2 whole ones, and 20 leaves half of one."""
    lower, upper = np.zeros(6), np.array([9.0, 9.0, 1.0, 1.0, 9.0, 9.0])
    whole = np.array([False, True, True, False, True, True])
    values = np.array([0.0, 0.0, 0.0, 1.0, 9.0, 4.0])
    reduced_cost = np.array([4.0, 4.0, 20.0, -20.0, -4.0, 4.0])
    least, most = narrowed(lower, upper, whole, values, reduced_cost, 10.0)
    # The last is between its bounds, where a solver's reduced cost would be 0.
    assert least == pytest.approx([0, 0, 0, 0.5, 7, 0])
    assert most == pytest.approx([2.5, 2, 0, 1, 9, 9])


def test_without_a_plan_nothing_is_held() -> None:
    bounds = np.zeros(1), np.ones(1), np.ones(1, dtype=bool), np.zeros(1), np.ones(1)
    assert narrowed(*bounds, np.inf)[1] == pytest.approx([1])


@pytest.mark.filterwarnings("error")
def test_a_column_without_a_limit_stays_without() -> None:
    """Where there is nothing to hold, no step is taken off infinity."""
    least, most = narrowed(
        np.array([0.0, -np.inf]), np.array([np.inf, 0.0]), np.zeros(2, dtype=bool),
        np.zeros(2), np.array([0.0, -4.0]), 10.0,
    )  # fmt: skip
    assert most[0] == np.inf
    assert least[1] == pytest.approx(-2.5)

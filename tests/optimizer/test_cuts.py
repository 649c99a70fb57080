"""Cuts speak of few columns, and a solver that lacks one of them gets it."""

import numpy as np
import pytest

from optimizer.cuts import Cut, add_cuts, tightest
from optimizer.highs import Control, Solver
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_sifting import sifter


def test_what_takes_from_the_sum_and_is_not_held_stays_out() -> None:
    program, _, stations = parts(instance(0))
    held, (one, other) = 0, stations.serve[:2].tolist()
    cut = Cut(np.array([held, one, other]), np.array([-1.0, -2.0, 3.0]), 0.0)
    whole, part = Solver(program, Control(), "test", relaxed=True), sifter(program, stations)
    assert part.holds(cut.columns).tolist() == [True, False, False]
    everything, fitting = cut.fitting(whole), cut.fitting(part)
    assert everything is not None
    assert fitting is not None
    assert everything.columns.tolist() == [held, one, other]
    assert fitting.columns.tolist() == [held, other]
    assert fitting.coefficients.tolist() == [-1.0, 3.0]
    add_cuts(part, [fitting])
    assert part.holds(cut.columns).tolist() == [True, False, True]
    assert part.highs.getNumRow() == program.matrix.shape[0] + 1


def test_a_long_one_fits_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    program, _, _ = parts(instance(0))
    solver = Solver(program, Control(), "test", relaxed=True)
    cut = Cut(np.arange(3), np.ones(3), 1.0)
    for most, fits in ((3, True), (2, False)):
        monkeypatch.setattr("optimizer.cuts.MOST_TERMS", most)
        assert (cut.fitting(solver) is not None) == fits


def test_of_parallel_ones_the_tightest_stays() -> None:
    cuts = [Cut(np.array([0, 1]), size * np.array([1.0, 2.0]), size * 3.0) for size in (1.0, 5.0)]
    tighter = Cut(np.array([0, 1]), np.array([2.0, 4.0]), 7.0)
    other = Cut(np.array([0, 1]), np.array([1.0, 2.5]), 3.0)
    assert tightest([*cuts, tighter, other]) == [tighter, other]

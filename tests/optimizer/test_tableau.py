"""Rows of the simplex tableau say what no row alone says, and are true of every plan."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import PlanInputs
from optimizer.basis import BASIC
from optimizer.bounding import relax, tighten
from optimizer.covers import bases
from optimizer.cuts import Cut, add_cuts, tightest, with_cuts
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.program import Program
from optimizer.search import search
from optimizer.sifting import Sifter
from optimizer.tableau import tableau_cuts
from tests.optimizer.test_aggregation import anything, least_of, only, program
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting


def gomory() -> Program:
    """As much y as 3 x + 2 y <= 6 and 2 y <= 3 x allow, of whole numbers: 1.5 at x = 1."""
    return program(
        [[3, 2], [-3, 2]],
        [(-np.inf, 6.0), (-np.inf, 0.0)],
        upper=[9.0, 9.0],
        whole=[True, True],
        cost=np.array([0.0, -1.0]),
    )


def solved(of: Program, control: Control | None = None) -> tuple[Solver, np.ndarray]:
    """A solver that has just solved a relaxation, and its optimum."""
    solver = Solver(of, control or Control(), "test", relaxed=True)
    values = solver.solve().values
    assert values is not None
    return solver, values


def test_two_rows_together_allow_but_one() -> None:
    # Their sum is 4 y <= 6, which is 1.5, so that there is one at most.
    solver, values = solved(gomory())
    assert values == pytest.approx([1.0, 1.5])
    weights, least = only(tightest(tableau_cuts(gomory(), solver, values)))
    assert weights == pytest.approx({1: weights[1]})
    assert least / weights[1] == pytest.approx(1.0)


def test_cuts_that_were_added_are_among_the_rows() -> None:
    solver, values = solved(gomory())
    cuts = list(tableau_cuts(gomory(), solver, values))
    add_cuts(solver, cuts)
    # Now y is one, and x two thirds or four: 3 x >= 2 y says one at least.
    of = replace(with_cuts(gomory(), cuts), cost=np.array([1.0, -9.0]))
    solver.set_cost(of.cost)
    point = solver.solve().values
    assert point is not None
    assert point == pytest.approx([2 / 3, 1.0])
    cuts = list(tableau_cuts(of, solver, point))
    assert cuts
    add_cuts(solver, cuts)
    assert solver.solve().values == pytest.approx([1.0, 1.0])


def test_whole_numbers_ask_for_nothing() -> None:
    of = replace(gomory(), cost=np.array([0.0, 1.0]))
    assert list(tableau_cuts(of, *solved(of))) == []


def test_it_ends_when_it_is_asked_to() -> None:
    control = Control()
    solver, values = solved(gomory(), control)
    control.interrupted.set()
    assert list(tableau_cuts(gomory(), solver, values)) == []


@settings(max_examples=40, deadline=None)
@given(seed=some.integers(0, 100_000))
def test_no_plan_breaks_a_cut(seed: int) -> None:
    of = anything(np.random.default_rng(seed))
    solver, point = solved(of)
    for _ in range(3):  # Also not one that is made of others.
        cuts = list(tableau_cuts(of, solver, point))
        for cut in cuts:
            assert cut.coefficients @ point[cut.columns] < cut.least
            assert_kept(of, cut)
        if not cuts:
            break
        of = with_cuts(of, cuts)
        add_cuts(solver, cuts)
        outcome = solver.solve()
        if outcome.values is None:  # No plan exists, as whole numbers go.
            assert least_of(of) == np.inf
            break
        point = outcome.values


def assert_kept(of: Program, cut: Cut) -> None:
    """Every plan of a small program keeps a cut."""
    weights = np.zeros(len(of.cost))
    weights[cut.columns] = cut.coefficients
    least = least_of(replace(of, cost=weights))
    assert least >= cut.least - 1e-6 * max(1.0, float(np.abs(weights).max()))


def test_a_row_tells_a_number_by_others_at_limits() -> None:
    """So rows, links and cuts stand in the program as in the solver, or nothing would cancel."""
    of, links, stations = parts(instance(1))
    found = Found()
    relaxation = relax(of, links, Control(), found, stations)
    assert relaxation is not None
    assert relaxation.basis is not None
    solver, some = found.solver, relaxation.basis.links
    assert solver is not None
    assert some.size
    more = np.setdiff1d(np.arange(len(links.column)), some)[:3]
    stated, cuts, values = links.joined_to(of, some), [], relaxation.values
    solver.hold(links.column[more])
    for _ in range(2):
        new = [cut.fitting(solver) for cut in tableau_cuts(stated, solver, values)]
        cuts = [cut for cut in new if cut]
        assert cuts
        add_cuts(solver, cuts)
        links.add_to(solver, more)
        stated = links.joined_to(with_cuts(stated, cuts), more)
        outcome = solver.solve()
        assert outcome.values is not None
        values = outcome.values
    fractions = np.flatnonzero(of.integer & (np.abs(values - np.round(values)) > 1e-6))
    assert fractions.size
    basic = solver.ended_at()[0] == BASIC
    for number, weights in zip(sorted(fractions), told_by(solver, fractions), strict=True):
        total = stated.matrix.T @ weights
        free = np.flatnonzero(basic & (np.abs(total) > 1e-9))
        assert free.tolist() == [number]
        assert total[number] == pytest.approx(1.0)


def told_by(solver: Solver, columns: np.ndarray) -> list[np.ndarray]:
    """Weights of the rows that tell each of some columns, in their order."""
    return [weights for column in sorted(columns) for weights in solver.tableau(np.array([column]))]


def test_with_few_columns_cuts_bring_others_in() -> None:
    joined = 0
    for seed in range(8):
        of, links, stations = parts(instance(seed))
        best = search(of, links, Control(), 0.0, method="plain").values
        kept = np.random.default_rng(seed).random(len(of.cost)) < 0.3
        solver = Sifter(of, stations, kept, Control(), "test")
        values = solver.solve().values
        if values is None or best is None:
            continue
        for cut in tableau_cuts(of, solver, values):
            out = ~solver.holds(cut.columns)
            fitting = cut.fitting(solver)
            assert fitting is not None
            assert fitting.coefficients @ best[fitting.columns] >= fitting.least - 1e-6
            joined += int((cut.coefficients[out] > 0).sum())
    assert joined


@pytest.mark.parametrize("make", [siting, instance, lambda seed: siting(seed, nines=True)])
@settings(max_examples=12)
@given(seed=some.integers(0, 60))
def test_the_best_plan_keeps_every_cut_with_a_part_of_the_columns(
    make: Callable[[int], PlanInputs], seed: int
) -> None:
    of, links, stations = parts(make(seed))
    best = search(of, links, Control(), 0.0, method="plain")
    found = Found()
    relaxation = relax(of, links, Control(), found, stations)
    assert relaxation is not None
    tight = tighten(of, links, relaxation, bases(of, stations), found)
    assert tight.bound <= best.objective * (1 + 1e-6)
    assert best.values is not None
    for cut in found.cuts:
        slack = cut.coefficients @ best.values[cut.columns] - cut.least
        assert slack >= -1e-5 * float(np.abs(cut.coefficients).max())

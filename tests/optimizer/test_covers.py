"""Covers are true of every plan, and bring a relaxation nearer to the best one."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import PlanInputs
from optimizer.bounding import relax, tighten
from optimizer.covers import Base, bases, broken_covers
from optimizer.cuts import add_cuts
from optimizer.errors import Infeasible
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.lp_tree import LinearTree
from optimizer.root import climb
from optimizer.search import search
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting
from tests.optimizer.test_lp_tree import nines

NO_OTHERS = np.array([]), np.array([], dtype=int)


@settings(max_examples=40, deadline=None)
@given(seed=some.integers(0, 10_000))
def test_a_cover_keeps_every_whole_choice(seed: int) -> None:
    dice = np.random.default_rng(seed)
    count = int(dice.integers(2, 9))
    size, other_mw = dice.integers(1, 12, count).astype(float), dice.uniform(0.1, 3.0, 2)
    others = np.array([count, count + 1])
    base = Base(size, np.arange(count), other_mw, others, dice.uniform(1, size.sum()), 5)
    coefficients, least = base.rounded(np.unique(size), dice.random(count) < 0.3)
    for code in range(2**count):
        gates = np.array([code >> i & 1 for i in range(count)], dtype=float)
        short = base.least - size @ gates
        for first in (0.0, min(1.0, max(0.0, short / other_mw[0])), 1.0):
            second = max(0.0, (short - other_mw[0] * first) / other_mw[1])
            if second <= 1.0:
                comes_to = coefficients @ np.array([*gates, first, second])
                assert not (comes_to < least - 1e-9).any()  # Of no number nothing is said.


def test_a_cover_opens_the_seventh_site() -> None:
    # 51 MW at sites of 8: fractions open 6.375, whole sites 7.
    base = Base(np.full(9, 8.0), np.arange(9), *NO_OTHERS, 51.0, 1)
    cover = base.most_broken(np.full(9, 6.375 / 9))
    assert cover is not None
    assert cover.coefficients == pytest.approx(np.ones(9))
    assert cover.least == 7.0
    assert base.most_broken(np.full(9, 7 / 9)) is None


def test_nothing_to_round_is_no_cover() -> None:
    base = Base(np.full(9, 8.0), np.arange(9), *NO_OTHERS, 48.0, 1)
    assert base.most_broken(np.zeros(9)) is None


def equal_sites() -> PlanInputs:
    """Nine sites of 8 MW at 10 EUR each for 51 MW, and nothing else that costs."""
    sites = {
        f"s{i}": {"max_it_mw": 8.0, "opening_cost": 10.0, "it_cost_per_mw": 0.0} for i in range(9)
    }
    return small_inputs(sites, {(f"r{i}", "chat"): {2026: 17.0} for i in range(3)})


def test_a_relaxation_with_covers_pays_for_the_seventh_site(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.bounding.tableau_cuts", lambda *_: iter(()))
    program, links, stations = parts(equal_sites())
    found = Found()
    relaxation = relax(program, links, Control(), found)
    assert relaxation is not None
    assert relaxation.bound == pytest.approx(63.75)
    tight = tighten(program, links, relaxation, bases(program, stations), found)
    assert tight.bound == found.bound == pytest.approx(70)
    assert len(found.cuts) == 1
    assert (tight.written >= 0).all()
    assert tight.link_dual.shape == tight.written.shape
    # A certificate knows no covers, so what it is made of stays.
    assert found.relaxation is relaxation
    whole = search(program, links, Control(), 0.0, stations=lambda: stations)
    assert whole.objective == whole.bound == pytest.approx(70)


def test_a_tree_adds_the_covers_that_its_nodes_break() -> None:
    program, links, stations = parts(equal_sites())
    nodes = []
    for sums in ([], bases(program, stations)):
        found = Found()
        relaxation = relax(program, links, Control(), found)
        assert relaxation is not None
        assert found.solver is not None
        tree = LinearTree(program, links, relaxation, found.solver, Control(), 0.0, found, sums)
        tree.grow()
        assert found.objective == pytest.approx(70)
        nodes.append(tree.looked_into)
    # Seven of nine equal sites: 36 ways, and a cover knows that all are the same.
    assert nodes[1] == 1 < nodes[0]


def test_the_last_program_has_the_covers_of_the_relaxation(monkeypatch: pytest.MonkeyPatch) -> None:
    program, links, stations = parts(equal_sites())
    handed = []
    monkeypatch.setattr("optimizer.search.MANY_FRACTIONS", -1)
    monkeypatch.setattr("optimizer.search.look_down", lambda *_: None)
    monkeypatch.setattr("optimizer.search.add_cuts", lambda _, covers: handed.append(covers))
    found = search(program, links, Control(), 0.0, stations=lambda: stations)
    assert handed == [found.cuts]
    assert found.cuts


@pytest.mark.parametrize("make", [siting, nines, instance])
@pytest.mark.parametrize("seed", range(8))
def test_no_bound_crosses_the_optimum(seed: int, make: Callable[[int], PlanInputs]) -> None:
    program, links, stations = parts(make(seed))
    found, sums = Found(), bases(program, stations)
    try:
        least = search(program, links, Control(), 0.0, method="plain").objective
        relaxation = relax(program, links, Control(), found)
    except Infeasible:
        return
    assert relaxation is not None
    tight = tighten(program, links, relaxation, sums, found)
    slack = 1e-7 * abs(least)
    assert relaxation.bound - slack <= tight.bound <= least + slack
    assert found.bound <= least + slack
    assert found.solver is not None
    tree = LinearTree(program, links, tight, found.solver, Control(), 0.0, found, sums)
    tree.grow()
    assert tree.open == []
    assert found.objective == pytest.approx(least, rel=1e-7)


@pytest.mark.parametrize("seed", range(5))
def test_covers_keep_the_optimum_of_a_whole_problem(seed: int) -> None:
    program, links, stations = parts(siting(seed))
    try:
        least = search(program, links, Control(), 0.0).objective
    except Infeasible:
        return
    root = climb(program, stations, Control())
    assert root.bound <= least + 1e-7 * abs(least)
    assert search(root.program, links, Control(), 0.0).objective == pytest.approx(least, rel=1e-7)


def test_rows_of_a_solver_are_the_covers() -> None:
    program, _, stations = parts(equal_sites())
    solver = Solver(program, Control(), "test")
    covers = broken_covers(bases(program, stations), np.full(len(program.cost), 6.375 / 9))
    add_cuts(solver, covers)
    assert (
        solver.highs.getNumRow()
        == program.matrix.shape[0] + len(covers)
        == 1 + program.matrix.shape[0]
    )
    add_cuts(solver, [])
    assert solver.highs.getNumRow() == 1 + program.matrix.shape[0]

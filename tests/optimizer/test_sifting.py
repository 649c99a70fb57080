"""With a part of the columns at hand, what comes out is that of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program
from optimizer.sifting import Sifter
from optimizer.stations import Stations
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting

SEEDS = some.integers(0, 40)
MAKERS = some.sampled_from([siting, instance])


def sifter(program: Program, stations: Stations, kept: np.ndarray | None = None) -> Sifter:
    """A sifter that begins with no service at all, or with some."""
    nothing = np.zeros(len(program.cost), dtype=bool)
    return Sifter(program, stations, nothing if kept is None else kept, Control(), "relaxation")


def whole(program: Program) -> Solver:
    """HiGHS with every column."""
    return Solver(program, Control(), "relaxation", relaxed=True)


def assert_is_optimum(program: Program, outcome: Outcome) -> None:
    """Plan and prices prove each other over all columns of a program without links."""
    assert outcome.values is not None
    assert outcome.row_dual is not None
    assert outcome.column_dual is not None
    assert program.violation(outcome.values) <= 1e-6
    assert program.objective(outcome.values) == pytest.approx(outcome.objective)
    prices = program.cost - program.matrix.T @ outcome.row_dual
    assert outcome.column_dual == pytest.approx(prices, abs=1e-6 * np.abs(program.cost).max())
    at_least = outcome.values <= program.lower + 1e-9
    assert (outcome.column_dual[at_least] >= -1e-6 * np.abs(program.cost).max()).all()


@given(MAKERS, SEEDS, some.integers(0, 9))
def test_the_optimum_is_that_of_all_columns(make: object, seed: int, dice: int) -> None:
    program, _, stations = parts(make(seed))  # type: ignore[operator]
    kept = np.random.default_rng(dice).random(len(program.cost)) < dice / 10
    outcome = sifter(program, stations, kept).solve()
    assert outcome.bound == pytest.approx(whole(program).solve().bound, rel=1e-7)
    assert_is_optimum(program, outcome)


@given(MAKERS, SEEDS, some.data())
def test_it_is_infeasible_only_with_all_columns(
    make: object, seed: int, data: some.DataObject
) -> None:
    program, _, stations = parts(make(seed))  # type: ignore[operator]
    gates = np.flatnonzero(program.integer)
    upper = np.array([data.draw(some.integers(0, 1)) for _ in gates], dtype=float)
    ours, every = sifter(program, stations), whole(program)
    for solver in (ours, every):
        solver.set_bounds(gates, np.zeros(len(gates)), upper)
    one, other = ours.solve(), every.solve()
    assert one.status is other.status
    if one.status is Status.OPTIMAL:
        assert one.bound == pytest.approx(other.bound, rel=1e-7)


@given(MAKERS, SEEDS, some.floats(0.9, 1.1))
def test_what_is_cut_off_costs_as_much_with_all_columns(
    make: object, seed: int, share: float
) -> None:
    program, _, stations = parts(make(seed))  # type: ignore[operator]
    gates = np.flatnonzero(program.integer)
    least = whole(program).solve().bound
    ours, every = sifter(program, stations), whole(program)
    ours.solve()  # There is a basis to go on from, from which HiGHS can see a cutoff coming.
    for solver in (ours, every):
        solver.set_bounds(gates[:2], np.ones(2), np.ones(2))
    true = every.solve().bound
    outcome = ours.solve(cutoff=least * share)
    if outcome.status is Status.INFEASIBLE:
        assert true >= least * share * (1 - 1e-9)
    else:
        assert outcome.bound == pytest.approx(true, rel=1e-7)


@given(MAKERS, SEEDS, some.integers(3, 9))
def test_a_bound_from_some_columns_holds_for_all(make: object, seed: int, dice: int) -> None:
    program, _, stations = parts(make(seed))  # type: ignore[operator]
    kept = np.random.default_rng(dice).random(len(program.cost)) < dice / 10
    ours = sifter(program, stations, kept)
    outcome = Solver.solve(ours)
    if outcome.row_dual is None:  # There are too few columns for any solution.
        return
    bound = ours.of_all(outcome, ours.reduced_cost(outcome.row_dual)).bound
    least = whole(program).solve().bound
    assert bound <= least * (1 + 1e-9) <= outcome.bound * (1 + 2e-9)


def test_who_need_not_know_is_told_that_columns_at_hand_are_too_few() -> None:
    program, _, stations = parts(siting(1))
    assert sifter(program, stations).solve(exact=False).status is Status.INFEASIBLE
    assert sifter(program, stations).solve().status is Status.OPTIMAL


@pytest.mark.parametrize("seed", range(5))
def test_leaving_columns_out_again_changes_nothing(seed: int) -> None:
    program, links, stations = parts(siting(seed))
    ours = sifter(program, stations, np.ones(len(program.cost), dtype=bool))
    outcome = ours.solve()
    assert outcome.values is not None
    broken = links.broken_by(outcome.values)
    links.add_to(ours, broken)
    bound = ours.solve().bound
    before = len(ours.held)
    ours.narrow(np.zeros(len(program.cost), dtype=bool))
    assert len(ours.held) < before
    assert set(links.column[broken]) <= set(ours.held)
    assert ours.solve().bound == pytest.approx(bound, rel=1e-9)
    assert ours.highs.getInfo().simplex_iteration_count == 0


@pytest.mark.parametrize("seed", range(5))
def test_given_a_basis_it_holds_what_is_free_to_move_there(seed: int) -> None:
    program, _, stations = parts(siting(seed))
    one = sifter(program, stations)
    bound = one.solve().bound
    basis = one.ended_at()
    other = sifter(program, stations)
    before = len(other.held)
    other.start_at(*basis)
    assert len(other.held) > before
    assert other.solve().bound == pytest.approx(bound, rel=1e-9)
    assert other.highs.getInfo().simplex_iteration_count == 0


def test_having_grown_it_is_narrowed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    program, _, stations = parts(siting(2))
    ours = sifter(program, stations)
    bound = ours.solve().bound
    ours.narrow(np.zeros(len(program.cost), dtype=bool))
    narrow = len(ours.held)
    ours.join(ours.services[ours.place[ours.services] < 0])
    monkeypatch.setattr("optimizer.sifting.MOST_GROWTH", 1.0)
    assert ours.solve().bound == pytest.approx(bound, rel=1e-9)
    assert len(ours.held) == narrow


@pytest.mark.parametrize("seed", range(5))
def test_a_twin_holds_what_it_needs_itself(seed: int) -> None:
    program, links, stations = parts(siting(seed))
    one = sifter(program, stations)
    outcome = one.solve()
    assert outcome.values is not None
    other, held = one.twin(), list(one.held)
    links.add_to(other, links.broken_by(outcome.values)[:1])
    other.join(other.left_out())
    links.add_to(other, links.broken_by(outcome.values)[1:])
    ours, theirs = one.solve(), other.solve()
    assert list(one.held) == held
    assert ours.bound == pytest.approx(outcome.bound, rel=1e-9)
    assert theirs.bound > ours.bound
    other.narrow(np.zeros(len(program.cost), dtype=bool))
    assert other.solve().bound == pytest.approx(theirs.bound, rel=1e-9)
    assert one.spoken_of.sum() < other.spoken_of.sum()


def test_a_row_of_columns_that_are_left_out_is_an_error() -> None:
    program, links, stations = parts(siting(0))
    with pytest.raises(AssertionError, match="not held"):
        links.add_to(sifter(program, stations), np.array([0]))


def test_mended_in_vain_it_holds_every_column(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.sifting.MOST_MENDING", 1)
    program, _, stations = parts(siting(1))
    ours = sifter(program, stations)
    assert ours.solve().bound == pytest.approx(whole(program).solve().bound, rel=1e-9)
    assert not ours.left_out().size

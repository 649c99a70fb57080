"""What a linear program has proven once holds for all limits of whole numbers."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from optimizer.highs import Control, Solver
from optimizer.proofs import Proofs, exchange
from tests.optimizer.test_aggregation import anything


def of(*proofs: tuple[float, list[float]]) -> Proofs:
    """Proofs of costs of at least 100 with whole numbers from 0 to 9."""
    known = Proofs(len(proofs[0][1]))
    for bound, prices in proofs:
        count = len(prices)
        known.add(bound, np.array(prices), np.zeros(count), np.full(count, 9.0))
    return known


def limits(known: Proofs, cutoff: float, lower: list[float], upper: list[float]) -> object:
    """What is left of some limits, as lists."""
    left = known.narrowed(np.array(lower), np.array(upper), cutoff)
    return left and [side.tolist() for side in left]


def test_a_better_plan_cannot_pay_for_more() -> None:
    # 100 with none, 3 more for each of the first; 9 of the second save 2 each, and all are there.
    known = of((100.0, [3.0, -2.0]))
    assert limits(known, 107.0, [0, 0], [9, 9]) == [[0, 6], [2, 9]]
    # Where one is bought anyway, as much less is left for both.
    assert limits(known, 107.0, [1, 0], [9, 9]) == [[1, 7], [2, 9]]


def test_where_all_is_too_dear_there_is_no_plan() -> None:
    known = of((100.0, [3.0, -2.0]))
    assert limits(known, 107.0, [2, 0], [9, 8]) is None
    assert limits(known, 99.0, [0, 0], [9, 9]) is None


def test_one_proof_goes_on_from_another() -> None:
    # Nine of the first pay for one of the second; but two at most are to be had.
    saves, limits_it = (100.0, [-1.0, 9.0]), (100.0, [4.0, 0.0])
    assert limits(of(saves), 110.0, [0, 0], [9, 9]) == [[0, 0], [9, 1]]
    assert limits(of(saves, limits_it), 110.0, [0, 0], [9, 9]) == [[0, 0], [2, 0]]


def test_nothing_is_known_without_a_plan_or_a_proof() -> None:
    assert limits(of((100.0, [3.0])), np.inf, [0], [9]) == [[0], [9]]
    assert limits(Proofs(1), 50.0, [0], [9]) == [[0], [9]]


def test_the_oldest_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.proofs.MOST_PROOFS", 2)
    known = of((100.0, [5.0]), (100.0, [1.0]), (100.0, [2.0]))
    assert limits(known, 107.0, [0], [9]) == [[0], [3]]


def test_all_know_after_they_met_what_one_has_proven() -> None:
    first = of((100.0, [5.0, 0.0]))
    second, third = first.twin(), first.twin()
    second.add(100.0, np.array([0.0, 4.0]), np.zeros(2), np.full(2, 9.0))
    assert limits(first, 107.0, [0, 0], [9, 9]) == [[0, 0], [1, 9]]
    exchange([first, second, third])
    for known in (first, second, third):
        assert limits(known, 107.0, [0, 0], [9, 9]) == [[0, 0], [1, 1]]
        assert not known.fresh
    before = [known.number for known in (first, second, third)]
    exchange([first, second, third])
    assert [known.number for known in (first, second, third)] == before


@settings(max_examples=40, deadline=None)
@given(seed=some.integers(0, 100_000))
def test_no_plan_below_the_cutoff_is_lost(seed: int) -> None:
    no_plan_is_lost(seed)


def test_most_proofs_narrow_something() -> None:
    assert sum(no_plan_is_lost(seed) for seed in range(20)) > 20


def no_plan_is_lost(seed: int) -> int:
    """Whether plans below some cutoffs are within what is left; how often that is less."""
    dice = np.random.default_rng(seed)
    program = anything(dice)
    columns = np.flatnonzero(program.integer)
    solver = Solver(program, Control(), "test", relaxed=True)
    most = program.upper[columns]
    choices = [np.array(c, float) for c in product(*(range(int(each) + 1) for each in most))]
    costs = np.zeros(len(choices))
    for at, choice in enumerate(choices):
        solver.set_bounds(columns, choice, choice)
        costs[at] = solver.solve().objective
    known, cutoffs = Proofs(len(columns)), np.quantile(costs[np.isfinite(costs)], [0.1, 0.5, 1.0])
    for _ in range(6):
        first, second = (choices[i] for i in dice.integers(0, len(choices), 2))
        lower, upper = np.minimum(first, second), np.maximum(first, second)
        solver.set_bounds(columns, lower, upper)
        # Some are cut off before they come to their optimum, and prove something all the same.
        outcome = solver.solve(cutoff=float(dice.choice([*cutoffs, np.inf])))
        if outcome.column_dual is not None:
            known.add(outcome.bound, outcome.column_dual[columns], lower, upper)
    narrowed = 0
    for cutoff in cutoffs:
        left = known.narrowed(np.zeros(len(columns)), most, float(cutoff))
        narrowed += left is None or bool((left[0] > 0).any() or (left[1] < most).any())
        for choice, cost in zip(choices, costs, strict=True):
            if cost < cutoff - 1e-6:
                assert left is not None
                assert (left[0] <= choice).all()
                assert (choice <= left[1]).all()
    return narrowed

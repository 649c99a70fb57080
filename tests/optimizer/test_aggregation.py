"""Rounded rows are true of every plan, and pay for whole blocks where fractions would do."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import sparse

from optimizer.aggregation import Aggregator
from optimizer.bounding import relax, tighten
from optimizer.cuts import Cut, add_cuts, tightest
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.program import Program
from optimizer.search import search
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import parts


def program(
    rows: list[list[float]],
    limits: list[tuple[float, float]],
    upper: list[float],
    whole: list[bool],
    cost: np.ndarray | None = None,
) -> Program:
    """Program of columns that are at least 0."""
    low, high = np.array(limits).T
    return Program(
        cost=np.zeros(len(upper)) if cost is None else cost,
        offset=0.0,
        lower=np.zeros(len(upper)),
        upper=np.array(upper),
        integer=np.array(whole),
        matrix=sparse.csr_array(np.array(rows)),
        row_lower=low,
        row_upper=high,
        variables=[],
        constraints=[],
    )


def broken(of: Program, point: np.ndarray | list[float]) -> list[Cut]:
    """Cuts that a point breaks."""
    return tightest(Aggregator(of).cuts(np.asarray(point), Control()))


def only(cuts: list[Cut]) -> tuple[dict[int, float], float]:
    """The one cut, its coefficients by column."""
    (cut,) = cuts
    return dict(zip(cut.columns.tolist(), cut.coefficients.tolist(), strict=True)), cut.least


def test_whoever_serves_more_than_stands_pays_for_a_whole_block() -> None:
    # load <= 10.7 + 40 blocks, 1.2 load <= 36: the last 19.3 MW take one block.
    hall = program(
        [[1, -40], [1.2, 0]],
        [(-np.inf, 10.7), (-np.inf, 36.0)],
        upper=[np.inf, 5.0],
        whole=[False, True],
    )
    weights, least = only(broken(hall, [30.0, 19.3 / 40]))
    assert weights[1] / -weights[0] == pytest.approx(19.3)
    assert least / -weights[0] == pytest.approx(-10.7)
    # With a second block, of which 0.6 is used, nothing is asked for but the first.
    assert broken(hall, [30.0, 1.6]) == []


def test_a_reinforcement_that_has_come_gives_room_for_more() -> None:
    # load <= 40 blocks, load <= 30 + 30 ordered: with the order 40 MW at one block, 60 at two.
    hall = program(
        [[1, -40, 0], [1, 0, -30]],
        [(-np.inf, 0.0), (-np.inf, 30.0)],
        upper=[np.inf, 5.0, 1.0],
        whole=[False, True, True],
    )
    point = np.array([45.0, 45 / 40, 0.5])
    found = broken(hall, point)
    assert found
    for cut in found:
        weights = np.zeros(3)
        weights[cut.columns] = cut.coefficients
        assert weights @ point < cut.least
        for blocks in range(6):
            for ordered in (0, 1):
                load = min(40 * blocks, 30 + 30 * ordered)
                for served in (0.0, load):
                    assert weights @ [served, blocks, ordered] >= cut.least - 1e-9


def test_halls_at_one_node_are_rounded_together() -> None:
    # Three halls behind 50 MW have use for two blocks of 30, and each for half of one alone.
    node = program(
        [[1, 0, 0, -30, 0, 0], [0, 1, 0, 0, -30, 0], [0, 0, 1, 0, 0, -30], [1, 1, 1, 0, 0, 0]],
        [(-np.inf, 0.0)] * 3 + [(-np.inf, 50.0)],
        upper=[np.inf] * 3 + [9.0] * 3,
        whole=[False] * 3 + [True] * 3,
    )
    load = np.array([20.0, 15.0, 15.0])
    found = broken(node, [*load, *load / 30])
    together = [cut for cut in found if (cut.columns >= 3).sum() == 3]
    assert together
    for cut in together:
        weights = np.zeros(6)
        weights[cut.columns] = cut.coefficients
        # 50 MW in all, however they share it, with one block and with two.
        assert weights @ [30, 0, 0, 1, 0, 0] >= cut.least - 1e-9
        assert weights @ [30, 20, 0, 1, 1, 0] == pytest.approx(cut.least)
        assert weights @ [50, 0, 0, 2, 0, 0] == pytest.approx(cut.least)


def test_a_block_is_bought_for_the_whole_of_a_region() -> None:
    # load = 28 a + 9 b <= 40 blocks: who serves all of a buys a block, whatever of b.
    site = program(
        [[1, -28, -9, 0], [1, 0, 0, -40]],
        [(0.0, 0.0), (-np.inf, 0.0)],
        upper=[np.inf, 1.0, 1.0, 8.0],
        whole=[False, False, False, True],
    )
    weights, least = only(broken(site, [28.0, 1.0, 0.0, 0.7]))
    assert set(weights) == {1, 3}
    assert weights[3] == pytest.approx(-weights[1])
    assert least == pytest.approx(0.0)


def test_a_row_that_is_long_is_left_out() -> None:
    for count, kept in ((100, 1), (101, 0)):
        row = program([[1.0] * count], [(5.5, np.inf)], upper=[9.0] * count, whole=[True] * count)
        assert Aggregator(row).rows.matrix.shape[0] == kept


def test_rows_of_shares_alone_are_left_out() -> None:
    row = program([[1.0, 1.0]], [(1.0, 1.0)], upper=[1.0, 1.0], whole=[False, False])
    assert Aggregator(row).rows.matrix.shape[0] == 0


def test_limits_of_whole_numbers_are_whole() -> None:
    # load <= 40 blocks with at most 1.5 blocks, which is one: whoever has a block has all of it.
    hall = program(
        [[1, -40], [1, 0]],
        [(-np.inf, 0.0), (-np.inf, 30.0)],
        upper=[np.inf, 1.5],
        whole=[False, True],
    )
    found = broken(hall, [30.0, 0.75])
    assert found
    for cut in found:
        weights = np.zeros(2)
        weights[cut.columns] = cut.coefficients
        assert weights @ [30.0, 1.0] >= cut.least - 1e-9
        assert weights @ [0.0, 0.0] >= cut.least - 1e-9


def test_a_small_coefficient_is_no_nothing() -> None:
    # y is large, so 1e-10 y is much; of money with no limit, nothing can be said without it.
    for most, count in ((1e10, 1), (np.inf, 1)):
        row = program([[1e-10, 1.0]], [(0.5, np.inf)], upper=[most, 1.0], whole=[False, True])
        for cut in broken(row, [1e9, 0.4]):
            weights = np.zeros(2)
            weights[cut.columns] = cut.coefficients
            assert weights @ [5e9, 0.0] >= cut.least - 1e-6
        assert len(broken(row, [1e9, 0.4])) <= count


def test_of_parallel_cuts_the_tightest_is_kept() -> None:
    rows = [[3.0, 3.0], [2.0, 2.0]]
    for order in (rows, rows[::-1]):
        limits = [(4.0 if row[0] == 3 else 1.0, np.inf) for row in order]
        weights, least = only(broken(program(order, limits, [5.0, 5.0], [True, True]), [0.1, 0.2]))
        assert weights == pytest.approx({0: 1.0, 1: 1.0})
        assert least == pytest.approx(2.0)


def test_it_ends_when_it_is_asked_to() -> None:
    row = program([[3.0, 3.0]], [(4.0, np.inf)], [5.0, 5.0], [True, True])
    control = Control()
    control.interrupted.set()
    assert list(Aggregator(row).cuts(np.array([0.1, 0.2]), control)) == []


@settings(max_examples=80, deadline=None)
@given(seed=some.integers(0, 100_000))
def test_no_plan_breaks_a_cut(seed: int) -> None:
    of = anything(np.random.default_rng(seed))
    point = Solver(of, Control(), "test", relaxed=True).solve().values
    assert point is not None
    for cut in broken(of, point):
        assert cut.coefficients @ point[cut.columns] < cut.least
        weights = np.zeros(len(of.cost))
        weights[cut.columns] = cut.coefficients
        least = least_of(replace(of, cost=weights))
        assert least >= cut.least - 1e-6 * max(1.0, float(np.abs(weights).max()))


def anything(dice: np.random.Generator) -> Program:
    """Sites that share power and buy whole blocks for shares of demands, or rows of any kind."""
    if dice.random() < 0.5:
        sites, demands = int(dice.integers(1, 4)), int(dice.integers(1, 4))
        size, block = dice.uniform(1, 20, demands).round(1), dice.integers(2, 30, sites)
        # Columns: loads, orders of more power, blocks, and shares by site and demand.
        loads, ordered = np.arange(sites), sites
        blocks, first = sites + 1 + np.arange(sites), 2 * sites + 1
        count = first + sites * demands
        rows, limits = [], []
        for site in range(sites):
            shares = first + site * demands + np.arange(demands)
            served, bought = np.zeros(count), np.zeros(count)
            served[shares], served[loads[site]] = size, -1.0
            bought[loads[site]], bought[blocks[site]] = 1.0, -block[site]
            rows += [served, bought]
            limits += [(0.0, 0.0), (-np.inf, float(dice.integers(0, 5)))]
        power = np.zeros(count)
        power[loads], power[ordered] = dice.uniform(1.0, 1.4, sites), -dice.uniform(1, 20)
        rows.append(power)
        limits.append((-np.inf, float(dice.uniform(1, 20))))
        for demand in range(demands):
            served = np.zeros(count)
            served[first + demand + demands * np.arange(sites)] = 1.0
            rows.append(served)
            limits.append((-np.inf, 1.0))
        upper = np.ones(count)
        upper[loads], upper[blocks] = np.inf, dice.integers(1, 4, sites)
        whole = np.zeros(count, dtype=bool)
        whole[blocks] = whole[ordered] = True
        cost = np.concatenate(
            [np.zeros(sites), [3.0], dice.uniform(1, 9, sites), -dice.uniform(1, 9, count - first)]
        )
        return program([list(row) for row in rows], limits, upper.tolist(), whole.tolist(), cost)
    whole_count, others = int(dice.integers(1, 4)), int(dice.integers(1, 4))
    count = whole_count + others
    matrix = dice.integers(-9, 10, (4, count)) * (dice.random((4, count)) < 0.7)
    inside = dice.integers(0, 4, count).astype(float)
    low = matrix @ inside - dice.integers(0, 9, 4) * (dice.random(4) < 0.8)
    high = np.where(dice.random(4) < 0.5, np.inf, low + dice.integers(0, 20, 4))
    high = np.maximum(high, matrix @ inside)
    upper = np.maximum(inside, dice.integers(1, 6, count))
    upper[whole_count:] = np.where(dice.random(others) < 0.7, upper[whole_count:], 50.0)
    return program(
        matrix.tolist(),
        list(zip(low, high, strict=True)),
        upper.tolist(),
        [True] * whole_count + [False] * others,
        dice.integers(-9, 10, count),
    )


def least_of(of: Program) -> float:
    """Least cost of a program, by trying all its whole numbers."""
    solver = Solver(of, Control(), "test", relaxed=True)
    columns = np.flatnonzero(of.integer)
    least = np.inf
    for choice in product(*(range(int(most) + 1) for most in of.upper[columns])):
        at = np.array(choice, dtype=float)
        solver.set_bounds(columns, at, at)
        least = min(least, solver.solve().objective)
    return least


def test_a_relaxation_pays_for_whole_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two halls of one block of 40 MW each, at 4 EUR a MW, for 30 MW: 120 EUR in fractions.
    sites = {
        s: {"max_it_mw": 40.0, "block_mw": 40.0, "opening_cost": 0.0, "it_cost_per_mw": 4.0}
        for s in ("a", "b")
    }
    inputs = small_inputs(sites, {("r", "chat"): {2026: 30.0}})
    of, links, stations = parts(inputs)
    found = Found()
    relaxation = relax(of, links, Control(), found)
    assert relaxation is not None
    assert relaxation.bound == pytest.approx(120)
    with monkeypatch.context() as hurried:
        hurried.setattr(Control, "seconds_left", lambda _: 0.0)
        assert tighten(of, links, relaxation, [], found) is relaxation
    assert not found.cuts
    tight = tighten(of, links, relaxation, [], found)
    assert found.cuts
    least = search(of, links, Control(), 0.0, method="plain").objective
    assert relaxation.bound < tight.bound <= least == pytest.approx(160)
    solver = Solver(of, Control(), "test")
    add_cuts(solver, found.cuts)
    assert solver.solve().objective == pytest.approx(160)
    # Cuts leave nothing in fractions, and a tree takes what they found.
    monkeypatch.setattr("optimizer.search.look_down", lambda *_: None)
    control = Control()
    whole = search(of, links, control, 0.0, stations=lambda: stations)
    assert whole.objective == whole.bound == pytest.approx(160)
    assert "a tree on the relaxation" in control.choices[-1]

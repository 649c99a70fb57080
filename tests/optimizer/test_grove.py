"""Several trees prove what one proves, and the same each time."""

from dataclasses import replace
from threading import Event
from typing import Any

import numpy as np
import pytest

import optimizer.lp_tree
import optimizer.search
from optimizer.diving import WAYS
from optimizer.grove import MOST_TREES, cores, grow, meet, share_out
from optimizer.highs import Control
from optimizer.lp_tree import LinearTree, Node
from optimizer.outcome import Status, usable_cores
from optimizer.search import search
from tests.optimizer.programs import knapsack, program
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting
from tests.optimizer.test_lp_tree import NO_LINKS, assert_proves_as_plain, nines, tree_of
from tests.optimizer.test_search import siting as facilities


def odd_sum() -> LinearTree:
    """Ten whole numbers whose sum is no whole number: without a plan, but not at a first look."""
    whole = {"upper": [1.0] * 10, "integer": [True] * 10}
    return tree_of(program(list(range(10)), [[2.0] * 10], [9.0], [9.0], **whole))  # type: ignore[arg-type]


def hard(control: Control | None = None, gap: float = 0.0) -> LinearTree:
    """A tree of some hundred nodes."""
    return tree_of(knapsack(20), control=control, gap=gap)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("make", [siting, nines, instance])
@pytest.mark.parametrize("seed", range(6))
def test_trees_prove_what_a_plain_solve_proves(seed: int, make: Any, count: int) -> None:
    sites, links, _ = parts(make(seed))
    tree = tree_of(sites, links)
    grow(tree, count)
    assert_proves_as_plain(tree, sites, links)


@pytest.mark.parametrize("seed", range(6))
def test_bounds_never_cross_the_optimum_on_the_way(seed: int) -> None:
    sites, links, _ = parts(instance(seed))
    least = search(sites, links, Control(), 0.0, method="plain").objective
    told: list[float] = []
    control = Control(on_progress=lambda _phase, _plan, bound: told.append(bound))
    tree = tree_of(sites, links, control)
    for nodes in range(1, 40):
        grow(tree, 2, nodes)
        assert min(tree.lowest, tree.cutoff) <= least * (1 + 1e-9)
    assert max(told) <= least * (1 + 1e-9)


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_proven_rises_with_the_nodes_and_never_falls(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    control = Control(on_progress=lambda _phase, _plan, bound: told.append(bound))
    tree = tree_of(*facilities(30, 90, 1, capacity=6.0), control, gap=0.05)
    least = search(*facilities(30, 90, 1, capacity=6.0), Control(), 1e-6).objective
    tree.found.values, tree.found.objective = np.zeros(0), least * 2
    monkeypatch.setattr(LinearTree, "dive", lambda *_: None)
    relaxed = tree.found.bound
    grow(tree, count, 6)
    assert relaxed < tree.found.bound == tree.lowest <= least
    tree.found.bound = least
    grow(tree, count, tree.looked_into + 1)
    assert tree.found.bound == told[-1] == least


def test_the_same_comes_out_each_time() -> None:
    plans = []
    for _ in range(3):
        tree = hard(gap=1e-3)
        grow(tree, 2)
        plans.append((tree.looked_into, tree.found.objective, tree.found.values.tolist()))  # type: ignore[union-attr]
    assert plans[0][0] > 10, "hardly a tree"
    assert plans[1:] == plans[:1] * 2


@pytest.mark.parametrize("count", [2, 3])
def test_no_node_of_any_tree_is_lost(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without dives, plans come from nodes alone: who loses one loses the optimum."""
    monkeypatch.setattr(LinearTree, "dive", lambda *_: None)
    best = search(knapsack(14), NO_LINKS, Control(), 0.0, method="plain").objective
    tree, nodes, rounds = tree_of(knapsack(14)), 0, 0
    while not tree.is_done:
        nodes, rounds = nodes + 5, rounds + 1
        grow(tree, count, nodes)
        assert min(tree.lowest, tree.cutoff) <= best + 1e-9 * abs(best)
    assert rounds > 5
    assert tree.found.objective == pytest.approx(best)


def test_no_more_nodes_than_asked_for_but_for_a_round() -> None:
    tree = hard()
    grow(tree, 2, 10)
    assert 10 <= tree.looked_into < 14
    assert not tree.is_done


@pytest.mark.parametrize("count", [1, 2])
def test_it_goes_on_for_as_long_as_it_is_told_to(count: int) -> None:
    asked, tree = list[int](), hard()
    grow(tree, count, goes_on=lambda nodes: asked.append(nodes) or nodes < 12)  # type: ignore[func-returns-value]
    assert asked == sorted(set(asked))
    assert asked[-2] < 12 <= asked[-1] == tree.looked_into
    assert not tree.is_done
    grow(tree, count)
    assert_proves_as_plain(tree, knapsack(20), NO_LINKS)


@pytest.mark.parametrize("count", [1, 2])
def test_nobody_is_asked_once_it_is_done(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, tree = list[int](), odd_sum()
    monkeypatch.setattr("optimizer.grove.APART", 10_000)
    grow(tree, count, goes_on=lambda nodes: not asked.append(nodes))  # type: ignore[func-returns-value]
    assert tree.is_done
    assert tree.looked_into > 0
    assert not asked


def test_trees_without_a_plan_end() -> None:
    tree = odd_sum()
    grow(tree, 2)
    assert tree.is_done
    assert tree.found.values is None


def test_interrupted_all_nodes_are_kept() -> None:
    interrupted = Event()
    best = search(knapsack(20), NO_LINKS, Control(), 0.0, method="plain").objective
    tree = hard(Control(interrupted=interrupted))
    grow(tree, 2, 6)
    interrupted.set()
    left = tree.lowest
    grow(tree, 2)
    assert tree.lowest == left <= best
    assert not tree.is_done


def test_a_solver_that_gives_up_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    tree = hard()
    grow(tree, 2, 6)
    left = len(tree.left())
    nothing = optimizer.lp_tree.Outcome(Status.GAP_MISSED, None, float("inf"), -float("inf"))
    monkeypatch.setattr(LinearTree, "solve", lambda _, node: (node, nothing))
    tree.ahead = None
    grow(tree, 2)
    assert 0 < len(tree.left()) <= left


def test_who_has_no_node_is_given_every_second() -> None:
    rich = odd_sum()
    rich.open = [replace(rich.open[0], bound=bound) for bound in (5.0, 1.0, 3.0, 2.0, 4.0)]
    poor = rich.twin()
    share_out([rich, poor])
    assert [node.bound for node in poor.open] == [1.0, 3.0, 5.0]
    assert [node.bound for node in rich.open] == [2.0, 4.0]


def test_a_node_alone_is_not_given_away() -> None:
    rich = odd_sum()
    poor = rich.twin()
    share_out([rich, poor])
    assert len(rich.open) == 1
    assert poor.is_done


def test_nodes_that_hold_no_better_plan_are_forgotten() -> None:
    tree = odd_sum()
    tree.found.values, tree.found.objective = np.zeros(10), 4.0
    tree.open = [replace(tree.open[0], bound=bound) for bound in (3.0, 4.0, 5.0)]
    share_out([tree])
    assert [node.bound for node in tree.open] == [3.0]


def test_at_a_meeting_all_learn_what_any_has_found() -> None:
    one = odd_sum()
    one.gain[0, 3], one.times[0, 3] = 5.0, 1.0
    gain, times = one.gain.copy(), one.times.copy()
    other = one.twin()
    one.gain[0, 3], one.times[0, 3] = 7.0, 2.0
    other.gain[0, 3], other.times[0, 3] = 8.0, 3.0
    other.found.values, other.found.objective = np.ones(10), 9.0
    meet([one, other], gain, times)
    for tree in (one, other):
        assert tree.gain[0, 3] == 5 + 2 + 3
        assert tree.times[0, 3] == 1 + 1 + 2
        assert tree.found.objective == 9
        assert tree.found.values is other.found.values
    one.gain[0, 3] = 0.0
    assert other.gain[0, 3] == 10


def test_a_tree_for_each_core() -> None:
    assert cores(0) == min(usable_cores(), MOST_TREES)
    assert cores(1) == 1
    assert cores(3) == 3
    assert cores(100) == MOST_TREES


@pytest.mark.parametrize("threads", [1, 2])
def test_a_search_grows_as_many_as_it_may(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimizer.search, "SHARED_COLUMNS", 0)
    monkeypatch.setattr(optimizer.search, "look_down", lambda *_: None)
    grown: list[int] = []
    monkeypatch.setattr(
        optimizer.search,
        "grow",
        lambda tree, count, **how: (grown.append(count), grow(tree, count, **how)),
    )
    sites, links = facilities(12, 40, 1, capacity=6.0)
    best = search(sites, links, Control(), 0.0, method="plain")
    control = Control(threads=threads)
    found = search(sites, links, control, 0.0)
    assert set(grown) == {threads}
    assert found.objective == pytest.approx(best.objective)
    told = any("2 nodes at a time" in choice for choice in control.choices)
    assert told == (threads == 2)


def test_few_columns_are_not_worth_it() -> None:
    sites, links = facilities(12, 40, 1, capacity=6.0)
    control = Control(threads=2)
    search(sites, links, control, 0.0)
    assert not any("at a time" in choice for choice in control.choices)


def test_others_dive_from_the_root_in_the_ways_that_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dived: list[tuple[bool, int, list[tuple[float, float]]]] = []
    tree, really = tree_of(*facilities(30, 90, 1, capacity=6.0)), LinearTree.dive

    def dive(self: LinearTree, node: Node, at: np.ndarray, ways: Any) -> None:
        dived.append((self is tree, node.number, list(ways)))
        really(self, node, at, ways)

    monkeypatch.setattr(LinearTree, "dive", dive)
    grow(tree, 3, 1)
    others = [ways for is_tree, number, ways in dived if not is_tree and number == 0]
    assert others == [list(WAYS[1::2]), list(WAYS[2::2])]  # The first was taken before the tree.
    assert (True, 0, []) in dived
    assert tree.found.values is not None


def test_nobody_waits_for_dives_of_a_tree_that_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Dives that never end by themselves are told to; what they have found so far is nobody's."""
    half = program([1.0], [[2.0]], [1.0], [np.inf], upper=[1.0], integer=[True])
    tree, really = tree_of(half), LinearTree.dive

    def dive(self: LinearTree, node: Node, at: np.ndarray, ways: Any) -> None:
        if self is tree:
            really(self, node, at, ways)
            return
        while not self.control.must_stop():
            pass
        self.found.objective = -1e9

    monkeypatch.setattr(LinearTree, "dive", dive)
    grow(tree, 2)
    assert tree.is_done
    assert tree.found.objective == pytest.approx(1.0)

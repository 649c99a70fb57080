"""The tree on the relaxation proves what a plain solve proves."""

import math
from threading import Event

import numpy as np
import pytest

from models import PlanInputs
from optimizer.diving import WAYS
from optimizer.highs import Control, Mark
from optimizer.lp_tree import CARE, CAREFUL_NODES, DOWN, FIRST_CARE, UP, LinearTree, Node
from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.proofs import Proofs
from optimizer.relaxation import Links
from optimizer.search import Found, relax, search
from tests.optimizer.programs import program
from tests.optimizer.test_ascent import instance, parts
from tests.optimizer.test_branching import siting
from tests.optimizer.test_search import siting as facilities

INF = float("inf")
NO_LINKS = Links(np.array([], dtype=int), np.array([]), np.array([], dtype=int))


def tree_of(
    sites: Program, links: Links = NO_LINKS, control: Control | None = None, gap: float = 0.0
) -> LinearTree:
    """A tree whose relaxation is solved."""
    control, found = control or Control(), Found()
    relaxation = relax(sites, links, control, found)
    assert relaxation is not None
    assert found.solver is not None
    return LinearTree(sites, links, relaxation, found.solver, control, gap, found, [])


def assert_proves_as_plain(tree: LinearTree, sites: Program, links: Links) -> None:
    """A tree that has grown ends with the plan of a plain solve."""
    best = search(sites, links, Control(), 1e-9, method="plain")
    assert tree.is_done
    assert tree.found.objective == pytest.approx(best.objective, rel=1e-7)
    assert tree.found.values is not None
    assert sites.violation(tree.found.values) <= 1e-6
    assert not links.broken_by(tree.found.values).size


def nines(seed: int) -> PlanInputs:
    """Costs and demands over nine decades."""
    return siting(seed, nines=True)


@pytest.mark.parametrize("make", [siting, nines, instance])
@pytest.mark.parametrize("seed", range(12))
def test_a_tree_proves_what_a_plain_solve_proves(seed: int, make: object) -> None:
    sites, links, _ = parts(make(seed))  # type: ignore[operator]
    tree = tree_of(sites, links)
    tree.grow()
    assert_proves_as_plain(tree, sites, links)


@pytest.mark.parametrize("seed", range(8))
def test_bounds_never_cross_the_optimum_on_the_way(seed: int) -> None:
    sites, links, _ = parts(instance(seed))
    least = search(sites, links, Control(), 0.0, method="plain").objective
    tree = tree_of(sites, links)
    for nodes in range(1, 40):
        tree.grow(nodes)
        assert min(tree.lowest, tree.cutoff) <= least * (1 + 1e-9)
        assert 0 <= tree.closed <= 1


def test_proofs_hold_no_better_plan_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever limits a node is given, they hold the optimum if those before did."""
    held, narrowed = 0, Proofs.narrowed
    for seed in range(4):
        sites, links = facilities(12, 40, seed, capacity=6.0)
        best = search(sites, links, Control(), 0.0, method="plain")
        assert best.values is not None
        whole = best.values[sites.integer].round()

        def checked(
            proofs: Proofs, lower: np.ndarray, upper: np.ndarray, cutoff: float,
            whole: np.ndarray = whole, least: float = best.objective,
        ) -> tuple[np.ndarray, np.ndarray] | None:  # fmt: skip
            nonlocal held
            bounds = narrowed(proofs, lower, upper, cutoff)
            if (lower <= whole).all() and (whole <= upper).all() and least < cutoff * 0.999:
                assert bounds is not None
                assert (bounds[0] <= whole).all()
                assert (whole <= bounds[1]).all()
                held += (bounds[0] > lower).any() or (bounds[1] < upper).any()
            return bounds

        monkeypatch.setattr("optimizer.lp_tree.Proofs.narrowed", checked)
        tree_of(sites, links).grow()
    assert held > 0


def test_what_is_proven_in_one_place_shuts_others(monkeypatch: pytest.MonkeyPatch) -> None:
    solved = []
    for knows in (True, False):
        if not knows:
            monkeypatch.setattr(
                "optimizer.lp_tree.Proofs.narrowed", lambda _, lower, upper, __: (lower, upper)
            )
        count = 0
        for seed in range(4):
            tree = tree_of(*facilities(12, 40, seed, capacity=6.0))
            tree.grow()
            count += tree.looked_into
        solved.append(count)
    assert solved[0] < 0.9 * solved[1]


def test_links_that_a_node_breaks_are_written() -> None:
    sites, links = facilities(12, 40, 0, capacity=6.0)
    tree = tree_of(sites, links)
    before = tree.written.sum()
    tree.grow()
    assert tree.written.sum() > before
    assert tree.solver.highs.getNumRow() == sites.matrix.shape[0] + tree.written.sum()


def test_a_gap_leaves_nodes_alone() -> None:
    sites, links, _ = parts(instance(3))
    least = search(sites, links, Control(), 0.0, method="plain").objective
    exact, near = tree_of(sites, links), tree_of(sites, links, gap=0.2)
    exact.grow()
    near.grow()
    assert near.looked_into <= exact.looked_into
    assert near.found.objective <= least / (1 - 0.2) * (1 + 1e-9)


def test_what_is_nearly_proven_is_not_dived_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds alone close what is left where that is little beside the gap asked for."""
    sites, links = facilities(12, 40, 0, capacity=6.0)
    dives: list[float] = []
    monkeypatch.setattr(LinearTree, "dive", lambda _, node, *__: dives.append(node.bound))
    best = search(sites, links, Control(), 0.0)
    for left, is_dived in ((0.1, False), (0.3, True)):
        # A gap at which that part of itself is left between the relaxation and the cutoff.
        gap = (best.objective - tree_of(sites, links).root) / (1 + left) / best.objective
        tree = tree_of(sites, links, gap=gap)
        tree.found.values, tree.found.objective = best.values, best.objective
        dives.clear()
        tree.grow(1)
        assert bool(dives) == is_dived


def test_first_nodes_try_more_branches(monkeypatch: pytest.MonkeyPatch) -> None:
    sites, links = facilities(30, 90, 1, capacity=6.0)
    trials: list[tuple[int, int]] = []

    def tried(tree: LinearTree, _node: object, number: int, *rest: float) -> float:
        trials.append((number, int(rest[-1])))
        return 1.0

    monkeypatch.setattr(LinearTree, "tried", tried)
    tree = tree_of(sites, links)
    at = np.full(len(tree.columns), 0.5)
    for looked_into, care in ((CAREFUL_NODES, FIRST_CARE), (CAREFUL_NODES + 1, CARE)):
        tree.looked_into = looked_into
        trials.clear()
        tree.choose(tree.open[0], at, np.arange(len(at)))
        assert len(trials) == 2 * care.most_tried
        assert {steps for _, steps in trials} == {care.steps}


def test_a_trial_starts_where_its_node_is_and_not_where_the_last_one_ended() -> None:
    """Costs of the dual simplex method only rise: no half ever costs less than its node."""
    sites, links = facilities(30, 90, 1, capacity=6.0)
    tree = tree_of(sites, links)
    node = tree.open[0]
    node, outcome = tree.solve(node)
    assert outcome.values is not None
    at = outcome.values[tree.columns]
    fractions = np.flatnonzero(np.abs(at - np.round(at)) > 1e-6)
    assert fractions.size
    for number in fractions:
        for way in (DOWN, UP):
            # A dive to a plan with every site that is open in part, and so far from the node.
            tree.solver.set_bounds(tree.columns, np.ceil(at - 1e-6), node.upper)
            tree.solver.solve()
            gain = tree.tried(node, int(number), at[number], way, 1)
            assert gain >= -1e-7 * abs(node.bound)


def test_without_any_past_the_number_furthest_from_whole_is_tried_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sites, links = facilities(30, 90, 1, capacity=6.0)
    trials: list[int] = []
    monkeypatch.setattr(
        LinearTree, "tried", lambda _tree, _node, number, *_: trials.append(number) or 1.0
    )
    tree = tree_of(sites, links)
    at = np.full(len(tree.columns), 0.9)
    at[[7, 20]] = 0.5, 0.4
    tree.choose(tree.open[0], at, np.arange(len(at)))
    assert trials[:4] == [7, 7, 20, 20]


def test_whole_numbers_that_no_row_can_have() -> None:
    # 2 a + 2 b = 3: half a unit is always left over.
    odd = program([1, 1], [[2, 2]], [3], [3], upper=[5, 5], integer=[True, True])
    tree = tree_of(odd)
    tree.grow()
    assert tree.open == []
    assert tree.found.values is None
    assert tree.lowest == tree.cutoff == math.inf


def test_of_two_halves_the_one_that_costs_is_branched_on() -> None:
    """Both halves of `dear` cost more, one of `cheap` nothing: the product tells."""
    # cheap ≥ 0.5 may as well be 1 at no cost; dear is 0.5 between a cost of 4 and a penalty of 4.
    choice = program(
        [0.0, 4.0, 4.0],
        [[1, 0, 0], [0, 1, 1], [0, 1, -1]],
        [0.5, 1.0, 0.0],
        [INF, INF, 0.0],
        upper=[1, 1, 1],
        integer=[True, True, False],
    )
    tree = tree_of(choice)
    at = np.array([0.5, 0.5])
    assert tree.choose(tree.open[0], at, np.array([0, 1])) == 1


@pytest.mark.parametrize("seed", range(4))
def test_a_whole_node_is_a_plan_even_without_time_for_a_dive(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites, links, _ = parts(instance(seed))
    least = search(sites, links, Control(), 0.0, method="plain").objective
    monkeypatch.setattr("optimizer.lp_tree.plunge", lambda *_: None)
    tree = tree_of(sites, links)
    tree.grow()
    assert tree.found.objective == pytest.approx(least, rel=1e-7)


def test_interrupted_it_keeps_its_nodes() -> None:
    sites, links, _ = parts(instance(3))
    control = Control(interrupted=Event())
    tree = tree_of(sites, links, control)
    tree.grow(1)
    held, bound = len(tree.open), tree.lowest
    control.interrupted.set()
    tree.grow()
    assert control.must_stop() is Status.INTERRUPTED
    assert (len(tree.open), tree.lowest) == (held, bound)


def test_a_dive_keeps_what_its_steps_make_cheaper(monkeypatch: pytest.MonkeyPatch) -> None:
    cheaper = 0
    for seed in range(8):
        costs = []
        for steps in (None, lambda *_: iter(())):
            with monkeypatch.context() as patched:
                if steps:
                    patched.setattr("optimizer.lp_tree.stepped", steps)
                tree = tree_of(*facilities(8, 20, seed, capacity=5.0))
                node = tree.open[0]
                values = tree.solve(node)[1].values
                assert values is not None
                tree.dive(node, values[tree.columns], [WAYS[0]])
                costs.append(tree.found.objective)
        assert costs[0] <= costs[1] < INF
        cheaper += costs[0] < costs[1]
    assert cheaper


def test_both_halves_start_from_the_optimum_of_their_node(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second half would else start from the first, which takes longer."""
    tree = tree_of(*facilities(30, 90, 1, capacity=6.0))
    assert tree.reach()
    assert tree.ahead is not None
    (node, outcome), tree.ahead = tree.ahead, None
    starts: list[object] = []
    halves: list[list[object]] = []
    go_to, solve = tree.solver.go_to, LinearTree.solve

    def gone_to(mark: Mark) -> bool:
        starts.append(mark)
        return go_to(mark)

    def solved(self: LinearTree, half: Node) -> Outcome:
        before = len(starts)
        result = solve(self, half)
        halves.append(starts[before:])
        return result

    monkeypatch.setattr(tree.solver, "go_to", gone_to)
    monkeypatch.setattr(LinearTree, "solve", solved)
    children = tree.look_into(node, outcome)
    assert len(halves) == 2
    assert all(len(marks) == 1 and marks[0] is node.mark for marks in halves)
    assert all(child.mark is not node.mark for child, _ in children)

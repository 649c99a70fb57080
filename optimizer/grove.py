"""Trees side by side: the open nodes of one tree, on as many cores as there are.

While one looks into the first nodes, others dive from its root for plans. Then every tree has a
solver and nodes of its own, and goes from basis to basis as one alone would. After a few nodes each
they meet: then all know the best plan and what branches have brought, and one that has no node left
is given some. In between none knows of another. So what comes out depends on how many trees there
are, but not on which of them is faster.

Source: Ralphs, Shinano, Berthold and Koch 2018, "Parallel solvers for mixed integer linear
optimization".
"""

import heapq
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import numpy as np

from optimizer.lp_tree import LinearTree
from optimizer.outcome import usable_cores
from optimizer.proofs import exchange

# Nodes that one tree looks into alone, and each from one meeting to the next. Of 35 small problems
# on two cores those above 8 s took 46 s instead of 78 in sum, the others 48 instead of 53; with 1
# or 8 from meeting to meeting as long.
ALONE, APART = 2, 2
# Each holds a linear program of its own. More than three at a time were not tried, as cores lacked.
MOST_TREES = 8


class AlsoSet(Event):
    """Set by itself, or where another is."""

    def __init__(self, other: Event) -> None:
        super().__init__()
        self.other = other

    def is_set(self) -> bool:
        """Whether either is."""
        return super().is_set() or self.other.is_set()


def cores(asked: int) -> int:
    """How many trees to grow: one for each core asked for, or, with 0, for each there is."""
    return min(asked or usable_cores(), MOST_TREES)


def grow(
    tree: LinearTree,
    count: int,
    nodes: float = math.inf,
    goes_on: Callable[[int], bool] = lambda _: True,
) -> None:
    """Grow a tree by several, until no node is left that could hold a better plan.

    Parameters
    ----------
    tree : whose plan and open nodes are those of all, in the end.
    count : of trees.
    nodes : to look into at most, since the tree began; the last round may go beyond.
    goes_on : asked after every round, with the nodes that all have looked into, whether to.
    """
    if count > 1 and not tree.looked_into:
        begin(tree, count - 1, min(nodes, ALONE))
    if tree.is_done or tree.looked_into >= nodes:
        return
    trees = [tree, *(tree.twin() for _ in range(count - 1))]
    before = looked_into = tree.looked_into

    def go_on(one: LinearTree) -> None:
        one.grow(one.looked_into + APART, tells=False)

    with ThreadPoolExecutor(count) as pool:
        while looked_into < nodes and not tree.control.must_stop():
            share_out(trees)
            if all(each.is_done for each in trees):
                break
            gain, times = tree.gain.copy(), tree.times.copy()
            list(pool.map(go_on, trees))
            meet(trees, gain, times)
            proven = min(tree.cutoff, *(each.lowest for each in trees))
            for each in trees:
                each.found.bound = max(each.found.bound, proven)
            tree.control.on_progress("tree", tree.found.objective, tree.found.bound)
            so_far, looked_into = looked_into, before + sum(t.looked_into - before for t in trees)
            if looked_into == so_far or all(each.is_done for each in trees):
                break  # A solver gave up, or no node is left that anybody need be asked about.
            if not goes_on(looked_into):
                break
    tree.looked_into = looked_into
    for other in trees[1:]:
        for node in other.left():
            heapq.heappush(tree.open, node)


def begin(tree: LinearTree, others: int, nodes: float) -> None:
    """Look into the first nodes of a tree, while others dive from its root for plans.

    Where the tree is done before them, nobody waits for what they find: so it is the same again.

    Parameters
    ----------
    others : how many dive, each in some of the ways.
    """
    if not tree.reach():
        return
    assert tree.ahead is not None
    root, outcome = tree.ahead
    assert outcome.values is not None
    at, ways = outcome.values[tree.columns], tree.first_ways
    tree.first_ways, enough = (), AlsoSet(tree.control.interrupted)
    divers = [tree.twin() for _ in range(min(others, len(ways)))]
    for diver in divers:
        diver.control = diver.solver.control = replace(tree.control, interrupted=enough)
    with ThreadPoolExecutor(others) as pool:
        dives = [
            pool.submit(diver.dive, root, at, ways[first :: len(divers)])
            for first, diver in enumerate(divers)
        ]
        tree.grow(nodes)
        tree.forget()
        if tree.is_done:
            enough.set()
        for dive in dives:
            dive.result()
    found = [diver.found for diver in divers]
    best = min(found, key=lambda each: each.objective, default=tree.found)
    if not tree.is_done and best.objective < tree.found.objective:
        tree.found.values, tree.found.objective = best.values, best.objective


def share_out(trees: list[LinearTree]) -> None:
    """Give those that have no node left every second of the one that has most."""
    for tree in trees:
        tree.forget()
    for poor in trees:
        rich = max(trees, key=lambda tree: len(tree.open))
        if poor.is_done and len(rich.left()) > 1:
            nodes = sorted(rich.open)
            poor.open, rich.open = nodes[::2], nodes[1::2]


def meet(trees: list[LinearTree], gain: np.ndarray, times: np.ndarray) -> None:
    """Tell all trees the best plan, and what branches have brought in any of them.

    Parameters
    ----------
    gain, times : as they were known to all before.
    """
    best = min((tree.found for tree in trees), key=lambda found: found.objective)
    values, objective = best.values, best.objective
    gain = gain + sum(tree.gain - gain for tree in trees)
    times = times + sum(tree.times - times for tree in trees)
    exchange([tree.proofs for tree in trees])
    for tree in trees:
        tree.found.values, tree.found.objective = values, objective
        tree.gain, tree.times = gain.copy(), times.copy()

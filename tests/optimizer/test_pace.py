"""A tree that stands still is helped once, and one that closes too little is given up."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from optimizer.highs import Control
from optimizer.pace import FIRST_NODES, LEAST_CLOSED, STILL, STILL_NODES, Pace
from optimizer.restricted import FirstPlans
from optimizer.search import search
from tests.optimizer.test_search import siting as facilities


def paced(course: Callable[[int], float], nodes: int) -> tuple[list[int], int]:
    """When a tree is helped, and the node at which it is given up, or the last one.

    Parameters
    ----------
    course : part of the way that is closed after so many nodes.
    """
    tree, helped, now = SimpleNamespace(closed=0.0), list[int](), 0
    pace = Pace(tree, lambda: helped.append(now))  # type: ignore[arg-type]
    for now in range(2, nodes + 1, 2):
        tree.closed = course(now)
        if not pace.goes_on(now):
            break
    return helped, now


def test_one_that_comes_on_is_left_alone() -> None:
    assert paced(lambda nodes: nodes / 2000, 2000) == ([], 2000)


def test_one_that_stands_still_is_helped_once() -> None:
    helped, last = paced(lambda nodes: min(nodes / 100, 0.6), 390)
    assert (helped, last) == ([60 + STILL_NODES], 390)
    # So slow that each hundred nodes bring less than what counts as a move.
    helped, _ = paced(lambda nodes: STILL * nodes / (2 * STILL_NODES), 390)
    assert helped == [STILL_NODES]


def test_one_that_closes_too_little_is_given_up_first_or_later() -> None:
    assert paced(lambda _: 0.9 * LEAST_CLOSED, 5000)[1] == FIRST_NODES
    assert paced(lambda _: 1.1 * LEAST_CLOSED, 5000)[1] == 2 * FIRST_NODES
    # Of what is left: from 0.9 on, a hundredth is enough.
    course = {FIRST_NODES: 0.9, 2 * FIRST_NODES: 0.911, 4 * FIRST_NODES: 0.919}
    assert paced(lambda nodes: course.get(nodes, 0.9), 5000)[1] == 4 * FIRST_NODES


@pytest.mark.parametrize("threads", [1, 2])
def test_help_comes_in_between_and_the_tree_goes_on(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.pace.STILL_NODES", 2)
    monkeypatch.setattr("optimizer.pace.STILL", 1.0)
    monkeypatch.setattr("optimizer.search.SHARED_COLUMNS", 0)
    monkeypatch.setattr("optimizer.search.look_down", lambda *_: None)
    monkeypatch.setattr("optimizer.lp_tree.LinearTree.dive", lambda *_: None)
    helped, find = list[float](), FirstPlans.find

    def watched(self: FirstPlans, known: object) -> None:
        before = self.found.objective
        find(self, known)  # type: ignore[arg-type]
        helped.append(before - self.found.objective)

    monkeypatch.setattr(FirstPlans, "find", watched)
    program, links = facilities(12, 40, 1, capacity=6.0)
    control = Control(threads=threads)
    found = search(program, links, control, 0.0)
    assert len(helped) == 1
    assert helped[0] > 0, "no better plan, and nothing to tell"
    assert sum("stands still" in choice for choice in control.choices) == 1
    plain = search(program, links, Control(), 0.0, method="plain")
    assert found.objective == pytest.approx(plain.objective, rel=1e-9)
    assert found.bound == pytest.approx(plain.objective, rel=1e-9)

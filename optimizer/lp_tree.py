"""Branch and bound on the relaxation: every node is a linear program that goes on from the last.

HiGHS solves the relaxation anew, without the basis that is there, cuts it for as long as that
helps and looks for plans in many small programs. Where a relaxation leaves few whole numbers in
fractions it is quicker to branch at once: strong links are added wherever a node breaks one, and
dives find plans.

Source: Achterberg, Koch and Martin 2005, "Branching rules revisited" (reliability branching).
"""

import heapq
import math
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from optimizer.covers import Base, broken_covers
from optimizer.cuts import add_cuts
from optimizer.diving import WAYS, Way, plunge
from optimizer.found import Found
from optimizer.highs import Control, Mark, Solver
from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.proofs import Proofs
from optimizer.relaxation import BROKEN_SHARE, Links, Relaxation
from optimizer.single_steps import WholeRows, stepped


@dataclass(frozen=True)
class Care:
    """How branches are tried before one is chosen.

    Parameters
    ----------
    reliable : a column's own past tells what branching on it brings once it has so much of it.
    most_tried : others tried at most.
    steps : of the simplex method, for each half.
    """

    reliable: int
    most_tried: int
    steps: int


# Smaller than in the source, where a node takes less of the time than here. From their best plans,
# ten problems in one to four stages took 99 s so, 104 with four tried and care at ten nodes, 120
# with 25 and 50 steps, 157 with 50 and 100.
CARE, FIRST_CARE, CAREFUL_NODES = Care(1, 3, 20), Care(1, 12, 30), 6
# Candidates looked at; nodes after which there is a dive, first, and from one to the next. With a
# dive every 15 nodes 60 sites in four stages took 200 nodes instead of 91: what the best plan is
# decides how much is left to prove.
MOST_CANDIDATES, FIRST_DIVES, DIVE_EVERY = 12, (1, 2, 4, 8), 5
# What is left to prove, as a part of the gap asked for, below which bounds alone soon get there: in
# 0.5 s at 200 × 2,000 where a tenth is left, in 1 with dives.
NEARLY_PROVEN = 0.2
# Least gain of a branch, as a part of the objective: a product of two must not vanish.
LEAST_GAIN = 1e-9
# A round of links and covers that brings a node nearer to the cutoff by less than this part of what
# is left is its last: those that are still broken are left to its halves, and keep no plan out. Ten
# problems from their best plans took 119 s so, with 0.005 and 0.02 129, with 0.1 119.
LEAST_ROUND = 0.05
DOWN, UP = 0, 1


@dataclass(order=True)
class Node:
    """Bounds of whole numbers; no plan within them costs less than `bound`.

    Parameters
    ----------
    mark : where a linear program of it may start.
    """

    bound: float
    number: int
    lower: np.ndarray = field(compare=False)
    upper: np.ndarray = field(compare=False)
    mark: Mark = field(compare=False)

    def child(self, at: int, value: float, way: int) -> "Node":
        """One half of it, where a number is at most or at least a whole one next to a value."""
        lower, upper = self.lower.copy(), self.upper.copy()
        if way == UP:
            lower[at] = math.ceil(value)
        else:
            upper[at] = math.floor(value)
        return Node(self.bound, 0, lower, upper, self.mark)


class LinearTree:
    """Open nodes, and what branching has brought so far.

    Parameters
    ----------
    solver : holds the relaxation with the links in `relaxation.written`, and its basis.
    gap : relative gap at which a node is not worth looking into.
    found : takes plans.
    sums : what covers are made of.
    """

    def __init__(
        self,
        program: Program,
        links: Links,
        relaxation: Relaxation,
        solver: Solver,
        control: Control,
        gap: float,
        found: Found,
        sums: list[Base],
    ) -> None:
        self.links, self.solver, self.control = links, solver, control
        self.gap, self.found, self.sums = gap, found, sums
        self.whole_rows = WholeRows.of(program)
        self.columns = self.whole_rows.columns
        self.written = np.zeros(len(links.column), dtype=bool)
        self.written[relaxation.written] = True
        self.root = max(relaxation.bound, found.bound)  # An ascent may have come further.
        self.first_ways: Sequence[Way] = WAYS[1:]  # To dive in from the root, but the first dive's.
        bounds = self.whole_rows.lower, self.whole_rows.upper
        self.open = [Node(relaxation.bound, 0, *bounds, solver.mark())]
        # The one that comes next, with its outcome.
        self.ahead: tuple[Node, Outcome] | None = None
        self.looked_into = self.made = 0
        # What a whole unit down or up has brought, in sum, and how often.
        self.gain = np.zeros((2, len(self.columns)))
        self.times = np.zeros((2, len(self.columns)))
        self.proofs = Proofs(len(self.columns))

    @property
    def cutoff(self) -> float:
        """A node with this bound holds no plan worth looking for."""
        if self.found.values is None:
            return math.inf
        return self.found.objective - self.gap * abs(self.found.objective)

    @property
    def lowest(self) -> float:
        """No plan costs less than this or the cutoff."""
        return min((node.bound for node in self.left()), default=math.inf)

    @property
    def is_done(self) -> bool:
        """Whether no node is left."""
        return not self.open and not self.ahead

    @property
    def closed(self) -> float:
        """Part of the way from the root's bound to the cutoff that is done."""
        way = self.cutoff - self.root
        return min(1.0, (self.found.bound - self.root) / way) if way > 0 else 1.0

    def left(self) -> list[Node]:
        """Nodes that are not looked into yet."""
        return self.open + ([self.ahead[0]] if self.ahead else [])

    def forget(self) -> None:
        """Leave out nodes that hold no plan worth looking for."""
        self.open = sorted(node for node in self.open if node.bound < self.cutoff)
        if self.ahead and self.ahead[0].bound >= self.cutoff:
            self.ahead = None

    def twin(self) -> Self:
        """A tree without nodes that knows what this one does, and has a solver of its own."""
        other = copy(self)
        other.solver, other.found = self.solver.twin(), copy(self.found)
        other.written, other.gain, other.times = map(np.copy, (self.written, self.gain, self.times))
        other.open, other.ahead, other.proofs = [], None, self.proofs.twin()
        return other

    def reach(self) -> bool:
        """Solve the next node that may hold a better plan; false if none is left, or no time."""
        while not self.is_done:
            node, outcome = self.ahead or (heapq.heappop(self.open), None)
            self.ahead = None
            if node.bound >= self.cutoff:
                continue
            if outcome is None:
                node, outcome = self.solve(node)
            if outcome.status is Status.INFEASIBLE:
                continue
            if outcome.values is None:
                heapq.heappush(self.open, node)  # a limit was reached on the way
                return False
            self.ahead = node, outcome
            return True
        return False

    def grow(self, nodes: float = math.inf, *, tells: bool = True) -> None:
        """Look into nodes until none is left that could hold a better plan.

        Parameters
        ----------
        nodes : to look into at most, since the tree began.
        tells : of its progress, as one whose nodes are all there are.
        """
        while self.looked_into < nodes and not self.control.must_stop() and self.reach():
            assert self.ahead is not None
            (node, outcome), self.ahead = self.ahead, None
            children = self.look_into(node, outcome)
            if children:
                self.ahead = children.pop(0)
            for child, _ in children:
                heapq.heappush(self.open, child)
            if tells:
                self.found.bound = max(self.found.bound, min(self.lowest, self.cutoff))
                self.control.on_progress("tree", self.found.objective, self.found.bound)

    def look_into(self, node: Node, outcome: Outcome) -> list[tuple[Node, Outcome]]:
        """Take a node's plan, or branch: its halves with their outcomes, the better one first."""
        assert outcome.values is not None
        self.looked_into += 1
        at = outcome.values[self.columns]
        fractions = np.flatnonzero(np.abs(at - np.round(at)) > BROKEN_SHARE)
        left = self.cutoff - node.bound
        is_near = left < NEARLY_PROVEN * self.gap * abs(self.found.objective)
        is_due = self.looked_into in FIRST_DIVES or self.looked_into % DIVE_EVERY == 0
        is_dive = is_due and not is_near
        node = self.back_at(node)
        if not fractions.size or is_dive:
            first = self.looked_into == 1
            self.dive(node, at, self.first_ways if first else [WAYS[self.looked_into % len(WAYS)]])
        if not fractions.size:
            self.found.take(outcome)  # as good as what the dive made of it, or there was no time
        if not fractions.size or node.bound >= self.cutoff:
            return []
        limits = self.proofs.narrowed(node.lower, node.upper, self.cutoff)
        if limits is None:
            return []
        node = replace(node, lower=limits[0], upper=limits[1])
        if ((at < node.lower - BROKEN_SHARE) | (at > node.upper + BROKEN_SHARE)).any():
            solved = [self.solve(node)]  # Its limits leave its optimum out.
        else:
            solved, chosen = [], self.choose(node, at, fractions)
            for way in (UP, DOWN):
                child, result = self.solve(node.child(chosen, at[chosen], way))
                if result.values is not None:
                    self.learn(chosen, way, at[chosen], result.bound - node.bound)
                solved.append((child, result))
        children = []
        for child, result in solved:
            if result.status is not Status.INFEASIBLE:
                self.made += 1
                children.append((replace(child, number=self.made), result))
        return sorted(children, key=lambda each: each[0].bound)

    def solve(self, node: Node) -> tuple[Node, Outcome]:
        """Solve a node's linear program, with every link and cover that it breaks.

        Returns
        -------
        (Node, Outcome)
            With what proofs leave of its limits, and where it has ended. The status is `INFEASIBLE`
            where it holds no plan below the cutoff.
        """
        limits = self.proofs.narrowed(node.lower, node.upper, self.cutoff)
        if limits is None:
            return node, Outcome(Status.INFEASIBLE, None, math.inf, self.cutoff)
        node = replace(node, lower=limits[0], upper=limits[1])
        self.solver.set_bounds(self.columns, *limits)
        self.solver.go_to(node.mark)
        bound = -math.inf
        while True:
            outcome = self.solver.solve(cutoff=self.cutoff)
            if outcome.column_dual is not None:
                self.proofs.add(outcome.bound, outcome.column_dual[self.columns], *limits)
            if outcome.status is not Status.OPTIMAL or outcome.values is None:
                return replace(node, mark=self.solver.mark()), outcome
            broken = self.links.broken_by(outcome.values)
            broken = broken[~self.written[broken]]
            worth = LEAST_ROUND * (self.cutoff - outcome.bound)
            covers = broken_covers(self.sums, outcome.values)
            if not (broken.size or covers) or outcome.bound - bound < worth:
                bound = max(outcome.bound, node.bound)
                return replace(node, bound=bound, mark=self.solver.mark()), outcome
            bound = outcome.bound
            self.written[broken] = True
            self.links.add_to(self.solver, broken)
            add_cuts(self.solver, covers)

    def back_at(self, node: Node) -> Node:
        """Go back to a node's optimum, also from where its mark is none any more."""
        self.solver.set_bounds(self.columns, node.lower, node.upper)
        if self.solver.go_to(node.mark):
            return node
        self.solver.estimate()
        return replace(node, mark=self.solver.mark())

    def dive(self, node: Node, at: np.ndarray, ways: Sequence[Way]) -> None:
        """Look for plans below a node.

        Parameters
        ----------
        at : (whole numbers,) values at its optimum.
        """
        solver, columns = self.solver, self.columns
        for way in ways:
            seconds, cutoff = self.control.seconds_left(), self.found.objective
            plan = plunge(solver, columns, node.lower, node.upper, at, seconds, cutoff, way)
            if plan is None or plan.objective >= cutoff:
                continue
            self.found.take(plan)
            seconds, enough = self.control.seconds_left(), self.found.enough(self.gap)
            for better in stepped(solver, self.whole_rows, plan, seconds, enough):
                self.found.take(better)

    def choose(self, node: Node, at: np.ndarray, fractions: np.ndarray) -> int:
        """Number whose two halves promise to cost most more than the node."""
        least = LEAST_GAIN * max(abs(node.bound), 1.0)
        usual = self.gain.sum(axis=1) / np.maximum(self.times.sum(axis=1), 1)
        past = np.where(self.times > 0, self.gain / np.maximum(self.times, 1), usual[:, None])
        up = at[fractions] - np.floor(at[fractions])
        promised = np.maximum(past[:, fractions], least) * np.stack([up, 1 - up])
        order = np.argsort(-promised.prod(axis=0), kind="stable")[:MOST_CANDIDATES]
        best, most, tried = int(fractions[order[0]]), -math.inf, 0
        care = FIRST_CARE if self.looked_into <= CAREFUL_NODES else CARE
        for candidate in order:
            number = int(fractions[candidate])
            gains = promised[:, candidate]
            if self.times[:, number].min() < care.reliable:
                if tried == care.most_tried:
                    continue
                tried += 1
                gains = np.array(
                    [self.tried(node, number, at[number], way, care.steps) for way in (DOWN, UP)]
                )
            score = float(np.maximum(gains, least).prod())
            if score > most:
                best, most = number, score
        return best

    def tried(self, node: Node, number: int, value: float, way: int, steps: int) -> float:
        """What a branch costs more than its node, after a few steps; where it holds none, much."""
        child = node.child(number, value, way)
        # From the node's optimum: from elsewhere the first steps are but the way back to it.
        self.solver.set_bounds(self.columns, child.lower, child.upper)
        self.solver.go_to(child.mark)
        bound = self.solver.estimate(steps)
        most = self.cutoff - node.bound
        if math.isfinite(bound):
            self.learn(number, way, value, min(bound - node.bound, most))
        elif not math.isfinite(most):
            return 10 * float(self.gain[way].max(initial=0.0))
        return min(bound - node.bound, most)

    def learn(self, number: int, way: int, value: float, gain: float) -> None:
        """Note what a branch brought, by the whole unit."""
        distance = math.ceil(value) - value if way == UP else value - math.floor(value)
        self.gain[way, number] += max(gain, 0.0) / distance
        self.times[way, number] += 1

"""Branch and bound on the ascent: every node is bounded by prices, none by a linear program.

A node holds some gates shut and some kept open. A short ascent from its parent's prices gives its
bound; the average of the sites' answers says which gates are undecided, and which sites a plan
could use; penalties decide gates that no better plan can have otherwise. Only where every gate is
decided, and for plans, a linear program over the sites in use is solved.

Source: Görtz and Klose 2012, "A simple but usually fast branch-and-bound algorithm for the
capacitated facility location problem".
"""

import heapq
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from optimizer.ascent import Ascent, ascend
from optimizer.exchange import Exchange
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.pricing import Pricing
from optimizer.program import Program
from optimizer.stations import Stations

log = logging.getLogger(__name__)

# Steps of the ascent in a node.
NODE_STEPS = 120
# A tree that leaves more gates open than this, and this part of them, will take long: 0.1 to 0.3 of
# them are left where it soon ends, nine tenths where linear programs take a third of its time.
MANY_GATES, MANY_SHARE = 100, 0.5
# So many openings are tried for a first plan: at 300 × 300 the 120th was the best. Sites are
# exchanged in so many of the best plans, which may cost this part more than the best then: from one
# alone 300 × 300 took 54 s instead of 19, 80 × 400 34 instead of 19; from eight none was better.
MOST_OPENINGS, STARTS, START_SLACK = 120, 4, 0.05
# A dive ends after so many nodes: a bad turn early on is not found out at its end.
DIVE_NODES = 10
# A target a little above what is needed is crossed, not approached for ever.
OVERSHOOT = 0.1
# A gate that the average opens less than this is shut, for a plan; above the rest of it, kept.
DOUBT = 1e-3
# Sites without services are taken out of the pricing once so many have been shut.
STALE_SHARE = 0.2


@dataclass(order=True)
class Node:
    """Gates that are decided, and what is known of the plans that keep them so.

    Parameters
    ----------
    bound : no such plan costs less.
    shut, kept : (stations,) masks of gates held at 0 and at 1.
    price : (rows,) to start from.
    """

    bound: float
    number: int
    shut: np.ndarray = field(compare=False)
    kept: np.ndarray = field(compare=False)
    price: np.ndarray = field(compare=False)


class Tree:
    """Nodes that are open, the best plan, and the pricing that bounds nodes.

    Parameters
    ----------
    program : all of whose whole numbers are gates.
    root : an ascent over it.

    Attributes
    ----------
    values, objective : of the best plan; None and infinite before the first.
    """

    def __init__(
        self,
        program: Program,
        stations: Stations,
        root: Ascent,
        control: Control,
        gap: float,
    ) -> None:
        self.program, self.stations, self.control, self.gap = program, stations, control, gap
        self.values: np.ndarray | None = None
        self.objective = math.inf
        self.gated = stations.gate >= 0
        none = np.zeros(len(stations.gate), dtype=bool)
        # Decided for all nodes, once a plan is good enough.
        self.shut, self.kept = none.copy(), none.copy()
        self.root = root
        self.penalty = np.where(self.gated, root.answer.reduced_cost[stations.gate], 0.0)
        self.open = [Node(root.answer.bound, 0, none, none, root.price)]
        self.made = self.bounded = self.programs = 0
        self.tried: set[bytes] = set()
        self.behind = none
        self.gate = stations.gate
        self.pricing = Pricing(program, stations)
        self.exchange = Exchange(program, stations, control)
        self.settle()

    @property
    def cutoff(self) -> float:
        """A node with this bound holds no plan worth looking for."""
        if self.values is None:
            return math.inf
        return self.objective - self.gap * abs(self.objective)

    @property
    def lowest(self) -> float:
        """Least bound of the open nodes."""
        return min((node.bound for node in self.open), default=math.inf)

    @property
    def closed(self) -> float:
        """Part of the way from the root's bound to the cutoff that is done."""
        way = self.cutoff - self.root.answer.bound
        done = min(self.lowest, self.cutoff) - self.root.answer.bound
        return done / way if math.isfinite(way) and way > 0 else float(math.isfinite(way))

    @property
    def undecided(self) -> int:
        """Gates that the best plan leaves open to choice."""
        return int((self.gated & ~self.shut & ~self.kept).sum())

    @property
    def is_wide(self) -> bool:
        """Whether it leaves many open."""
        return self.undecided > min(MANY_GATES, MANY_SHARE * self.gated.sum())

    def grow(self, nodes: float = math.inf) -> None:
        """Bound and branch until no node is left that could hold a better plan.

        Parameters
        ----------
        nodes : to bound at most, since the tree began.
        """
        dive: Node | None = None
        while (dive or self.open) and not self.control.must_stop() and self.bounded < nodes:
            node = dive or heapq.heappop(self.open)
            dive = None
            if node.bound >= self.cutoff:
                continue
            children = self.look_into(node)
            if self.control.must_stop():
                heapq.heappush(self.open, node)  # not finished: its bound stands
                return
            children.sort(key=lambda child: child[0])
            for _, child in children:
                heapq.heappush(self.open, child)
            if self.bounded % DIVE_NODES == 0:
                self.control.on_progress("tree", self.objective, min(self.lowest, self.cutoff))
            elif children:
                dive = children[0][1]
                self.open.remove(dive)
                heapq.heapify(self.open)
        if dive:
            heapq.heappush(self.open, dive)

    def sprout(self, openings: Iterable[np.ndarray] = ()) -> None:
        """Look for a first plan, by what the root opens.

        Parameters
        ----------
        openings : (stations,) masks of what others opened, each filled up to a plan.
        """
        share, shut = self.shares(self.root.average), self.shut
        masks, starts = [share >= 0.5, *islice(openings, MOST_OPENINGS)], []
        for opened in masks:
            plan = self.consider(self.filled(self.kept | opened, share, shut), START_SLACK)
            starts += [plan] if plan else []
            if not self.is_wide:
                return
        for start in sorted(starts, key=lambda plan: plan.objective)[:STARTS]:
            for plan in self.exchange.improved(start):
                self.take(plan)
            if not self.is_wide:
                return

    def take(self, plan: Outcome) -> None:
        """Take a plan from an exchange, if it is the best."""
        assert plan.values is not None
        if plan.objective < self.objective:
            self.adopt(plan.values, plan.objective)
            if not self.bounded:
                self.control.on_progress("tree", self.objective, self.root.answer.bound)

    def adopt(self, values: np.ndarray, objective: float) -> None:
        """Take a plan from elsewhere."""
        if objective < self.objective:
            self.values, self.objective = values, objective
            self.settle()

    def look_into(self, node: Node) -> list[tuple[float, Node]]:
        """Bound a node and split it; children with how unlikely each is to hold a good plan."""
        shut, kept = node.shut | self.shut, node.kept | self.kept
        self.bounded += 1
        climbed = self.climb(shut, kept, node.price, self.cutoff, NODE_STEPS)
        bound = max(node.bound, climbed.answer.bound)
        share = self.shares(climbed.average)
        if bound < self.cutoff:
            self.consider(self.filled(kept | (share >= 0.5), share, shut))
        if bound >= self.cutoff:
            return []
        shut, kept = self.decide(climbed, shut, kept)
        free = self.gated & ~shut & ~kept
        if not free.any():
            self.leaf(shut)
            return []
        doubt = np.where(free, np.abs(share - 0.5), np.inf)
        gate = int(np.argmin(doubt))
        children = []
        for opens in (True, False):
            side = np.zeros(len(free), dtype=bool)
            side[gate] = True
            self.made += 1
            child = Node(
                bound,
                self.made,
                shut if opens else shut | side,
                kept | side if opens else kept,
                climbed.price,
            )
            children.append((1 - share[gate] if opens else share[gate], child))
        return children

    def climb(
        self, shut: np.ndarray, kept: np.ndarray, price: np.ndarray, cutoff: float, steps: int
    ) -> Ascent:
        """Bound the plans that keep some gates so."""
        self.pricing.hold(shut, kept)
        target = math.inf
        if math.isfinite(cutoff):
            way = cutoff - self.root.answer.bound
            target = cutoff + OVERSHOOT * max(way, self.gap * abs(cutoff))
        return ascend(self.pricing, price, self.control, target=target, steps=steps)

    def shares(self, average: np.ndarray) -> np.ndarray:
        """By station, how much of it the average opens."""
        return np.where(self.gated, average[self.gate], 0.0)

    def decide(
        self, climbed: Ascent, shut: np.ndarray, kept: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Hold the gates that no plan worth looking for has otherwise."""
        penalty = np.where(self.gated, climbed.answer.reduced_cost[self.gate], 0.0)
        spare = self.cutoff - climbed.answer.bound
        return shut | (penalty > spare), kept | (penalty < -spare)

    def filled(self, opened: np.ndarray, share: np.ndarray, shut: np.ndarray) -> np.ndarray:
        """Mask of what is open once there is room for all, what the average opens most first."""
        stations = self.stations
        opened = opened & self.gated & ~shut
        short = -self.exchange.room_mw(opened)
        order = np.argsort(-np.where(self.gated & ~shut & ~opened, share, -1.0), kind="stable")
        for station in order:
            missing = short[station % stations.stages]
            if share[station] <= DOUBT or not (short > 0).any():
                break
            if missing > 0 and not opened[station] and not shut[station]:
                later = np.arange(station, station + stations.stages - station % stations.stages)
                later = later[self.gated[later] & ~opened[later]]
                opened[later] = True
                short[later % stations.stages] -= stations.reach_it_mw[later]
        return opened

    def consider(self, opened: np.ndarray, slack: float = 0.0) -> Outcome | None:
        """Look for the best plan that opens exactly some sites, and take it if it is better.

        Parameters
        ----------
        slack : part of its cost that a plan may cost more than the best and still be found.
        """
        key = opened.tobytes()
        if key in self.tried or self.control.must_stop():
            return None
        self.tried.add(key)
        cutoff = self.objective
        if math.isfinite(cutoff):
            cutoff += slack * abs(cutoff)
        plan = self.exchange.solve(opened, cutoff)
        if plan is not None:
            self.take(plan)
        return plan

    def leaf(self, shut: np.ndarray) -> Outcome:
        """Solve the linear program that is left where every gate is decided."""
        self.programs += 1
        program, stations, columns = self.stations.behind(self.program, ~(self.gated & shut))
        gates = stations.gate[self.gated]
        lower, upper = program.lower.copy(), program.upper.copy()
        lower[gates] = upper[gates] = np.where(shut[self.gated], 0.0, 1.0)
        decided = replace(program, lower=lower, upper=upper, integer=np.zeros_like(program.integer))
        outcome = Solver(decided, self.control, "tree", relaxed=True, proves=False).solve()
        if outcome.status is Status.OPTIMAL and outcome.objective < self.objective:
            assert outcome.values is not None
            values = np.zeros(len(self.program.cost))
            values[columns] = outcome.values
            log.info("tree: plan %.9g after %d nodes", outcome.objective, self.bounded)
            self.adopt(values, outcome.objective)
        return outcome

    def settle(self) -> None:
        """Decide gates for all nodes by the best plan, and forget sites that are shut for good."""
        if not math.isfinite(self.objective):
            return
        spare = self.cutoff - self.root.answer.bound
        self.shut |= self.penalty > spare
        self.kept |= self.penalty < -spare
        if (self.shut & ~self.behind).sum() > STALE_SHARE * (~self.behind).sum():
            self.behind = self.shut.copy()
            program, stations, _ = self.stations.behind(self.program, ~self.shut)
            self.gate = stations.gate
            self.pricing = Pricing(program, stations)
            log.info(
                "tree: %d gates undecided, %d of %d services left",
                self.undecided,
                len(stations.serve),
                len(self.stations.serve),
            )

"""Plans by the sites that are open: one linear program for each set of them, and exchanges of two.

With every gate decided what is left is a transport problem, which goes on from the last one in
milliseconds. Its prices tell what opening a site would save at most, what closing one would cost
at the next best sites, and what those two know of each other; the most promising are tried.

Source: Kuehn and Hamburger 1963, "A heuristic program for locating warehouses", for closing and
exchanging; Resende and Werneck 2007, "A fast swap-based local search procedure for location
problems", for the worth of an exchange from what both sites would do alone.
"""

import math
from collections.abc import Iterator
from itertools import islice

import numpy as np
from scipy import sparse

from optimizer.groups import within
from optimizer.highs import Control, Status
from optimizer.outcome import Outcome
from optimizer.pricing import Pricing
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE
from optimizer.sifting import Sifter
from optimizer.stations import Stations

# Cheapest open sites of a demand that a linear program holds from the start: with all of them 155
# openings at 300 × 300 take 16 s, with these one, for the same best plan.
EACH_HOLD = 5
# Exchanges in a row that gain nothing, after which there are no more: at 300 × 1,500 one gained
# after 45 in vain. And what counts as gain, as a part of the cost.
MOST_MISSES, LEAST_GAIN = 60, 1e-7
# A share that is no more than rounding.
NO_SHARE = 1e-9
# Nowhere else to go is taken to cost so many times what the only place does: it is tried last.
NOWHERE = 3.0


class Exchange:
    """Which sites to open, where nothing else comes by whole numbers.

    Parameters
    ----------
    program : all of whose whole numbers are gates.
    stations : of the same program.
    """

    def __init__(self, program: Program, stations: Stations, control: Control) -> None:
        self.program, self.stations = program, stations
        self.pricing = Pricing(program, stations)
        self.demand = stations.demand_rows(program)
        _, first = np.unique(self.demand, return_index=True)
        stage = stations.station[first] % stations.stages
        self.demand_mw = np.bincount(
            stage, weights=stations.mw[first], minlength=stations.stages
        )  # (stages,)
        self.share_cost = self.pricing.per_share(program.cost)
        self.bought_at = self.pricing.capacity_price()
        self.gated = stations.gate >= 0
        none = np.zeros(len(program.cost), dtype=bool)
        self.solver = Sifter(program, stations, none, control, "tree")

    def solve(self, opened: np.ndarray, cutoff: float) -> Outcome | None:
        """Cheapest plan with exactly some gates open, where it costs less than the cutoff.

        It may be missed: only the nearest open sites of each demand are held from the start.

        Parameters
        ----------
        opened : (stations,) mask.
        """
        stations, solver = self.stations, self.solver
        near = np.flatnonzero((opened | ~self.gated)[stations.station])
        rank = within(self.demand[near], self.share_cost[near], np.ones(len(near)))
        solver.hold(stations.serve[near[rank < EACH_HOLD]])
        at = opened[self.gated].astype(float)
        solver.set_bounds(stations.gate[self.gated], at, at)
        outcome = solver.solve(cutoff=cutoff, exact=False)
        if outcome.status is not Status.OPTIMAL or outcome.objective >= cutoff:
            return None
        # Of the smallest demands more than a share may fit within a row's tolerance.
        assert outcome.values is not None
        elsewhere = ~(opened | ~self.gated)[stations.station]
        is_served_there = outcome.values[stations.serve[elsewhere]] > BROKEN_SHARE
        return None if is_served_there.any() else outcome

    def improved(self, plan: Outcome) -> Iterator[Outcome]:
        """Plans after exchanges of sites, for as long as they make one cheaper.

        Parameters
        ----------
        plan : from `solve`.

        Yields
        ------
        Outcome
            A plan cheaper than `plan` and all before.
        """
        while (better := self.exchanged(plan)) is not None:
            yield better
            plan = better

    def exchanged(self, plan: Outcome) -> Outcome | None:
        """The first cheaper plan among those that exchanges of sites in a plan promise; or none."""
        assert plan.values is not None
        opened = self.gated & (plan.values[self.stations.gate] > 0.5)
        cutoff = plan.objective - LEAST_GAIN * abs(plan.objective)
        for opens, closes in islice(self.promising(plan, opened), MOST_MISSES):
            better = self.solve(self.after(opened, opens, closes), cutoff)
            if better is not None:
                return better
        return None

    def after(self, opened: np.ndarray, opens: int, closes: int) -> np.ndarray:
        """Gates that are open, (stations,), once one site opens and another closes; -1 for none.

        A site opens in the stages in which the one that closes is open, alone in all.
        """
        after = opened.reshape(-1, self.stations.stages).copy()
        if opens >= 0:
            after[opens] = after[closes] if closes >= 0 else self.may_open[opens]
        if closes >= 0:
            after[closes] = False
        return after.ravel()

    @property
    def may_open(self) -> np.ndarray:
        """(sites, stages) mask of gates that are not held shut."""
        return (self.gated & ~self.pricing.shut).reshape(-1, self.stations.stages)

    @property
    def gated_by_site(self) -> np.ndarray:
        """(sites, stages) mask of gates."""
        return self.gated.reshape(-1, self.stations.stages)

    def promising(self, plan: Outcome, opened: np.ndarray) -> Iterator[tuple[int, int]]:
        """Sites to open and close, -1 for none, those first that promise to save most."""
        saves, costs, both = self.estimates(plan, opened)
        shape = (-1, self.stations.stages)
        reach = self.stations.reach_it_mw.reshape(shape)
        is_open, may_open = opened.reshape(shape), self.may_open
        closed = np.flatnonzero(~is_open.any(axis=1) & may_open.any(axis=1))
        stays = self.pricing.kept.reshape(shape).any(axis=1)
        open_ = np.flatnonzero(is_open.any(axis=1) & ~stays)
        during = is_open[open_].astype(float)  # (open sites, stages)
        alone = may_open[closed].astype(float)
        saving = np.concatenate(
            [
                (saves[closed] @ during.T + both[np.ix_(closed, open_)] - costs[open_].sum(axis=1)),
                (saves[closed] * alone).sum(axis=1)[:, None],
            ],
            axis=1,
        )
        shut = np.append(-costs[open_].sum(axis=1), -math.inf)
        saving = np.vstack([saving, shut])
        # No stage may be left without room for its demand, nor a site open where it may not.
        room = self.room_mw(opened)
        for stage in range(self.stations.stages):
            left = np.append(reach[open_, stage] * during[:, stage], 0.0)
            gain = np.append(reach[closed, stage], 0.0)
            swap = np.append(during[:, stage], 1.0)
            saving[gain[:, None] * swap - left < -room[stage]] = -math.inf
            barred = np.append(~may_open[closed, stage], False)
            saving[np.outer(barred, np.append(during[:, stage] > 0, False))] = -math.inf
        opens, closes = np.append(closed, -1), np.append(open_, -1)
        for best in np.argsort(-saving, axis=None, kind="stable"):
            row, column = divmod(int(best), len(closes))
            if not math.isfinite(saving[row, column]):
                return
            yield int(opens[row]), int(closes[column])

    def room_mw(self, opened: np.ndarray) -> np.ndarray:
        """IT MW by stage that open sites hold beyond the demand."""
        holds = np.where(opened | ~self.gated, self.stations.reach_it_mw, 0.0)
        return holds.reshape(-1, self.stations.stages).sum(axis=0) - self.demand_mw

    def estimates(
        self, plan: Outcome, opened: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What opening each site saves at most, and what closing it costs, by prices of a plan.

        Returns
        -------
        saves, costs : (sites, stages)
        both : (sites, sites) what opening the first and closing the second saves more than that.
        """
        assert plan.values is not None
        assert plan.row_dual is not None
        assert plan.column_dual is not None
        stations, program, demand = self.stations, self.program, self.demand
        station, stages = stations.station, stations.stages
        price = plan.row_dual[: len(program.row_lower)].copy()
        capacity, in_use = stations.capacity_rows, opened | ~self.gated
        # Nobody buys where nothing is open, and any price up to the cost is an optimal one.
        idle = capacity[~in_use & (capacity >= 0)]
        price[idle] = self.bought_at[idle]
        reduced = program.cost - self.pricing.transposed @ price
        # What a whole share costs, at open sites with what their room is worth.
        cost = self.pricing.per_share(reduced) + price[demand]
        is_open = in_use[station]
        cost[is_open] = (price[demand] + plan.column_dual[stations.serve])[is_open]
        best, second = two_least(demand[is_open], cost[is_open], len(price))
        # A share that is whole may be paid more than it costs.
        knapsacks = self.pricing.knapsacks(cost - np.minimum(best, price)[demand])
        worth, _ = self.pricing.worth(reduced, knapsacks)
        cost -= np.where(is_open, 0.0, stations.mw * knapsacks.room_price[station])
        # What it costs without capacity, which is paid for by site.
        price[capacity[capacity >= 0]] = 0.0
        own = self.pricing.per_share(program.cost - self.pricing.transposed @ price) + price[demand]
        share = plan.values[stations.serve]
        used = np.flatnonzero((share > NO_SHARE) & opened[station])
        moved = share[used] * (second[demand[used]] - own[used])
        spent = program.cost * plan.values
        kept = np.where(self.gated, spent[stations.gate], 0.0)
        kept += np.where(stations.extension >= 0, spent[stations.extension], 0.0)
        costs = np.bincount(station[used], weights=moved, minlength=len(opened)) - kept
        # Who serves most of each demand: if that one closes, a site that opens may be the next.
        used = used[np.argsort(share[used], kind="stable")]
        server, most = np.full(len(price), -1), np.zeros(len(price))
        server[demand[used]], most[demand[used]] = station[used], share[used]
        next_ = np.flatnonzero(~is_open & (cost < second[demand]) & (server[demand] >= 0))
        of = demand[next_]
        nearer = most[of] * (second[of] - np.maximum(cost[next_], best[of]))
        sites = len(opened) // stages
        where = station[next_] // stages, server[of] // stages
        both = sparse.coo_array((nearer, where), (sites, sites)).toarray()
        shape = (-1, stages)
        return -worth.reshape(shape), costs.reshape(shape) * opened.reshape(shape), both


def two_least(group: np.ndarray, cost: np.ndarray, groups: int) -> tuple[np.ndarray, np.ndarray]:
    """Least and second least cost of each group; a second that is missing costs much."""
    order = np.lexsort((cost, group))
    group, cost = group[order], cost[order]
    first = np.flatnonzero(np.append(True, np.diff(group) > 0)) if len(group) else order
    least, second = np.full(groups, np.inf), np.full(groups, np.inf)
    least[group[first]] = cost[first]
    following = first[first + 1 < len(group)] + 1
    following = following[group[following] == group[following - 1]]
    second[group[following]] = cost[following]
    nowhere = np.isinf(second) & np.isfinite(least)
    second[nowhere] = NOWHERE * np.abs(least[nowhere])
    return least, second

"""Lagrangian relaxation by site: what every site answers to prices on the rows they share.

Every row is priced but those that a site keeps by itself, so that the rest falls apart by site:
when it opens, and which of the demand it may serve pays best for its room in each stage, which is
a continuous knapsack. That part has the strong links built in, all of them, at no cost. Any prices
give a valid bound; the best prices give that of the linear relaxation with every strong link.

Source: Geoffrion 1974.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse

from optimizer.program import Program
from optimizer.stations import Stations


@dataclass(frozen=True)
class Answer:
    """What the sites answer to prices.

    Parameters
    ----------
    bound : in the program's units, offset included.
    values : (columns,) what each column would do.
    """

    bound: float
    values: np.ndarray
    _reduced_cost: Callable[[], np.ndarray]

    @cached_property
    def reduced_cost(self) -> np.ndarray:
        """(columns,) what moving a column off a bound costs at least, a unit; 0: unknown."""
        return self._reduced_cost()


@dataclass(frozen=True)
class Knapsacks:
    """What stations would be filled with.

    Parameters
    ----------
    worth, room_price : (stations,) what that costs, and what a MW of room saves.
    wanted, share : services that pay, and the share of each that there is room for.
    """

    worth: np.ndarray
    room_price: np.ndarray
    wanted: np.ndarray
    share: np.ndarray


class Pricing:
    """The program with its priced rows moved into the objective."""

    def __init__(self, program: Program, stations: Stations) -> None:
        self.program, self.stations = program, stations
        # Numbers of 16 bits are put in order in a tenth of the time.
        self.station = stations.station.astype(np.min_scalar_type(len(stations.load)))
        matrix = program.matrix.copy()
        matrix = sparse.csr_array(matrix.multiply(stations.priced_rows[:, None]))
        self.matrix, self.transposed = matrix, sparse.csr_array(matrix.T)
        equal = program.row_lower == program.row_upper
        at_least = np.isfinite(program.row_lower)
        self.rhs = np.where(at_least, program.row_lower, program.row_upper)
        self.rhs = np.where(stations.priced_rows, self.rhs, 0.0)
        # Signs that keep a bound valid: a price on ≥ is not negative, one on ≤ not positive.
        self.least = np.where(equal | ~at_least, -np.inf, 0.0)
        self.most = np.where(equal | at_least, np.inf, 0.0)
        self.free = np.ones(len(program.cost), dtype=bool)
        held = [stations.serve, stations.load, stations.gate, stations.extension]
        for columns in held:
            self.free[columns[columns >= 0]] = False
        self.span = program.upper - program.lower
        # A row's step is measured against what its columns could move it by.
        reach = sparse.csr_array(abs(matrix).multiply(np.where(self.span < 1e12, self.span, 1.0)))
        largest = np.asarray(reach.max(axis=1).todense()).ravel()
        moves = largest > 1e-9
        self.weight = np.divide(stations.haste, largest**2, out=np.zeros(len(largest)), where=moves)
        gated = stations.gate >= 0
        self.hold(
            gated & (program.upper[stations.gate] < 1.0),
            gated & (program.lower[stations.gate] > 0.0),
        )

    def hold(self, shut: np.ndarray, kept: np.ndarray) -> None:
        """Keep the gates of some stations at 0 and of some at 1, both (stations,) masks."""
        self.shut, self.kept = shut, kept

    def answer(self, price: np.ndarray) -> Answer:
        """Let every site, and every other column, do what is cheapest at these prices."""
        program, stations = self.program, self.stations
        reduced = program.cost - self.transposed @ price
        values, free = program.lower.copy(), np.flatnonzero(self.free)
        values[free] = np.where(reduced[free] < 0, program.upper[free], values[free])
        total = float((price * self.rhs).sum() + (reduced[free] * values[free]).sum())
        has, gated = stations.extension >= 0, stations.gate >= 0
        knapsacks = self.knapsacks(self.per_share(reduced))
        worth, size = self.worth(reduced, knapsacks)
        in_use, penalty, possible = self.paths(worth, gated)
        total += float(worth[in_use].sum()) if possible else np.inf
        wanted, share = knapsacks.wanted, knapsacks.share
        station = stations.station[wanted]
        share = share * in_use[station]
        values[stations.serve[wanted]] = share
        values[stations.extension[has]] = (size * in_use)[has]
        values[stations.gate[gated]] = in_use[gated]
        load = np.bincount(station, weights=stations.mw[wanted] * share, minlength=len(in_use))
        own = stations.load >= 0
        values[stations.load[own]] = load[own]

        def reduced_cost() -> np.ndarray:
            room_price = knapsacks.room_price[stations.station]
            at_least = reduced.copy()
            at_least[stations.serve] = self.per_share(reduced) - stations.mw * room_price
            at_least[stations.load[own]] = 0.0
            at_least[stations.gate[gated]] = penalty[gated]
            at_least[stations.extension[has]] = np.maximum(reduced[stations.extension[has]], 0.0)
            return at_least

        return Answer(total + program.offset, values, reduced_cost)

    def worth(self, reduced: np.ndarray, knapsacks: "Knapsacks") -> tuple[np.ndarray, np.ndarray]:
        """Worth of each station in use, and by how much it would be extended."""
        stations = self.stations
        extension = np.where(stations.extension >= 0, reduced[stations.extension], 0.0)
        size = np.where(extension < 0, stations.most_extension, 0.0)
        gate = np.where(stations.gate >= 0, reduced[stations.gate], 0.0)
        return knapsacks.worth + extension * size + gate, size

    def per_share(self, reduced: np.ndarray) -> np.ndarray:
        """Reduced cost of a whole share of each service, its load included."""
        stations = self.stations
        load_price = np.where(stations.load >= 0, reduced[stations.load], 0.0)
        return reduced[stations.serve] + stations.mw * load_price[stations.station]

    def knapsacks(self, cost: np.ndarray) -> Knapsacks:
        """Fill every station with what pays best per MW.

        min Σ r x over 0 ≤ x ≤ 1 and Σ mw x ≤ reach.

        Parameters
        ----------
        cost : (services,) r, of a whole share.
        """
        stations = self.stations
        wanted = np.flatnonzero(cost < 0)
        wanted = wanted[~self.shut[stations.station[wanted]]]
        per_mw = cost[wanted] / stations.mw[wanted]
        order = np.argsort(per_mw)
        order = order[np.argsort(self.station[wanted[order]], kind="stable")]
        wanted, per_mw = wanted[order], per_mw[order]
        station, mw = stations.station[wanted], stations.mw[wanted]
        before = np.cumsum(mw) - mw
        starts = np.searchsorted(station, np.arange(len(stations.load)))
        before -= np.append(before, 0.0)[starts][station] if len(wanted) else 0.0
        room = np.clip(stations.reach_it_mw[station] - before, 0.0, mw)
        share = room / mw
        worth = np.bincount(station, weights=cost[wanted] * share, minlength=len(starts))
        room_price = np.zeros(len(starts))
        cut = room < mw
        np.minimum.at(room_price, station[cut], per_mw[cut])
        return Knapsacks(worth, room_price, wanted, share)

    def paths(self, worth: np.ndarray, gated: np.ndarray) -> tuple[np.ndarray, np.ndarray, bool]:
        """Which stations are in use, and what it costs to force each into the other state.

        A site with a gate opens in the stage from which on its worth adds up to the least, or
        never; others are always in use. A penalty is positive for opening, negative for closing.
        The last says whether every site has a way to keep the gates that are held.
        """
        stages = self.stations.stages
        shape = (-1, stages)
        worth, gated = worth.reshape(shape), gated.reshape(shape)
        shut, kept = self.shut.reshape(shape), self.kept.reshape(shape)
        # Opening in stage t earns the worth of t and all later stages; only where there are gates.
        later = np.cumsum(np.where(gated, worth, 0.0)[:, ::-1], axis=1)[:, ::-1]
        # Not before or in a stage that is shut, and not after one that is kept.
        late = np.logical_or.accumulate(shut[:, ::-1], axis=1)[:, ::-1]
        early = np.logical_or.accumulate(kept, axis=1)
        later = np.where(gated & ~late, later, np.inf)
        later[:, 1:][early[:, :-1]] = np.inf
        never = np.where(early[:, -1:], np.inf, 0.0)
        choices = np.hstack([later, never])
        best = choices.min(axis=1, keepdims=True)
        first = choices.argmin(axis=1)
        possible = bool(np.isfinite(best).all())
        best = np.where(np.isfinite(best), best, 0.0)
        stage = np.arange(stages)
        in_use = np.where(gated, stage >= first[:, None], True)
        open_by = np.minimum.accumulate(choices[:, :-1], axis=1)  # opened in t or before
        closed_in = np.minimum.accumulate(choices[:, ::-1], axis=1)[:, ::-1][:, 1:]  # after t
        penalty = np.where(in_use, -(closed_in - best), open_by - best)
        return in_use.ravel(), np.where(gated, penalty, 0.0).ravel(), possible

    def first_price(self) -> np.ndarray:
        """Prices to start from: capacity at its cost, demand at what serving it costs at least."""
        program, stations = self.program, self.stations
        price = self.capacity_price()
        reduced = program.cost - self.transposed @ price
        gate_cost = np.where(stations.gate >= 0, np.maximum(reduced[stations.gate], 0.0), 0.0)
        per_mw = gate_cost / np.maximum(stations.reach_it_mw, 1e-9)
        cost = self.per_share(reduced) + stations.mw * per_mw[stations.station]
        row = stations.demand_rows(program)
        cheapest = np.full(len(price), np.inf)
        np.minimum.at(cheapest, row, cost)
        served = stations.served_rows
        price[served] = np.where(np.isfinite(cheapest[served]), cheapest[served], 0.0)
        return price

    def capacity_price(self) -> np.ndarray:
        """Prices of rows, (rows,), at which capacity costs what it is bought for, and no other."""
        program, stations = self.program, self.stations
        price = np.zeros(len(self.rhs))
        bought = (stations.extension >= 0) & (stations.capacity_rows >= 0)
        row, column = stations.capacity_rows[bought], stations.extension[bought]
        if row.size:
            size = np.array(program.matrix[row, column]).ravel()
            price[row] = np.minimum(program.cost[column] / size, 0.0)
        return price

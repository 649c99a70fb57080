"""Lagrangian relaxation by site: what every site answers to prices on the rows they share.

Every row is priced but those that a site keeps by itself, so that the rest falls apart by site:
when it opens, and which of the demand it may serve pays best for its room in each stage, which is
a continuous knapsack. That part has the strong links built in, all of them, at no cost. Any prices
give a valid bound; the best prices give that of the linear relaxation with every strong link.

Source: Geoffrion 1974.
"""

from dataclasses import dataclass

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
    reduced_cost : (columns,) what moving a column off a bound costs at least, a unit; 0: unknown.
    """

    bound: float
    values: np.ndarray
    reduced_cost: np.ndarray


class Pricing:
    """The program with its priced rows moved into the objective."""

    def __init__(self, program: Program, stations: Stations) -> None:
        self.program, self.stations = program, stations
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
        values = np.where(self.free & (reduced < 0), program.upper, program.lower)
        total = float((price * self.rhs).sum() + (reduced * values)[self.free].sum())
        worth, share, room_price = self.knapsacks(reduced)
        has = stations.extension >= 0
        extended = np.where(has, reduced[stations.extension], 0.0) < 0
        size = np.where(extended & has, stations.most_extension, 0.0)
        worth = worth + np.where(has, reduced[stations.extension], 0.0) * size
        gated = stations.gate >= 0
        worth = worth + np.where(gated, reduced[stations.gate], 0.0)
        in_use, penalty, possible = self.paths(worth, gated)
        total += float(worth[in_use].sum()) if possible else np.inf
        values[stations.serve] = share * in_use[stations.station]
        values[stations.extension[has]] = (size * in_use)[has]
        values[stations.gate[gated]] = in_use[gated]
        load = np.bincount(
            stations.station, weights=stations.mw * values[stations.serve], minlength=len(in_use)
        )
        own = stations.load >= 0
        values[stations.load[own]] = load[own]
        reduced[stations.serve] = (
            self.per_share(reduced) - stations.mw * room_price[stations.station]
        )
        reduced[stations.load[own]] = 0.0
        reduced[stations.gate[gated]] = penalty[gated]
        reduced[stations.extension[has]] = np.maximum(reduced[stations.extension[has]], 0.0)
        return Answer(total + program.offset, values, reduced)

    def per_share(self, reduced: np.ndarray) -> np.ndarray:
        """Reduced cost of a whole share of each service, its load included."""
        stations = self.stations
        load_price = np.where(stations.load >= 0, reduced[stations.load], 0.0)
        return reduced[stations.serve] + stations.mw * load_price[stations.station]

    def knapsacks(self, reduced: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Worth of each station in use, the shares it would serve, and what a MW of room saves.

        min Σ r x over 0 ≤ x ≤ 1 and Σ mw x ≤ reach: the best paid per MW first.
        """
        stations = self.stations
        cost = self.per_share(reduced)
        share = np.zeros(len(cost))
        wanted = np.flatnonzero((cost < 0) & ~self.shut[stations.station])
        station = stations.station[wanted]
        per_mw = cost[wanted] / stations.mw[wanted]
        order = np.lexsort((per_mw, station))
        wanted, station, per_mw = wanted[order], station[order], per_mw[order]
        mw = stations.mw[wanted]
        before = np.cumsum(mw) - mw
        starts = np.searchsorted(station, np.arange(len(stations.load)))
        before -= np.append(before, 0.0)[starts][station] if len(wanted) else 0.0
        room = np.clip(stations.reach_it_mw[station] - before, 0.0, mw)
        share[wanted] = room / mw
        worth = np.bincount(station, weights=cost[wanted] * share[wanted], minlength=len(starts))
        room_price = np.zeros(len(starts))
        cut = room < mw
        np.minimum.at(room_price, station[cut], per_mw[cut])
        return worth, share, room_price

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
        price = np.zeros(len(self.rhs))
        bought = (stations.extension >= 0) & (stations.capacity_rows >= 0)
        cost = program.cost[stations.extension[bought]]
        size = np.array(
            program.matrix[stations.capacity_rows[bought], stations.extension[bought]]
        ).ravel()
        price[stations.capacity_rows[bought]] = np.minimum(cost / size, 0.0) if len(size) else 0.0
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

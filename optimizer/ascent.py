"""A bound without a linear program: Lagrangian relaxation, its prices raised by subgradients.

Every row is priced but those that a site keeps by itself, so that the rest falls apart by site:
when it opens, and which of the demand it may serve pays best for its room in each stage, which is
a continuous knapsack. That part has the strong links built in, all of them, at no cost. Any prices
give a valid bound; the best prices give that of the linear relaxation with every strong link.

Source: Geoffrion 1974 for the bound; Held, Wolfe and Crowder 1974 for the steps; Barahona and
Anbil 2000 for reading a fractional plan off the average of the sites' answers.
"""

import time
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs
from optimizer.highs import Control
from optimizer.program import Program

# Rows that a site keeps by itself.
SITE_ROWS = ("load_balance", "hall_limit", "stays_open")
MOST_STEPS = 800
# A step aims this part of the bound higher, less each time that it has missed for a while.
FIRST_AIM, LEAST_AIM = 0.3, 2e-5
MISSES_BEFORE_SHORTER, SHORTER = 12, 0.6
# Weight of the newest answer in the averages of answers and of directions.
NEWEST, TURN = 0.05, 0.5


@dataclass(frozen=True)
class Stations:
    """Sites in their stages, as columns of a program.

    Parameters
    ----------
    load, gate, extension : (stations,) columns of load, open, and new capacity; -1 for none.
    reach_it_mw, most_extension : (stations,) upper limits of load and extension.
    site_start : (stations,) whether a station is the first of its site; stages follow in order.
    serve : (services,) columns, those of a station together.
    station, mw : (services,) station that each belongs to, and IT MW of a whole share.
    priced_rows : (rows,) mask of the rows that are given prices.
    served_rows, capacity_rows : positions of `all_served`, and by station of `enough_capacity`.
    """

    load: np.ndarray
    gate: np.ndarray
    extension: np.ndarray
    reach_it_mw: np.ndarray
    most_extension: np.ndarray
    site_start: np.ndarray
    serve: np.ndarray
    station: np.ndarray
    mw: np.ndarray
    priced_rows: np.ndarray
    served_rows: np.ndarray
    capacity_rows: np.ndarray

    @classmethod
    def of(cls, model: pyo.ConcreteModel, inputs: PlanInputs, program: Program) -> "Stations":
        """Find the stations of a model in its program."""
        column_of = program.column_of()
        siting, demand = model.siting, model.demand
        keys = [(s, t) for s in inputs.sites.index for t in inputs.stages]

        def column(variable: pyo.Var, key: tuple) -> int:
            return column_of.get(id(variable[key]), -1) if key in variable else -1

        blocks = np.array([key in siting.blocks for key in keys])
        extension = np.array(
            [max(column(siting.extended_mw, k), column(siting.blocks, k)) for k in keys]
        )
        families = [row.parent_component().local_name for row in program.constraints]
        capacity = {
            row.index(): position
            for position, row in enumerate(program.constraints)
            if families[position] == "enough_capacity"
        }
        services = [
            (column_of[id(demand.serve[key])], i, demand.demand_mw[key[0], key[1], key[3]])
            for i, station in enumerate(keys)
            for key in demand.served_by[station]
        ]
        serve, station, mw = zip(*services, strict=True) if services else ((), (), ())
        return cls(
            load=np.array([column(demand.load_mw, key) for key in keys]),
            gate=np.array([column(siting.open, key) for key in keys]),
            extension=extension,
            reach_it_mw=np.maximum([inputs.reach_it_mw[key] for key in keys], 0.0),
            most_extension=np.where(
                blocks,
                [siting.most_blocks.get(s, 0) for s, _ in keys],
                [siting.room_mw.get(s, 0.0) for s, _ in keys],
            ),
            site_start=np.array([t == inputs.stages[0] for _, t in keys]),
            serve=np.array(serve, dtype=int),
            station=np.array(station, dtype=int),
            mw=np.array(mw, dtype=float),
            priced_rows=np.array([family not in SITE_ROWS for family in families]),
            served_rows=np.array([i for i, f in enumerate(families) if f == "all_served"]),
            capacity_rows=np.array([capacity.get(key, -1) for key in keys]),
        )


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


@dataclass(frozen=True)
class Ascent:
    """The best prices found.

    Parameters
    ----------
    price : (rows,) the best prices.
    answer : to them.
    average : (columns,) average of late answers: nearly a fractional plan.
    """

    price: np.ndarray
    answer: Answer
    average: np.ndarray


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
        self.weight = np.divide(1.0, largest**2, out=np.zeros(len(largest)), where=moves)

    def answer(self, price: np.ndarray) -> Answer:
        """Let every site, and every other column, do what is cheapest at these prices."""
        program, stations = self.program, self.stations
        reduced = program.cost - self.transposed @ price
        values = np.where(self.free & (reduced < 0), program.upper, program.lower)
        total = float(price @ self.rhs) + float(reduced[self.free] @ values[self.free])
        worth, share, room_price = self.knapsacks(reduced)
        has = stations.extension >= 0
        extended = np.where(has, reduced[stations.extension], 0.0) < 0
        size = np.where(extended & has, stations.most_extension, 0.0)
        worth = worth + np.where(has, reduced[stations.extension], 0.0) * size
        gated = stations.gate >= 0
        worth = worth + np.where(gated, reduced[stations.gate], 0.0)
        in_use, penalty = self.paths(worth, gated)
        total += float(worth[in_use].sum())
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
        wanted = np.flatnonzero(cost < 0)
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

    def paths(self, worth: np.ndarray, gated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Which stations are in use, and what it costs to force each into the other state.

        A site with a gate opens in the stage from which on its worth adds up to the least, or
        never; others are always in use. A penalty is positive for opening, negative for closing.
        """
        stages = len(worth) // max(int(self.stations.site_start.sum()), 1)
        shape = (-1, stages)
        worth, gated = worth.reshape(shape), gated.reshape(shape)
        # Opening in stage t earns the worth of t and all later stages; only where there are gates.
        later = np.cumsum(np.where(gated, worth, 0.0)[:, ::-1], axis=1)[:, ::-1]
        choices = np.where(gated, later, np.inf)
        never = np.zeros((len(choices), 1))
        choices = np.hstack([choices, never])
        best = choices.min(axis=1, keepdims=True)
        first = choices.argmin(axis=1)
        stage = np.arange(stages)
        in_use = np.where(gated, stage >= first[:, None], True)
        open_by = np.minimum.accumulate(choices[:, :-1], axis=1)  # opened in t or before
        closed_in = np.minimum.accumulate(choices[:, ::-1], axis=1)[:, ::-1][:, 1:]  # after t
        penalty = np.where(in_use, -(closed_in - best), open_by - best)
        return in_use.ravel(), np.where(gated, penalty, 0.0).ravel()

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
        row = self.demand_row()
        cheapest = np.full(len(price), np.inf)
        np.minimum.at(cheapest, row, cost)
        served = stations.served_rows
        price[served] = np.where(np.isfinite(cheapest[served]), cheapest[served], 0.0)
        return price

    def demand_row(self) -> np.ndarray:
        """Row of `all_served` in which each service stands."""
        is_demand = np.zeros(self.matrix.shape[0], dtype=bool)
        is_demand[self.stations.served_rows] = True
        entries = sparse.coo_array(self.matrix)
        hit = is_demand[entries.coords[0]]
        row = np.full(self.matrix.shape[1], -1)
        row[entries.coords[1][hit]] = entries.coords[0][hit]
        return row[self.stations.serve]


def ascend(program: Program, stations: Stations, control: Control, seconds: float) -> Ascent:
    """Raise the bound by steps along the rows that the sites' answers break.

    Parameters
    ----------
    seconds : to spend at most.
    """
    until = time.monotonic() + seconds
    pricing = Pricing(program, stations)
    price = pricing.first_price()
    best = pricing.answer(price)
    best_price, average = price, best.values
    direction = np.zeros(len(price))
    answer, aim, misses = best, FIRST_AIM, 0
    for _ in range(MOST_STEPS):
        if aim < LEAST_AIM or control.must_stop() or time.monotonic() > until:
            break
        broken = pricing.rhs - pricing.matrix @ answer.values
        direction = broken + TURN * direction
        # A price at the end of its range goes no further.
        stuck = (price <= pricing.least) & (direction < 0) | (price >= pricing.most) & (
            direction > 0
        )
        direction[stuck] = 0.0
        length = float(direction**2 @ pricing.weight)
        if length <= 0:
            break
        step = aim * abs(best.bound) / length
        price = np.clip(price + step * pricing.weight * direction, pricing.least, pricing.most)
        answer = pricing.answer(price)
        average = (1 - NEWEST) * average + NEWEST * answer.values
        if answer.bound > best.bound:
            best, best_price, misses = answer, price, 0
            control.on_progress("ascent", np.inf, best.bound)
        else:
            misses += 1
        if misses > MISSES_BEFORE_SHORTER:
            if answer.bound < best.bound - aim * abs(best.bound):
                answer, price = best, best_price  # lost: too long steps led nowhere
            aim, misses = aim * SHORTER, 0
    return Ascent(best_price, best, average)

"""Bounds and plans faster than one plain solve of the strong model.

The relaxation is solved without strong links; those it breaks are added, and it is solved again
from where it was. Its reduced costs then say which columns can matter: a small program over them
gives a plan, the plan proves most other columns useless, and a last program over what remains
closes the gap. Where the relaxation takes long, an ascent without linear programs takes its place.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, strong_links
from optimizer.ascent import Stations, ascend
from optimizer.errors import Infeasible, Interrupted, NoPlan
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program

log = logging.getLogger(__name__)

# A link counts as broken beyond HiGHS' own feasibility tolerance.
BROKEN_SHARE = 1e-6
# Part of a plan's cost that HiGHS' tolerances leave open.
ROUNDING = 1e-6
# Shares that an average of answers uses: their links are written at once.
USED_SHARE = 1e-2
# Below this size the whole program is solved at once: a restricted one would save nothing.
SMALL_COLUMNS = 5_000
# A relaxation that takes more processor time than this gives way to an ascent, of at most so long.
PATIENCE_SECONDS = 10.0
ASCENT_SECONDS = 30.0
# From so many rows on, an interior point is there before the simplex method; with a basis to go on
# from: 29 seconds of processor time instead of 100 on `europe_hourly` by blocks.
MANY_ROWS = 30_000
# Columns that the restricted program adds to those in use, as a multiple of them.
KERNEL_FACTOR = 2.0


@dataclass(frozen=True)
class Links:
    """Strong links as arrays: values[column] ≤ most · values[gate]."""

    column: np.ndarray
    most: np.ndarray
    gate: np.ndarray

    @classmethod
    def of(cls, model: pyo.ConcreteModel, inputs: PlanInputs, program: Program) -> "Links":
        """State the links of a model by the columns of its program."""
        column_of = program.column_of()
        rows = [
            (column_of[id(link.variable)], link.most, column_of[id(link.gate)])
            for link in strong_links(model, inputs)
        ]
        column, most, gate = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(np.array(column, dtype=int), np.array(most), np.array(gate, dtype=int))

    def joined_to(self, program: Program, positions: np.ndarray) -> Program:
        """Program with some of the links as rows behind its own."""
        rows = np.arange(len(positions))
        shape = len(positions), len(program.cost)
        ones = sparse.coo_array((np.ones(len(rows)), (rows, self.column[positions])), shape)
        gates = sparse.coo_array((-self.most[positions], (rows, self.gate[positions])), shape)
        return replace(
            program,
            matrix=sparse.csr_array(sparse.vstack([program.matrix, ones + gates])),
            row_lower=np.append(program.row_lower, np.full(len(rows), -np.inf)),
            row_upper=np.append(program.row_upper, np.zeros(len(rows))),
        )

    def broken_by(self, values: np.ndarray) -> np.ndarray:
        """Positions of the links that a point breaks."""
        return np.flatnonzero(values[self.column] - self.most * values[self.gate] > BROKEN_SHARE)

    def add_to(self, solver: Solver, positions: np.ndarray) -> None:
        """Add some of the links to a solver as rows."""
        count = len(positions)
        if count:
            solver.add_rows(
                lower=np.full(count, -np.inf),
                upper=np.zeros(count),
                starts=np.arange(0, 2 * count, 2),
                indices=np.column_stack([self.column[positions], self.gate[positions]]).ravel(),
                values=np.column_stack([np.ones(count), -self.most[positions]]).ravel(),
            )


@dataclass
class Found:
    """Best plan and best bound so far.

    Parameters
    ----------
    values : (columns,) of the program, None before the first plan.
    status : of the last run.
    links : how many strong links were written, of how many.
    relaxation : the last one solved, whose duals prove its bound; None before the first.
    climbed : stations and prices of the ascent that took a relaxation's place, if one did.
    """

    values: np.ndarray | None = None
    objective: float = math.inf
    bound: float = -math.inf
    status: Status = Status.OPTIMAL
    links: tuple[int, int] = (0, 0)
    relaxation: "Relaxation | None" = None
    climbed: tuple[Stations, np.ndarray] | None = None

    @property
    def gap(self) -> float:
        """(objective - bound) / |objective|, infinite without a plan."""
        if self.values is None:
            return math.inf
        return max(0.0, self.objective - self.bound) / max(abs(self.objective), 1e-9)

    def take(self, outcome: Outcome) -> None:
        """Keep a plan that is better than the best so far."""
        self.status = outcome.status
        if outcome.values is not None and outcome.objective < self.objective:
            self.values, self.objective = outcome.values, outcome.objective


@dataclass(frozen=True)
class Relaxation:
    """Optimum of the linear relaxation with every strong link kept, or a point near it.

    Parameters
    ----------
    values, reduced_cost : (columns,) a point, and what moving a column off it costs at least.
    used : (columns,) a point whose columns are likely to be in a good plan.
    written : positions of the links that were added on the way, increasing.
    bound : its objective.
    row_dual, link_dual : of the program's rows, and of the links in `written`.
    """

    values: np.ndarray
    used: np.ndarray
    reduced_cost: np.ndarray
    written: np.ndarray
    bound: float
    row_dual: np.ndarray
    link_dual: np.ndarray

    @classmethod
    def of(cls, outcome: Outcome, rows: int, added: np.ndarray) -> "Relaxation":
        """Relaxation from a solver's outcome, whose rows are the program's, then links as added."""
        assert outcome.values is not None
        assert outcome.column_dual is not None
        assert outcome.row_dual is not None
        order = np.argsort(added)
        return cls(
            values=outcome.values,
            used=outcome.values,
            reduced_cost=outcome.column_dual,
            written=added[order],
            bound=outcome.bound,
            row_dual=outcome.row_dual[:rows],
            link_dual=outcome.row_dual[rows:][order],
        )


def search(
    program: Program,
    links: Links,
    control: Control,
    gap: float,
    *,
    method: str = "search",
    stations: Callable[[], Stations] | None = None,
) -> Found:
    """Find a plan and prove a bound.

    Parameters
    ----------
    gap : relative gap at which to stop.
    method : `search`, or `plain` for one HiGHS run on the model with all strong links.
    stations : makes those of the same program, where a relaxation takes long; without, it takes
        the time it takes.

    Raises
    ------
    Infeasible
        If it is proven that there is no plan.
    NoPlan, Interrupted
        If a limit or an interruption came before any plan.
    """
    found = Found(links=(0, len(links.column)))
    if method == "plain":
        every = np.arange(len(links.column))
        close(program, links, every, control, gap, found)
    else:
        relaxation = relax(program, links, control, found, stations)
        if relaxation is not None:
            found.links = len(relaxation.written), len(links.column)
            if len(program.cost) > SMALL_COLUMNS and program.integer.any():
                seconds = control.seconds_left() / 3
                restrict(program, links, relaxation, control, gap / 2, found, seconds)
            if found.gap > gap and not control.must_stop():
                close(program, links, relaxation.written, control, gap, found, relaxation)
    if found.values is None:
        ended = Interrupted if found.status is Status.INTERRUPTED else NoPlan
        raise ended(f"The solve ended ({found.status.value}) before any plan was found.")
    return found


def relax(
    program: Program,
    links: Links,
    control: Control,
    found: Found,
    stations: Callable[[], Stations] | None = None,
) -> Relaxation | None:
    """Solve the linear relaxation, adding strong links only where it breaks them.

    Where that takes long, an ascent tries to come further, once, and takes over if it does.

    Returns
    -------
    Relaxation
        The last one solved in half of the time there is; None if none was.
    """
    solver = Solver(program, control, "relaxation", relaxed=True)
    written = np.zeros(len(links.column), dtype=bool)
    added = np.array([], dtype=int)
    relaxation = None
    started = time.process_time()
    until = time.monotonic() + control.seconds_left() / 2
    while True:
        first_of_many = relaxation is None and len(program.row_lower) > MANY_ROWS
        solver.set_option("solver", "ipm" if first_of_many else "choose")
        outcome = solver.solve(seconds=until - time.monotonic())
        found.status = outcome.status
        if outcome.status is Status.INFEASIBLE:
            raise Infeasible("No plan exists: even fractions of sites could not keep every limit.")
        if outcome.values is None or outcome.column_dual is None:
            return relaxation
        found.bound = max(found.bound, outcome.bound)
        control.on_progress("relaxation", found.objective, found.bound)
        relaxation = Relaxation.of(outcome, len(program.row_lower), added)
        found.relaxation = relaxation
        broken = links.broken_by(outcome.values)
        broken = broken[~written[broken]]
        if not broken.size:
            return relaxation
        if stations is not None and time.process_time() - started > PATIENCE_SECONDS:
            own = stations()
            climbed, price = climb(program, links, own, control)
            if climbed.bound > found.bound:
                found.bound, found.climbed = climbed.bound, (own, price)
                return climbed
            stations = None
        written[broken] = True
        added = np.concatenate([added, broken])
        links.add_to(solver, broken)


def climb(
    program: Program, links: Links, stations: Stations, control: Control
) -> tuple[Relaxation, np.ndarray]:
    """Come near the relaxation by an ascent, without solving it; returns its prices, too."""
    seconds = min(ASCENT_SECONDS, control.seconds_left() / 4)
    ascent = ascend(program, stations, control, seconds)
    relaxation = Relaxation(
        values=ascent.answer.values,
        used=ascent.average,
        reduced_cost=ascent.answer.reduced_cost,
        written=np.flatnonzero(ascent.average[links.column] > USED_SHARE),
        bound=ascent.answer.bound,
        row_dual=np.array([]),
        link_dual=np.array([]),
    )
    return relaxation, ascent.price


def restrict(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
    seconds: float,
) -> None:
    """Find a plan in the program over the columns that the relaxation uses or finds cheap."""
    solver = Solver(program, control, "restricted", proves=False)
    links.add_to(solver, relaxation.written)
    kernel = promising(program, relaxation)
    if found.values is not None:
        kernel |= found.values > program.lower
        solver.start_from(found.values)
    fix(solver, ~kernel, program.lower)
    outcome = solver.solve(gap=gap, seconds=seconds)
    if outcome.status is not Status.INFEASIBLE:
        found.take(outcome)
        control.on_progress("restricted", found.objective, found.bound)


def promising(program: Program, relaxation: Relaxation) -> np.ndarray:
    """Mask of the columns in use, and of KERNEL_FACTOR times as many of least reduced cost.

    A kernel in the sense of kernel search: Angelelli, Mansini and Speranza 2010.
    """
    kernel = relaxation.used > program.lower + BROKEN_SHARE
    room = min(int(KERNEL_FACTOR * kernel.sum()), len(kernel)) - 1
    if room >= 0:
        dearest = np.partition(relaxation.reduced_cost, room)[room]
        kernel |= relaxation.reduced_cost <= max(dearest, 0.0)
    return kernel


def close(
    program: Program,
    links: Links,
    written: np.ndarray,
    control: Control,
    gap: float,
    found: Found,
    relaxation: Relaxation | None = None,
) -> None:
    """Solve the program over every column that could still improve the best plan."""
    if relaxation is not None and found.values is not None:
        program = tightened(program, relaxation.values, relaxation.reduced_cost, found)
    solver = Solver(program, control, "proof")
    links.add_to(solver, written)
    if found.values is not None:
        solver.start_from(found.values)
    outcome = solver.solve(gap=gap)
    if outcome.status is Status.INFEASIBLE:
        if found.values is None:
            raise Infeasible("No plan exists: proven by branch and bound.")
        found.bound = found.objective  # nothing off the fixed columns beats the best plan
        return
    found.take(outcome)
    # What was fixed away costs at least as much as the best plan.
    found.bound = max(found.bound, min(outcome.bound, found.objective))


def tightened(
    program: Program, values: np.ndarray, reduced_cost: np.ndarray, found: Found
) -> Program:
    """Program with columns held near the bound they are at, as far as a better plan can move them.

    A step of d off its bound costs a plan d times the column's reduced cost more than the bound,
    and a better plan has no more than the gap to spend. Integers move in whole steps.
    """
    spare = found.objective - found.bound + ROUNDING * abs(found.objective)
    price = np.abs(reduced_cost)
    step = np.divide(spare, price, out=np.full(len(price), np.inf), where=price > 0)
    step = np.where(program.integer, np.floor(step), step)
    near = step < program.upper - program.lower
    rise = near & (reduced_cost > 0) & (values <= program.lower)
    fall = near & (reduced_cost < 0) & (values >= program.upper)
    lower, upper = program.lower.copy(), program.upper.copy()
    lower[fall] = program.upper[fall] - step[fall]
    upper[rise] = program.lower[rise] + step[rise]
    return replace(program, lower=lower, upper=upper)


def fix(solver: Solver, columns: np.ndarray, values: np.ndarray) -> None:
    """Fix some columns, given as a mask, at their entries of `values`."""
    chosen = np.flatnonzero(columns)
    if chosen.size:
        solver.set_bounds(chosen, values[chosen], values[chosen])

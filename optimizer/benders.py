"""Benders' decomposition by hours: what they cost, told to a problem that knows blocks of them.

By blocks a problem is a fraction of its size, and asks for less than by the hour. Cuts of its
hours (`operation`) make up for what it does not know, where it matters: they take the place of a
model by the hour, so that time and memory hardly grow with the number of hours. Of limits that
nodes share in an hour (corridors, and policies of a year) blocks know means alone.

Sources: Benders 1962, "Partitioning procedures for solving mixed-variables programming problems";
Birge and Louveaux 1988, "A multicut algorithm for two-stage stochastic linear programs".
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.basis import Basis
from optimizer.bounding import relax
from optimizer.found import Found
from optimizer.highs import Control, Solver
from optimizer.kernel import kernel
from optimizer.operation import Cut, Operation, name, owners
from optimizer.polish import with_choices
from optimizer.program import Program
from optimizer.relaxation import Links, Relaxation

SHARES = "demand.serve"
# A cut is worth its row where it tells of so much more than is known, as a part of all costs.
WORTH_TELLING = 1e-7
# A round of cuts that raises the bound by less than this part of it is the last. `europe_hourly`
# takes 14 rounds so, 145 s; with 1e-5 it took 19, 163 s, for a bound 4e-5 higher.
LEAST_ROUND = 3e-5
# What a solver would drop of a cut it may not: below this part of the largest coefficient.
LEAST_COEFFICIENT = 1e-9


@dataclass(frozen=True)
class View:
    """A program by blocks, and where it says what hours are about.

    Parameters
    ----------
    operation : of the same problem by the hour.
    sizes : (sizes,) columns.
    costs : (parts, columns) what a unit of a column adds to the cost of a part's hours, as far as
        blocks know it, and beyond.
    shares : (columns,) mask of the shares of demands.
    """

    program: Program
    operation: Operation
    sizes: np.ndarray
    costs: sparse.csr_array
    shares: np.ndarray

    @classmethod
    def of(cls, program: Program, operation: Operation) -> "View":
        """Find what hours are about in a program by blocks."""
        names = [name(program, column) for column in range(len(program.cost))]
        column_of = {each: column for column, each in enumerate(names)}
        part_of = {key: part for part, key in enumerate(operation.keys)}
        rows, columns = [], []
        for owner, keys in owners(program, operation.node):
            own = np.flatnonzero((owner >= 0) & (program.cost != 0))
            part = np.array([part_of.get(key, -1) for key in keys], dtype=int)[owner[own]]
            rows.append(part[part >= 0])
            columns.append(own[part >= 0])
        row, column = np.concatenate(rows), np.concatenate(columns)
        shape = len(operation.keys), len(program.cost)
        return cls(
            program=program,
            operation=operation,
            sizes=np.array([column_of[each] for each in operation.names], dtype=int),
            costs=sparse.csr_array((program.cost[column], (row, column)), shape=shape),
            shares=np.array([component == SHARES for component, _ in names]),
        )

    def of_columns(self, kept: np.ndarray) -> "View":
        """The same of some columns, among them all sizes: (columns,) mask."""
        return View(
            program=self.program.of_columns(kept),
            operation=self.operation,
            sizes=(np.cumsum(kept) - 1)[self.sizes],
            costs=sparse.csr_array(self.costs[:, kept]),
            shares=self.shares[kept],
        )

    def cuts(self, values: np.ndarray, objective: float) -> list[Cut]:
        """Cuts that tell more than a point does, (columns,), whose costs are `objective`."""
        worth = WORTH_TELLING * abs(objective)
        return self.operation.cuts(values[self.sizes], self.costs @ values, worth)

    def rows(self, cuts: list[Cut]) -> tuple[sparse.csr_array, np.ndarray]:
        """Cuts as rows of at least a number: (cuts, columns), (cuts,)."""
        paid = sparse.diags_array([float(cut.part is not None) for cut in cuts])
        costs = paid @ self.costs[[cut.part or 0 for cut in cuts]]
        slopes = sparse.csr_array(np.array([cut.slope for cut in cuts])).tocoo()
        row, size = slopes.coords
        shape = len(cuts), len(self.program.cost)
        sizes = sparse.csr_array((slopes.data, (row, self.sizes[size])), shape=shape)
        return lifted(sparse.csr_array(costs - sizes)), np.array([cut.least for cut in cuts])

    def add_to(self, solver: Solver, cuts: list[Cut]) -> None:
        """Add cuts to a solver as rows."""
        rows, least = self.rows(cuts)
        solver.add_rows(
            lower=least,
            upper=np.full(len(least), np.inf),
            starts=rows.indptr[:-1],
            indices=rows.indices,
            values=rows.data,
        )

    def joined(self, cuts: list[Cut]) -> Program:
        """The program with cuts as rows behind its own."""
        if not cuts:
            return self.program
        rows, least = self.rows(cuts)
        return self.program.with_rows(rows, least, np.full(len(cuts), np.inf))


def tell(
    view: View, links: Links, cuts: list[Cut], control: Control
) -> tuple[Program, Basis | None]:
    """Add cuts to a program by blocks until its relaxation learns little more from them.

    Parameters
    ----------
    cuts : known already; those that are found are added.

    Returns
    -------
    Program
        With all cuts as rows behind its own.
    Basis
        Of its relaxation; None where it was not solved.
    """
    found, known = Found(), view.joined(cuts)
    relaxation = relax(known, links, control, found)
    solver = found.solver
    if relaxation is None or relaxation.basis is None or solver is None:
        return known, None
    # Links by their position, cuts as -1, in the order of the solver's rows behind the program's.
    added, values, bound = relaxation.basis.links, relaxation.values, relaxation.bound
    while more := view.cuts(values, bound):
        cuts += more
        view.add_to(solver, more)
        added = np.concatenate([added, np.full(len(more), -1)])
        outcome = solver.solve()
        if outcome.values is None:
            return view.joined(cuts), None
        values, before, bound = outcome.values, bound, outcome.bound
        control.on_progress("hours", math.inf, bound)
        broken = np.setdiff1d(links.broken_by(values), added)
        links.add_to(solver, broken)
        added = np.concatenate([added, broken])
        if control.must_stop() or bound - before < LEAST_ROUND * abs(bound):
            break
    own = len(known.row_lower)
    columns, rows = solver.ended_at()
    behind = rows[own:]
    ordered = np.concatenate([rows[:own], behind[added < 0], behind[added >= 0]])
    return view.joined(cuts), Basis(added[added >= 0], columns, ordered)


def with_hours(
    view: View,
    cuts: list[Cut],
    plan: np.ndarray,
    relaxation: Relaxation,
    control: Control,
) -> tuple[np.ndarray, np.ndarray]:
    """A plan's choices, and sizes that suit them by the hour, too.

    Parameters
    ----------
    cuts : known already; those that are found are added.
    plan : (columns,) of the program by blocks.
    relaxation : of the same program: shares that neither it nor the plan has a use for stay 0.

    Returns
    -------
    values
        (columns,) what costs least with these choices; the plan itself where there is no time.
    kept
        (columns,) mask of all but those shares.
    """
    kept = ~view.shares | (plan > 0) | kernel(view.program, relaxation, None)
    kept[view.sizes] = True
    small, values, before = view.of_columns(kept), np.zeros(len(plan)), -math.inf
    solver = with_choices(small.joined(cuts), plan[kept], control)
    while True:
        outcome = solver.solve()
        if outcome.values is None:
            return (values if math.isfinite(before) else plan), kept
        values[kept], cost = outcome.values, outcome.objective
        control.on_progress("hours of a plan", math.inf, -math.inf)
        more = small.cuts(outcome.values, cost)
        if not more or control.must_stop() or cost - before < LEAST_ROUND * abs(cost):
            return values, kept
        before = cost
        cuts += more
        small.add_to(solver, more)


def lifted(rows: sparse.csr_array) -> sparse.csr_array:
    """Rows of at least a number without coefficients that are too small, true where they were."""
    most = np.repeat(abs(rows).max(axis=1).toarray().ravel(), np.diff(rows.indptr))
    least = LEAST_COEFFICIENT * most
    rows.data = np.where(np.abs(rows.data) < least, np.where(rows.data > 0, least, 0.0), rows.data)
    rows.eliminate_zeros()
    return rows

"""The linear relaxation: its strong links, kept apart from the other rows, and its optimum."""

from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, strong_links
from optimizer.basis import Basis
from optimizer.highs import Outcome, Solver
from optimizer.program import Program

# A link counts as broken beyond HiGHS' own feasibility tolerance.
BROKEN_SHARE = 1e-6
# From so many rows on, an interior point is there before the simplex method; with a basis to go on
# from: 29 seconds of processor time instead of 100 on `europe_hourly` by blocks.
MANY_ROWS = 30_000


@dataclass(frozen=True)
class Links:
    """Strong links as arrays: values[column] ≤ most · values[gate]."""

    column: np.ndarray
    most: np.ndarray
    gate: np.ndarray

    @classmethod
    def of(cls, model: pyo.ConcreteModel, inputs: PlanInputs, program: Program) -> "Links":
        """State the links of a model by the columns of its program."""
        stated = strong_links(model, inputs)
        column, gate = program.columns_of(stated.variables), program.columns_of(stated.gates)
        assert (column >= 0).all(), "a link hangs on a variable that is in no row"
        assert (gate >= 0).all(), "a link hangs on a gate that is in no row"
        return cls(column, stated.most, gate)

    def joined_to(self, program: Program, positions: np.ndarray) -> Program:
        """Program with some of the links as rows behind its own."""
        rows = np.arange(len(positions))
        shape = len(positions), len(program.cost)
        ones = sparse.coo_array((np.ones(len(rows)), (rows, self.column[positions])), shape)
        gates = sparse.coo_array((-self.most[positions], (rows, self.gate[positions])), shape)
        lower, upper = np.full(len(rows), -np.inf), np.zeros(len(rows))
        return program.with_rows(sparse.csr_array(ones + gates), lower, upper)

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
    basis : where the solver ended; None where it did not.
    """

    values: np.ndarray
    used: np.ndarray
    reduced_cost: np.ndarray
    written: np.ndarray
    bound: float
    row_dual: np.ndarray
    link_dual: np.ndarray
    basis: Basis | None = None

    @classmethod
    def of(cls, outcome: Outcome, rows: int, added: np.ndarray) -> "Relaxation":
        """Relaxation from a solver's outcome.

        Parameters
        ----------
        rows : of the program, which come first.
        added : links in the order of the rows behind; -1 for one that is no link.
        """
        assert outcome.values is not None
        assert outcome.column_dual is not None
        assert outcome.row_dual is not None
        order = np.argsort(added, kind="stable")[(added < 0).sum() :]
        return cls(
            values=outcome.values,
            used=outcome.values,
            reduced_cost=outcome.column_dual,
            written=added[order],
            bound=outcome.bound,
            row_dual=outcome.row_dual[:rows],
            link_dual=outcome.row_dual[rows:][order],
        )

"""A Pyomo model as arrays: what a solver is handed, with every number checked on the way."""

from dataclasses import dataclass, field

import numpy as np
import pyomo.environ as pyo
from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
from scipy import sparse

from optimizer.errors import SolverFailure

# HiGHS drops every row of a model that holds a coefficient of 1e15 or more, and says "optimal".
LARGEST_COEFFICIENT = 1e14


@dataclass(frozen=True)
class Program:
    """Minimise cost · x + offset, row_lower ≤ matrix x ≤ row_upper, lower ≤ x ≤ upper.

    Parameters
    ----------
    cost, lower, upper : (columns,) floats; lower and upper may be infinite.
    integer : (columns,) booleans.
    matrix : (rows, columns), by row.
    row_lower, row_upper : (rows,) floats.
    variables, constraints : the Pyomo objects behind columns and rows.
    """

    cost: np.ndarray
    offset: float
    lower: np.ndarray
    upper: np.ndarray
    integer: np.ndarray
    matrix: sparse.csr_array
    row_lower: np.ndarray
    row_upper: np.ndarray
    variables: list = field(repr=False)
    constraints: list = field(repr=False)

    def objective(self, values: np.ndarray) -> float:
        """Objective at a point."""
        return float(self.cost @ values) + self.offset

    def violation(self, values: np.ndarray) -> float:
        """Largest violation of a row or bound at a point, relative to max(1, |right-hand side|)."""
        activity = self.matrix @ values
        excess = 0.0
        for value, low, high in (
            (activity, self.row_lower, self.row_upper),
            (values, self.lower, self.upper),
        ):
            for amount, limit in ((low - value, low), (value - high, high)):
                finite = np.isfinite(limit)
                relative = amount[finite] / np.maximum(1, np.abs(limit[finite]))
                excess = max(excess, float(relative.max(initial=0)))
        return excess

    def column_of(self) -> dict[int, int]:
        """Column by the identity of its Pyomo variable."""
        return {id(variable): column for column, variable in enumerate(self.variables)}


def compile_program(model: pyo.ConcreteModel) -> Program:
    """Turn a Pyomo model into arrays.

    Raises
    ------
    SolverFailure
        If a number is not finite or too large for the solver to be trusted with.
    """
    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    matrix = sparse.csr_array(form.A)
    matrix.sum_duplicates()
    kind = np.array([row.bound_type for row in form.rows])
    rhs = np.asarray(form.rhs, dtype=float)
    # In mixed form a row is ≤ (1), ≥ (-1) or = (0) its right-hand side.
    program = Program(
        cost=np.asarray(form.c.todense(), dtype=float).ravel(),
        offset=float(form.c_offset[0]),
        lower=bounds(form.columns, "lb", -np.inf),
        upper=bounds(form.columns, "ub", np.inf),
        integer=np.array([not variable.is_continuous() for variable in form.columns]),
        matrix=matrix,
        row_lower=np.where(kind == 1, -np.inf, rhs),
        row_upper=np.where(kind == -1, np.inf, rhs),
        variables=form.columns,
        constraints=[row.constraint for row in form.rows],
    )
    check_numbers(program)
    return program


def bounds(variables: list, which: str, missing: float) -> np.ndarray:
    """Lower or upper bounds of Pyomo variables as an array."""
    values = (getattr(variable, which) for variable in variables)
    return np.array([missing if value is None else value for value in values], dtype=float)


def check_numbers(program: Program) -> None:
    """Refuse numbers with which a solver returns wrong answers that look right.

    Raises
    ------
    SolverFailure
        Names the row or column of the first such number.
    """
    coo = program.matrix.tocoo()
    for what, numbers, owners in (
        ("cost", program.cost, program.variables),
        ("coefficient", coo.data, None),
        (
            "right-hand side",
            np.where(np.isinf(program.row_upper), 0, program.row_upper),
            program.constraints,
        ),
        (
            "right-hand side",
            np.where(np.isinf(program.row_lower), 0, program.row_lower),
            program.constraints,
        ),
    ):
        bad = np.flatnonzero(~(np.abs(numbers) < LARGEST_COEFFICIENT))
        if bad.size:
            owner = owners[bad[0]] if owners else program.constraints[coo.coords[0][bad[0]]]
            raise SolverFailure(
                f"The {what} {numbers[bad[0]]:g} at {owner.name} is too large to be solved "
                "reliably. Check the units of the tables behind it."
            )

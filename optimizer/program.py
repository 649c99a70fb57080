"""A Pyomo model as arrays: what a solver is handed, with every number checked on the way."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import compress, count
from operator import attrgetter
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC
from pyomo.core.expr.numeric_expr import (
    LinearExpression,
    MonomialTermExpression,
    SumExpression,
)
from pyomo.repn import generate_standard_repn
from scipy import sparse

from optimizer.errors import SolverFailure

# HiGHS drops every row of a model that holds a coefficient of 1e15 or more, and says "optimal".
LARGEST_COEFFICIENT = 1e14
# Coefficient and variable of a term.
PARTS = attrgetter("_args_")


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

    Columns stand in the order in which objective and rows first speak of their variables, whole
    components at a time; those that nothing speaks of are left out, and rows without a column
    that hold as they are. Nearly all of it is one pass over the terms of linear expressions:
    Pyomo's own compiler looks at each of them several times over.

    Raises
    ------
    SolverFailure
        If a number is not finite or too large for the solver to be trusted with.
    """
    with PauseGC():  # As in `build_model`.
        program = compiled(model)
    check_numbers(program)
    return program


def compiled(model: pyo.ConcreteModel) -> Program:
    """Program of a model, its numbers not yet checked."""
    columns = Columns()
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    goal = Rows(columns)
    offset = goal.add(objective.expr)
    rows, constraints, lows, highs = Rows(columns), [], [], []
    for constraint in model.component_data_objects(pyo.Constraint, active=True):
        low, body, high = constraint.to_bounded_expression()
        constant = rows.add(body)
        constraints.append(constraint)
        lows.append(-np.inf if low is None else float(low) - constant)
        highs.append(np.inf if high is None else float(high) - constant)
    variables = columns.variables
    cost, matrix = goal.matrix(), rows.matrix()
    spoken_of = np.zeros(len(variables), dtype=bool)
    spoken_of[cost.indices] = spoken_of[matrix.indices] = True
    row_lower, row_upper = np.array(lows, dtype=float), np.array(highs, dtype=float)
    stated = (np.diff(matrix.indptr) > 0) | ~((row_lower <= 0) & (row_upper >= 0))
    variables = list(compress(variables, spoken_of))
    assert not any(variable.fixed for variable in variables)
    bounds = [variable.bounds for variable in variables]
    return Program(
        cost=cost[:, spoken_of].toarray().ravel(),
        offset=offset,
        lower=np.array([-np.inf if low is None else low for low, _ in bounds], dtype=float),
        upper=np.array([np.inf if high is None else high for _, high in bounds], dtype=float),
        integer=np.array([not variable.is_continuous() for variable in variables], dtype=bool),
        matrix=matrix[stated][:, spoken_of],
        row_lower=row_lower[stated],
        row_upper=row_upper[stated],
        variables=variables,
        constraints=list(compress(constraints, stated)),
    )


@dataclass
class Columns:
    """Variables of a model as columns, in the order in which somebody first asks for them."""

    variables: list = field(default_factory=list)
    position: dict[int, int] = field(default_factory=dict)

    def of(self, variables: Sequence) -> list[int]:
        """Columns of some variables; of new ones, their whole components get columns."""
        try:
            return list(map(self.position.__getitem__, map(id, variables)))
        except KeyError:
            for new in variables:
                if id(new) not in self.position:
                    self.add(new.parent_component())
            return self.of(variables)

    def add(self, component: pyo.Var) -> None:
        """Give a column to each variable of a component."""
        new = list(component.values())
        self.position.update(zip(map(id, new), count(len(self.variables)), strict=False))
        self.variables += new


@dataclass
class Rows:
    """Rows of a sparse matrix, one after the other."""

    columns: Columns
    coefficients: array = field(default_factory=lambda: array("d"))
    indices: array = field(default_factory=lambda: array("i"))
    ends: list[int] = field(default_factory=lambda: [0])

    def add(self, expression: Any) -> float:
        """Add the row of a linear expression, and return the expression's constant."""
        constant = self.add_terms(expression)
        self.ends.append(len(self.indices))
        return constant

    def add_terms(self, expression: Any) -> float:
        """Add the terms of an expression to the row that comes next; its constant is returned."""
        if expression.__class__ is SumExpression:
            return sum(self.add_terms(part) for part in expression.args)
        if expression.__class__ is not LinearExpression:
            expression = generate_standard_repn(expression, quadratic=False)
            if not expression.is_linear():
                raise SolverFailure("The model is not linear.")
        elif set(map(type, terms := expression.args)) == {MonomialTermExpression}:
            # Nearly all rows. `linear_coefs` would look at each term for what else it might be.
            coefficients, variables = zip(*map(PARTS, terms), strict=True)
            return self.extend(coefficients, variables)
        self.extend(expression.linear_coefs, expression.linear_vars)
        return float(expression.constant)

    def extend(self, coefficients: Iterable[float], variables: Sequence) -> float:
        """Add terms to the row that comes next; they have no constant."""
        self.coefficients.extend(coefficients)
        self.indices.extend(self.columns.of(variables))
        return 0.0

    def matrix(self) -> sparse.csr_array:
        """The matrix, without zeros and with a column at most once in a row."""
        shape = len(self.ends) - 1, len(self.columns.variables)
        data, indices = np.array(self.coefficients), np.array(self.indices)
        matrix = sparse.csr_array((data, indices, self.ends), shape=shape)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        return matrix


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

"""A Pyomo model as arrays: what a solver is handed, with every number checked on the way."""

import hashlib
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, compress, groupby
from operator import attrgetter
from typing import Any

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression, SumExpression
from pyomo.repn import generate_standard_repn
from scipy import sparse

from models.collector import undisturbed
from models.linear import WeightedSum
from optimizer.errors import SolverFailure

# HiGHS drops every row of a model that holds a coefficient of 1e15 or more, and says "optimal".
LARGEST_COEFFICIENT = 1e14
# Variables of a component, and what limits one. Pyomo's own attributes: the functions that it has
# for them take several times as long.
DATA = attrgetter("_data")
LIMITS = attrgetter("_lb", "_ub", "_domain", "_fixed")


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

    def of_columns(self, columns: np.ndarray) -> "Program":
        """The same of some columns; the others are 0."""
        return replace(
            self,
            cost=self.cost[columns],
            lower=self.lower[columns],
            upper=self.upper[columns],
            integer=self.integer[columns],
            matrix=sparse.csr_array(self.matrix[:, columns]),
            variables=[],
        )

    def with_rows(
        self, matrix: sparse.csr_array, lower: np.ndarray, upper: np.ndarray
    ) -> "Program":
        """The same with more rows, which no constraints stand behind, after its own."""
        return replace(
            self,
            matrix=sparse.csr_array(sparse.vstack([self.matrix, matrix])),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, upper),
        )

    @cached_property
    def names(self) -> str:
        """Hash of the names of the columns, in their order."""
        told = []
        for _, run in groupby(self.variables, lambda variable: id(variable.parent_component())):
            variables = list(run)
            told.append(variables[0].parent_component().name)
            told.append(repr([variable.index() for variable in variables]))
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    @cached_property
    def identities(self) -> pd.Index:
        """Identity of the Pyomo variable of each column."""
        return pd.Index(np.fromiter(map(id, self.variables), np.int64, len(self.variables)))

    def columns_of(self, variables: list) -> np.ndarray:
        """Columns of many Pyomo variables, (variables,); -1 for one that has none."""
        asked = np.fromiter(map(id, variables), np.int64, len(variables))
        return self.identities.get_indexer(asked)

    def column_of(self) -> dict[int, int]:
        """Column by the identity of its Pyomo variable."""
        return {id(variable): column for column, variable in enumerate(self.variables)}


def compile_program(model: pyo.ConcreteModel, rows: "Rows | None" = None) -> Program:
    """Turn a Pyomo model into arrays.

    Columns stand in the order in which objective and rows first speak of their variables, whole
    components at a time; those that nothing speaks of are left out, and rows without a column
    that hold as they are. Nearly all of it is one pass over the terms of linear expressions:
    Pyomo's own compiler looks at each of them several times over.

    Parameters
    ----------
    rows : those of its constraints, in their order, where they are read already.

    Raises
    ------
    SolverFailure
        If a number is not finite or too large for the solver to be trusted with.
    """
    with undisturbed():
        program = compiled(model, rows or Rows.of(model))
    check_numbers(program)
    return program


def compiled(model: pyo.ConcreteModel, rows: "Rows") -> Program:
    """Program of a model and the rows of its constraints, its numbers not yet checked."""
    (objective,) = model.component_data_objects(pyo.Objective, active=True)
    goal = Rows()
    offset = goal.add(objective.expr)
    all_rows = goal.then(rows)
    variables, columns = numbered(model, np.array(all_rows.identities))
    terms = all_rows.matrix(columns, len(variables))
    spoken_of = np.bincount(terms.indices, minlength=len(variables)) > 0
    terms, variables = terms[:, spoken_of], list(compress(variables, spoken_of))
    lower, upper, integer = limits(variables)
    matrix, row_lower, row_upper = terms[1:], np.array(rows.lower), np.array(rows.upper)
    stated = (np.diff(matrix.indptr) > 0) | ~((row_lower <= 0) & (row_upper >= 0))
    return Program(
        cost=terms[[0]].toarray().ravel(),
        offset=offset,
        lower=lower,
        upper=upper,
        integer=integer,
        matrix=matrix[stated],
        row_lower=row_lower[stated],
        row_upper=row_upper[stated],
        variables=variables,
        constraints=list(compress(rows.constraints, stated)),
    )


def numbered(model: pyo.ConcreteModel, spoken_of: np.ndarray) -> tuple[list, np.ndarray]:
    """Variables behind columns, and the column of each term, (terms,), by its variable's identity.

    Columns are numbered by component, in the order in which these are first spoken of; those that
    nothing speaks of come last.
    """
    components = [DATA(component).values() for component in model.component_objects(pyo.Var)]
    declared = list(chain.from_iterable(components))
    identities = np.fromiter(map(id, declared), np.int64, len(declared))
    place = pd.Index(identities).get_indexer(spoken_of)
    assert (place >= 0).all(), "a variable stands outside the model"
    component = np.repeat(np.arange(len(components)), list(map(len, components)))
    order = pd.unique(component[place])
    rank = np.full(len(components), len(order))
    rank[order] = np.arange(len(order))
    ordered = np.argsort(rank[component], kind="stable")
    column = np.empty(len(ordered), dtype=np.int32)
    column[ordered] = np.arange(len(ordered), dtype=np.int32)
    return [declared[i] for i in ordered.tolist()], column[place]


def limits(variables: list) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lower and upper limit of variables and whether they are whole numbers, (variables,) each.

    Neighbours mostly have the same: then only the first is asked.
    """
    lower, upper = np.full(len(variables), -np.inf), np.full(len(variables), np.inf)
    integer, end = np.zeros(len(variables), dtype=bool), 0
    for _, run in groupby(variables, LIMITS):
        first, *others = run
        start, end = end, end + 1 + len(others)
        assert not first.fixed
        low, high = first.bounds
        lower[start:end] = -np.inf if low is None else low
        upper[start:end] = np.inf if high is None else high
        integer[start:end] = not first.is_continuous()
    return lower, upper, integer


@dataclass
class Rows:
    """Rows of linear expressions, one after the other: coefficients and variables of all terms.

    Those of constraints also have limits.
    """

    coefficients: array = field(default_factory=lambda: array("d"))
    identities: array = field(default_factory=lambda: array("q"))
    ends: array = field(default_factory=lambda: array("q", [0]))
    constraints: list = field(default_factory=list)
    lower: array = field(default_factory=lambda: array("d"))
    upper: array = field(default_factory=lambda: array("d"))

    @classmethod
    def of(cls, *blocks: pyo.Block) -> "Rows":
        """Rows of all constraints of some blocks."""
        rows = cls()
        with undisturbed():
            for block in blocks:
                for constraint in block.component_data_objects(pyo.Constraint, active=True):
                    low, body, high = constraint.to_bounded_expression()
                    constant = rows.add(body)
                    rows.constraints.append(constraint)
                    rows.lower.append(-np.inf if low is None else float(low) - constant)
                    rows.upper.append(np.inf if high is None else float(high) - constant)
        return rows

    def then(self, others: "Rows") -> "Rows":
        """These rows, and behind them others."""
        return Rows(
            self.coefficients + others.coefficients,
            self.identities + others.identities,
            self.ends + array("q", (self.ends[-1] + end for end in others.ends[1:])),
            self.constraints + others.constraints,
            self.lower + others.lower,
            self.upper + others.upper,
        )

    def add(self, expression: Any) -> float:
        """Add the row of a linear expression, and return the expression's constant."""
        constant = self.add_terms(expression)
        self.ends.append(len(self.identities))
        return constant

    def add_terms(self, expression: Any) -> float:
        """Add the terms of an expression to the row that comes next; its constant is returned."""
        if expression.__class__ is WeightedSum:  # Nearly all rows.
            self.extend(expression.coefficients, expression.variables)
            return 0.0
        if expression.__class__ is SumExpression:
            return sum(self.add_terms(part) for part in expression.args)
        if expression.__class__ is not LinearExpression:
            expression = generate_standard_repn(expression, quadratic=False)
            if not expression.is_linear():
                raise SolverFailure("The model is not linear.")
        self.extend(expression.linear_coefs, expression.linear_vars)
        return float(expression.constant)

    def extend(self, coefficients: Iterable[float], variables: Iterable) -> None:
        """Add terms to the row that comes next."""
        self.coefficients.extend(coefficients)
        self.identities.extend(map(id, variables))

    def matrix(self, columns: np.ndarray, count: int) -> sparse.csr_array:
        """The matrix, without zeros and with a column at most once in a row.

        Parameters
        ----------
        columns : (terms,) column of each.
        count : of columns.
        """
        shape = len(self.ends) - 1, count
        matrix = sparse.csr_array((np.array(self.coefficients), columns, self.ends), shape=shape)
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

"""Sums of coefficients times variables: nearly all of a large model."""

from array import array
from collections.abc import Iterable, Sequence
from typing import Any

from pyomo.core.expr.numeric_expr import (
    ARG_TYPE,
    LinearExpression,
    MonomialTermExpression,
    register_arg_type,
)
from pyomo.repn import standard_repn
from pyomo.repn.util import sum_like_expression_types


class WeightedSum(LinearExpression):  # type: ignore[misc]
    """Linear expression that keeps coefficients and variables as they came.

    Pyomo's own makes an object of every term at once, a third of the time and of the memory of a
    large model. Here they are made for who asks: to print, evaluate or write a row.

    Parameters
    ----------
    coefficients, variables : of the terms, in their order.
    """

    __slots__ = ("_terms", "coefficients", "variables")

    def __init__(self, coefficients: Iterable[float], variables: Sequence) -> None:
        self.coefficients, self.variables = array("d", coefficients), variables
        if len(self.coefficients) != len(variables):
            raise ValueError(f"{len(self.coefficients)} coefficients, {len(variables)} variables")
        self._nargs = len(variables)  # type: ignore[misc]
        self._terms: list | None = None

    @property
    def _args_(self) -> list:
        """Terms as Pyomo has them."""
        if self._terms is None:
            terms = zip(self.coefficients, self.variables, strict=True)
            self._terms = list(map(MonomialTermExpression, terms))
        return self._terms

    @_args_.setter
    def _args_(self, terms: list) -> None:  # Copies of it are made so.
        self._terms = terms

    @property
    def constant(self) -> int:
        """What is added to the terms: nothing."""
        return 0

    @property
    def linear_coefs(self) -> array:
        """Coefficients, by Pyomo's name."""
        return self.coefficients

    @property
    def linear_vars(self) -> Sequence:
        """Variables, by Pyomo's name."""
        return self.variables

    def create_node_with_local_data(self, args: Any, classtype: Any = None) -> Any:
        """Sum of other terms, where Pyomo replaces some."""
        return super().create_node_with_local_data(args, classtype or LinearExpression)


# Sums of it keep it whole: Pyomo would make one list of all terms of two linear expressions.
register_arg_type(WeightedSum, ARG_TYPE.OTHER)
# What compiles and writes Pyomo's models knows sums by their names.
sum_like_expression_types.add(WeightedSum)
COLLECTORS = standard_repn._repn_collectors
COLLECTORS[WeightedSum] = COLLECTORS[LinearExpression]

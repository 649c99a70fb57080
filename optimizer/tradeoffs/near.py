"""Plans within a budget of a problem."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.tradeoffs.problem import Problem

# A budget holds up to what a solver's tolerances leave open, as part of it.
ROUNDING = 1e-6


@dataclass(frozen=True)
class Alternative:
    """A plan within the budget.

    Parameters
    ----------
    values : (columns,) of the problem's program.
    cost : present value.
    open_sites : sites with a choice that are open in the last stage.
    overlap : openings shared with the plans before it, summed over them.
    overlap_least : no other plan within the budget shares fewer.
    """

    values: np.ndarray
    cost: float
    open_sites: frozenset[str]
    overlap: int = 0
    overlap_least: int = 0

    @property
    def proven(self) -> bool:
        """Whether no plan within the budget is more different."""
        return self.overlap <= self.overlap_least

    def distance(self, other: "Alternative") -> int:
        """Sites that are open in one of two plans alone."""
        return len(self.open_sites ^ other.open_sites)


@dataclass(frozen=True)
class Near:
    """Everything within a budget of a problem.

    Parameters
    ----------
    budget : present value that no plan may exceed.
    least : none costs less.
    columns : of presence in the last stage, by site.
    gap : relative gap of what is solved for cost.
    """

    problem: Problem
    budget: float
    least: float
    columns: pd.Series
    gap: float = 1e-3

    @cached_property
    def limit(self) -> float:
        """Budget with a margin for rounding."""
        return self.budget + ROUNDING * abs(self.budget)

    def plan(self, values: np.ndarray) -> Alternative:
        """State a point of the program as a plan."""
        chosen = np.flatnonzero(values[self.columns] > 0.5)
        cost = self.problem.program.objective(values)
        return Alternative(values, cost, frozenset(self.columns.index[chosen]))

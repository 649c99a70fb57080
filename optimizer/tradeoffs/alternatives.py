"""Plans that cost little more than a run's, and open as few of the same sites as they can.

Modelling to generate alternatives by Hop, Skip and Jump: Brill, Chang and Hopkins 1982. Each plan
minimises how often its sites were open in the plans before it, within a budget; of those that are
as different, the cheapest is taken, so that nothing is open for the sake of difference alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.errors import Infeasible, NoPlan
from optimizer.highs import Control, Outcome, Status
from optimizer.search import search
from optimizer.tradeoffs.problem import Problem, limited, with_objective, with_rows

# A budget holds up to what a solver's tolerances leave open, as part of it.
ROUNDING = 1e-6
# Why there are not more plans, where nothing is proven.
LIMIT = "a limit was reached"


@dataclass(frozen=True)
class Alternative:
    """A plan within the budget.

    Parameters
    ----------
    values : (columns,) of the problem's program.
    cost : present value.
    open_sites : sites with a choice that are open in the last stage.
    overlap : openings shared with the plans before it, summed over them.
    proven : no plan within the budget shares fewer.
    """

    values: np.ndarray
    cost: float
    open_sites: frozenset[str]
    overlap: int
    proven: bool

    def distance(self, other: "Alternative") -> int:
        """Sites that are open in one of two plans alone."""
        return len(self.open_sites ^ other.open_sites)


@dataclass(frozen=True)
class Near:
    """Everything within a budget of a problem.

    Parameters
    ----------
    budget : present value that no plan may exceed.
    columns : of presence in the last stage, by site.
    seconds : limit of each solve; None for none.
    gap : relative gap of what is solved for cost.
    """

    problem: Problem
    budget: float
    columns: pd.Series
    control: Control
    seconds: float | None = None
    gap: float = 1e-3

    def plan(self, values: np.ndarray, overlap: int = 0, *, proven: bool = True) -> Alternative:
        """State a point of the program as a plan."""
        chosen = np.flatnonzero(values[self.columns] > 0.5)
        return Alternative(
            values=values,
            cost=self.problem.program.objective(values),
            open_sites=frozenset(self.columns.index[chosen]),
            overlap=overlap,
            proven=proven,
        )

    def different(self, before: list[Alternative]) -> Alternative | None:
        """Plan that shares the fewest openings with earlier ones; None where there is no other.

        Raises
        ------
        NoPlan, Interrupted
            A limit or an interruption came before another plan was found.
        """
        program, links = self.problem.program, self.problem.links
        often = np.zeros(len(program.cost))
        for plan in before:
            often[self.columns[sorted(plan.open_sites)]] += 1
        others = [self.other_than(plan) for plan in before]
        within = (program.cost, -np.inf, self.budget - program.offset)
        most = sum(len(plan.open_sites) for plan in before) + 1
        try:
            found = search(
                with_objective(with_rows(program, [*others, within]), often),
                links,
                limited(self.control, self.seconds),
                # Overlaps are whole numbers: less than one apart is none apart.
                0.5 / most,
            )
        except Infeasible:
            return None
        assert found.values is not None
        overlap = round(found.objective)
        cheapest = search(
            with_rows(program, [*others, (often, -np.inf, overlap)]),
            links,
            limited(self.control, self.seconds),
            self.gap,
            start=Outcome(Status.OPTIMAL, found.values, program.objective(found.values), -np.inf),
        )
        assert cheapest.values is not None
        return self.plan(cheapest.values, overlap, proven=found.bound > overlap - 1 + ROUNDING)

    def other_than(self, plan: Alternative) -> tuple[np.ndarray, float, float]:
        """Row that at least one site is otherwise than in a plan."""
        row = np.zeros(len(self.problem.program.cost))
        row[self.columns] = 1.0
        row[self.columns[sorted(plan.open_sites)]] = -1.0
        return row, 1.0 - len(plan.open_sites), np.inf


def alternatives(
    near: Near, first: Alternative, count: int, told: Callable[[str], None]
) -> tuple[list[Alternative], str]:
    """Find so many plans besides the first, each as different as may be from all before it.

    Returns
    -------
    tuple
        The first plan and those found, and why there are not more; "" where all were found.
    """
    plans = [first]
    while len(plans) <= count:
        told(f"alternative {len(plans)}")
        try:
            other = near.different(plans)
        except NoPlan:
            return plans, LIMIT
        if other is None:
            return plans, "no other set of sites is within the budget"
        plans.append(other)
    return plans, ""

"""A front of cost against another figure, by the augmented epsilon-constraint method.

AUGMECON2: Mavrotas and Florios 2013, An improved version of the augmented ε-constraint method
for finding the exact Pareto set in multi-objective integer programming problems, Applied
Mathematics and Computation 219. The figure is held below each of a grid of limits, and what is left
below the limit is worth a little in the objective, so that no point is only weakly efficient.
Where more is left than steps of the grid, the limits in between would give the same point.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from optimizer.highs import Control, Outcome, Status
from optimizer.outcome import NO_GAP
from optimizer.polish import fixed_choices
from optimizer.program import Program
from optimizer.search import Found, search
from optimizer.tradeoffs.objectives import Against
from optimizer.tradeoffs.problem import known_plan, share, with_objective, with_rows

# What the whole range of the figure is worth beside that of cost.
AUGMENTED = 1e-3
# What is left of a limit, as part of the range, for a solver's tolerances.
ROUNDING = 1e-7
# Points nearer than this, as part of the range, are the same.
SAME = 1e-6


@dataclass(frozen=True)
class Point:
    """A point of the front.

    Parameters
    ----------
    limit : of the figure, under which it was found.
    cost, figure : of its plan.
    bound : no plan that keeps the limit costs less.
    outcome : over the problem's own columns.
    """

    limit: float
    cost: float
    figure: float
    bound: float
    outcome: Outcome

    @property
    def gap(self) -> float:
        """(cost - bound) / |cost|."""
        return max(0.0, self.cost - self.bound) / max(abs(self.cost), 1e-9)


@dataclass(frozen=True)
class Front:
    """Points by increasing cost, none dominated by another.

    Parameters
    ----------
    bound : no plan costs less.
    least : no plan has less of the figure; -inf where nothing is proven.
    missed : limits under which the gap was not proven, for a limit of time or an interruption.
    solves : how many limits were solved.
    """

    points: tuple[Point, ...]
    bound: float
    least: float
    missed: tuple[float, ...]
    solves: int


def front(
    traded: Against,
    points: int,
    gap: float,
    control: Control,
    *,
    told: Callable[[str], None] = lambda _: None,
) -> Front:
    """Trace a front at so many limits, evenly from the cheapest plan's figure to the least.

    The time that `control` leaves is shared out among the solves. Where it ends, or somebody
    stops it, what is known by then is the front, both ends at least.

    Parameters
    ----------
    gap : relative gap of each solve.

    Raises
    ------
    Infeasible
        There is no plan.
    NoPlan, Interrupted
        A limit or an interruption came before both ends were known.
    """
    program, links = traded.program, traded.problem.links

    def solve(what: Program, parts: int, start: np.ndarray | None = None) -> Found:
        known = None if start is None else known_plan(what, start)
        return search(what, links, share(control, parts), gap, start=known)

    told("cheapest plan")
    # Without it there is no front, and all others start from it: it may have half of the time.
    cheapest = solve(program, 2)
    assert cheapest.values is not None
    told("least of the figure")
    other = solve(with_objective(program, traded.coefficients), points + 1, cheapest.values)
    assert other.values is not None
    highest, lowest = figure_of(traded, cheapest.values), traded.value(other.values)
    least = other.bound + traded.constant
    spread = max(highest - lowest, 0.0)
    most = max(abs(highest), abs(lowest))
    missed = [lowest] if lowest - least > (gap + NO_GAP) * most else []

    known = [cheapest.values, other.values]

    def under(limit: float, price: float, parts: int) -> Point:
        augmented = replace(program, cost=program.cost + price * traded.coefficients)
        room = limit - traded.constant + ROUNDING * max(spread, abs(limit))
        held = with_rows(augmented, [(traded.coefficients, -np.inf, room)])
        keeping = [values for values in known if traded.coefficients @ values <= room]
        solved = solve(held, parts, min(keeping, key=augmented.objective, default=None))
        if solved.gap > gap + NO_GAP:
            missed.append(limit)
        assert solved.values is not None
        known.append(solved.values)
        return point_of(traded, held, solved, limit, price, cheapest.bound)

    # The plan with the least of the figure may waste money: the range of cost ends at the cheapest
    # of those with as little, where nothing is left below the limit to be worth anything.
    told(f"point {points} of {points}")
    found = [under(lowest, 0.0, points)]
    step = spread / max(points - 1, 1)
    position = 0
    while spread > 0 and position < points - 1:
        if position and control.must_stop():
            missed += [highest - step * k for k in range(position, points - 1)]
            break
        told(f"point {position + 1} of {points}")
        price = AUGMENTED * max(found[0].cost - cheapest.objective, 0.0) / spread
        point = under(highest - position * step, price, points - 1 - position)
        found.append(point)
        position += 1 + int((point.limit - point.figure + SAME * spread) / step)
    kept = non_dominated(found, SAME * spread)
    return Front(tuple(kept), cheapest.bound, least, tuple(dict.fromkeys(missed)), len(found))


def figure_of(traded: Against, plan: np.ndarray) -> float:
    """Least of the figure among the plans with a plan's choices that cost no more."""
    program = traded.program
    cost = program.objective(plan)
    dearest = cost - program.offset + ROUNDING * abs(cost)
    as_cheap = with_rows(program, [(program.cost, -np.inf, dearest)])
    least = fixed_choices(with_objective(as_cheap, traded.coefficients), plan)
    return traded.value(plan if least.values is None else least.values)


def point_of(
    traded: Against, held: Program, solved: Found, limit: float, price: float, least: float
) -> Point:
    """Point of a plan, its linear part solved to full precision; `least` bounds every cost."""
    assert solved.values is not None
    exact = fixed_choices(held, solved.values)
    values = solved.values if exact.values is None else exact.values
    figure = traded.value(values)
    own = len(traded.problem.program.cost)
    cost = traded.problem.program.objective(values[:own])
    # What the figure adds to the objective is at most what the limit would.
    bound = solved.bound - price * (max(limit, figure) - traded.constant)
    return Point(
        limit=limit,
        cost=cost,
        figure=figure,
        bound=min(max(bound, least), cost),
        outcome=Outcome(Status.OPTIMAL, values[:own], solved.objective, solved.bound),
    )


def non_dominated(points: list[Point], same: float) -> list[Point]:
    """Points by increasing cost, without those that another is no worse than in both."""
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (point.cost, point.figure)):
        if not kept or point.figure < kept[-1].figure - same:
            kept.append(point)
    return kept

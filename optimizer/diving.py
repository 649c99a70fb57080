"""Plans by diving: round a few whole numbers of the relaxation, solve again, until all are whole.

Each linear program starts from the basis of the one before, so that a dive takes about as long as
the last rounds of the relaxation. Whole numbers are mostly rounded up: what is open and ordered
makes room, and the next linear program finds the best use of it. Then single numbers go back or
further (`optimizer.single_steps`).

Source: Berthold 2006, "Primal heuristics for mixed integer programs", fractional diving.
"""

import math
import time
from collections.abc import Iterator

import numpy as np

from optimizer.highs import Solver
from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE
from optimizer.single_steps import WholeRows, stepped

# Parts of the fractions that are rounded up in a round, the nearest to whole first, and up to which
# others are rounded down: of the first dive, and in a tree of each in turn. Of twelve problems of
# 30 to 70 sites in one to eight stages the first leaves, with the steps after it, 0.137 % to the
# bound in the mean, 0.2 and 0.1 in its place 0.184, the best of all four 0.101. All rounded up at
# once is soon done, and steps take back what was too much.
Way = tuple[float, float]
WAYS: tuple[Way, ...] = ((0.1, 0.0), (0.02, 0.1), (1.0, 0.0), (0.2, 0.1))
AT_ONCE = WAYS[2]
# Of 1,000 fractions, a tenth of which goes up in each round, the last is whole after 60.
MOST_ROUNDS = 150


def dive(
    program: Program,
    solver: Solver,
    values: np.ndarray,
    seconds: float,
    enough: float = -math.inf,
    how: Way = WAYS[0],
) -> Iterator[Outcome]:
    """Find plans near a point of the relaxation, each cheaper than those before; maybe none.

    Parameters
    ----------
    solver : holds the relaxation, whose bounds it has again once all plans are taken.
    values : (columns,) optimum of the relaxation.
    seconds : after which to give up, or to be content with what there is.
    enough : cost of a plan that need not be better.
    how : as of `plunge`.

    Yields
    ------
    Outcome
        A plan, and each that a step makes of it.
    """
    whole_rows = WholeRows.of(program)
    columns, lower, upper = whole_rows.columns, whole_rows.lower, whole_rows.upper
    until = time.monotonic() + seconds
    try:
        plan = plunge(solver, columns, lower, upper, values[columns], seconds, how=how)
        if plan is not None:
            yield plan
            seconds = until - time.monotonic()
            yield from stepped(solver, whole_rows, plan, seconds, enough)
    finally:
        solver.set_bounds(columns, lower, upper)


def plunge(
    solver: Solver,
    columns: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    values: np.ndarray,
    seconds: float,
    cutoff: float = math.inf,
    how: Way = WAYS[0],
) -> Outcome | None:
    """Narrow the bounds of whole numbers until they are whole, and solve for the rest.

    Where that leaves no plan, what was rounded down is not, and never again.

    Parameters
    ----------
    columns, lower, upper, values : (whole numbers,) where they stand, their bounds and values.
    cutoff : a plan that costs more is none.
    how : parts of the fractions to round up in a round, and up to which to round down.
    """
    until, most = time.monotonic() + seconds, upper
    first = math.isinf(cutoff)  # else there is a plan without the columns that are left out
    up_share, down = how[0], np.full(len(columns), how[1])
    for _ in range(MOST_ROUNDS):
        whole = np.round(values)
        fraction = np.where(np.abs(values - whole) > BROKEN_SHARE, values - np.floor(values), 0.0)
        broken = np.flatnonzero(fraction)
        if broken.size:
            least = np.where(fraction > 0, np.floor(values), whole)
            nearest = broken[np.argsort(-fraction[broken], kind="stable")]
            least[nearest[: max(1, int(up_share * broken.size))]] += 1
            lower = np.maximum(lower, least)
            upper = np.where((fraction > 0) & (fraction < down), lower, upper)
        else:
            lower = upper = whole
        solver.set_bounds(columns, lower, upper)
        outcome = solver.solve(seconds=until - time.monotonic(), cutoff=cutoff, exact=first)
        if outcome.status is Status.INFEASIBLE and (upper < most).any() and broken.size:
            upper, down = most, np.where(upper < most, 0.0, down)
            solver.set_bounds(columns, lower, upper)
            outcome = solver.solve(seconds=until - time.monotonic(), cutoff=cutoff, exact=first)
        if outcome.status is not Status.OPTIMAL or outcome.values is None:
            return None
        if not broken.size:
            return outcome
        values = outcome.values[columns]
    return None

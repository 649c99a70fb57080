"""Plans by diving: round a few whole numbers of the relaxation, solve again, until all are whole.

Each linear program starts from the basis of the one before, so that a dive takes about as long as
the last rounds of the relaxation. Whole numbers are mostly rounded up: what is open and ordered
makes room, and the next linear program finds the best use of it. Then single numbers go back or
further, those first that seem to gain most.

Source: Berthold 2006, "Primal heuristics for mixed integer programs", fractional diving, 1-opt.
"""

import math
import time
from collections.abc import Iterator

import numpy as np

from optimizer.highs import Solver
from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE

# Part of the fractions that is rounded up in a round, the nearest to whole first, and up to where
# others are rounded down. Of 60 sites in eight stages, with 0.15 a plan within 0.18 % took 0.44 s,
# with 0.3 one within 0.23 % took 0.36.
UP_SHARE, DOWN = 0.2, 0.1
# The same of dives in a tree, in turn. Of four problems of 60 sites in four stages each way had the
# best plan of one, 0.05 to 0.13 % from the bound; the first alone leaves up to 0.34.
Way = tuple[float, float]
WAYS: tuple[Way, ...] = ((UP_SHARE, DOWN), (0.02, 0.5), (0.2, 0.0), (0.02, 0.1))
MOST_ROUNDS = 60
# Steps in a row that gain nothing, after which there are no more, and what counts as gain, as a
# part of the cost. After 15 `europe` is within 0.30 % instead of 0.68 after 93 steps, 2.4 s; with
# 50 within 0.29 after 300 steps. 60 sites in four stages need 30 for any.
MOST_MISSES, LEAST_GAIN = 30, 1e-7
# Of a plan that misses what is enough by no more than this part of it, so many: what it misses is
# found sooner by them than in a tree. Of eight problems in one or two stages, one of 200 × 2,000
# took 1 s instead of 6 so, one of 500 × 5,000 6 instead of 9, the others as long as before.
NEARLY_ENOUGH, MANY_MISSES = 2e-4, 100


def dive(
    program: Program,
    solver: Solver,
    values: np.ndarray,
    seconds: float,
    enough: float = -math.inf,
) -> Iterator[Outcome]:
    """Find plans near a point of the relaxation, each cheaper than those before; maybe none.

    Parameters
    ----------
    solver : holds the relaxation, whose bounds it has again once all plans are taken.
    values : (columns,) optimum of the relaxation.
    seconds : after which to give up, or to be content with what there is.
    enough : cost of a plan that need not be better.

    Yields
    ------
    Outcome
        A plan, and each that a step makes of it.
    """
    columns = np.flatnonzero(program.integer)
    lower, upper = program.lower[columns], program.upper[columns]
    until = time.monotonic() + seconds
    try:
        plan = plunge(solver, columns, lower, upper, values[columns], seconds)
        if plan is not None:
            yield plan
            seconds = until - time.monotonic()
            yield from stepped(solver, columns, lower, upper, plan, seconds, enough)
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


def stepped(
    solver: Solver,
    columns: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
    plan: Outcome,
    seconds: float,
    enough: float = -math.inf,
) -> Iterator[Outcome]:
    """Plans after single steps of whole numbers, for as long as they make one cheaper.

    With whole numbers held where they are, the reduced cost of one is the most that a step of it
    can gain. The most promising is tried; one that gained nothing is not tried again.

    Parameters
    ----------
    columns, lower, upper : (whole numbers,) where they stand and their bounds.
    plan : optimum with the whole numbers held.
    seconds : after which there are no more.
    enough : cost of a plan that need not be better.

    Yields
    ------
    Outcome
        A plan cheaper than `plan` and all before; none where no step gains.
    """
    until, misses = time.monotonic() + seconds, 0
    tried = np.zeros(len(columns), dtype=bool)
    while plan.objective > enough and time.monotonic() < until:
        is_near = plan.objective - enough <= NEARLY_ENOUGH * abs(enough) < math.inf
        if misses >= (MANY_MISSES if is_near else MOST_MISSES):
            break
        assert plan.values is not None
        assert plan.column_dual is not None
        whole, price = np.round(plan.values[columns]), plan.column_dual[columns]
        could = ((price > 0) & (whole > lower)) | ((price < 0) & (whole < upper))
        gain = np.where(could & ~tried, np.abs(price), 0.0)
        best = int(np.argmax(gain))
        least = LEAST_GAIN * abs(plan.objective)
        if gain[best] <= least:
            break
        whole[best] -= np.sign(price[best])
        solver.set_bounds(columns, whole, whole)
        seconds = until - time.monotonic()
        outcome = solver.solve(seconds=seconds, cutoff=plan.objective, exact=False)
        if outcome.status is Status.OPTIMAL and outcome.objective < plan.objective - least:
            plan, misses = outcome, 0
            yield plan
        elif outcome.status in (Status.OPTIMAL, Status.INFEASIBLE):
            tried[best] = True
            misses += 1
        else:
            break

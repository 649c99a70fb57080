"""Plans that cost little more than a run's, and open as few of the same sites as they can.

Modelling to generate alternatives by Hop, Skip and Jump: Brill, Chang and Hopkins 1982. Each plan
minimises how often its sites were open in the plans before it, within a budget; of those that are
as different, the cheapest is taken, so that nothing is open for the sake of difference alone.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from optimizer.errors import Infeasible, NoPlan
from optimizer.highs import Control
from optimizer.search import search
from optimizer.tradeoffs.flips import fewer_open
from optimizer.tradeoffs.near import Alternative, Near
from optimizer.tradeoffs.problem import held, known_plan, share, with_rows

# An opening is worth at least this part of the budget.
LEAST_PRICE = 1e-3
# Part of an opening that a solver's tolerances may add to a bound.
ROUNDING_OPENINGS = 0.01
# Part of the time for a plan that closing sites one by one may take; the search has the rest.
CLOSING_SHARE = 0.3
# Why there are not more plans, where nothing is proven.
LIMIT = "a limit was reached"


def alternatives(
    near: Near,
    known: Sequence[Alternative],
    settled: dict[str, float],
    count: int,
    control: Control,
    told: Callable[[str], None],
) -> tuple[list[Alternative], str]:
    """Find so many plans besides the first known, each as different as may be from all before it.

    Parameters
    ----------
    known : plans within the budget, the run's own first.
    settled : presence that all of them have, by site.

    Returns
    -------
    tuple
        The first plan and those found, and why there are not more; "" where all were found.
    """
    plans = [known[0]]
    while len(plans) <= count:
        told(f"alternative {len(plans)}")
        try:
            part = share(control, count + 1 - len(plans))
            other = different(near, plans, [*known, *plans[1:]], settled, part)
        except NoPlan:
            return plans, LIMIT
        if other is None:
            return plans, "no other set of sites is within the budget"
        plans.append(other)
    return plans, ""


def different(
    near: Near,
    before: Sequence[Alternative],
    known: Sequence[Alternative],
    settled: dict[str, float],
    control: Control,
) -> Alternative | None:
    """Plan that shares the fewest openings with earlier ones; None where there is no other.

    One objective holds both: a shared opening is worth twice what the costs of all plans within
    the budget may differ by, so no plan that shares more comes before one that shares fewer, and
    of those that share as many the cheaper comes first. The search starts from a known plan in
    which shared sites were closed one by one.

    Parameters
    ----------
    known, settled : as `alternatives` has them.

    Raises
    ------
    NoPlan, Interrupted
        A limit or an interruption came before another plan was found.
    """
    program = near.problem.program
    fixed = near.columns[list(settled)].to_numpy()
    program = held(program, fixed, np.array([*settled.values()]))
    unwanted = Counter(site for plan in before for site in plan.open_sites)
    often = np.zeros(len(program.cost))
    often[near.columns[list(unwanted)]] = list(unwanted.values())
    price = max(2 * (near.budget - near.least), LEAST_PRICE * abs(near.budget)) or 1.0
    rows = [other_than(near, plan) for plan in before]
    rows.append((program.cost, -np.inf, near.budget - program.offset))
    priced = replace(with_rows(program, rows), cost=program.cost + price * often)

    fullest = max(known, key=lambda plan: len(plan.open_sites))
    free = Counter({site: count for site, count in unwanted.items() if site not in settled})
    closed = fewer_open(near, fullest, free, share(control, 1 / CLOSING_SHARE))
    taken = {plan.open_sites for plan in before}
    others = [plan for plan in (closed, *known) if plan.open_sites not in taken]
    start = min(others, key=lambda plan: priced.objective(plan.values), default=None)
    most = abs(near.budget) + price * sum(unwanted.values())
    try:
        found = search(
            priced,
            near.problem.links,
            control,
            near.gap * abs(near.budget) / max(most, 1e-9),
            start=known_plan(priced, start.values) if start else None,
        )
    except Infeasible:
        return None
    assert found.values is not None
    # What is not worth of openings is at most the budget. A whole number is not to be rounded up.
    fewest = (found.bound - near.limit) / price - ROUNDING_OPENINGS
    return replace(
        near.plan(found.values),
        overlap=round(float(often @ found.values)),
        overlap_least=max(0, math.ceil(fewest)) if math.isfinite(fewest) else 0,
    )


def other_than(near: Near, plan: Alternative) -> tuple[np.ndarray, float, float]:
    """Row that at least one site is otherwise than in a plan."""
    row = np.zeros(len(near.problem.program.cost))
    row[near.columns] = 1.0
    row[near.columns[sorted(plan.open_sites)]] = -1.0
    return row, 1.0 - len(plan.open_sites), np.inf

"""Which sites every plan within a budget has, which none has, and which it depends on.

A site that is open in one plan and closed in another depends; the two plans prove it. Any other is
forced the other way, and the cheapest plan then bounded: by linear programs first, which are quick
one after the other, then by a search. Where its bound is above the budget, there is no such plan.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from optimizer.errors import Infeasible, NoPlan
from optimizer.highs import Solver, Status
from optimizer.search import Found, relax, search
from optimizer.tradeoffs.alternatives import ROUNDING, Alternative, Near
from optimizer.tradeoffs.problem import held, limited

MUST, NEVER, DEPENDS = "must-have", "never", "depends"


@dataclass(frozen=True)
class Presence:
    """One site over all plans within a budget.

    Parameters
    ----------
    verdict : `must-have`, `never` or `depends`.
    proven : for all plans within the budget; if not, only seen in those found.
    open_in : plans found in which it is open.
    forced_cost_least : no plan with the site the other way costs less; NaN where not asked.
    """

    site: str
    verdict: str
    proven: bool
    open_in: int
    forced_cost_least: float = np.nan


class Probe(NamedTuple):
    """What is known of the cheapest plan with a site forced the other way: bound and plan."""

    bound: float
    plan: float


def presences(
    near: Near, plans: list[Alternative], told: Callable[[str], None]
) -> Iterator[Presence]:
    """Judge every site that has a choice, in the order of its table."""
    often = pd.Series(0, near.columns.index)
    for plan in plans:
        often[sorted(plan.open_sites)] += 1
    asked = [site for site, count in often.items() if count in (0, len(plans))]
    told("presence of sites")
    least = linear_bounds(near, asked, often)
    for site, count in often.items():
        if site not in least:
            yield Presence(site, DEPENDS, proven=True, open_in=count)
            continue
        probe = Probe(least[site], np.inf)
        if probe.bound <= above(near.budget):
            told(f"presence of {site}")
            probe = searched(near, site, 1.0 - min(count, 1), probe.bound)
        if probe.plan <= above(near.budget):
            yield Presence(site, DEPENDS, proven=True, open_in=count)
            continue
        yield Presence(
            site,
            MUST if count else NEVER,
            proven=probe.bound > above(near.budget),
            open_in=count,
            forced_cost_least=probe.bound,
        )


def above(budget: float) -> float:
    """Budget with a margin for rounding."""
    return budget + ROUNDING * abs(budget)


def linear_bounds(near: Near, sites: list[str], often: pd.Series) -> dict[str, float]:
    """Bound on plans with each site forced the other way, by the linear relaxation."""
    program, links = near.problem.program, near.problem.links
    control = limited(near.control, near.seconds)
    relaxation = relax(program, links, control, Found())
    least = dict.fromkeys(sites, -np.inf)
    solver = Solver(program, near.control, "presence", relaxed=True)
    if relaxation is not None:
        links.add_to(solver, relaxation.written)
    for site in sites:
        column = near.columns[[site]].to_numpy()
        other = np.array([1.0 - min(often[site], 1)])
        solver.set_bounds(column, other, other)
        outcome = solver.solve(seconds=math.inf if near.seconds is None else near.seconds)
        if outcome.status is Status.INFEASIBLE:
            least[site] = np.inf
        least[site] = max(least[site], outcome.bound)
        solver.set_bounds(column, program.lower[column], program.upper[column])
    return least


def searched(near: Near, site: str, value: float, bound: float) -> Probe:
    """Bound and cost of the cheapest plan with a site held open or closed in the last stage."""
    program = held(near.problem.program, near.columns[site], value)
    control = limited(near.control, near.seconds)
    try:
        found = search(program, near.problem.links, control, near.gap)
    except Infeasible:
        return Probe(np.inf, np.inf)
    except NoPlan:
        return Probe(bound, np.inf)
    return Probe(max(bound, found.bound), found.objective)

"""Which sites every plan within a budget has, which none has, and which it depends on.

A site that is open in one plan and closed in another depends; the two plans prove it. Any other is
first closed in a known plan whose other choices stand. Where that gives no plan, it is forced the
other way with every choice free, and the cheapest plan bounded: by linear programs first, which are
quick one after the other, then by a search that ends as soon as it is decided. Where the bound is
above the budget, there is no such plan.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from optimizer.errors import Infeasible, NoPlan
from optimizer.highs import Control, Solver, Status
from optimizer.search import Found, relax, search
from optimizer.tradeoffs.flips import one_closed
from optimizer.tradeoffs.near import Alternative, Near
from optimizer.tradeoffs.problem import held, known_plan, share

MUST, NEVER, DEPENDS = "must-have", "never", "depends"
# Part of the gap that would just do, so that rounding does not matter.
SURELY = 0.99
# Searches for one site at most: each ends nearer to the budget.
ROUNDS = 4


@dataclass(frozen=True)
class Presence:
    """One site over all plans within a budget.

    Parameters
    ----------
    verdict : `must-have`, `never` or `depends`.
    proven : for all plans within the budget; if not, only seen in those found.
    open_in : alternatives in which it is open.
    forced_cost_least : no plan with the site the other way costs less; NaN where not asked.
    """

    site: str
    verdict: str
    proven: bool
    open_in: int
    forced_cost_least: float = np.nan


@dataclass
class Judge:
    """What is known of every site that has a choice, so far.

    Parameters
    ----------
    known : plans within the budget, the run's own first.

    Attributes
    ----------
    least : by site, no plan with it otherwise than in all known ones costs less.
    """

    near: Near
    known: list[Alternative]
    least: dict[str, float] = field(default_factory=dict)

    def alike(self, verdict: str) -> list[str]:
        """Sites that are open in all known plans, `must-have`, or in none, `never`."""
        most = len(self.known) * (verdict == MUST)
        often = Counter(site for plan in self.known for site in plan.open_sites)
        return [site for site in self.near.columns.index if often[site] == most]

    def is_proven(self, site: str) -> bool:
        """Whether no plan within the budget has a site otherwise than all known ones."""
        return self.least.get(site, -np.inf) > self.near.limit

    @property
    def settled(self) -> dict[str, float]:
        """Value of presence that every plan within the budget is proven to have, by site."""
        values = dict.fromkeys(self.alike(MUST), 1.0) | dict.fromkeys(self.alike(NEVER), 0.0)
        return {site: value for site, value in values.items() if self.is_proven(site)}

    def look(self, control: Control) -> None:
        """Settle what linear programs can: by plans from known ones, then by bounds."""
        fullest = max(self.known, key=lambda plan: len(plan.open_sites))
        self.known += one_closed(self.near, fullest, self.alike(MUST), share(control, 2))
        asked = self.alike(MUST) + self.alike(NEVER)
        self.least = linear_bounds(self.near, self.known[0], asked, control)

    def search(self, control: Control, told: Callable[[str], None]) -> None:
        """Settle the rest by a search for each."""
        asked = [site for site in self.least if not self.is_proven(site)]
        for number, site in enumerate(asked):
            # A plan for another may have settled it on the way.
            if site in {*self.alike(MUST), *self.alike(NEVER)}:
                told(f"presence of {site}")
                part = share(control, len(asked) - number)
                found = decided(self.near, site, self.known[0], self.least[site], part)
                self.least[site] = max(self.least[site], found.bound)
                if found.values is not None and found.objective <= self.near.limit:
                    self.known.append(self.near.plan(found.values))

    def verdicts(self, plans: Sequence[Alternative]) -> Iterator[Presence]:
        """Judge every site, in the order of its table; `plans` are the alternatives."""
        must, never = self.alike(MUST), self.alike(NEVER)
        for site in self.near.columns.index:
            often = sum(site in plan.open_sites for plan in plans)
            if site in must or site in never:
                verdict, least = MUST if site in must else NEVER, self.least.get(site, np.nan)
                yield Presence(site, verdict, self.is_proven(site), often, least)
            else:
                yield Presence(site, DEPENDS, proven=True, open_in=often)


def linear_bounds(
    near: Near, plan: Alternative, sites: list[str], control: Control
) -> dict[str, float]:
    """Bound on plans with each site otherwise than in one, by the linear relaxation."""
    program, links = near.problem.program, near.problem.links
    least = dict.fromkeys(sites, near.least)
    if not sites:
        return least
    relaxation = relax(program, links, control, Found())
    solver = Solver(program, control, "presence", relaxed=True)
    if relaxation is not None:
        links.add_to(solver, relaxation.written)
    for site in sites:
        column = near.columns[[site]].to_numpy()
        other = np.array([float(site not in plan.open_sites)])
        solver.set_bounds(column, other, other)
        outcome = solver.solve()
        if outcome.status is Status.INFEASIBLE:
            least[site] = np.inf
        least[site] = max(least[site], outcome.bound)
        solver.set_bounds(column, program.lower[column], program.upper[column])
    return least


def decided(near: Near, site: str, plan: Alternative, least: float, control: Control) -> Found:
    """Look for a plan within the budget with a site otherwise than in one, or prove that none is.

    A search ends at the gap at which a plan within the budget would be enough, or, where its plan
    is dearer, a bound above the budget. Where both have moved in between, the next goes on.
    """
    program = held(near.problem.program, near.columns[site], float(site not in plan.open_sites))
    found, spare = Found(bound=least), near.budget - least
    for _ in range(ROUNDS):
        gap = max(0.0, SURELY * spare / max(abs(near.budget), 1e-9))
        start = None if found.values is None else known_plan(program, found.values)
        try:
            found = search(program, near.problem.links, control, gap, start=start)
        except Infeasible:
            return Found(bound=np.inf)
        except NoPlan:
            break
        spare = found.objective - near.budget
        if found.bound > near.limit or spare <= 0 or control.must_stop():
            break
    return found

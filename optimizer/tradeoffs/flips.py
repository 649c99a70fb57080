"""Plans from a known one: sites opened or closed in it, every other choice kept.

What is left then is a linear program, so a plan is there in a moment, or there is none of this
kind. It is how most sites show that they may be either way.
"""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from optimizer.finished import NOTHING_MW
from optimizer.highs import Control
from optimizer.polish import with_choices
from optimizer.tradeoffs.near import Alternative, Near
from optimizer.tradeoffs.problem import share


class Flips:
    """The linear program of a plan's choices, to be asked with some of them changed.

    Parameters
    ----------
    near : what a plan has to be within.
    plan : whose choices are kept.
    """

    def __init__(self, near: Near, plan: Alternative, control: Control) -> None:
        self.near, self.chosen = near, np.round(plan.values)
        self.solver = with_choices(near.problem.program, plan.values, control)

    def plan(self, columns: np.ndarray, value: float) -> Alternative | None:
        """Cheapest plan with some choices at a value; None where there is none in the budget."""
        self.solver.set_bounds(columns, *2 * [np.full(len(columns), value)])
        outcome = self.solver.solve()
        # The next differs little: the simplex method goes on from here.
        self.solver.set_option("solver", "choose")
        self.solver.set_bounds(columns, *2 * [self.chosen[columns]])
        if outcome.values is None or outcome.objective > self.near.limit:
            return None
        return self.near.plan(outcome.values)

    def keep(self, columns: np.ndarray, value: float) -> None:
        """Leave some choices at a value from now on."""
        self.chosen[columns] = value
        self.solver.set_bounds(columns, *2 * [self.chosen[columns]])


def more_open(near: Near, plan: Alternative, control: Control) -> Iterator[Alternative]:
    """Plans that have closed sites open besides: all at once, or as many as the budget bears."""
    flips = Flips(near, plan, control)
    groups = [[site for site in near.columns.index if site not in plan.open_sites]]
    while groups and not control.must_stop():
        group = groups.pop(0)
        found = flips.plan(near.columns[group].to_numpy(), 1.0) if group else None
        if found:
            yield found
        elif len(group) > 1:
            half = len(group) // 2
            groups += [group[:half], group[half:]]


def one_closed(
    near: Near, plan: Alternative, sites: list[str], control: Control
) -> Iterator[Alternative]:
    """Plans that have one of a plan's open sites closed."""
    flips, choices = Flips(near, plan, control), near.problem.choices_at()
    for site in sites:
        if control.must_stop():
            return
        if found := flips.plan(choices[site], 0.0):
            yield found


def fewer_open(
    near: Near, plan: Alternative, unwanted: Counter[str], control: Control
) -> Alternative:
    """Plan with unwanted sites closed one after the other, as far as the budget bears it.

    Half of the time is for that. Then what serves nobody is closed at once, and any other site
    where that is cheaper.
    """
    flips, choices = Flips(near, plan, control), near.problem.choices_at()
    loads, half = near.problem.loads_at(), share(control, 2)
    for site, _ in unwanted.most_common():
        if half.must_stop():
            break
        if site in plan.open_sites and (found := flips.plan(choices[site], 0.0)):
            flips.keep(choices[site], 0.0)
            plan = found
    others = [site for site in near.columns.index if site in plan.open_sites - unwanted.keys()]
    idle = [site for site in others if not (plan.values[loads[site]] > NOTHING_MW).any()]
    for group in (idle, *([site] for site in others)):
        if not group or not plan.open_sites.issuperset(group):
            continue
        columns = np.concatenate([choices[site] for site in group])
        found = flips.plan(columns, 0.0)
        if found and found.cost < plan.cost:
            flips.keep(columns, 0.0)
            plan = found
    return plan

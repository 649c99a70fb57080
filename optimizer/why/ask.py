"""Why a site is in a plan or not, what a rule costs, what power at a node would save."""

from functools import partial
from typing import Any

import pandas as pd

from models import PlanInputs
from optimizer.errors import Infeasible
from optimizer.explain.changes import AMPLE_MW, Change, more_grid, without_rule
from optimizer.highs import Control
from optimizer.prepare import prepare
from optimizer.routes import ROUTE_RULES, find_routes
from optimizer.run_tables import read_table
from optimizer.why.answer import Interval, Why
from optimizer.why.binding import (
    hall_binds,
    node_binds,
    rule_binds,
    site_rules,
    supply_binds,
    upgrades_ordered,
)
from optimizer.why.forced import solve_forced
from optimizer.why.reach import Reach, cost_per_mw_year, reach
from optimizer.why.run import Run

MOST_RIVALS = 6


def why_site(run: Run, site: str, control: Control, gap: float) -> Why:
    """Say why a site is in the plan or not.

    The instance is solved again with the site forced the other way, to a gap of `gap`.
    """
    run.known("sites", "site", site)
    own = run.inputs.sites.loc[site]
    capacity = read_table(run.folder, "capacity")
    capacity = capacity[capacity.site == site].set_index("year")
    in_use, exists = bool((capacity.open == 1).any()), bool(own.existing_it_mw)
    state, question, other = in_words(own, capacity), "", None
    if exists and not (capacity.served_it_mw > 0).any():
        state += "; it exists, so there is nothing to open"
    elif not in_use and own.earliest_year > run.inputs.stages[-1]:
        state += f"; it cannot open before {own.earliest_year}, after the last stage"
    else:
        question = "the cheapest plan " + ("without it" if in_use else "with it open")
        question += ", its upkeep still paid," if exists else ""
        other = solved_again(run.inputs, control, gap, site=site, used=not in_use)
    around = reach(run.instance, site)
    return Why(
        subject=f"site {site}",
        state=state,
        question=question,
        currency=run.record["currency"],
        plan=run.cost,
        other=other,
        difference=dearer(run.cost, other),
        binds=(
            *node_binds(run, own.node),
            *supply_binds(run, site),
            *hall_binds(own, capacity),
            *site_rules(run, site),
        ),
        reach=around,
        prices=prices(run, site, around),
    )


def why_change(run: Run, kind: str, name: str, control: Control, gap: float) -> Why:
    """Say what a rule costs, or what ample power at a node would save.

    Parameters
    ----------
    kind : `rule`, which is switched off, or `node`, which gets all the power it could use.
    """
    run.known(f"{kind}s", kind, name)
    if kind == "node":
        ample = {(name, t): AMPLE_MW for t in run.inputs.stages}
        change: Change = partial(more_grid, mw=ample)
        binds = (*node_binds(run, name), *upgrades_ordered(run, name))
        state = "binds" if binds else "full in no stage"
        question = "the cheapest plan with ample power there"
    else:
        change = partial(without_rule, rule=name)
        binds = tuple(rule_binds(run, name))
        rules = run.instance.tables["rules"].set_index("rule")
        state = "binds" if binds else "binds nowhere"
        if rules.kind[name] in ROUTE_RULES:
            state = "settles who may serve whom"
        question = "the cheapest plan without this rule"
    changed = change(run.instance)
    other = solved_again(prepare(changed, find_routes(changed)), control, gap)
    return Why(
        subject=f"{kind} {name}",
        state=state,
        question=question,
        currency=run.record["currency"],
        plan=run.cost,
        other=other,
        difference=dearer(other, run.cost) if other else None,
        binds=binds,
    )


def solved_again(
    inputs: PlanInputs, control: Control, gap: float, **forced: Any
) -> Interval | None:
    """Bound and cost of another plan, None if there is none."""
    try:
        found = solve_forced(inputs, control, gap, **forced)
    except Infeasible:
        return None
    return Interval(min(found.bound, found.objective), found.objective)


def dearer(free: Interval, forced: Interval | None) -> Interval | None:
    """By how much the optimum of a restricted problem is dearer than that of the free one."""
    if forced is None:
        return None
    return Interval(max(0.0, forced.least - free.most), max(0.0, forced.most - free.least))


def in_words(own: pd.Series, capacity: pd.DataFrame) -> str:
    """How the plan has a site."""
    last = capacity.iloc[-1]
    if not (capacity.open == 1).any():
        return "not in the plan"
    opened = f"in the plan from {capacity.index[capacity.open == 1][0]}"
    if own.existing_it_mw:
        opened = "there from the start"
    return (
        f"{opened}: {last.installed_it_mw:,.4g} IT MW installed and {last.served_it_mw:,.4g} "
        f"serving in {capacity.index[-1]}, of {own.max_it_mw:g}"
    )


def prices(run: Run, site: str, around: Reach) -> pd.DataFrame | None:
    """Cost of an IT MW and year at a site, and at those that serve the demand it reaches."""
    if around.eligible.empty:
        return None
    serving = read_table(run.folder, "serving")
    last = serving[serving.year == run.inputs.stages[-1]]
    shared = last.merge(around.eligible[["region", "workload"]], on=["region", "workload"])
    served = shared.groupby("site").it_mw.sum()
    rivals = served.drop(site, errors="ignore").nlargest(MOST_RIVALS)
    load = around.eligible.groupby("workload").it_mw.sum()
    table = cost_per_mw_year(run.inputs, load).loc[[site, *rivals.index]]
    table.insert(0, "served_it_mw", served.reindex(table.index).fillna(0.0))
    return table

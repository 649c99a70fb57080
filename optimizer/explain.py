"""Why there is no plan: which demand must go unserved, and which limits would have to give.

Rows are made elastic: each may be broken at a price, and the least total breach says how much is
missing. Demand alone elastic gives the load that cannot be served; one kind of limit alone elastic
gives what would have to be added there, or shows that this would not help.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, build_model
from optimizer.errors import Infeasible
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program, compile_program

# A breach below this is what a solver calls zero, in MW, sites, or parts of the budget.
NO_BREACH = 1e-6
# Whole numbers can make a least breach hard to prove: then the best one found is told.
SECONDS_PER_LEVER = 20.0
MOST_LINES = 8


@dataclass(frozen=True)
class Lever:
    """Limits of one kind that could give.

    Parameters
    ----------
    name : as the explanation calls it.
    rows : positions of the elastic rows in the program.
    slack : what one unit of breach adds to the row's activity.
    price : weight of one unit in the least total breach.
    words : what a breach of each row means; `{amount}` is the number of units.
    """

    name: str
    rows: list[int]
    slack: list[float]
    price: list[float]
    words: list[str]


def explain(inputs: PlanInputs, control: Control) -> Infeasible:
    """Say in a planner's words why an instance has no plan.

    Parameters
    ----------
    inputs : of an instance proven infeasible.
    control : its interruption counts here, too; its time limit does not.
    """
    inputs = with_every_service(inputs)
    model = build_model(inputs)
    # Nothing but rows may hold the load down, so that relaxing them has an effect.
    model.demand.load_mw.setub(None)
    program = compile_program(model)
    control = Control(interrupted=control.interrupted, threads=control.threads)
    demand, *levers = find_levers(model, inputs, program)
    lines = ["No plan keeps every limit of this instance."]
    least = least_breach(program, demand, control)
    if least is not None:
        lines += unserved_lines(model, inputs, program, demand, least)
    ways = []
    for lever in levers:
        outcome = least_breach(program, lever, control)
        if outcome is not None:
            ways += way_out(lever, program, outcome)
    if ways:
        lines += ["Any one of these alone would make a plan possible:", *ways]
    else:
        lines.append("No single kind of limit is the cause: several would have to give together.")
    return Infeasible("\n".join(lines))


def with_every_service(inputs: PlanInputs) -> PlanInputs:
    """Same problem, but every eligible site keeps its services, however little it could serve."""
    loosened = replace(inputs)
    everything = pd.MultiIndex.from_product([inputs.sites.index, inputs.stages])
    # Takes the place of the cached property, which would leave out sites without power or room.
    vars(loosened)["reach_it_mw"] = pd.Series(inputs.demand_mw.sum(), index=everything)
    return loosened


def find_levers(model: pyo.ConcreteModel, inputs: PlanInputs, program: Program) -> list[Lever]:
    """Demand first, then every kind of limit that has rows in this instance."""
    by_family: dict[str, list[tuple[int, tuple]]] = {}
    for position, row in enumerate(program.constraints):
        index = row.index()
        key = index if isinstance(index, tuple) else (index,)
        by_family.setdefault(row.parent_component().local_name, []).append((position, key))

    def lever(
        name: str, family: list[tuple[int, tuple]], slack: float, words: str, **columns: list
    ) -> Lever:
        count = len(family)
        return Lever(
            name,
            [position for position, _ in family],
            columns.get("slack", [slack] * count),
            columns.get("price", [1.0] * count),
            [words.replace("{key}", describe(key)) for _, key in family],
        )

    served = by_family["all_served"]
    demand_mw = [model.demand.demand_mw[key] for _, key in served]
    levers = [
        lever(
            "demand",
            served,
            1.0,
            "{key}",
            slack=[1 / mw for mw in demand_mw],
        ),
        lever("grid", by_family["node_limit"], -1.0, "{amount} MW more power at {key}"),
        lever(
            "capacity",
            by_family["enough_capacity"],
            -1.0,
            "{amount} MW more IT capacity at {key} than could stand there",
        ),
    ]
    for kind in ("max_share_operator_outside", "max_share_country", "max_share_operator"):
        levers += [
            lever(rule, rows, -1.0, f"{{amount}} IT MW more than rule {rule} allows ({{key}})")
            for rule, rows in by_rule(by_family.get(kind, []))
        ]
    for kind, unit in (("min_share_at_home", "IT MW"), ("min_sites_in", "sites")):
        levers += [
            lever(rule, rows, 1.0, f"{{amount}} {unit} less than rule {rule} asks for ({{key}})")
            for rule, rows in by_rule(by_family.get(kind, []))
        ]
    budget = by_family.get("within_budget", [])
    scale = max((inputs.capital_budget[t] for _, (t,) in budget), default=1.0) or 1.0
    levers.append(
        lever(
            "budget",
            budget,
            -1.0,
            "{amount} more to spend in {key}",
            price=[1.0 / scale] * len(budget),
        )
    )
    return [lever for lever in levers if lever.rows]


def by_rule(rows: list[tuple[int, tuple]]) -> list[tuple[str, list[tuple[int, tuple]]]]:
    """Rows (rule, subject, stage) of one kind of rule apart by rule, keys without it."""
    rules: dict[str, list[tuple[int, tuple]]] = {}
    for position, (rule, *rest) in rows:
        rules.setdefault(rule, []).append((position, tuple(rest)))
    return list(rules.items())


def describe(key: tuple) -> str:
    """Key of a row in words: `dublin in 2027`."""
    *names, stage = key
    return " of ".join(str(name) for name in reversed(names) if name != "*") + (
        f" in {stage}" if any(name != "*" for name in names) else f"{stage}"
    )


def least_breach(program: Program, lever: Lever, control: Control) -> Outcome | None:
    """Least total breach of one lever's rows that makes a plan possible; None if none does."""
    rows, columns = program.matrix.shape
    count = len(lever.rows)
    slack = sparse.csr_array(
        (lever.slack, (lever.rows, np.arange(count))), shape=(rows, count), dtype=float
    )
    elastic = replace(
        program,
        cost=np.concatenate([np.zeros(columns), lever.price]),
        offset=0.0,
        lower=np.concatenate([program.lower, np.zeros(count)]),
        upper=np.concatenate([program.upper, np.full(count, np.inf)]),
        integer=np.concatenate([program.integer, np.zeros(count, dtype=bool)]),
        matrix=sparse.csr_array(sparse.hstack([program.matrix, slack])),
    )
    relaxed = Solver(elastic, control, "explain", relaxed=True).solve()
    if relaxed.status is Status.INFEASIBLE:
        return None
    exact = Solver(elastic, control, "explain").solve(gap=1e-3, seconds=SECONDS_PER_LEVER)
    return exact if exact.values is not None else None


def breaches(lever: Lever, program: Program, outcome: Outcome) -> list[tuple[int, float]]:
    """Position and units of each breach of a lever's rows, largest first."""
    assert outcome.values is not None
    amounts = outcome.values[program.matrix.shape[1] :]
    weights = amounts * np.array(lever.price)
    return [(i, float(amounts[i])) for i in np.argsort(-weights) if weights[i] > NO_BREACH]


def way_out(lever: Lever, program: Program, outcome: Outcome) -> list[str]:
    """What would have to be added for one lever to make a plan possible."""
    found = breaches(lever, program, outcome)
    parts = [lever.words[i].replace("{amount}", amount(units)) for i, units in found[:MOST_LINES]]
    more = f"; and {len(found) - MOST_LINES} more such" if len(found) > MOST_LINES else ""
    return [f"  {lever.name}: " + "; ".join(parts) + more] if parts else []


def unserved_lines(
    model: pyo.ConcreteModel, inputs: PlanInputs, program: Program, lever: Lever, outcome: Outcome
) -> list[str]:
    """Demand that cannot be served, and what holds each of its eligible sites back."""
    found = breaches(lever, program, outcome)
    if not found:
        return []
    assert outcome.values is not None
    total_mw = sum(units for _, units in found)
    values = outcome.values
    column_of = program.column_of()
    lines = [f"At least {amount(total_mw)} MW of demand cannot be served:"]
    for i, mw in found[:MOST_LINES]:
        region, workload, stage = program.constraints[lever.rows[i]].index()
        sites = [s for _, _, s, _ in model.demand.sites_serving[region, workload, stage]]
        load_mw = {s: values[column_of[id(model.demand.load_mw[s, stage])]] for s in sites}
        held = [f"{s} ({obstacle(inputs, s, stage, load_mw[s])})" for s in sites]
        shown = ", ".join(held[:MOST_LINES])
        more = f" and {len(held) - MOST_LINES} more" if len(held) > MOST_LINES else ""
        eligible = f"eligible sites are {shown}{more}" if held else "no site is eligible"
        lines.append(f"  {amount(mw)} MW of {workload} of {region} in {stage}: {eligible}")
    if len(found) > MOST_LINES:
        lines.append(f"  and {len(found) - MOST_LINES} more demands")
    return lines


def obstacle(inputs: PlanInputs, s: str, stage: int, load_mw: float) -> str:
    """What keeps a site from serving more than this load in a stage."""
    site = inputs.sites.loc[s]
    grid_it_mw = inputs.node_limit_mw[site.node, stage] / site.pue
    if grid_it_mw <= NO_BREACH:
        later = [t for t in inputs.stages if inputs.node_limit_mw[site.node, t] > NO_BREACH]
        return f"no power at {site.node}" + (f" until {later[0]}" if later else "")
    if stage < site.earliest_year and load_mw >= site.existing_it_mw - NO_BREACH:
        return f"not before {site.earliest_year}"
    if load_mw >= site.max_it_mw - NO_BREACH:
        return "hall full"
    if load_mw >= grid_it_mw - NO_BREACH:
        return f"grid full at {site.node}"
    return f"held back by the grid at {site.node}, a rule, the budget or the size of its blocks"


def amount(units: float) -> str:
    """Number with as many digits as a planner can use; rounded up, for less would not do."""
    return f"{units:,.0f}" if units >= 1000 else f"{units:.3g}"

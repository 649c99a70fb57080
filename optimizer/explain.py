"""Why there is no plan: which demand must go unserved, and which limits would have to give.

Rows are made elastic: each may be broken at a price, and the least total breach says how much is
missing. Demand alone elastic gives the load that cannot be served; one kind of limit alone elastic
gives what would have to be added there, or shows that this would not help.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs, build_model
from optimizer.errors import Infeasible
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program, compile_program

# A breach below this is what a solver calls zero, in MW, sites or money.
NO_BREACH = 1e-6
# Whole numbers can make a least breach hard to prove: then the best one found is told.
SECONDS_PER_LEVER = 20.0
MOST_LINES = 8


# Constraints that may give: name of the lever ("" for the rule's own), sign of the breach in its
# row, and what a breach means.
LIMITS = {
    "node_limit": ("grid", -1.0, "{amount} MW more power at {key}"),
    "enough_capacity": (
        "capacity", -1.0, "{amount} MW more IT capacity at {key} than can be there"
    ),
    "max_share_operator_outside": ("", -1.0, "{amount} IT MW more than allowed ({key})"),
    "max_share_country": ("", -1.0, "{amount} IT MW more than allowed ({key})"),
    "max_share_operator": ("", -1.0, "{amount} IT MW more than allowed ({key})"),
    "min_share_at_home": ("", 1.0, "{amount} IT MW less than asked for ({key})"),
    "min_sites_in": ("", 1.0, "{amount} sites less than asked for ({key})"),
    "within_budget": ("budget", -1.0, "{amount} more to spend in {key}"),
}  # fmt: skip


@dataclass
class Lever:
    """Limits of one kind that could give.

    Parameters
    ----------
    name : as the explanation calls it.
    rows : positions of the elastic rows in the program.
    slack : what one unit of breach adds to each row's activity.
    words : what a breach of each row means; `{amount}` stands for the number of units.
    """

    name: str
    rows: list[int] = field(default_factory=list)
    slack: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, row: int, slack: float, words: str) -> None:
        """Make one more row elastic."""
        self.rows.append(row)
        self.slack.append(slack)
        self.words.append(words)


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
    demand, levers = find_levers(model, program)
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


def find_levers(model: pyo.ConcreteModel, program: Program) -> tuple[Lever, list[Lever]]:
    """Demand, in MW that go unserved, and every kind of limit that has rows in this instance."""
    demand = Lever("demand")
    levers: dict[str, Lever] = {}
    for position, row in enumerate(program.constraints):
        kind, index = row.parent_component().local_name, row.index()
        key = index if isinstance(index, tuple) else (index,)
        if kind == "all_served":
            demand.add(position, 1.0 / model.demand.demand_mw[key], "")
        elif kind in LIMITS:
            name, slack, words = LIMITS[kind]
            if not name:
                rule, *rest = key
                name, key = f"rule {rule}", tuple(rest)
            lever = levers.setdefault(name, Lever(name))
            lever.add(position, slack, words.replace("{key}", describe(key)))
    return demand, list(levers.values())


def describe(key: tuple) -> str:
    """Key of a row in words: `dublin in 2027`, or the year alone."""
    return " in ".join(str(part) for part in key if part != "*")


def least_breach(program: Program, lever: Lever, control: Control) -> Outcome | None:
    """Least total breach of one lever's rows that makes a plan possible; None if none does."""
    rows, columns = program.matrix.shape
    count = len(lever.rows)
    slack = sparse.csr_array(
        (lever.slack, (lever.rows, np.arange(count))), shape=(rows, count), dtype=float
    )
    elastic = replace(
        program,
        cost=np.concatenate([np.zeros(columns), np.ones(count)]),
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


def breaches(program: Program, outcome: Outcome) -> list[tuple[int, float]]:
    """Position and units of each breach of a lever's rows, largest first."""
    assert outcome.values is not None
    amounts = outcome.values[program.matrix.shape[1] :]
    largest = np.argsort(-amounts, kind="stable")
    return [(i, float(amounts[i])) for i in largest if amounts[i] > NO_BREACH]


def way_out(lever: Lever, program: Program, outcome: Outcome) -> list[str]:
    """What would have to be added for one lever to make a plan possible."""
    found = breaches(program, outcome)
    parts = [lever.words[i].replace("{amount}", amount(units)) for i, units in found[:MOST_LINES]]
    more = f"; and {len(found) - MOST_LINES} more such" if len(found) > MOST_LINES else ""
    return [f"  {lever.name}: " + "; ".join(parts) + more] if parts else []


def unserved_lines(
    model: pyo.ConcreteModel, inputs: PlanInputs, program: Program, lever: Lever, outcome: Outcome
) -> list[str]:
    """Demand that cannot be served, and what holds each of its eligible sites back."""
    found = breaches(program, outcome)
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

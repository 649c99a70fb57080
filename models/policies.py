"""Limits a planner sets for a stage as a whole: the capital budget."""

import math

import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import SumExpression

from models.inputs import PlanInputs

# As in `models.cost`.
MONEY = frozenset({"capital_budget"})


def add_policies(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.policies`: `within_budget` for each stage that has a budget."""
    policies = model.policies = pyo.Block()
    policies.capital_budget = inputs.capital_budget.to_dict()
    limited = [t for t, budget in policies.capital_budget.items() if not math.isinf(budget)]
    policies.within_budget = pyo.Constraint(limited, rule=within_budget)


def within_budget(policies: pyo.Block, t: int) -> object:
    r"""What a stage spends on opening, IT, upgrades and supply is at most its budget.

    $$\sum_s \mathrm{opening}_{s,t} + \sum_s \mathrm{it}_{s,t} + \sum_{g,u}
      \mathrm{upgrade}_{g,u,t} + \sum_{s,k} (\mathrm{supply} + \mathrm{resale})_{s,k,t} \le
      \mathrm{capital\_budget}_t$$

    Unit: currency, undiscounted, nothing carried over; resale is negative. Source: instance
    format, `policies`.
    """
    capital = policies.model().cost.capital
    # Connection fees are none of it: they could be paid ahead, in a stage with money to spare.
    spent = [capital[kind][t] for kind in capital if kind != "connection"]
    return SumExpression(spent) <= policies.capital_budget[t]

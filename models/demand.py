"""Who is served from where: shares of each region's workload, and the IT load they make."""

from collections.abc import Sequence

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import LinearExpression

from models.inputs import PlanInputs


def add_demand(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.demand`.

    Sets: `DEMANDS` (region, workload, stage); `SERVICES` (region, workload, site, stage), the
    routes on which a site could serve at all in that stage.

    Variables: `serve` and `unserved` shares of a demand, 0 to 1; `load_mw` by (site, stage), the
    IT MW served there at peak. With slices its limits are those of each slice.
    """
    demand = model.demand = pyo.Block()
    demand.demand_mw = inputs.demand_mw.to_dict()
    demand.DEMANDS = pyo.SetOf(list(demand.demand_mw))
    reach_it_mw = inputs.reach_it_mw.to_dict()
    routes, stages = inputs.routes.index.tolist(), inputs.stages
    # The list itself: a copy as a set would take more memory than the variables it indexes.
    services = [(*routes[i], stages[j]) for i, j in np.argwhere(inputs.service).tolist()]
    demand.SERVICES = pyo.SetOf(services)
    demand.serve = pyo.Var(demand.SERVICES, bounds=(0, 1))
    # Shares by demand, and by site, with the MW that a whole share is. Grouped in one pass: an
    # indexed variable takes several times as long to look one up.
    demand.shares = {key: [] for key in demand.demand_mw}
    demand.served = {(s, t): ([], []) for s in inputs.sites.index for t in inputs.stages}
    for (r, w, s, t), serve in zip(services, demand.serve.values(), strict=True):
        key = r, w, t
        demand.shares[key].append(serve)
        whole_mw, shares = demand.served[s, t]
        whole_mw.append(demand.demand_mw[key])
        shares.append(serve)
    may_fail = inputs.unserved_penalty_per_mwh is not None
    demand.unserved = pyo.Var(demand.DEMANDS if may_fail else [], bounds=(0, 1))
    demand.load_mw = pyo.Var(
        model.SITES,
        model.STAGES,
        bounds=lambda _, s, t: (0, max(reach_it_mw[s, t], 0) if inputs.power is None else None),
    )
    demand.all_served = pyo.Constraint(demand.DEMANDS, rule=all_served)
    demand.load_balance = pyo.Constraint(model.SITES, model.STAGES, rule=load_balance)


def all_served(demand: pyo.Block, r: str, w: str, t: int) -> object:
    r"""The shares of a region's workload and its unserved share add up to one.

    $$\sum_s \mathrm{serve}_{r,w,s,t} + \mathrm{unserved}_{r,w,t} = 1$$

    Unit: shares. `unserved` exists only where the instance prices it. Source: instance format,
    "All of it is served".
    """
    shares = list(demand.shares[r, w, t])
    if (r, w, t) in demand.unserved:
        shares.append(demand.unserved[r, w, t])
    shares = shares or [demand.model().nothing]
    return LinearExpression(shares) == 1


def load_balance(demand: pyo.Block, s: str, t: int) -> object:
    r"""What a site serves is its IT load, region peaks summed.

    $$\mathrm{load\_mw}_{s,t} = \sum_{r,w} \mathrm{demand\_mw}_{r,w,t}\,
      \mathrm{serve}_{r,w,s,t}$$

    Unit: IT MW. One column for the sum keeps every other row of a site short. Source: instance
    format, "Capacity and node limits hold at peak, region peaks summed".
    """
    whole_mw, shares = demand.served[s, t]
    return weighted_sum([*whole_mw, -1.0], [*shares, demand.load_mw[s, t]]) == 0


def weighted_sum(coefficients: Sequence[float], variables: Sequence) -> LinearExpression:
    """Linear expression from lists, several times faster than Python's sum."""
    return LinearExpression(linear_coefs=coefficients, linear_vars=variables)

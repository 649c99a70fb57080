"""Who is served from where: shares of each region's workload, and the IT load they make."""

from itertools import pairwise, product

import numpy as np
import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum


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
    route, stage = inputs.services
    # The list itself: a copy as a set would take more memory than the variables it indexes.
    demand.SERVICES = pyo.SetOf(services(inputs, route, stage))
    demand.serve = pyo.Var(demand.SERVICES, bounds=(0, 1))
    # Shares one by one, by demand, and by site with the MW that a whole share is. Grouped as
    # arrays: an indexed variable takes several times as long to look one up, as does `values()`.
    demand.each_share = list(demand.serve._data.values())
    serve = np.fromiter(demand.each_share, object, len(route))
    of_demand = inputs.routed_demand[route, stage]
    whole_mw = np.fromiter(demand.demand_mw.values(), object)[of_demand]
    shares = grouped(serve, of_demand, len(demand.demand_mw))
    demand.shares = dict(zip(demand.demand_mw, shares, strict=True))
    stations = list(product(inputs.sites.index, inputs.stages))
    station = inputs.served_station
    served = (grouped(values, station, len(stations)) for values in (whole_mw, serve))
    demand.served = dict(zip(stations, zip(*served, strict=True), strict=True))
    may_fail = inputs.unserved_penalty_per_mwh is not None
    demand.unserved = pyo.Var(demand.DEMANDS if may_fail else [], bounds=(0, 1))
    demand.load_mw = pyo.Var(
        model.SITES,
        model.STAGES,
        bounds=lambda _, s, t: (0, max(reach_it_mw[s, t], 0) if inputs.power is None else None),
    )
    demand.all_served = pyo.Constraint(demand.DEMANDS, rule=all_served)
    demand.load_balance = pyo.Constraint(model.SITES, model.STAGES, rule=load_balance)


def services(inputs: PlanInputs, route: np.ndarray, stage: np.ndarray) -> list[tuple]:
    """Names of routes in stages, given by position: (region, workload, site, stage) of each."""
    index = inputs.routes.index
    # All names of a site are the same object, which saves memory, and time to compare them.
    names = [
        level.to_numpy(object)[codes][route].tolist()
        for level, codes in zip(index.levels, index.codes, strict=True)
    ]
    return list(zip(*names, np.array(inputs.stages, object)[stage].tolist(), strict=True))


def grouped(values: np.ndarray, group: np.ndarray, count: int) -> list[list]:
    """Values of each of so many groups, in their order, by the group that each value is in."""
    ordered = values[np.argsort(group, kind="stable")].tolist()
    ends = np.cumsum(np.bincount(group, minlength=count)).tolist()
    return [ordered[start:end] for start, end in pairwise([0, *ends])]


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
    return WeightedSum([1.0] * len(shares), shares) == 1


def load_balance(demand: pyo.Block, s: str, t: int) -> object:
    r"""What a site serves is its IT load, region peaks summed.

    $$\mathrm{load\_mw}_{s,t} = \sum_{r,w} \mathrm{demand\_mw}_{r,w,t}\,
      \mathrm{serve}_{r,w,s,t}$$

    Unit: IT MW. One column for the sum keeps every other row of a site short. Source: instance
    format, "Capacity and node limits hold at peak, region peaks summed".
    """
    whole_mw, shares = demand.served[s, t]
    return WeightedSum([*whole_mw, -1.0], [*shares, demand.load_mw[s, t]]) == 0

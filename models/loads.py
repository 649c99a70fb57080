"""What load a site has in each slice: services by workload and profile, and campaigns."""

from collections import defaultdict

import numpy as np
import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.power_inputs import undominated
from models.siting import within_installed


def add_loads(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.loads`.

    Load is defined once by site, workload, profile and stage, and slices refer to it: routes
    written out by slice would be a hundred times as many numbers.

    Sets: `CLASSES` (site, workload, profile, stage) in which a site could have load; `CAMPAIGNS`;
    `HOSTS` (campaign, site); `DISPATCHED` (site, stage) where something but drawing from the grid
    can be decided by the slice, with a variable for everything; `STEADY` (site, stage, slice),
    for all other sites, the slices that can limit them.

    Variables: `class_mw` peak IT MW of a class, at least 0; `host` binary, the site of a campaign.
    """
    power = inputs.power
    assert power is not None
    loads = model.loads = pyo.Block()
    loads.profile = power.profile
    profile_of = power.profile_of.to_dict()
    loads.services = defaultdict(list)
    for r, w, s, t in model.demand.serve:
        loads.services[s, w, profile_of[r, w], t].append((r, w, s, t))
    loads.CLASSES = pyo.Set(dimen=4, initialize=list(loads.services))
    loads.class_mw = pyo.Var(loads.CLASSES, domain=pyo.NonNegativeReals)
    loads.class_balance = pyo.Constraint(loads.CLASSES, rule=class_balance)

    loads.campaign_mw = power.campaign_mw.to_dict()
    loads.CAMPAIGNS = pyo.Set(initialize=list(dict.fromkeys(c for c, _ in loads.campaign_mw)))
    loads.HOSTS = pyo.Set(
        dimen=2, initialize=[(c, s) for c, s in power.hosts if c in loads.CAMPAIGNS]
    )
    loads.host = pyo.Var(loads.HOSTS, domain=pyo.Binary, initialize=0)
    loads.hosted_once = pyo.Constraint(loads.CAMPAIGNS, rule=hosted_once)

    # By site and stage: the columns that make its load, and what a unit makes in each slice.
    loads.makes = columns_that_make(loads, inputs, power.profile)
    finest = power.finest
    loads.makes_finest = columns_that_make(loads, inputs, finest.profile)
    movable = set(power.workloads.index[power.workloads.movable_share > 0])
    moves_load = inputs.sites.moves_load.to_dict()
    loads.moves = {}
    for s, w, p, t in loads.CLASSES:
        if w in movable and moves_load[s]:
            loads.moves.setdefault((s, w, t), []).append(p)
    supplied = {s for (s, _), row in power.allowed.iterrows() if row.max_mw > 0}
    loads.DISPATCHED = pyo.Set(
        dimen=2,
        initialize=[
            (s, t)
            for s in inputs.sites.index
            for t in inputs.stages
            if s in supplied or any((s, w, t) in loads.moves for w in movable)
        ],
    )
    loads.stays = {
        w: 1.0 - float(share) for w, share in power.workloads.movable_share.items() if share > 0
    }
    loads.STEADY = pyo.Set(
        dimen=3,
        initialize=[
            (s, t, h)
            for s in inputs.sites.index
            for t in inputs.stages
            if loads.makes[s, t] and (power.fine or (s, t) not in loads.DISPATCHED)
            for h in undominated(
                np.array([v for *_, v in staying(loads, s, t)]).T, power.most_limiting
            )
        ],
    )
    loads.steady_capacity = pyo.Constraint(loads.STEADY, rule=steady_capacity)


def class_balance(loads: pyo.Block, s: str, w: str, p: str, t: int) -> object:
    r"""What a site serves of a workload, region peaks of one profile summed.

    $$\mathrm{class\_mw}_{s,w,p,t} = \sum_{r:\,\mathrm{profile}_{r,w} = p}
      \mathrm{demand\_mw}_{r,w,t}\,\mathrm{serve}_{r,w,s,t}$$

    Unit: IT MW at peak; a slice has a profile's part of it. Source: power through the hours,
    "Slices and profiles".
    """
    demand = loads.model().demand
    services = loads.services[s, w, p, t]
    coefficients = [demand.demand_mw[r, w, t] for r, w, _, _ in services]
    served = WeightedSum(coefficients, [demand.serve[key] for key in services])
    return served - loads.class_mw[s, w, p, t] == 0


def hosted_once(loads: pyo.Block, c: str) -> object:
    r"""A training campaign runs at one site.

    $$\sum_s \mathrm{host}_{c,s} = 1$$

    Unit: none. Source: power through the hours, "Campaigns".
    """
    hosts = [loads.host[key] for key in loads.HOSTS if key[0] == c]
    hosts = hosts or [loads.model().nothing]
    return WeightedSum([1.0] * len(hosts), hosts) == 1


def steady_capacity(loads: pyo.Block, s: str, t: int, h: int) -> object:
    r"""The IT load that cannot move is at most the installed IT capacity.

    $$\sum_{w,p} \mathrm{profile}_{p,h}\,\mathrm{class\_mw}_{s,w,p,t} + \sum_c
      \mathrm{it\_mw}_{c,t}\,\mathrm{host}_{c,s} \le \mathrm{installed\_mw}_{s,t}$$

    where a workload that may move counts with what stays. Unit: IT MW. Stated for slices whose
    load no other slice's is sure to reach, and where `slice_capacity` does not say more. Source:
    power through the hours, "Load".
    """
    terms = [(float(values[h]), variable) for variable, values in staying(loads, s, t)]
    return within_installed(loads.model(), terms, s, t)


def staying(loads: pyo.Block, s: str, t: int) -> list[tuple[object, np.ndarray]]:
    """What makes a site's load that cannot move, by the instance's own slices."""
    return [
        (variable, values * loads.stays[variable.index()[1]])
        if variable.parent_component() is loads.class_mw
        and (s, variable.index()[1], t) in loads.moves
        else (variable, values)
        for variable, values in loads.makes_finest[s, t]
    ]


def columns_that_make(
    loads: pyo.Block, inputs: PlanInputs, profile: dict[str, np.ndarray]
) -> dict[tuple[str, int], list[tuple[object, np.ndarray]]]:
    """Columns that make load at each site and stage, with what a unit makes in each slice."""
    flat = np.ones(len(next(iter(profile.values()), ())))
    makes = defaultdict(list)
    for s, w, p, t in loads.CLASSES:
        makes[s, t].append((loads.class_mw[s, w, p, t], profile[p]))
    for c, s in loads.HOSTS:
        for t in inputs.stages:
            if (c, t) in loads.campaign_mw:
                makes[s, t].append((loads.host[c, s], loads.campaign_mw[c, t] * flat))
    return makes


def load_terms(loads: pyo.Block, s: str, t: int, h: int) -> tuple[list[float], list]:
    """Coefficients and variables of a site's IT load in a slice, before anything moves."""
    made = [(float(values[h]), variable) for variable, values in loads.makes[s, t] if values[h]]
    made = made or [(1.0, loads.model().nothing)]
    coefficients, variables = zip(*made, strict=True)
    return list(coefficients), list(variables)

"""Valid inequalities: true of every plan, not needed to state it, and what makes bounds tight."""

from dataclasses import dataclass

import pyomo.environ as pyo

from models.inputs import PlanInputs


@dataclass(frozen=True, slots=True)
class Link:
    """`variable <= most * gate`: a row that the search adds when the relaxation breaks it."""

    variable: pyo.Var
    most: float
    gate: pyo.Var


def strong_links(model: pyo.ConcreteModel, inputs: PlanInputs) -> list[Link]:
    r"""A closed site serves nobody, stated for every service apart and for its whole load.

    $$\mathrm{serve}_{r,w,s,t} \le \min(1, K_{s,t} / \mathrm{demand\_mw}_{r,w,t})\,
      \mathrm{open}_{s,t}, \qquad \mathrm{load\_mw}_{s,t} \le K_{s,t}\,\mathrm{open}_{s,t}$$

    with $K_{s,t}$ the most the site could serve (`PlanInputs.reach_it_mw`). Unit: share; IT MW.
    Valid because a closed site has no capacity and an open one at most K. The second says more
    than `hall_limit` where a node carries less than the halls on it hold. Far more rows than all
    the others together, of which few ever matter: never written, only separated. Source: the
    strong formulation of facility location, Krarup and Pruzan 1983.
    """
    reach_it_mw = inputs.reach_it_mw.to_dict()
    is_open = dict(model.siting.open.items())  # Pyomo takes its time over each look.
    demand_mw, shares = model.demand.demand_mw, model.demand.each_share
    services = [
        Link(
            serve,
            min(1.0, most_mw(inputs, reach_it_mw[s, t], r, w, s) / demand_mw[r, w, t]),
            is_open[s, t],
        )
        for (r, w, s, t), serve in zip(model.demand.serve, shares, strict=True)
        if (s, t) in is_open
    ]
    if inputs.power is not None:
        return services
    loads = [
        Link(load_mw, reach_it_mw[key], is_open[key])
        for key, load_mw in model.demand.load_mw.items()
        if key in is_open and reach_it_mw[key] > 0
    ]
    return services + loads


def most_mw(inputs: PlanInputs, reach_it_mw: float, r: str, w: str, s: str) -> float:
    """IT MW at peak that a site could serve of a demand at most.

    With slices: what makes its load in the highest slice, less what may leave it, the site's
    most.
    """
    power = inputs.power
    if power is None:
        return reach_it_mw
    stays = 1.0 - float(power.workloads.movable_share[w] * inputs.sites.moves_load[s])
    highest = float(power.finest.profile[power.profile_of[r, w]].max()) * stays
    return reach_it_mw / highest if highest > 0 else float("inf")

"""Valid inequalities: true of every plan, not needed to state it, and what makes bounds tight."""

from dataclasses import dataclass
from itertools import compress, product

import numpy as np
import pyomo.environ as pyo

from models.inputs import PlanInputs


@dataclass(frozen=True, slots=True)
class StrongLinks:
    """`variable <= most * gate`, one after the other: rows that the search adds when broken.

    Parameters
    ----------
    variables, gates : of Pyomo, (links,) each.
    most : (links,)
    """

    variables: list
    most: np.ndarray
    gates: list


def strong_links(model: pyo.ConcreteModel, inputs: PlanInputs) -> StrongLinks:
    r"""A closed site serves nobody, stated for every service apart and for its whole load.

    $$\mathrm{serve}_{r,w,s,t} \le \min(1, K_{s,t} / \mathrm{demand\_mw}_{r,w,t})\,
      \mathrm{open}_{s,t}, \qquad \mathrm{load\_mw}_{s,t} \le K_{s,t}\,\mathrm{open}_{s,t}$$

    with $K_{s,t}$ the most the site could serve (`PlanInputs.reach_it_mw`). Unit: share; IT MW.
    Valid because a closed site has no capacity and an open one at most K. The second says more
    than `hall_limit` where a node carries less than the halls on it hold. Far more rows than all
    the others together, of which few ever matter: never written, only separated. Source: the
    strong formulation of facility location, Krarup and Pruzan 1983.
    """
    is_open = dict(model.siting.open.items())  # Pyomo takes its time over each look.
    stations = list(product(inputs.sites.index, inputs.stages))
    gate = np.fromiter(map(is_open.get, stations), object, len(stations))
    gated = np.array([key in is_open for key in stations])
    reach_it_mw = inputs.reach_it_mw.to_numpy()
    route, stage = inputs.services
    station = inputs.served_station
    linked = gated[station]
    with np.errstate(divide="ignore"):
        most_mw = reach_it_mw[station] / at_most_seen(inputs)[route]
    share = np.minimum(1.0, most_mw / inputs.routed_mw[route, stage])
    variables = list(compress(model.demand.each_share, linked))
    most, gates = share[linked], gate[station[linked]].tolist()
    if inputs.power is not None:
        return StrongLinks(variables, most, gates)
    loaded = gated & (reach_it_mw > 0)
    loads = list(compress(model.demand.load_mw.values(), loaded))
    return StrongLinks(
        variables + loads, np.append(most, reach_it_mw[loaded]), gates + gate[loaded].tolist()
    )


def at_most_seen(inputs: PlanInputs) -> np.ndarray:
    """Part of a route's demand at peak that its site sees at most at once, (routes,).

    1 without slices; with them the highest slice, less what may leave it. A site could serve of
    the demand what makes its most in that slice.
    """
    power = inputs.power
    if power is None:
        return np.ones(len(inputs.routes))
    demands = inputs.routes.index.droplevel("site")
    highest = {name: float(load.max()) for name, load in power.finest.profile.items()}
    seen = power.profile_of.map(highest).reindex(demands).to_numpy(float)
    movable = power.workloads.movable_share.reindex(demands.get_level_values("workload"))
    moves = inputs.sites.moves_load.to_numpy(float)[inputs.routed_site]
    return seen * (1.0 - movable.to_numpy(float) * moves)

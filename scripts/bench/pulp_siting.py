"""The plain siting problem in PuLP, with every strong link."""

from collections import defaultdict
from typing import Any

from bench.siting import Siting


def state(siting: Siting) -> Any:
    """State it: the rows of the Pyomo model and the strong links.

    Returns
    -------
    pulp.LpProblem
    """
    import pulp  # noqa: PLC0415 — an extra

    problem = pulp.LpProblem("siting", pulp.LpMinimize)
    sites, services = range(len(siting.hall_mw)), range(len(siting.demand))
    demand, site = siting.demand.tolist(), siting.site.tolist()
    mw = siting.demand_mw[siting.demand].tolist()
    serve = [pulp.LpVariable(f"serve_{k}", 0, 1) for k in services]
    is_open = [pulp.LpVariable(f"open_{s}", cat="Binary") for s in sites]
    new_mw = [pulp.LpVariable(f"new_mw_{s}", 0, float(siting.hall_mw[s])) for s in sites]
    load_mw = [
        pulp.LpVariable(f"load_mw_{s}", 0, float(min(siting.reach_mw[s], siting.power_mw[s])))
        for s in sites
    ]
    problem += pulp.LpAffineExpression(
        [
            *zip(serve, siting.share_cost.tolist(), strict=True),
            *zip(is_open, siting.opening_cost.tolist(), strict=True),
            *zip(new_mw, siting.it_cost_per_mw.tolist(), strict=True),
        ]
    )
    of_demand, of_site = defaultdict(list), defaultdict(list)
    for k in services:
        of_demand[demand[k]].append((serve[k], 1.0))
        of_site[site[k]].append((serve[k], mw[k]))
    for shares in of_demand.values():
        problem += pulp.LpAffineExpression(shares) == 1
    for s in sites:
        problem += pulp.LpAffineExpression([*of_site[s], (load_mw[s], -1.0)]) == 0
        problem += load_mw[s] <= new_mw[s]
        problem += new_mw[s] <= float(siting.hall_mw[s]) * is_open[s]
        problem += load_mw[s] <= float(siting.reach_mw[s]) * is_open[s]
    for k, most in enumerate(siting.link.tolist()):
        problem += serve[k] <= most * is_open[site[k]]
    return problem

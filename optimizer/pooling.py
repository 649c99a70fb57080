"""Treat regions that no row of the model can tell apart as one: an exact, smaller problem."""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np
import pandas as pd

from models.inputs import PlanInputs


def pool_regions(inputs: PlanInputs) -> PlanInputs:
    """Merge, workload by workload, regions with the same routes, costs and rules.

    Two demands of one workload are alike if they may be served from the same sites at the same
    network cost, count in the same rows of the same rules and follow the same profile. Any plan
    for both can be averaged over them, weighted by demand, and stays feasible at the same cost;
    so one column does for all. The merged demand bears the name of its first region.

    Returns
    -------
    PlanInputs
        The pooled problem. Its optimum is that of the original; its plans give the same shares
        to all regions of a pool. Where no two are alike, `inputs` itself.
    """
    pool = pool_of(inputs)
    regions, workloads, stages = (inputs.demand_mw.index.get_level_values(i) for i in range(3))
    first = pool.reindex(pd.MultiIndex.from_arrays([regions, workloads])).to_numpy()
    if (first == regions).all() and (pool == pool.index.get_level_values(0)).all():
        return inputs
    pooled = pd.Series(
        inputs.demand_mw.to_numpy(),
        index=pd.MultiIndex.from_arrays(
            [first, workloads, stages], names=inputs.demand_mw.index.names
        ),
    )
    routes = inputs.routes
    own = pool.reindex(routes.index.droplevel("site")).to_numpy()
    return replace(
        inputs,
        demand_mw=pooled.groupby(level=[0, 1, 2], sort=False).sum(),
        routes=routes[routes.index.get_level_values("region") == own],
    )


def pool_of(inputs: PlanInputs) -> pd.Series:
    """Region that stands for each (region, workload), the first of its pool."""
    routes = inputs.routes
    site = inputs.sites.index.get_indexer(routes.index.get_level_values("site"))
    code, keys = numbered(routes.index.droplevel("site"))
    order = np.lexsort((site, code))
    ends = np.cumsum(np.bincount(code, minlength=len(keys)))[:-1]
    site_sets = np.split(site[order].astype(np.int32), ends)
    costs = np.split(routes.network_cost_per_mw_year.to_numpy()[order], ends)
    governing = lru_cache(maxsize=None)(partial(rules_governing, inputs))
    country = inputs.user_country.to_dict()
    profile = inputs.power.profile_of.to_dict() if inputs.power else {}
    first: dict[tuple, str] = {}
    pool = {}
    # Not strict: without any route there is still one piece, an empty one.
    for (region, workload), sites, cost in zip(keys, site_sets, costs, strict=False):
        shape = profile.get((region, workload))
        rows = governing(workload, country[region])
        alike = workload, shape, rows, sites.tobytes(), cost.tobytes()
        pool[region, workload] = first.setdefault(alike, region)
    # Demands without a route share nothing: each stands for itself.
    for region, workload, _ in inputs.demand_mw.index:
        pool.setdefault((region, workload), region)
    return pd.Series(pool)


def numbered(demands: pd.MultiIndex) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Number of each demand, in order of appearance, and the (region, workload) of each number.

    By whole numbers: millions of tuples, made to be compared, take longer than all the rest here.
    """
    (regions, workloads), (region, workload) = demands.levels, demands.codes
    code, first = pd.factorize(region.astype(np.int64) * len(workloads) + workload)
    region, workload = np.divmod(first, max(len(workloads), 1))
    return code, list(zip(regions[region], workloads[workload], strict=True))


def rules_governing(inputs: PlanInputs, workload: str, country: str) -> tuple[tuple[str, str], ...]:
    """Rows of share rules in which a demand counts: (rule, subject) pairs that tell it apart."""
    return tuple(
        (rule.rule, country if rule.kind == "min_share_at_home" else "*")
        for rule in inputs.share_rules
        if rule.kind != "min_sites_in"
        and workload in rule.workloads
        and country in rule.user_countries
    )

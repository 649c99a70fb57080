"""The plain siting problem as arrays, for those who state it in a language of their own."""

from dataclasses import dataclass, replace

import numpy as np

from models import PlanInputs
from models.cost import serving_cost_per_mw
from models.money import annuity, present_value
from optimizer.pooling import pool_regions


@dataclass(frozen=True)
class Siting:
    """One stage: sites open, halls fill, regions are served; nothing else.

    Parameters
    ----------
    opening_cost, it_cost_per_mw, hall_mw, power_mw : (sites,) `power_mw` is IT MW that the grid
        carries.
    demand_mw : (demands,)
    demand, site : (services,) positions.
    share_cost : (services,) cost of serving all of the demand from the site.
    reach_mw : (sites,) IT MW that a site could serve at the very most.
    gated : (sites,) whether a node's power is there only while the site is open.
    """

    opening_cost: np.ndarray
    it_cost_per_mw: np.ndarray
    hall_mw: np.ndarray
    power_mw: np.ndarray
    demand_mw: np.ndarray
    demand: np.ndarray
    site: np.ndarray
    share_cost: np.ndarray
    reach_mw: np.ndarray
    gated: np.ndarray

    @property
    def link(self) -> np.ndarray:
        """Most of a demand that a service may serve, (services,): its strong link."""
        return np.minimum(1.0, self.reach_mw[self.site] / self.demand_mw[self.demand])


def plain_siting(inputs: PlanInputs) -> Siting | None:
    """State a problem as plain siting; None where it is more than that."""
    sites = inputs.sites
    if (
        inputs.power is not None
        or len(inputs.stages) > 1
        or len(inputs.upgrades)
        or inputs.share_rules
        or inputs.unserved_penalty_per_mwh is not None
        or np.isfinite(inputs.capital_budget).any()
        or sites.existing_it_mw.any()
        or sites.block_mw.notna().any()
        or sites[["embodied_t", "embodied_t_per_it_mw"]].any(axis=None)
        or (sites.earliest_year > inputs.stages[0]).any()
        or any(cap is not None and np.isfinite(cap).any() for cap in caps(inputs))
        or (inputs.clean_share is not None and inputs.clean_share.any())
    ):
        return None
    inputs = pool_regions(inputs)
    stage = inputs.stages[0]
    serving = serving_cost_per_mw(inputs)
    years, now = annuity(inputs, stage), present_value(inputs, stage)
    firm = inputs.firm_mw.xs(stage, level="stage")
    if inputs.sites.node.duplicated().any() and not spacious(inputs, firm.to_dict()):
        return None
    routes = inputs.routes.index
    demands = inputs.demand_mw.index.droplevel("stage")
    demand = demands.get_indexer(routes.droplevel("site"))
    kept = demand >= 0
    demand, site = demand[kept], sites.index.get_indexer(routes.get_level_values("site"))[kept]
    demand_mw = inputs.demand_mw.to_numpy(float)
    per_mw = np.array([serving[w, s, stage] for _, w, s in routes[kept]])
    per_mw += inputs.routes.network_cost_per_mw_year.to_numpy(float)[kept] * years
    return Siting(
        opening_cost=(sites.opening_cost * now + sites.fixed_cost_per_year * years).to_numpy(float),
        it_cost_per_mw=(sites.it_cost_per_mw * now).to_numpy(float),
        hall_mw=sites.max_it_mw.to_numpy(float),
        power_mw=(sites.node.map(firm) / sites.pue).to_numpy(float),
        demand_mw=demand_mw,
        demand=demand,
        site=site,
        share_cost=demand_mw[demand] * per_mw,
        reach_mw=inputs.reach_it_mw.xs(stage, level="stage").reindex(sites.index).to_numpy(float),
        gated=np.array(
            [g in inputs.only_site and inputs.lacking_mw[g, stage] > 0 for g in sites.node]
        ),
    )


def caps(inputs: PlanInputs) -> tuple:
    """Limits by year on what all sites do together."""
    return inputs.carbon_cap_t, inputs.water_cap_m3


def spacious(inputs: PlanInputs, firm_mw: dict[str, float]) -> bool:
    """Whether nodes that sites share carry all the demand there is."""
    most_mw = inputs.demand_mw.sum() * inputs.sites.pue.max()
    return all(firm_mw[node] >= most_mw for node in inputs.sites.node)


def of(inputs: PlanInputs) -> Siting:
    """Plain siting of a problem that is nothing else."""
    siting = plain_siting(inputs)
    assert siting is not None
    return siting


def first_demand(inputs: PlanInputs) -> PlanInputs:
    """The problem of the first demand alone: stated once, it has everything imported."""
    region = inputs.demand_mw.index[0][0]
    of_region = inputs.routes.index.get_level_values("region") == region
    return replace(inputs, demand_mw=inputs.demand_mw.iloc[:1], routes=inputs.routes[of_region])

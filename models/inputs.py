"""PlanInputs: everything the model is told, and the whole contract with `optimizer`."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from models.power_inputs import PowerInputs

# Part of a sum of MW that is taken for a rounding error.
ROUNDING = 1e-9


@dataclass(frozen=True)
class ShareRule:
    """A sovereignty rule that limits shares of demand or counts sites.

    Parameters
    ----------
    rule : the rule's key in the instance.
    kind : one of `max_share_operator_outside`, `max_share_country`, `max_share_operator`,
        `min_share_at_home`, `min_sites_in`.
    workloads : the workloads it governs.
    user_countries : the countries whose users' demand it governs.
    group : the countries the rule's group holds; empty for kinds that name no group.
    value : a share of demand between 0 and 1, or a number of sites.
    from_year : the first year in which the rule holds.
    """

    rule: str
    kind: str
    workloads: frozenset[str]
    user_countries: frozenset[str]
    group: frozenset[str]
    value: float
    from_year: int


@dataclass(frozen=True)
class PlanInputs:
    """The numbers of one planning problem, indexed by their keys, units in their names.

    Parameters
    ----------
    stages : investment years, increasing; each stands for the years up to the next.
    horizon_end : the first year after the last stage.
    base_year, discount_rate : a cost in year y weighs (1 + discount_rate)^-(y - base_year).
    sites : by site; `country`, `operator`, `operator_country`, `node`, `max_it_mw`,
        `existing_it_mw`, `opening_cost`, `fixed_cost_per_year`, `it_cost_per_mw`, `block_mw`
        (NaN: continuous), `pue`, `earliest_year`.
    nodes : by node; `energy_price_per_mwh`, `carbon_kg_per_mwh`.
    firm_mw : by (node, stage); MW guaranteed throughout the stage.
    upgrades : by (node, upgrade); `mw`, `cost`, `lead_years`, `earliest_year`, `after` (an
        upgrade of the node, or "").
    load_factor : by workload; mean over peak IT load.
    demand_mw : by (region, workload, stage); peak IT MW, above zero.
    user_country : by region.
    routes : by (region, workload, site), eligible ones only; `rtt_ms`,
        `network_cost_per_mw_year`.
    share_rules : the rules that routes alone do not settle.
    carbon_price_per_t : by year, from the first stage to the horizon.
    capital_budget : by stage, undiscounted; infinite where there is none.
    unserved_penalty_per_mwh : None where all demand must be served.
    carbon_cap_t, water_cap_m3, clean_share : by year, from the first stage to the horizon;
        infinite, or 0, where there is none. None: in no year.
    clean_hourly : by year; whether clean energy counts hour by hour.
    power : what happens in the hours; None where only peaks and energy count.
    """

    stages: tuple[int, ...]
    horizon_end: int
    base_year: int
    discount_rate: float
    sites: pd.DataFrame
    nodes: pd.DataFrame
    firm_mw: pd.Series
    upgrades: pd.DataFrame
    load_factor: pd.Series
    demand_mw: pd.Series
    user_country: pd.Series
    routes: pd.DataFrame
    share_rules: tuple[ShareRule, ...]
    carbon_price_per_t: pd.Series
    capital_budget: pd.Series
    unserved_penalty_per_mwh: float | None
    carbon_cap_t: pd.Series | None = None
    water_cap_m3: pd.Series | None = None
    clean_share: pd.Series | None = None
    clean_hourly: pd.Series | None = None
    power: PowerInputs | None = None

    def years(self, stage: int) -> range:
        """Years that a stage stands for."""
        following = self.stages.index(stage) + 1
        end = self.stages[following] if following < len(self.stages) else self.horizon_end
        return range(stage, end)

    def before(self, stage: int) -> int | None:
        """Stage before this one, None for the first."""
        position = self.stages.index(stage)
        return self.stages[position - 1] if position else None

    @cached_property
    def node_limit_mw(self) -> pd.Series:
        """MW that a node can carry in a stage with every upgrade in time, by (node, stage)."""
        limit = self.firm_mw.copy()
        for (node, _), upgrade in self.upgrades.iterrows():
            ready = max(upgrade.earliest_year, self.stages[0])
            for stage in self.stages:
                if any(t >= ready and t + upgrade.lead_years <= stage for t in self.stages):
                    limit[node, stage] += upgrade.mw
        return limit

    @cached_property
    def lacking_mw(self) -> pd.Series:
        """MW beyond firm that full halls at a node would draw, by (node, stage); 0 if none.

        Of peaks alone: with slices sites may also store and sell.
        """
        drawn_mw = (
            self.hall_it_mw.mul(self.sites.pue, axis=0).groupby(self.sites.node).sum().stack()
        )
        lacking_mw = drawn_mw.reindex(self.firm_mw.index, fill_value=0.0) - self.firm_mw
        return lacking_mw.where(lacking_mw > ROUNDING * self.firm_mw, 0.0)

    @cached_property
    def only_site(self) -> dict[str, str]:
        """The only site of a node, where it draws nothing while it is closed, by node.

        One that has capacity is never closed, and a battery that stands there draws by itself.
        """
        sites = self.sites[~self.sites.node.duplicated(keep=False)]
        may_close = sites.existing_it_mw == 0
        if self.power is not None:
            battery = self.power.technologies.kind == "battery"
            standing = self.power.allowed.existing_mw
            standing = standing[battery.reindex(standing.index.get_level_values(1)).to_numpy()]
            may_close &= ~sites.index.isin(standing[standing > 0].index.get_level_values(0))
        return {node: site for site, node in sites.node[may_close].items()}

    @cached_property
    def most_blocks(self) -> pd.Series:
        """Whole blocks that a hall has room for, by site; NaN where any amount may be bought."""
        room_mw = (self.sites.max_it_mw - self.sites.existing_it_mw).clip(lower=0)
        # The margin keeps 3 × 0.1 MW fitting into a hall of 0.3 MW in floating point.
        return np.floor(room_mw / self.sites.block_mw * (1 + 1e-9))

    @cached_property
    def hall_it_mw(self) -> pd.DataFrame:
        """IT MW that a hall holds when it is full, by site, a column a stage.

        Blocks fill it up to the last whole one, others all of `max_it_mw`; before `earliest_year`
        only what exists counts.
        """
        in_blocks_mw = self.sites.existing_it_mw + self.most_blocks * self.sites.block_mw
        hall_mw = in_blocks_mw.fillna(self.sites.max_it_mw)
        frame = pd.DataFrame(
            {
                stage: hall_mw.where(self.sites.earliest_year <= stage, self.sites.existing_it_mw)
                for stage in self.stages
            }
        )
        frame.columns.name = "stage"
        return frame

    @cached_property
    def reach_it_mw(self) -> pd.Series:
        """IT MW that a site could serve in a stage at the very most, by (site, stage).

        K[s,t] = min(hall, powered_it_mw).
        """
        powered_mw = pd.DataFrame({stage: self.powered_it_mw(stage) for stage in self.stages})
        return self.hall_it_mw.clip(upper=powered_mw).stack()

    @cached_property
    def routed_site(self) -> np.ndarray:
        """Position of each route's site, (routes,)."""
        return self.sites.index.get_indexer(self.routes.index.get_level_values("site"))

    @cached_property
    def routed_demand(self) -> np.ndarray:
        """Position in `demand_mw` of the demand at the start of each route, (routes, stages).

        -1 where there is none.
        """
        position = pd.Series(np.arange(len(self.demand_mw)), self.demand_mw.index)
        wide = position.unstack("stage", fill_value=-1)
        wide = wide.reindex(columns=list(self.stages), fill_value=-1)
        at = wide.index.get_indexer(self.routes.index.droplevel("site"))
        return np.where(at[:, None] >= 0, wide.to_numpy()[at], -1)

    @cached_property
    def routed_mw(self) -> np.ndarray:
        """Demand at the start of each route, (routes, stages); 0 where there is none."""
        return np.append(self.demand_mw.to_numpy(float), 0.0)[self.routed_demand]

    @cached_property
    def service(self) -> np.ndarray:
        """Routes on which a site could serve at all in a stage, (routes, stages)."""
        reach_mw = self.reach_it_mw.to_numpy().reshape(len(self.sites), len(self.stages))
        return (self.routed_mw > 0) & (reach_mw > 0)[self.routed_site]

    @cached_property
    def services(self) -> tuple[np.ndarray, np.ndarray]:
        """Positions of route and stage of every service that could be, (services,) each."""
        route, stage = np.nonzero(self.service)
        return route, stage

    @cached_property
    def served_station(self) -> np.ndarray:
        """Position of each service's site and stage, among all by site, then stage, (services,)."""
        route, stage = self.services
        return self.routed_site[route] * len(self.stages) + stage

    def powered_it_mw(self, stage: int) -> pd.Series:
        """IT MW for which a site could have power in a stage at the very most, by site.

        What its node could carry, and with slices also flexible MW and all that may stand on
        site, at the lowest PUE.
        """
        node_mw = self.node_limit_mw.xs(stage, level="stage")
        if self.power is None:
            return node_mw.reindex(self.sites.node).set_axis(self.sites.index) / self.sites.pue
        flexible_mw = self.power.flexible.flexible_mw
        flexible_mw = flexible_mw[flexible_mw.index.get_level_values("stage") == stage]
        node_mw = node_mw.add(flexible_mw.droplevel("stage"), fill_value=0)
        own_mw = self.power.allowed.max_mw.groupby("site").sum()
        at_site_mw = node_mw.reindex(self.sites.node).set_axis(self.sites.index)
        return at_site_mw.add(own_mw.reindex(self.sites.index, fill_value=0)) / self.power.pue.min(
            axis=1
        )

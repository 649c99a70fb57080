"""What an instance implies, worked out for the audit alone: years, weights, demand, MW, prices."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.instance import Instance

HOURS_PER_YEAR = 8760.0


class Facts:
    """The instance as the audit needs it.

    Attributes
    ----------
    sites, nodes, regions, workloads : tables by their key.
    groups : countries of each group.
    rules : the table of rules, in file order.
    demand : peak IT MW by (region, workload, year), only what is above zero.
    stages : investment years.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.manifest = instance.manifest
        tables = instance.tables
        self.sites = tables["sites"].set_index("site")
        self.nodes = tables["nodes"].set_index("node")
        self.regions = tables["regions"].set_index("region")
        self.workloads = tables["workloads"].set_index("workload")
        self.upgrades = tables["upgrades"].set_index(["node", "upgrade"])
        self.rules = tables["rules"]
        self.stages = tuple(instance.manifest.stages)
        demand = tables["demand"]
        demand = demand[demand.it_mw > 0]
        self.demand = demand.set_index(["region", "workload", "year"]).it_mw.astype(float)

    @property
    def hourly(self) -> bool:
        """Whether the instance has slices, in each of which power is balanced."""
        return bool(len(self.instance.tables["slices"]))

    @cached_property
    def groups(self) -> dict[str, frozenset[str]]:
        """Countries of each group."""
        table = self.instance.tables["groups"]
        return {str(group): frozenset(rows.country) for group, rows in table.groupby("group")}

    def in_group(self, countries: pd.Series, group: str) -> npt.NDArray[np.bool_]:
        """Whether each country belongs to a group; a code is a group of one, `*` holds all."""
        if group in ("*", ""):
            return np.full(len(countries), True)
        return countries.isin(self.groups.get(group, {group})).to_numpy(dtype=bool)

    def years(self, stage: int) -> range:
        """Years from a stage's own to the one before the next stage, or before the horizon."""
        later = [year for year in (*self.stages, self.manifest.horizon_end) if year > stage]
        return range(stage, min(later))

    def discount(self, year: int) -> float:
        """Worth in the base year of one unit of money spent in a year."""
        growth = 1.0 + self.manifest.discount_rate
        return float(growth ** (self.manifest.base_year - year))

    def stage_sums(self, price: Callable[[int], float] | None = None) -> pd.DataFrame:
        """What one unit a year adds up to over each stage, every year at its own price.

        Returns
        -------
        pandas.DataFrame
            By stage year: `plain`, the sum of the years' prices, and `discounted`, the same with
            each year weighed by its discount. Without a price each year counts 1.
        """
        rows = {}
        for stage in self.stages:
            prices = {year: 1.0 if price is None else price(year) for year in self.years(stage)}
            rows[stage] = {
                "plain": sum(prices.values()),
                "discounted": sum(self.discount(year) * value for year, value in prices.items()),
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def policy(self, name: str, before: float) -> Callable[[int], float]:
        """Value of a policy in a year: its latest row not after that year, else `before`."""
        table = self.instance.tables["policies"]
        table = table[table.policy == name].sort_values("year")
        return step_function(table.year.to_numpy(), table.value.to_numpy(dtype=float), before)

    @cached_property
    def node_stages(self) -> pd.DataFrame:
        """Every node and stage with its firm MW: the least it is guaranteed in any of the years.

        Columns node, year, firm_mw. A year's guarantee is the latest row not after it; before a
        node's first row there is none.
        """
        grid = self.instance.tables["grid"].sort_values("year")
        guarantee = {
            node: step_function(rows.year.to_numpy(), rows.firm_mw.to_numpy(dtype=float), 0.0)
            for node, rows in grid.groupby("node")
        }
        rows = [
            (node, stage, min((firm(year) for year in self.years(stage)), default=0.0))
            for node in self.nodes.index
            for firm in [guarantee.get(node, lambda _: 0.0)]
            for stage in self.stages
        ]
        return pd.DataFrame(rows, columns=["node", "year", "firm_mw"])

    @cached_property
    def network_cost(self) -> pd.Series:
        """Currency per IT MW and year by (region, site); pairs not listed cost nothing."""
        table = self.instance.tables["latency"].set_index(["region", "site"])
        return table.network_cost_per_mw_year.astype(float)

    def grid_of_keys(self, table: str) -> pd.DataFrame:
        """Every (site, year) or (node, year) that a complete table must have a row for."""
        keys = {"site": self.sites.index, "node": self.nodes.index}[table]
        return pd.MultiIndex.from_product([keys, self.stages], names=[table, "year"]).to_frame(
            index=False
        )


def step_function(
    years: npt.NDArray[np.int64], values: npt.NDArray[np.float64], before: float
) -> Callable[[int], float]:
    """Function of the year that keeps each value until the next one; `before` ahead of the first.

    `years` increase.
    """

    def value(year: int) -> float:
        position = int(np.searchsorted(years, year, side="right"))
        return float(values[position - 1]) if position else before

    return value

"""What an instance with slices implies: profiles read out at places, prices, limits of stages."""

from collections.abc import Callable
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from scipy import sparse

from optimizer.audit.blocks import Block, Numbers
from optimizer.audit.facts import Facts, step_function

NOT_ON_SITE = ("ppa",)


class PowerFacts:
    """The instance's power as the audit needs it.

    Attributes
    ----------
    slices : table by slice; `weight_hours` and `hours` are its columns as arrays.
    options : what may stand at a site, by (site, technology), with all about the technology, the
        site's `node` and its `country`.
    site_rows, node_rows, supply_rows : every site, node or option in each stage.
    """

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.tables = facts.instance.tables
        self.slices = self.tables["slices"].set_index("slice")
        self.weight_hours = self.slices.weight_hours.to_numpy(dtype=float)
        self.hours = self.slices.hours.to_numpy(dtype=float)
        self.technologies = self.tables["technologies"].set_index("technology")
        options = self.tables["site_technologies"].join(self.technologies, on="technology")
        options["node"] = options.site.map(facts.sites.node)
        self.options = options.set_index(["site", "technology"])
        self.site_rows = Block(facts.grid_of_keys("site"), self.slices.index)
        self.node_rows = Block(facts.grid_of_keys("node"), self.slices.index)
        stages = pd.DataFrame({"year": list(facts.stages)})
        keys = self.options.index.to_frame(index=False).merge(stages, how="cross")
        self.supply_rows = Block(keys, self.slices.index)
        self.site_node = self.site_rows.keys.assign(
            node=self.site_rows.keys.site.map(facts.sites.node)
        )
        # Of every row of `supply_rows`, all about its option.
        self.option = self.options.reindex(pd.MultiIndex.from_frame(keys[["site", "technology"]]))
        self.battery = (self.option.kind == "battery").to_numpy()
        self.contract = self.option.kind.isin(NOT_ON_SITE).to_numpy()

    # Profiles

    @cached_property
    def days(self) -> list[np.ndarray]:
        """Positions of the slices of each day, in their order."""
        return list(self.slices.reset_index().groupby("day", sort=False).indices.values())

    @cached_property
    def before(self) -> np.ndarray:
        """Position of the slice before each one, in the circle of its day."""
        positions = np.empty(len(self.slices), dtype=int)
        for day in self.days:
            positions[day] = np.roll(day, 1)
        return positions

    def by_day(self, values: Numbers) -> Numbers:
        """Sum over the slices of each day: a column for each."""
        return np.stack([values[:, day].sum(axis=1) for day in self.days], axis=1)

    @cached_property
    def values(self) -> pd.DataFrame:
        """Values by profile and slice, of profiles that are given by slice."""
        table = self.tables["profiles"].pivot(index="profile", columns="slice", values="value")
        return table.reindex(columns=self.slices.index).astype(float)

    def local_values(self, profile: str, timezone: str) -> Numbers:
        """Values of a profile by local hour, at the hour that the clock shows in each slice."""
        table = self.tables["local_profiles"]
        by_hour = table[table.profile == profile].set_index("hour").value.astype(float)
        starts = pd.DatetimeIndex(
            pd.to_datetime(self.slices.starts_utc, utc=True, format="ISO8601")
        )
        return by_hour.reindex(starts.tz_convert(ZoneInfo(timezone)).hour).to_numpy()

    def load_shapes(self, pairs: pd.DataFrame) -> Numbers:
        """Load per peak load in each slice, for pairs of region and workload.

        The row of `demand_profiles` that names both counts, else the one that names the region,
        else the workload, else neither; else the load is flat.
        """
        rows = self.tables["demand_profiles"].set_index(["region", "workload"]).profile
        profile = pd.Series(pd.NA, index=pairs.index, dtype=object)
        anything = pd.Series("*", index=pairs.index)
        for region, workload in (
            (pairs.region, pairs.workload),
            (pairs.region, anything),
            (anything, pairs.workload),
            (anything, anything),
        ):
            found = rows.reindex(pd.MultiIndex.from_arrays([region, workload])).to_numpy(object)
            profile = profile.where(profile.notna(), pd.Series(found, index=pairs.index))
        shapes = np.ones((len(pairs), len(self.slices)))
        local = frozenset(self.tables["local_profiles"].profile)
        timezone = pairs.region.map(self.facts.regions.timezone)
        places = pd.DataFrame({"profile": profile, "timezone": timezone}).reset_index(drop=True)
        for (name, zone), rows_of in places.groupby(["profile", "timezone"]).indices.items():
            by_slice = name not in local
            shapes[rows_of] = (
                self.values.loc[name].to_numpy() if by_slice else self.local_values(name, zone)
            )
        return shapes

    def at_place(self, rows: pd.DataFrame, node: pd.Series, otherwise: pd.Series) -> pd.Series:
        """Profile of each node: the row of its own, of its country, of `*`, or what else counts.

        Parameters
        ----------
        rows : `place`, `profile`.
        otherwise : profile where no row fits, empty for none; by the index of `node`.
        """
        by_place = rows.set_index("place").profile
        country = node.map(self.facts.nodes.country)
        profile = node.map(by_place).astype(object)
        for place in (country, pd.Series("*", index=node.index)):
            profile = profile.where(profile.notna(), place.map(by_place))
        return profile.where(profile.notna(), otherwise)

    def read_out(self, profile: pd.Series, nothing: float) -> Numbers:
        """Values of each profile by slice; `nothing` where there is no profile."""
        known = (profile.notna() & (profile != "")).to_numpy()
        values = np.full((len(profile), len(self.slices)), nothing)
        values[known] = self.values.reindex(profile[known]).to_numpy()
        return values

    def at_nodes(self, quantity: str, nothing: float) -> Numbers:
        """A quantity of `place_profiles` at each node and slice."""
        table = self.tables["place_profiles"]
        node = self.facts.nodes.index.to_series()
        rows = table[table.quantity == quantity]
        return self.read_out(self.at_place(rows, node, pd.Series(pd.NA, node.index)), nothing)

    def of_sites(self, by_node: Numbers) -> Numbers:
        """Rows of an array by node, for `site_rows`."""
        return by_node[self.facts.nodes.index.get_indexer(self.site_node.node)]

    @cached_property
    def price(self) -> Numbers:
        """Currency per MWh at each of `site_rows`: the node's price times its factor."""
        factor = self.at_nodes("energy_price", 1.0)
        plain = self.facts.nodes.energy_price_per_mwh.to_numpy(dtype=float)
        return self.of_sites(factor * plain[:, None])

    @cached_property
    def carbon_kg_per_mwh(self) -> Numbers:
        """Carbon of what is drawn from the grid at each of `site_rows`."""
        factor = self.at_nodes("carbon", 1.0)
        plain = self.facts.nodes.carbon_kg_per_mwh.to_numpy(dtype=float)
        return self.of_sites(factor * plain[:, None])

    @cached_property
    def pue(self) -> Numbers:
        """PUE at each of `site_rows`: pue + pue_per_c × the °C above pue_from_c."""
        sites = self.facts.sites.reindex(self.site_rows.keys.site)
        slope = sites.pue_per_c.to_numpy(dtype=float)[:, None]
        from_c = sites.pue_from_c.to_numpy(dtype=float)[:, None]
        warmer = np.maximum(0.0, self.of_sites(self.at_nodes("temperature", np.nan)) - from_c)
        # A site whose PUE does not change needs no temperature.
        return sites.pue.to_numpy(dtype=float)[:, None] + np.where(slope > 0, slope * warmer, 0.0)

    @cached_property
    def available(self) -> Numbers:
        """Availability at each of `supply_rows`, 0 to 1."""
        values = np.ones((len(self.options), len(self.slices)))
        technology = self.options.index.get_level_values("technology")
        table = self.tables["technology_profiles"]
        for name, at in self.options.groupby(technology).indices.items():
            options = self.options.iloc[at]
            rows = table[table.technology == name]
            node = pd.Series(options.node.to_numpy(), index=range(len(at)))
            general = pd.Series(options.profile.to_numpy(), index=node.index, dtype=object)
            values[at] = self.read_out(self.at_place(rows, node, general), 1.0)
        keys = self.supply_rows.keys[["site", "technology"]]
        return values[self.options.index.get_indexer(pd.MultiIndex.from_frame(keys))]

    # Years

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """Every year of every stage: year (the stage), calendar_year, worth (its discount)."""
        facts = self.facts
        return pd.DataFrame(
            [(t, year, facts.discount(year)) for t in facts.stages for year in facts.years(t)],
            columns=["year", "calendar_year", "worth"],
        )

    @cached_property
    def costs_of_year(self) -> pd.DataFrame:
        """Costs and fuel price by (technology, calendar year).

        Those of the technology's last row of `technology_costs` not after the year; where that
        is empty, or there is none, those of `technologies`.
        """
        columns = ["cost_per_mw", "cost_per_mwh_storage", "fuel_price_per_mwh"]
        years = self.calendar[["calendar_year"]]
        plain = self.technologies[columns].reset_index().merge(years, how="cross")
        rows = self.tables["technology_costs"].rename(columns={"year": "calendar_year"})
        found = pd.merge_asof(
            plain[["technology", "calendar_year"]].sort_values("calendar_year"),
            rows.sort_values("calendar_year"),
            on="calendar_year",
            by="technology",
        ).set_index(["technology", "calendar_year"])
        plain = plain.set_index(["technology", "calendar_year"])
        return found.reindex(plain.index)[columns].astype(float).fillna(plain).fillna(0.0)

    def energy_cost(self, calendar_year: int) -> Numbers:
        """Currency per MWh made, delivered or discharged, at each of `supply_rows`, in a year."""
        technology = self.supply_rows.keys.technology
        keys = pd.MultiIndex.from_arrays([technology, [calendar_year] * len(technology)])
        heat = self.costs_of_year.fuel_price_per_mwh.reindex(keys).to_numpy(dtype=float)
        burnt = np.where(self.battery, 0.0, heat / self.option.efficiency.to_numpy(dtype=float))
        return self.option.variable_cost_per_mwh.to_numpy(dtype=float) + burnt

    @cached_property
    def flexible(self) -> pd.DataFrame:
        """Flexible power at each of `node_rows`: flexible_mw, curtailed_hours, event_hours.

        The least MW of the stage's years, and the most hours of both kinds; 0 before a first row.
        """
        table = self.tables["flexible_grid"]
        columns: dict[str, tuple[str, Callable]] = {
            "flexible_mw": ("flexible_mw", min),
            "curtailed_hours": ("curtailed_hours_per_year", max),
            "event_hours": ("event_hours", max),
        }
        return pd.DataFrame(
            {
                name: of_stages(self.facts, self.node_rows.keys, "node", table, column, which, 0.0)
                for name, (column, which) in columns.items()
            }
        )

    def flexible_at_sites(self, column: str) -> Numbers:
        """A column of `flexible` at the node of each of `site_rows`."""
        row = self.node_rows.rows_of(self.site_node)
        return self.flexible[column].to_numpy(dtype=float)[row]

    @cached_property
    def corridors(self) -> pd.DataFrame:
        """Every corridor and stage: corridor, year, max_mw; the least of the stage's years."""
        table = self.tables["corridors"]
        keys = pd.MultiIndex.from_product(
            [table.corridor.unique(), self.facts.stages], names=["corridor", "year"]
        ).to_frame(index=False)
        limit = of_stages(self.facts, keys, "corridor", table, "max_mw", min, np.inf)
        return keys.assign(max_mw=limit)

    def reach(self, event_hours: float) -> sparse.csr_matrix:
        """Hours of each slice (columns) in an event that ends with a slice (rows).

        Going back through the circle of the day, whole slices and of the last one a part, until
        the event's hours are reached, or the day has been gone around once.
        """
        entries: list[tuple[int, int, float]] = []
        for day in self.days:
            for last in range(len(day)):
                left = event_hours
                for back in range(len(day)):
                    if left <= 0:
                        break
                    at = day[(last - back) % len(day)]
                    taken = min(left, self.hours[at])
                    entries.append((day[last], at, taken))
                    left -= taken
        size = len(self.slices)
        ends, slices, hours = zip(*entries, strict=True) if entries else ((), (), ())
        return sparse.csr_matrix((hours, (ends, slices)), shape=(size, size))


def of_stages(
    facts: Facts,
    keys: pd.DataFrame,
    key: str,
    table: pd.DataFrame,
    column: str,
    which: Callable,
    before: float,
) -> list[float]:
    """A value that is constant between listed years, for each of `keys`, over its stage's years.

    Parameters
    ----------
    which : min or max of the years.
    before : value ahead of a key's first row, and of keys without any.
    """
    table = table.sort_values("year")
    steps = {
        name: step_function(rows.year.to_numpy(), rows[column].to_numpy(dtype=float), before)
        for name, rows in table.groupby(key)
    }
    return [
        which(step(year) for year in facts.years(int(stage)))
        for name, stage in zip(keys[key], keys.year, strict=True)
        for step in [steps.get(name, lambda _: before)]
    ]

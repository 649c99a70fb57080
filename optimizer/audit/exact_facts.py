"""What an instance implies, in fractions: weights of years, demand, limits, prices, who may serve.

Written from the instance format once more. It shares nothing with the audit in floating point, so
that each is a check on the other.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cache
from typing import Any

import pandas as pd
from pyproj import Geod

from optimizer.audit.exact_tables import Row, exact_manifest, instance_rows
from optimizer.instance import Instance

HOURS_PER_YEAR = 8760
PAIR_RULES = ("site_in", "site_not_in", "operator_in", "operator_not_in")
ZERO = Fraction(0)


class ExactFacts:
    """An instance's rows by key, every number a fraction.

    Attributes
    ----------
    demand : peak IT MW by (region, workload, stage), only what is above zero.
    penalty : currency per MWh of unserved IT energy, None where that is forbidden.
    hourly : whether there are slices.
    """

    def __init__(self, instance: Instance) -> None:
        manifest = exact_manifest(instance)
        self.instance = instance
        self.stages = tuple(instance.manifest.stages)
        self.ends = (*self.stages[1:], instance.manifest.horizon_end)
        self.base_year = instance.manifest.base_year
        self.growth = 1 + Fraction(manifest["discount_rate"])
        unserved = manifest.get("unserved", "forbidden")
        self.penalty = None if unserved == "forbidden" else Fraction(unserved["penalty_per_mwh"])
        self.fit: dict[str, Any] | None = manifest.get("latency")
        self.sites = self.by_key("site", "sites")
        self.nodes = self.by_key("node", "nodes")
        self.regions = self.by_key("region", "regions")
        self.workloads = self.by_key("workload", "workloads")
        self.upgrades = {
            (row["node"], row["upgrade"]): row for row in instance_rows(instance, "upgrades")
        }
        self.rules = instance_rows(instance, "rules")
        self.groups: dict[str, set[str]] = {}
        for row in instance_rows(instance, "groups"):
            self.groups.setdefault(row["group"], set()).add(row["country"])
        self.demand = {
            (row["region"], row["workload"], row["year"]): row["it_mw"]
            for row in instance_rows(instance, "demand")
            if row["it_mw"] > 0
        }
        self.grid = instance_rows(instance, "grid")
        self.policies = instance_rows(instance, "policies")
        self.hourly = bool(len(instance.tables["slices"]))

    def by_key(self, key: str, table: str) -> dict[str, Row]:
        """Rows of a table by its key."""
        return {row[key]: row for row in instance_rows(self.instance, table)}

    def years(self, stage: int) -> range:
        """Years that a stage stands for."""
        return range(stage, self.ends[self.stages.index(stage)])

    def worth(self, year: int) -> Fraction:
        """(1 + discount_rate)^(base_year - year), exactly."""
        return self.growth ** (self.base_year - year)

    @cache  # noqa: B019 — facts live as long as one audit
    def annuity(self, stage: int, price: Callable[[int], Fraction] | None = None) -> Fraction:
        """Worth of one unit due in each year of a stage, at each year's price if given."""
        return sum(
            (self.worth(year) * (price(year) if price else 1) for year in self.years(stage)), ZERO
        )

    def policy(self, name: str, before: Any, column: str = "value") -> Callable[[int], Any]:
        """Value, or unit, of a policy in a year: of its last row not after it, else `before`."""
        rows = [(row["year"], row[column]) for row in self.policies if row["policy"] == name]
        return lambda year: latest(rows, year, before)

    @cache  # noqa: B019 — facts live as long as one audit
    def firm_mw(self, node: str, stage: int) -> Fraction:
        """Least MW that a node is guaranteed in any year of a stage."""
        rows = [(row["year"], row["firm_mw"]) for row in self.grid if row["node"] == node]
        return min(latest(rows, year, ZERO) for year in self.years(stage))

    def holds(self, group: str, country: str, home: str = "") -> bool:
        """Whether a country is in a group, is the country named, or (`@same`) the user's own."""
        if group in ("", "*"):
            return True
        if group == "@same":
            return country == home
        return country in self.groups.get(group, {group})

    def governs(self, rule: Row, region: str, workload: str, stage: int) -> bool:
        """Whether a rule speaks of a demand in a stage."""
        home = self.regions[region]["country"]
        in_force = rule["year"] is None or stage >= rule["year"]
        return in_force and self.speaks_of(rule, home, workload)

    def speaks_of(self, rule: Row, home: str, workload: str) -> bool:
        """Whether a rule speaks of a workload of users in a country."""
        return rule["workload"] in ("", "*", workload) and self.holds(rule["applies_to"], home)

    def forbidding(self, home: str, workload: str, site: str) -> Row | None:
        """First rule that keeps a site from serving users in a country, None if none does."""
        for rule in self.rules:
            if rule["kind"] in PAIR_RULES and self.speaks_of(rule, home, workload):
                side = "country" if rule["kind"].startswith("site") else "operator_country"
                inside = self.holds(rule["group"], self.sites[site][side], home)
                if inside == rule["kind"].endswith("_not_in"):
                    return rule
        return None

    def listed(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Row]:
        """Rows of the table `latency` for some pairs of region and site."""
        table = self.instance.tables["latency"]
        wanted = pd.MultiIndex.from_tuples(sorted(set(pairs)), names=["region", "site"])
        found = pd.MultiIndex.from_frame(table[["region", "site"]]).isin(wanted)
        rows = instance_rows(self.instance, "latency", found.nonzero()[0].tolist())
        return {(row["region"], row["site"]): row for row in rows}

    def fitted_ms(self, region: str, site: str) -> Fraction | None:
        """Round trip from the fit, None without one: exact but for the distance, a float."""
        if self.fit is None:
            return None
        user, place = self.regions[region], self.sites[site]
        ends = [user["longitude"], user["latitude"], place["longitude"], place["latitude"]]
        if None in ends:
            return None
        east, north, there_east, there_north = map(float, ends)
        _, _, metres = Geod(ellps="WGS84").inv(east, north, there_east, there_north)
        base_ms, ms_per_km = Fraction(self.fit["base_ms"]), Fraction(self.fit["ms_per_km"])
        return base_ms + ms_per_km * Fraction(metres) / 1000


def latest(rows: list[tuple[int, Any]], year: int, before: Any) -> Any:
    """Value of the last of some dated rows that is not after a year, `before` if all are."""
    past = [row for row in rows if row[0] <= year]
    return max(past, key=lambda row: row[0])[1] if past else before

"""What two oracles share: an instance's rows and their meaning, in plain loops.

Written from the instance format alone. It shares no code with the models or the audit, so that a
mistake would have to be made twice to go unseen.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from math import inf, isnan
from typing import Any

import numpy as np
from pyproj import Geod
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_array

from optimizer.instance import Instance

HOURS = 8760
CLOSE = 1e-9


class Data:
    """An instance's rows as plain dicts, and what they mean."""

    def __init__(self, instance: Instance) -> None:
        manifest = instance.manifest
        rows = {name: table.to_dict("records") for name, table in instance.tables.items()}
        self.stages: list[int] = list(manifest.stages)
        self.ends = [*self.stages[1:], manifest.horizon_end]
        self.base_year, self.rate = manifest.base_year, manifest.discount_rate
        self.penalty = manifest.unserved_penalty_per_mwh
        self.fit = manifest.latency
        self.sites: list[dict] = rows["sites"]
        self.nodes = {row["node"]: row for row in rows["nodes"]}
        self.workloads = {row["workload"]: row for row in rows["workloads"]}
        self.regions = {row["region"]: row for row in rows["regions"]}
        self.upgrades: list[dict] = rows["upgrades"]
        self.rules: list[dict] = rows["rules"]
        self.grid, self.policies, self.groups = rows["grid"], rows["policies"], rows["groups"]
        self.listed = {(row["region"], row["site"]): row for row in rows["latency"]}
        self.demand = {
            (row["region"], row["workload"], row["year"]): row["it_mw"]
            for row in rows["demand"]
            if row["it_mw"] > 0
        }
        self.may_serve = {
            (r, w, site["site"])
            for r, w in {(r, w) for r, w, _ in self.demand}
            for site in self.sites
            if self.eligible(r, w, site)
        }

    def years(self, t: int) -> range:
        return range(t, self.ends[self.stages.index(t)])

    def worth(self, year: int) -> float:
        return 1 / (1 + self.rate) ** (year - self.base_year)

    def in_group(self, country: str, group: str, home: str = "") -> bool:
        if group in ("*", ""):
            return True
        if group == "@same":
            return country == home
        listed = [row["country"] for row in self.groups if row["group"] == group]
        return country in listed if listed else country == group

    def eligible(self, r: str, w: str, site: dict) -> bool:
        if not self.legal(w, self.regions[r]["country"], site):
            return False
        rtt_ms = self.round_trip_ms(r, site)
        if rtt_ms is None:
            return False
        slo_ms = self.workloads[w]["latency_slo_ms"]
        return isnan(slo_ms) or rtt_ms + self.workloads[w]["service_ms"] <= slo_ms + CLOSE

    def legal(self, w: str, home: str, site: dict) -> bool:
        """Whether every rule on the pair allows it for users of a country."""
        for rule in self.rules:
            if rule["workload"] not in ("*", w) or not self.in_group(home, rule["applies_to"]):
                continue
            if rule["kind"] == "site_in":
                legal = self.in_group(site["country"], rule["group"], home)
            elif rule["kind"] == "site_not_in":
                legal = not self.in_group(site["country"], rule["group"], home)
            elif rule["kind"] == "operator_in":
                legal = self.in_group(site["operator_country"], rule["group"], home)
            elif rule["kind"] == "operator_not_in":
                legal = not self.in_group(site["operator_country"], rule["group"], home)
            else:
                legal = True
            if not legal:
                return False
        return True

    def round_trip_ms(self, r: str, site: dict) -> float | None:
        if (r, site["site"]) in self.listed:
            return self.listed[r, site["site"]]["rtt_ms"]
        if self.fit is None:
            return None
        region = self.regions[r]
        _, _, metres = Geod(ellps="WGS84").inv(
            region["longitude"], region["latitude"], site["longitude"], site["latitude"]
        )
        return self.fit.base_ms + self.fit.ms_per_km * metres / 1000

    def latest(self, rows: list[dict], year: int, column: str, before: float) -> float:
        """Value of the last of these rows that is not after the year."""
        past = [row for row in rows if row["year"] <= year]
        return max(past, key=lambda row: row["year"])[column] if past else before

    def firm_mw(self, g: str, t: int) -> float:
        rows = [row for row in self.grid if row["node"] == g]
        return min(self.latest(rows, year, "firm_mw", 0.0) for year in self.years(t))

    def policy(self, name: str, year: int, before: float) -> float:
        rows = [row for row in self.policies if row["policy"] == name]
        return self.latest(rows, year, "value", before)

    def annuity(self, t: int) -> float:
        return sum(self.worth(year) for year in self.years(t))

    def cost_of_serving(self, r: str, w: str, site: dict, t: int) -> float:
        """Discounted cost of one IT MW through a stage: energy, carbon, network."""
        node = self.nodes[site["node"]]
        mwh = HOURS * self.workloads[w]["load_factor"] * site["pue"]
        network = self.listed.get((r, site["site"]), {}).get("network_cost_per_mw_year", 0.0)
        cost = 0.0
        for year in self.years(t):
            tonnes = mwh * node["carbon_kg_per_mwh"] / 1000
            cost += self.worth(year) * (
                mwh * node["energy_price_per_mwh"]
                + tonnes * self.policy("carbon_price", year, 0.0)
                + network
            )
        return cost

    def cost_of_failing(self, w: str, t: int) -> float:
        """Discounted penalty for one IT MW that nobody serves through a stage."""
        assert self.penalty is not None
        return self.penalty * HOURS * self.workloads[w]["load_factor"] * self.annuity(t)

    def in_force(self, rule: dict, t: int) -> bool:
        year = rule["year"]
        return year is None or str(year) in ("nan", "<NA>") or t >= year

    def governed(self, rule: dict, t: int) -> list[tuple[str, str]]:
        """Demand of a stage, (region, workload), that a rule speaks of."""
        return [
            (r, w)
            for r, w, year in self.demand
            if year == t
            and rule["workload"] in ("*", "", w)
            and self.in_group(self.regions[r]["country"], rule["applies_to"])
        ]


class Program:
    """Rows and columns of a linear program, gathered by name."""

    def __init__(self) -> None:
        self.columns: dict[Any, int] = {}
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.entries: list[tuple[int, int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def add_column(self, key: Any, cost: float, upper: float = inf, whole: bool = False) -> None:
        self.columns[key] = len(self.columns)
        self.cost.append(cost)
        self.upper.append(upper)
        self.whole.append(int(whole))

    def add_row(self, terms: dict[Any, float], low: float, high: float) -> None:
        self.entries += [(len(self.low), self.columns[key], value) for key, value in terms.items()]
        self.low.append(low)
        self.high.append(high)

    def matrix(self) -> coo_array:
        rows, columns, values = zip(*self.entries, strict=True) if self.entries else ((), (), ())
        return coo_array((values, (rows, columns)), shape=(len(self.low), len(self.columns)))

    def solve(self) -> float | None:
        """Least cost; None if nothing satisfies the rows."""
        if not self.columns:
            fits = all(low <= CLOSE and high >= -CLOSE for low, high in self.bounds())
            return 0.0 if fits else None
        if any(self.whole):
            result = milp(
                self.cost,
                integrality=self.whole,
                bounds=Bounds(0, self.upper),
                constraints=LinearConstraint(self.matrix(), self.low, self.high),
                options={"mip_rel_gap": 0.0},
            )
        else:
            matrix, low, high = self.matrix().tocsr(), np.array(self.low), np.array(self.high)
            same = low == high
            less, more = ~same & (high < inf), ~same & (low > -inf)
            result = linprog(
                self.cost,
                A_eq=matrix[same] if same.any() else None,
                b_eq=high[same] if same.any() else None,
                A_ub=np.vstack([matrix[less].toarray(), -matrix[more].toarray()]),
                b_ub=np.concatenate([high[less], -low[more]]),
                bounds=list(zip([0.0] * len(self.upper), self.upper, strict=True)),
                method="highs",
            )
        if result.status == 2:
            return None
        assert result.status == 0, result.message
        return float(result.fun)

    def bounds(self) -> Iterator[tuple[float, float]]:
        return zip(self.low, self.high, strict=True)


def add_share_columns(data: Data, program: Program, may_open: Callable[[dict, int], bool]) -> None:
    """A share for each demand and site that may serve it, and for what nobody serves."""
    for (r, w, t), mw in data.demand.items():
        for site in data.sites:
            if (r, w, site["site"]) in data.may_serve and may_open(site, t):
                cost = mw * data.cost_of_serving(r, w, site, t)
                program.add_column((r, w, site["site"], t), cost)
        if data.penalty is not None:
            program.add_column(("unserved", r, w, t), mw * data.cost_of_failing(w, t))


def served_terms(data: Data, program: Program) -> dict[tuple[str, int], dict[Any, float]]:
    """MW that each share brings to its site, by (site, stage)."""
    terms: dict[tuple[str, int], dict[Any, float]] = defaultdict(dict)
    for (r, w, t), mw in data.demand.items():
        for site in data.sites:
            key = (r, w, site["site"], t)
            if key in program.columns:
                terms[site["site"], t][key] = mw
    return terms


def drawn_terms(data: Data, served: dict, g: str, t: int) -> dict[Any, float]:
    """MW that each share draws at a node."""
    return {
        key: mw * site["pue"]
        for site in data.sites
        if site["node"] == g
        for key, mw in served[site["site"], t].items()
    }


def add_demand_rows(data: Data, program: Program) -> None:
    for r, w, t in data.demand:
        keys = [(r, w, site["site"], t) for site in data.sites] + [("unserved", r, w, t)]
        program.add_row({key: 1.0 for key in keys if key in program.columns}, 1.0, 1.0)


def add_share_rows(data: Data, program: Program) -> None:
    """The four kinds of rules on shares, in every stage from their year on."""
    for rule in data.rules:
        for t in data.stages:
            if not data.in_force(rule, t) or not (governed := data.governed(rule, t)):
                continue
            total = sum(data.demand[r, w, t] for r, w in governed)

            def served(sites: list[dict], users: list, t: int = t) -> dict[Any, float]:
                return {
                    key: data.demand[r, w, t]
                    for r, w in users
                    for site in sites
                    if (key := (r, w, site["site"], t)) in program.columns
                }

            if rule["kind"] == "max_share_operator_outside":
                group = rule["group"]
                outside = [
                    site
                    for site in data.sites
                    if not data.in_group(site["operator_country"], group)
                ]
                program.add_row(served(outside, governed), -inf, rule["value"] * total)
            elif rule["kind"] in ("max_share_country", "max_share_operator"):
                side = rule["kind"].removeprefix("max_share_")
                for name in {site[side] for site in data.sites}:
                    theirs = [site for site in data.sites if site[side] == name]
                    program.add_row(served(theirs, governed), -inf, rule["value"] * total)
            elif rule["kind"] == "min_share_at_home":
                for home in {data.regions[r]["country"] for r, _ in governed}:
                    users = [(r, w) for r, w in governed if data.regions[r]["country"] == home]
                    own = [site for site in data.sites if site["country"] == home]
                    needed = rule["value"] * sum(data.demand[r, w, t] for r, w in users)
                    program.add_row(served(own, users), needed, inf)

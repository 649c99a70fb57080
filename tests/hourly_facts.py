"""What the tables of an instance with slices say, in plain loops, for `hourly_statement`."""

from math import inf, isnan
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from optimizer.instance import Instance
from tests.oracle import Data

Row = dict[str, Any]


class Hours(Data):
    """An instance's rows as plain dicts, and what docs/instances/power.md says they mean."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        rows = {name: table.to_dict("records") for name, table in instance.tables.items()}
        self.slices: list[Row] = rows["slices"]
        self.positions = range(len(self.slices))
        self.weight = [row["weight_hours"] for row in self.slices]
        self.hours = [row["hours"] for row in self.slices]
        self.campaigns: list[Row] = rows["campaigns"]
        self.technologies = {row["technology"]: row for row in rows["technologies"]}
        self.options = {(row["site"], row["technology"]): row for row in rows["site_technologies"]}
        self.rows = rows
        self.corridors = {
            row["corridor"]: [
                (member["node"], member["factor"])
                for member in rows["corridor_nodes"]
                if member["corridor"] == row["corridor"]
            ]
            for row in rows["corridors"]
        }

    # Slices and profiles

    def days(self) -> list[list[int]]:
        days: dict[str, list[int]] = {}
        for h in self.positions:
            days.setdefault(self.slices[h]["day"], []).append(h)
        return list(days.values())

    def before(self, h: int) -> int:
        """Slice before one, in the circle of its day."""
        day = next(day for day in self.days() if h in day)
        return day[day.index(h) - 1]

    def event(self, end: int, event_hours: float) -> list[tuple[int, float]]:
        """Slices of an event that ends with one, and how long it takes of each."""
        day = next(day for day in self.days() if end in day)
        backwards = [day[(day.index(end) - step) % len(day)] for step in range(len(day))]
        taken, left = [], event_hours
        for h in backwards:
            taken.append((h, max(0.0, min(left, self.hours[h]))))
            left -= self.hours[h]
        return taken

    def values(self, profile: str) -> list[float]:
        by_slice = {
            row["slice"]: row["value"] for row in self.rows["profiles"] if row["profile"] == profile
        }
        return [by_slice[row["slice"]] for row in self.slices]

    def shape(self, r: str, w: str) -> list[float]:
        """Load per peak load in each slice."""
        named = {(row["region"], row["workload"]): row for row in self.rows["demand_profiles"]}
        for key in ((r, w), (r, "*"), ("*", w), ("*", "*")):
            if key in named:
                return self.local(named[key]["profile"], r)
        return [1.0] * len(self.slices)

    def local(self, profile: str, r: str) -> list[float]:
        """Values of a profile by slice, or at the hour that a region's clock shows."""
        by_hour = {
            row["hour"]: row["value"]
            for row in self.rows["local_profiles"]
            if row["profile"] == profile
        }
        if not by_hour:
            return self.values(profile)
        zone = ZoneInfo(self.regions[r]["timezone"])
        starts = [pd.Timestamp(row["starts_utc"].rstrip("Z"), tz="UTC") for row in self.slices]
        return [by_hour[start.tz_convert(zone).hour] for start in starts]

    def at_place(self, rows: list[Row], node: Row) -> str:
        """Profile of the row that says most about a node; "" for none."""
        by_place = {row["place"]: row["profile"] for row in rows}
        for place in (node["node"], node["country"], "*"):
            if place in by_place:
                return str(by_place[place])
        return ""

    def factor(self, quantity: str, node: Row) -> list[float] | None:
        rows = [row for row in self.rows["place_profiles"] if row["quantity"] == quantity]
        profile = self.at_place(rows, node)
        return self.values(profile) if profile else None

    def price(self, node: Row) -> list[float]:
        factor = self.factor("energy_price", node) or [1.0] * len(self.slices)
        return [node["energy_price_per_mwh"] * part for part in factor]

    def carbon(self, node: Row) -> list[float]:
        factor = self.factor("carbon", node) or [1.0] * len(self.slices)
        return [node["carbon_kg_per_mwh"] * part for part in factor]

    def pue(self, site: Row) -> list[float]:
        warm = self.factor("temperature", self.nodes[site["node"]]) or [0.0] * len(self.slices)
        return [
            site["pue"] + site["pue_per_c"] * max(0.0, degrees - site["pue_from_c"])
            for degrees in warm
        ]

    def availability(self, site: Row, k: str) -> list[float]:
        rows = [row for row in self.rows["technology_profiles"] if row["technology"] == k]
        profile = self.at_place(rows, self.nodes[site["node"]]) or self.technologies[k]["profile"]
        return self.values(profile) if profile else [1.0] * len(self.slices)

    # Supply

    def options_at(self, site: Row) -> list[tuple[str, Row]]:
        return [(k, self.technologies[k]) for s, k in self.options if s == site["site"]]

    def movable(self, site: Row, w: str) -> bool:
        return bool(site["moves_load"]) and self.workloads[w]["movable_share"] > 0

    def stands(self, k: str, ordered: int) -> list[int]:
        """Stages in which an order stands unless it is sold."""
        technology = self.technologies[k]
        ready, life = ordered + technology["lead_years"], technology["life_years"]
        end = inf if isnan(life) else ready + life
        return [t for t in self.stages if ready <= t < end]

    def worth_of_used(self, k: str, ordered: int, t: int) -> float:
        """Part of its cost that something ordered brings in a stage."""
        life = self.technologies[k]["life_years"]
        left = 1.0 if isnan(life) else max(0.0, 1 - (t - ordered) / life)
        return float(self.technologies[k]["resale_share"] * left)

    def cost(self, k: str, column: str, year: int) -> float:
        """A cost of a technology in a year: of its row then, where that is not empty."""
        own = [row for row in self.rows["technology_costs"] if row["technology"] == k]
        now = self.latest(own, year, column, float("nan"))
        return float(self.technologies[k][column] if isnan(now) else now)

    def energy_cost(self, k: str, year: int) -> float:
        """Cost of a MWh made, delivered or discharged in a year."""
        technology = self.technologies[k]
        if technology["kind"] == "battery":
            return float(technology["variable_cost_per_mwh"])
        fuel = self.cost(k, "fuel_price_per_mwh", year) / technology["efficiency"]
        return float(technology["variable_cost_per_mwh"] + fuel)

    # Connection and policies

    def flexible(self, g: str, t: int) -> tuple[float, float, float]:
        """Flexible MW in a stage, hours lost in a year, hours of an event."""
        rows = [row for row in self.rows["flexible_grid"] if row["node"] == g]

        def of_years(column: str) -> list[float]:
            return [self.latest(rows, year, column, 0.0) for year in self.years(t)]

        return (
            min(of_years("flexible_mw")),
            max(of_years("curtailed_hours_per_year")),
            max(of_years("event_hours")),
        )

    def corridor_mw(self, corridor: str, t: int) -> float:
        rows = [row for row in self.rows["corridors"] if row["corridor"] == corridor]
        return min(self.latest(rows, year, "max_mw", inf) for year in self.years(t))

    def hourly(self, year: int) -> bool:
        """Whether clean energy counts hour by hour."""
        rows = [row for row in self.rows["policies"] if row["policy"] == "clean_share"]
        return bool(self.latest(rows, year, "unit", 0.0) == "hourly")

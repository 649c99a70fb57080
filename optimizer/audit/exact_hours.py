"""What an instance with slices implies, in fractions: profiles at places, prices, limits.

Written from the instance format once more, like `exact_facts`.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import cache
from math import isqrt
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from optimizer.audit.exact_facts import ZERO, ExactFacts, latest
from optimizer.audit.exact_tables import Row, instance_rows

# A fraction for each slice, in their order.
Hours = npt.NDArray[np.object_]
ONE = Fraction(1)
DIGITS_OF_ROOTS = 40


@dataclass(frozen=True)
class Flexible:
    """Least flexible MW, most hours cut a year, and longest event of a stage's years."""

    mw: Fraction
    curtailed_hours: Fraction
    event_hours: Fraction


class HourFacts:
    """An instance's power by key, every number a fraction.

    Attributes
    ----------
    slices : names.
    hours, weight_hours : how long each lasts, and hours a year that it stands for.
    days : positions of the slices of each day, in their order.
    options : what may stand at a site, by (site, technology), with all about the technology.
    technologies_at : names of these by site.
    """

    def __init__(self, facts: ExactFacts) -> None:
        self.facts = facts
        rows = self.rows("slices")
        self.slices = [row["slice"] for row in rows]
        self.starts = [row["starts_utc"] for row in rows]
        self.hours = hours_of(row["hours"] for row in rows)
        self.weight_hours = hours_of(row["weight_hours"] for row in rows)
        days: dict[str, list[int]] = {}
        for i, row in enumerate(rows):
            days.setdefault(row["day"], []).append(i)
        self.days = days
        self.technologies = {row["technology"]: row for row in self.rows("technologies")}
        self.options = {
            (row["site"], row["technology"]): self.technologies[row["technology"]] | row
            for row in self.rows("site_technologies")
        }
        self.technologies_at: dict[str, list[str]] = {site: [] for site in facts.sites}
        for site, technology in self.options:
            self.technologies_at[site].append(technology)
        self.dated_costs = self.rows("technology_costs")
        self.flexible_grid = self.rows("flexible_grid")
        self.corridors = self.rows("corridors")
        self.corridor_nodes = self.rows("corridor_nodes")
        self.campaigns = {row["campaign"]: row for row in self.rows("campaigns")}
        self.profiles = by_slice(self.rows("profiles"), self.slices)
        self.local_profiles: dict[str, dict[int, Fraction]] = {}
        for row in self.rows("local_profiles"):
            self.local_profiles.setdefault(row["profile"], {})[row["hour"]] = row["value"]
        self.demand_profiles = {
            (row["region"], row["workload"]): row["profile"] for row in self.rows("demand_profiles")
        }
        self.place_profiles = self.by_place("quantity", "place_profiles")
        self.technology_profiles = self.by_place("technology", "technology_profiles")

    def rows(self, table: str) -> list[Row]:
        """Rows of a table of the instance."""
        return instance_rows(self.facts.instance, table)

    def by_place(self, what: str, table: str) -> dict[tuple[str, str], str]:
        """Profiles of a table by what they are of and their place."""
        return {(row[what], row["place"]): row["profile"] for row in self.rows(table)}

    def constant(self, value: Fraction) -> Hours:
        """The same value in every slice."""
        return constant(value, len(self.slices))

    # Profiles

    def load_profile(self, region: str, workload: str) -> tuple[str, str]:
        """Profile of a demand, with the timezone where that matters; both empty for a flat load.

        The row that names both goes first, then the one that names the region, the workload, none.
        """
        for key in ((region, workload), (region, "*"), ("*", workload), ("*", "*")):
            if key in self.demand_profiles:
                name = self.demand_profiles[key]
                local = name in self.local_profiles
                return name, self.facts.regions[region]["timezone"] if local else ""
        return "", ""

    @cache  # noqa: B019 — facts live as long as one audit
    def shape(self, profile: str, timezone: str) -> Hours:
        """Load per peak load in each slice: of a local profile at the hour that the clock shows."""
        if not profile:
            return self.constant(ONE)
        if profile not in self.local_profiles:
            return self.profiles[profile]
        by_hour = self.local_profiles[profile]
        return hours_of(by_hour[local_hour(start, timezone)] for start in self.starts)

    def at_node(self, rows: dict[tuple[str, str], str], what: str, node: str) -> Hours | None:
        """Values of the profile that `rows` give a node: by itself, its country, or `*`."""
        for place in (node, self.facts.nodes[node]["country"], "*"):
            if (what, place) in rows:
                return self.profiles[rows[what, place]]
        return None

    @cache  # noqa: B019
    def of_grid(self, column: str, quantity: str, node: str) -> Hours:
        """A node's price or carbon per MWh, times its factor in each slice."""
        factor = self.at_node(self.place_profiles, quantity, node)
        return self.facts.nodes[node][column] * (self.constant(ONE) if factor is None else factor)

    def price(self, node: str) -> Hours:
        """Currency per MWh from the grid."""
        return self.of_grid("energy_price_per_mwh", "energy_price", node)

    def carbon(self, node: str) -> Hours:
        """Kg per MWh from the grid."""
        return self.of_grid("carbon_kg_per_mwh", "carbon", node)

    def pue(self, site: str) -> Hours:
        """PUE: pue + pue_per_c × the °C above pue_from_c."""
        row = self.facts.sites[site]
        if not row["pue_per_c"]:
            return self.constant(row["pue"])
        temperature_c = self.at_node(self.place_profiles, "temperature", row["node"])
        warmer_c = np.maximum(temperature_c - row["pue_from_c"], self.constant(ZERO))
        return row["pue"] + row["pue_per_c"] * warmer_c

    def available(self, site: str, technology: str) -> Hours:
        """Availability of a technology at a site, 0 to 1."""
        node, general = self.facts.sites[site]["node"], self.technologies[technology]["profile"]
        values = self.at_node(self.technology_profiles, technology, node)
        if values is None:
            values = self.profiles[general] if general else self.constant(ONE)
        return values

    # Years

    @cache  # noqa: B019
    def cost_of(self, technology: str, column: str, year: int) -> Fraction:
        """A cost of a technology in a year: of its last dated row, else the general one, else 0."""
        rows = [
            (row["year"], row[column])
            for row in self.dated_costs
            if row["technology"] == technology
        ]
        dated = latest(rows, year, None)
        return (self.technologies[technology][column] if dated is None else dated) or ZERO

    def energy_cost(self, technology: str, year: int) -> Fraction:
        """Currency per MWh made, delivered or discharged in a year."""
        row = self.technologies[technology]
        if row["kind"] == "battery":
            return Fraction(row["variable_cost_per_mwh"])
        heat = self.cost_of(technology, "fuel_price_per_mwh", year)
        return Fraction(row["variable_cost_per_mwh"] + heat / row["efficiency"])

    @cache  # noqa: B019
    def flexible(self, node: str, stage: int) -> "Flexible":
        """What a node offers flexibly in a stage; nothing before its first row."""

        def over(column: str) -> list[Fraction]:
            rows = [(row["year"], row[column]) for row in self.flexible_grid if row["node"] == node]
            return [latest(rows, year, ZERO) for year in self.facts.years(stage)]

        return Flexible(
            mw=min(over("flexible_mw")),
            curtailed_hours=max(over("curtailed_hours_per_year")),
            event_hours=max(over("event_hours")),
        )

    def corridor_mw(self, corridor: str, stage: int) -> Fraction | None:
        """Least MW that a corridor may carry in a stage's years, None if there is no limit."""
        rows = [
            (row["year"], row["max_mw"]) for row in self.corridors if row["corridor"] == corridor
        ]
        limits = [latest(rows, year, None) for year in self.facts.years(stage)]
        return min((limit for limit in limits if limit is not None), default=None)

    def before(self, values: Hours) -> Hours:
        """Values of the slice before each one, in the circle of its day."""
        earlier = values.copy()
        for day in self.days.values():
            earlier[day] = np.roll(values[day], 1)
        return earlier

    @cache  # noqa: B019
    def event(self, event_hours: Fraction) -> list[list[tuple[int, Fraction]]]:
        """For each slice, the slices and their hours of an event that ends with it.

        Going back through the circle of the day, whole slices and of the last one a part, until
        the event's hours are reached or the day has been gone around once.
        """
        reached: list[list[tuple[int, Fraction]]] = [[] for _ in self.slices]
        for day in self.days.values():
            for last, end in enumerate(day):
                left = event_hours
                for at in (*reversed(day[: last + 1]), *reversed(day[last + 1 :])):
                    taken = min(left, self.hours[at])
                    if taken <= 0:
                        break
                    reached[end].append((at, taken))
                    left -= taken
        return reached


def hours_of(values: Any) -> Hours:
    """Array of fractions."""
    return np.array(list(values), dtype=object)


def constant(value: Fraction, size: int) -> Hours:
    """Array of one fraction."""
    return np.full(size, value, dtype=object)


def by_slice(rows: list[Row], slices: list[str]) -> dict[str, Hours]:
    """Values of profiles, each with a row for every slice."""
    given: dict[str, dict[str, Fraction]] = {}
    for row in rows:
        given.setdefault(row["profile"], {})[row["slice"]] = row["value"]
    return {name: hours_of(values[h] for h in slices) for name, values in given.items()}


def local_hour(start_utc: str, timezone: str) -> int:
    """Hour that the clock of a timezone shows at a time, in UTC unless it says otherwise."""
    start = datetime.fromisoformat(start_utc)
    start = start if start.tzinfo else start.replace(tzinfo=UTC)
    return start.astimezone(ZoneInfo(timezone)).hour


def square_root(number: Fraction) -> tuple[Fraction, bool]:
    """Root of a number above 0, to DIGITS_OF_ROOTS digits after the point, and whether exactly."""
    scale = 10 ** (2 * DIGITS_OF_ROOTS)
    root = Fraction(isqrt(number.numerator), isqrt(number.denominator))
    if root * root == number:
        return root, True
    return Fraction(isqrt(number.numerator * scale // number.denominator), isqrt(scale)), False

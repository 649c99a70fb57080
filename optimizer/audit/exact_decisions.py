"""What a plan decides, as its result tables spell it: sites, shares and orders, and every hour."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from optimizer.audit.exact_facts import ZERO, ExactFacts
from optimizer.audit.exact_hours import Hours, constant
from optimizer.audit.exact_tables import Row, exact, result_rows

DISPATCH = {"grid": "grid_mw", "flexible": "flexible_mw", "exported": "exported_mw"}
GENERATION = {
    "made": "made_mw",
    "charged": "charged_mw",
    "discharged": "discharged_mw",
    "stored": "stored_mwh",
    "ready": "ready_mw",
}
MOVED = {"out": "out_mw", "into": "in_mw", "cut": "cut_mw", "ready": "ready_mw"}
SUPPLY_KEYS = ("site", "technology", "ordered_year")


@dataclass(frozen=True)
class Decisions:
    """What a plan decides for whole stages.

    Parameters
    ----------
    open : 0 or 1 by (site, stage).
    new_mw : by (site, stage).
    served, unserved : shares by (region, workload, site, stage) and (region, workload, stage).
    orders : (node, upgrade, year).
    """

    open: dict[tuple[str, int], Fraction]
    new_mw: dict[tuple[str, int], Fraction]
    served: dict[tuple[str, str, str, int], Fraction]
    unserved: dict[tuple[str, str, int], Fraction]
    orders: list[tuple[str, str, int]]

    def limit_mw(self, facts: ExactFacts, node: str, stage: int) -> Fraction:
        """Firm MW of a node and the upgrades that have come by a stage."""
        added_mw = (
            facts.upgrades[g, u]["mw"]
            for g, u, year in self.orders
            if g == node and year + facts.upgrades[g, u]["lead_years"] <= stage
        )
        return facts.firm_mw(node, stage) + sum(added_mw, ZERO)


@dataclass(frozen=True)
class HourlyDecisions:
    """What a plan decides for slices, and about supply.

    Parameters
    ----------
    dispatch, generation, moved : columns of these tables by (site, stage), (site, technology,
        stage) and (site, workload, stage), named without units; what has no row is 0.
    supply, retired : mw and mwh by (site, technology, year of the order), `retired` also by stage.
    campaign_sites : (campaign, site).
    """

    dispatch: defaultdict[tuple[str, int], dict[str, Hours]]
    generation: defaultdict[tuple[str, str, int], dict[str, Hours]]
    moved: defaultdict[tuple[str, str, int], dict[str, Hours]]
    supply: dict[tuple[str, str, int], dict[str, Fraction]]
    retired: dict[tuple[str, str, int, int], dict[str, Fraction]]
    campaign_sites: list[tuple[str, str]]


def read_decisions(run: Path) -> Decisions:
    """Decisions for whole stages, as a run's tables spell them."""
    capacity = result_rows(run, "capacity")
    return Decisions(
        open={(row["site"], whole(row["year"])): exact(row["open"]) for row in capacity},
        new_mw={(row["site"], whole(row["year"])): exact(row["new_it_mw"]) for row in capacity},
        served={
            (row["region"], row["workload"], row["site"], whole(row["year"])): exact(row["share"])
            for row in result_rows(run, "serving")
        },
        unserved={
            (row["region"], row["workload"], whole(row["year"])): exact(row["share"])
            for row in result_rows(run, "unserved")
        },
        orders=[
            (row["node"], row["upgrade"], whole(row["ordered_year"]))
            for row in result_rows(run, "upgrades")
        ],
    )


def read_hourly_decisions(run: Path, slices: Iterable[str]) -> HourlyDecisions:
    """Decisions for slices and about supply, as a run's tables spell them."""
    position = {name: i for i, name in enumerate(slices)}

    def spread(name: str, columns: dict[str, str], *keys: str) -> defaultdict:
        found: defaultdict[tuple, dict[str, Hours]] = defaultdict(
            lambda: {short: constant(ZERO, len(position)) for short in columns}
        )
        for row in result_rows(run, name):
            values, at = found[keys_of(row, *keys)], position[row["slice"]]
            for short, column in columns.items():
                values[short][at] = exact(row[column])
        return found

    def amounts(name: str, *keys: str) -> dict:
        rows = result_rows(run, name)
        return {
            keys_of(row, *keys): {size: exact(row[size]) for size in ("mw", "mwh")} for row in rows
        }

    return HourlyDecisions(
        dispatch=spread("dispatch", DISPATCH, "site", "year"),
        generation=spread("generation", GENERATION, "site", "technology", "year"),
        moved=spread("moved", MOVED, "site", "workload", "year"),
        supply=amounts("supply", *SUPPLY_KEYS),
        retired=amounts("retired", *SUPPLY_KEYS, "year"),
        campaign_sites=[
            (row["campaign"], row["site"]) for row in result_rows(run, "campaign_sites")
        ],
    )


def keys_of(row: Row, *keys: str) -> tuple:
    """Cells of a row that name it, years as whole numbers."""
    return tuple(whole(row[key]) if key.endswith("year") else row[key] for key in keys)


def whole(text: str) -> int:
    """Whole number that a text spells."""
    number = exact(text)
    if number.denominator != 1:
        raise ValueError(f"{text!r} is no whole number")
    return number.numerator

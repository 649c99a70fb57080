"""Where a limit stands: table and line, so that whoever reads an explanation can go and look."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from optimizer.instance import Instance

# The header is line 1, and the first row of a table has position 0.
FIRST_LINE = 2
MOST_PLACES = 6


@dataclass(frozen=True)
class Place:
    """A row of the instance.

    Parameters
    ----------
    table, row : table, and line of its file.
    says : what stands there, in words.
    """

    table: str
    row: int
    says: str

    def __str__(self) -> str:
        return f"{self.says}, {self.table} row {self.row}"


def listed(places: Iterable[Place], most: int = MOST_PLACES) -> str:
    """Places as one line, the first few of them."""
    every = list(dict.fromkeys(places))
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return "; ".join(map(str, every[:most])) + more


def rows(instance: Instance, table: str, **where: object) -> pd.DataFrame:
    """Rows of a table with these values, their index still that of the table."""
    found = instance.tables[table]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def of_demand(instance: Instance, region: str, workload: str, stage: int) -> list[Place]:
    """The row that asks for a demand."""
    return [
        Place(
            "demand", row + FIRST_LINE, f"{demand.it_mw:g} MW of {workload} of {region} in {stage}"
        )
        for row, demand in rows(
            instance, "demand", region=region, workload=workload, year=stage
        ).iterrows()
    ]


def of_grid(instance: Instance, node: str, stage: int) -> list[Place]:
    """The row that limits a node in a stage: the lowest in force in any of its years."""
    manifest = instance.manifest
    following = [t for t in (*manifest.stages, manifest.horizon_end) if t > stage]
    own = rows(instance, "grid", node=node).sort_values("year")
    before = own[own.year <= stage].tail(1)
    within = own[(own.year > stage) & (own.year < min(following))]
    limits = pd.concat([before, within])
    if before.empty or limits.empty:
        later = own.head(1)
        return [
            Place("grid", row + FIRST_LINE, f"no power at {node} before {step.year}")
            for row, step in later.iterrows()
        ]
    row = limits.firm_mw.idxmin()
    return [Place("grid", row + FIRST_LINE, f"{limits.firm_mw[row]:g} MW at {node} in {stage}")]


def of_hall(instance: Instance, site: str) -> list[Place]:
    """The row that says how much a hall holds, and in what blocks."""
    return [
        Place("sites", row + FIRST_LINE, f"{s.max_it_mw:g} IT MW at {site}" + blocks(s.block_mw))
        for row, s in rows(instance, "sites", site=site).iterrows()
    ]


def blocks(block_mw: float) -> str:
    """Size of blocks in words."""
    return "" if pd.isna(block_mw) else f" in blocks of {block_mw:g} MW"


def of_dates(instance: Instance, nodes: Iterable[str], sites: Iterable[str]) -> list[Place]:
    """Rows that make power or room wait: later steps of firm MW, upgrades, first years."""
    first = instance.manifest.stages[0]
    places = []
    for node in nodes:
        steps = rows(instance, "grid", node=node).sort_values("year")
        rising = steps[(steps.year > first) & (steps.firm_mw.diff().fillna(steps.firm_mw) > 0)]
        places += [
            Place("grid", row + FIRST_LINE, f"{step.firm_mw:g} MW at {node} from {step.year} on")
            for row, step in rising.iterrows()
        ]
        for row, upgrade in rows(instance, "upgrades", node=node).iterrows():
            ready = max(upgrade.earliest_year, first) + upgrade.lead_years
            if ready > first:
                says = f"{upgrade.upgrade} at {node}, {upgrade.mw:g} MW, not before {ready:g}"
                places.append(Place("upgrades", row + FIRST_LINE, says))
    for site in sites:
        places += [
            Place("sites", row + FIRST_LINE, f"{site} not before {s.earliest_year}")
            for row, s in rows(instance, "sites", site=site).iterrows()
            if s.earliest_year > first
        ]
    return places


def of_rule(instance: Instance, rule: str) -> list[Place]:
    """The row of a rule."""
    places = []
    for row, own in rows(instance, "rules", rule=rule).iterrows():
        value = "" if pd.isna(own.value) else f" {own.value:g}"
        group = f" {own.group}" if own.group else ""
        places.append(Place("rules", row + FIRST_LINE, f"{rule}: {own.kind}{group}{value}"))
    return places


def of_latency(instance: Instance, workload: str) -> list[Place]:
    """The row of a workload's objective."""
    return [
        Place("workloads", row + FIRST_LINE, f"{workload} within {own.latency_slo_ms:g} ms")
        for row, own in rows(instance, "workloads", workload=workload).iterrows()
    ]


def of_budget(instance: Instance, stage: int) -> list[Place]:
    """The row of the budget in force in a stage."""
    own = rows(instance, "policies", policy="capital_budget")
    own = own[own.year <= stage].sort_values("year").tail(1)
    return [
        Place("policies", row + FIRST_LINE, f"{budget.value:,.0f} to spend in {stage}")
        for row, budget in own.iterrows()
    ]


def of_family(
    instance: Instance, family: str, nodes: dict[str, int], sites: Iterable[str], stages: set[int]
) -> list[Place]:
    """Rows of one family that take part in a conflict.

    Parameters
    ----------
    nodes : those that take part, each with a stage in which it does.
    sites : those that take part.
    stages : those that take part.
    """
    kind, _, name = family.partition(" ")
    if kind == "rule":
        return of_rule(instance, name)
    if kind == "latency":
        return of_latency(instance, name)
    if kind == "budget":
        return [place for t in sorted(stages) for place in of_budget(instance, t)]
    if kind == "grid":
        return [place for node, t in nodes.items() for place in of_grid(instance, node, t)]
    if kind == "dates":
        return of_dates(instance, nodes, sites)
    limited = list(sites) or list(instance.tables["sites"].site)
    return [place for site in limited for place in of_hall(instance, site)]

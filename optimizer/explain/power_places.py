"""Where a limit on power stands: table and line."""

from collections.abc import Iterable, Iterator

import pandas as pd

from optimizer.explain.elastic import (
    CAMPAIGNS,
    CARBON,
    CLEAN,
    CORRIDORS,
    FLEXIBLE,
    LAND,
    SUPPLY,
    WATER,
)
from optimizer.explain.places import FIRST_LINE, Place, rows
from optimizer.instance import Instance

POLICY_OF = {CARBON: "carbon_cap", WATER: "water_cap", CLEAN: "clean_share"}
UNIT_OF = {CARBON: " t", WATER: " m³", CLEAN: ""}


def of_supply(instance: Instance, sites: Iterable[str]) -> Iterator[Place]:
    """What may stand at some sites."""
    for site in sites:
        for row, own in rows(instance, "site_technologies", site=site).iterrows():
            storage = "" if pd.isna(own.max_mwh) else f" and {own.max_mwh:g} MWh"
            says = f"{own.max_mw:g} MW{storage} of {own.technology} at {site}"
            yield Place("site_technologies", row + FIRST_LINE, says)


def of_late_supply(instance: Instance, sites: Iterable[str]) -> Iterator[Place]:
    """What comes to some sites after the first stage: late orders, and long lead times."""
    first = instance.manifest.stages[0]
    technologies = instance.tables["technologies"].set_index("technology")
    lead_years = technologies.lead_years
    for site in sites:
        for row, own in rows(instance, "site_technologies", site=site).iterrows():
            ready = max(own.earliest_year, first) + lead_years[own.technology]
            if ready > first:
                says = f"{own.technology} at {site} not before {ready:g}"
                if own.earliest_year > first:
                    yield Place("site_technologies", row + FIRST_LINE, says)
                else:
                    line = list(lead_years.index).index(own.technology) + FIRST_LINE
                    yield Place("technologies", line, says)


def of_land(instance: Instance, sites: Iterable[str]) -> Iterator[Place]:
    """Land of some sites."""
    for site in sites:
        for row, own in rows(instance, "sites", site=site).iterrows():
            if not pd.isna(own.land_ha):
                yield Place("sites", row + FIRST_LINE, f"{own.land_ha:g} ha at {site}")


def of_flexible(instance: Instance, nodes: Iterable[str]) -> Iterator[Place]:
    """Flexible power of some nodes."""
    for node in nodes:
        for row, own in rows(instance, "flexible_grid", node=node).iterrows():
            says = f"{own.flexible_mw:g} MW flexible at {node} from {own.year} on"
            yield Place("flexible_grid", row + FIRST_LINE, says)


def of_corridors(instance: Instance, corridors: Iterable[str]) -> Iterator[Place]:
    """Limits of some corridors."""
    for corridor in corridors:
        for row, own in rows(instance, "corridors", corridor=corridor).iterrows():
            says = f"{own.max_mw:g} MW in corridor {corridor} from {own.year} on"
            yield Place("corridors", row + FIRST_LINE, says)


def of_campaigns(instance: Instance, campaigns: Iterable[str]) -> Iterator[Place]:
    """Some campaigns."""
    for campaign in campaigns:
        for row, own in rows(instance, "campaigns", campaign=campaign).iterrows():
            says = f"{own.it_mw:g} MW for {campaign} from {own.year} to before {own.until_year}"
            yield Place("campaigns", row + FIRST_LINE, says)


def of_policy(instance: Instance, family: str, stages: Iterable[int]) -> Iterator[Place]:
    """Rows of a policy in force in any year of some stages."""
    manifest, policy = instance.manifest, POLICY_OF[family]
    own = rows(instance, "policies", policy=policy).sort_values("year")
    wanted = set(stages) or set(manifest.stages)
    ends = dict(zip(manifest.stages, (*manifest.stages[1:], manifest.horizon_end), strict=True))
    until = [*own.year[1:], manifest.horizon_end]
    for (row, step), end in zip(own.iterrows(), until, strict=True):
        if any(step.year < ends[t] and t < end for t in wanted):
            says = f"{policy} {step.value:,g}{UNIT_OF[family]}"
            says += f" {step.unit}" if family == CLEAN and step.unit == "hourly" else ""
            yield Place("policies", row + FIRST_LINE, f"{says} from {step.year} on")


OF_NAMED = {
    # By family: the table and its key, where no row tells which of them take part, and the places.
    SUPPLY: ("sites", "site", of_supply),
    LAND: ("sites", "site", of_land),
    FLEXIBLE: ("nodes", "node", of_flexible),
    CORRIDORS: ("corridors", "corridor", of_corridors),
    CAMPAIGNS: ("campaigns", "campaign", of_campaigns),
}

FAMILIES = frozenset({*POLICY_OF, *OF_NAMED})


def of_family(
    instance: Instance, family: str, named: Iterable[str], stages: Iterable[int]
) -> list[Place]:
    """Rows of a family of power that take part in a conflict.

    Parameters
    ----------
    named : sites, nodes, corridors or campaigns that take part; all of them, where none is known.
    stages : those that take part.
    """
    if family in POLICY_OF:
        return list(of_policy(instance, family, stages))
    table, key, of = OF_NAMED[family]
    return list(of(instance, sorted(named) or list(instance.tables[table][key].unique())))

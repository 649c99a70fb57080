"""Which limits cannot hold together: a set of which none can be left out."""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import partial

from optimizer.explain.changes import (
    Change,
    Preparer,
    only_demand,
    without_blocks,
    without_budget,
    without_dates,
    without_grid,
    without_halls,
    without_latency,
    without_rule,
)
from optimizer.explain.elastic import (
    CAMPAIGNS,
    CARBON,
    CLEAN,
    CORRIDORS,
    FLEXIBLE,
    LAND,
    SHARE_ROWS,
    SUPPLY,
    WATER,
    Elastic,
)
from optimizer.explain.power_changes import (
    without_campaigns,
    without_corridors,
    without_flexible,
    without_land,
    without_policy,
    without_supply,
)
from optimizer.explain.shortage import Shortage, shortages
from optimizer.explain.verdict import Proof, judge
from optimizer.highs import Control
from optimizer.instance import Instance
from optimizer.pooling import pool_regions
from optimizer.routes import ROUTE_RULES

BLOCKS, BUDGET, DATES, HALLS, GRID = "blocks", "budget", "dates", "halls", "grid"
FAMILY_OF_ROW = {
    "node_limit": GRID,
    "hall": HALLS,
    "within_budget": BUDGET,
    "room_mw": SUPPLY,
    "room_mwh": SUPPLY,
    "within_land": LAND,
    "flexible_limit": FLEXIBLE,
    "corridor_limit": CORRIDORS,
    "hosted_once": CAMPAIGNS,
    "carbon_cap": CARBON,
    "water_cap": WATER,
    "clean_annual": CLEAN,
    "clean_hourly": CLEAN,
}
# Where the stage stands in the key of a row; elsewhere it is the last part.
STAGE_AT = {
    "node_limit": 1,
    "flexible_limit": 1,
    "corridor_limit": 1,
    "carbon_cap": 0,
}
POLICIES = {CARBON: "carbon_cap", WATER: "water_cap", CLEAN: "clean_share"}
# Causes of more shortages than this add nothing: the largest tell.
MOST_CONFLICTS = 8
# After so long what is left is told, needed or not.
SECONDS_FOR_CAUSES = 300.0
Rows = frozenset[tuple[str, tuple]]


@dataclass(frozen=True)
class Family:
    """Limits of one kind, and the instance without them.

    Parameters
    ----------
    name : blocks, budget, dates, halls, grid, `rule NAME`, `latency WORKLOAD`; supply, land,
        flexible, corridors, campaigns; carbon, water, clean.
    without : the change that leaves them out.
    settles_flow : they decide which sites may serve, or how much a site or node could carry.
    """

    name: str
    without: Change
    settles_flow: bool = True


@dataclass(frozen=True)
class Conflict:
    """Limits that no plan keeps together.

    Parameters
    ----------
    families : their kinds, demand aside, which is always among them.
    shortage : what the conflict leaves unserved, where a maximum flow tells.
    rows : kind and key of the rows of the model that take part, where a linear program tells.
    minimal : it is proven that leaving out any one family resolves the conflict.
    """

    families: tuple[str, ...]
    shortage: Shortage | None = None
    rows: Rows = frozenset()
    minimal: bool = True

    @property
    def demands(self) -> set[tuple[str, str]]:
        """(region, workload) that take part; a region stands for its pool where rows tell."""
        served = {(key[0], key[1]) for kind, key in self.rows if kind == "all_served"}
        return set(self.shortage.demands) if self.shortage else served

    @property
    def nodes(self) -> dict[str, int]:
        """Nodes that take part, each with the first stage in which it does."""
        if self.shortage:
            return dict.fromkeys(self.shortage.full_nodes, self.shortage.stage)
        limits = sorted({key[:2] for kind, key in self.rows if kind == "node_limit"})
        return dict(reversed(limits))

    @property
    def sites(self) -> set[str]:
        """Sites whose hall, blocks or first year take part."""
        halls = {key[0] for kind, key in self.rows if kind == "hall"}
        return set(self.shortage.full_sites) if self.shortage else halls

    def named(self, family: str) -> set[str]:
        """What the rows of a family are about: sites, nodes, corridors, campaigns."""
        found = {k[0] for kind, k in self.rows if FAMILY_OF_ROW.get(kind) == family and k}
        return set(self.shortage.sites) if self.shortage and family == SUPPLY else found

    @property
    def stages(self) -> set[int]:
        """Stages that take part."""
        if self.shortage:
            return {self.shortage.stage}
        limits = {*FAMILY_OF_ROW, *SHARE_ROWS, "all_served"} - {"hosted_once"}
        return {key[STAGE_AT.get(kind, -1)] for kind, key in self.rows if kind in limits and key}


def families(instance: Instance) -> list[Family]:
    """Every family of limits that an instance has, those first that are blamed last.

    The deletion filter leaves out the first families that are not needed for a conflict: where
    several explain it, hard facts remain, power before all.
    """
    tables = instance.tables
    rules = tables["rules"]
    of_routes = rules.kind.isin(ROUTE_RULES)
    limited = tables["workloads"].dropna(subset="latency_slo_ms").workload
    switch = [
        Family(f"rule {rule}", partial(without_rule, rule=rule), settles_flow=bool(settles))
        for rule, settles in zip(rules.rule, of_routes, strict=True)
    ]
    return [
        *([Family(BLOCKS, without_blocks)] if has_blocks(instance) else []),
        *([Family(BUDGET, without_budget, False)] if has_budget(instance) else []),
        *(family for family in switch if not family.settles_flow),
        *(
            Family(name, partial(without_policy, policy=policy), settles_flow=False)
            for name, policy in POLICIES.items()
            if (tables["policies"].policy == policy).any()
        ),
        *of_power(instance, settles_flow=False),
        Family(DATES, without_dates),
        *(Family(f"latency {w}", partial(without_latency, workload=w)) for w in limited),
        *(family for family in switch if family.settles_flow),
        Family(HALLS, without_halls),
        *of_power(instance, settles_flow=True),
        Family(GRID, without_grid),
    ]


def of_power(instance: Instance, *, settles_flow: bool) -> list[Family]:
    """Families that only instances with slices have, those that settle flows or the others."""
    if instance.tables["slices"].empty:
        return []
    possible = [
        ("campaigns", Family(CAMPAIGNS, without_campaigns, settles_flow=False)),
        ("corridors", Family(CORRIDORS, without_corridors, settles_flow=False)),
        ("flexible_grid", Family(FLEXIBLE, without_flexible)),
        ("site_technologies", Family(SUPPLY, without_supply)),
    ]
    found = [family for table, family in possible if len(instance.tables[table])]
    if instance.tables["sites"].land_ha.notna().any():
        found.append(Family(LAND, without_land, settles_flow=False))
    return [family for family in found if family.settles_flow == settles_flow]


def has_blocks(instance: Instance) -> bool:
    """Whether any site buys whole blocks."""
    return bool(instance.tables["sites"].block_mw.notna().any())


def has_budget(instance: Instance) -> bool:
    """Whether any capital budget is set."""
    return bool((instance.tables["policies"].policy == "capital_budget").any())


def conflicts_of(instance: Instance, prepared: Preparer, control: Control) -> list[Conflict]:
    """Conflicts of an instance; none if it has a plan, or if that could not be told."""
    inputs = prepared(instance)
    found = shortages(inputs)
    if found:
        largest = sorted(found, key=lambda shortage: -shortage.missing_mw)[:MOST_CONFLICTS]
        return [conflict_of_shortage(instance, shortage, prepared) for shortage in largest]
    proof = judge(inputs, control).proof
    return [conflict_of_rows(instance, proof, prepared, control)] if proof else []


def conflict_of_shortage(instance: Instance, shortage: Shortage, prepared: Preparer) -> Conflict:
    """Smallest set of families that leaves a shortage, as far as a maximum flow proves it."""
    asked = only_demand(instance, set(shortage.demands), {shortage.stage})
    known = [family for family in families(instance) if family.settles_flow]
    kept = deletion_filter(asked, known, lambda changed: bool(shortages(prepared(changed))))
    return Conflict(tuple(family.name for family in kept), shortage=shortage)


def conflict_of_rows(
    instance: Instance, proof: Proof, prepared: Preparer, control: Control
) -> Conflict:
    """Smallest set of families that leaves no plan, proven by linear or integer programs."""
    unsure, give_up = False, time.monotonic() + SECONDS_FOR_CAUSES

    def impossible(changed: Instance) -> bool:
        nonlocal unsure
        if time.monotonic() > give_up:
            unsure = True
            return False
        verdict = judge(prepared(changed), control)
        unsure |= verdict.possible is None
        return verdict.possible is False

    known = families(instance)
    if proof is Proof.LINEAR:
        instance = in_one_stage(instance, impossible)
        rows = support(instance, prepared, control)
        taking_part = {family_of(row) for row in rows}
        shares = {f"rule {rule.rule}" for rule in prepared(instance).share_rules}
        # Rows tell of the limits that they are, but not of dates, blocks and who may serve whom.
        idle = ({*FAMILY_OF_ROW.values()} | shares) - taking_part if rows else set()
        if HALLS in idle:  # whole blocks cut a hall's room, and fractions of them nothing else
            idle.add(BLOCKS)
        alone = without(instance, known, idle)
        kept = deletion_filter(alone, [f for f in known if f.name not in idle], impossible)
        names = {family.name for family in kept}
        last = support(without(instance, known, {f.name for f in known} - names), prepared, control)
        if last or not rows:
            return Conflict(tuple(f.name for f in kept), rows=last, minimal=not unsure)
        # A multiplier that passed for 0 was none.
    kept = deletion_filter(instance, known, impossible)
    return Conflict(tuple(family.name for family in kept), minimal=not unsure)


def without(instance: Instance, known: Iterable[Family], names: Collection[str]) -> Instance:
    """Same instance without the families of these names."""
    for family in known:
        if family.name in names:
            instance = family.without(instance)
    return instance


def support(instance: Instance, prepared: Preparer, control: Control) -> Rows:
    """Rows that certify that there is no plan; none where whole numbers are the cause."""
    return frozenset(Elastic(pool_regions(prepared(instance)), control).support() or ())


def family_of(row: tuple[str, tuple]) -> str:
    """Family that a row of the model belongs to."""
    kind, key = row
    return FAMILY_OF_ROW.get(kind, f"rule {key[0]}")


def in_one_stage(instance: Instance, impossible: Callable[[Instance], bool]) -> Instance:
    """Same instance with the demand of one stage alone, the first in which that has no plan."""
    demand = instance.tables["demand"]
    everything = set(zip(demand.region, demand.workload, strict=True))
    for stage in instance.manifest.stages:
        alone = only_demand(instance, everything, {stage})
        if len(alone.tables["demand"]) and impossible(alone):
            return alone
    return instance


def deletion_filter(
    instance: Instance, known: Iterable[Family], impossible: Callable[[Instance], bool]
) -> list[Family]:
    """Leave out each family in turn, for good where there is no plan all the same.

    What is kept has no plan, and has one without any single family of it: Chinneck and Dravnieks
    1991. It asks for proofs only, so whole numbers are causes like any other.
    """
    kept = []
    for family in known:
        changed = family.without(instance)
        if impossible(changed):
            instance = changed
        else:
            kept.append(family)
    return kept

"""Explain an instance: prove, name what is missing, find the conflicts, try the ways out."""

from optimizer.explain import places, power_places
from optimizer.explain.causes import (
    DATES,
    MOST_CONFLICTS,
    Conflict,
    conflict_of_rows,
    conflict_of_shortage,
)
from optimizer.explain.changes import Preparer
from optimizer.explain.elastic import DEMAND, Elastic
from optimizer.explain.explanation import Explanation, Missing
from optimizer.explain.places import Place
from optimizer.explain.shortage import shortages
from optimizer.explain.story import merged, missing, worst
from optimizer.explain.verdict import Proof, Verdict, judge, price
from optimizer.explain.ways import Finder
from optimizer.highs import Control
from optimizer.instance import Instance
from optimizer.pooling import pool_regions


def explain(instance: Instance, control: Control, *, proven: bool = False) -> Explanation:
    """Say in a planner's words why an instance has no plan, and what would have to give.

    Parameters
    ----------
    control : its interruption counts here, too; its time limit does not.
    proven : it is known that there is no plan, should a proof take long here.
    """
    control = Control(
        interrupted=control.interrupted,
        threads=control.threads,
        seed=control.seed,
        on_progress=control.on_progress,
    )
    currency, prepared = instance.manifest.currency, Preparer()
    inputs = prepared(instance)
    verdict = judge(inputs, control)
    if verdict.possible:
        verdict = price(inputs, control)
    if proven and verdict.possible is None:
        verdict = Verdict(possible=False, proof=Proof.INTEGER)
    if verdict.proof is None:
        return Explanation(verdict, currency)
    told: tuple[Missing, ...] = ()
    unserved_mw = None
    elastic = Elastic(pool_regions(inputs), control)
    if verdict.proof is Proof.FLOW:
        groups = merged(shortages(inputs))
        told = tuple(missing(instance, inputs, own) for own in groups)
        conflicts = [
            conflict_of_shortage(instance, worst(own), prepared) for own in groups[:MOST_CONFLICTS]
        ]
    else:
        conflicts = [conflict_of_rows(instance, verdict.proof, prepared, control)]
        breach = elastic.least([DEMAND], exact=verdict.proof is Proof.INTEGER)
        unserved_mw = sum(mw for _, mw in breach) if breach else None
    ways = Finder(instance, conflicts, elastic, prepared, control).ways()
    return Explanation(
        verdict=verdict,
        currency=currency,
        missing=told,
        unserved_mw=unserved_mw,
        conflicts=tuple((conflict, where(instance, conflict)) for conflict in conflicts),
        ways=tuple(ways),
    )


def where(instance: Instance, conflict: Conflict) -> dict[str, tuple[Place, ...]]:
    """Rows of the instance behind each family of a conflict."""
    return {family: tuple(rows_behind(instance, conflict, family)) for family in conflict.families}


def rows_behind(instance: Instance, conflict: Conflict, family: str) -> list[Place]:
    """Rows of the instance behind one family of a conflict."""
    if family in power_places.FAMILIES:
        named = conflict.named(family)
        return power_places.of_family(instance, family, named, conflict.stages)
    found = places.of_family(instance, family, conflict.nodes, conflict.sites, conflict.stages)
    if family == DATES and not instance.tables["slices"].empty:
        sites = instance.tables["sites"]
        at_nodes = (
            sites.site[sites.node.isin(list(conflict.nodes))] if conflict.nodes else sites.site
        )
        found += power_places.of_late_supply(instance, at_nodes)
    return found

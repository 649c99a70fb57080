"""Connections in every slice, in fractions: nodes, corridors, and doing without flexible power."""

from collections import defaultdict
from fractions import Fraction

from optimizer.audit.exact_decisions import Decisions
from optimizer.audit.exact_facts import ZERO
from optimizer.audit.exact_hours import HourFacts, Hours
from optimizer.audit.exact_power import SiteHours, Unit
from optimizer.audit.exact_report import HourlyReport

FLEXIBLE = "flexible power"


def check_nodes(
    by_hour: HourlyReport, facts: HourFacts, decisions: Decisions, sites: list[SiteHours]
) -> None:
    """What a node's sites take is at most what is firm, upgrades, and what is drawn flexibly.

    Of the latter at most the least flexible MW of the stage's years. What a corridor carries, less
    what is sold, is at most its limit.
    """
    firm, flexible, net = (sums(facts) for _ in ("firm", "flexible", "net"))
    for at in sites:
        key = at.node, at.stage
        firm[key] += at.drawn - at.flexible
        flexible[key] += at.flexible
        net[key] += at.drawn - at.exported
    for (g, t), drawn in firm.items():
        limit_mw = decisions.limit_mw(facts.facts, g, t)
        by_hour.at_most("grid", drawn, limit_mw, f"{g}, {t}")
        by_hour.at_most(FLEXIBLE, flexible[g, t], facts.flexible(g, t).mw, f"{g}, {t}, offered")
    check_corridors(by_hour, facts, net)


def sums(facts: HourFacts) -> defaultdict[tuple[str, int], Hours]:
    """Sums by (node, stage), nothing at first."""
    return defaultdict(lambda: facts.constant(ZERO))


def check_corridors(
    by_hour: HourlyReport, facts: HourFacts, net: dict[tuple[str, int], Hours]
) -> None:
    """Over a corridor's nodes, factor × what they take less what they sell is within its limit."""
    for corridor in dict.fromkeys(row["corridor"] for row in facts.corridors):
        members = [row for row in facts.corridor_nodes if row["corridor"] == corridor]
        for t in facts.facts.stages:
            limit_mw = facts.corridor_mw(corridor, t)
            if limit_mw is not None:
                carried = sum(
                    (row["factor"] * net[row["node"], t] for row in members), facts.constant(ZERO)
                )
                by_hour.at_most("corridors", carried, limit_mw, f"{corridor}, {t}")


def check_ride_through(by_hour: HourlyReport, facts: HourFacts, at: SiteHours) -> None:
    """What a site draws flexibly it can do without: other power, or load that pauses, is ready."""
    by_hour.at_most(FLEXIBLE, at.flexible, at.drawn, f"{at.where}, of its draw")
    pauses = sum((load.ready for load in at.loads), facts.constant(ZERO))
    ready = at.of_units(lambda unit: unit.ready) + at.pue * (1 - at.row["idle_share"]) * pauses
    by_hour.at_most(FLEXIBLE, at.flexible, ready, f"{at.where}, of what is ready")
    for load in at.loads:
        could_pause = load.movable - load.out - load.cut
        by_hour.at_most(FLEXIBLE, load.ready, could_pause, f"{load.where}, ready")
    for unit in at.units:
        by_hour.at_least_0(FLEXIBLE, unit.where, ready=unit.ready)
        by_hour.at_most(FLEXIBLE, unit.ready, spare_mw(facts, unit), f"{unit.where}, ready")
        if unit.battery:
            event_hours = facts.flexible(at.node, at.stage).event_hours
            given_mwh = event_mwh(facts, unit, event_hours)
            by_hour.at_most(FLEXIBLE, given_mwh, unit.stored, f"{unit.where}, event that ends with")


def spare_mw(facts: HourFacts, unit: Unit) -> Hours:
    """What a technology could give beyond what it gives; contracts nothing."""
    if unit.battery:
        return unit.mw - unit.discharged + unit.charged
    return facts.constant(ZERO) if unit.contract else unit.could_make - unit.made


def event_mwh(facts: HourFacts, unit: Unit, event_hours: Fraction) -> list[Fraction]:
    """Level that a battery needs for an event that ends with each slice."""
    return [
        sum((unit.ready[h] * hours for h, hours in reach), ZERO) / unit.root
        for reach in facts.event(event_hours)
    ]

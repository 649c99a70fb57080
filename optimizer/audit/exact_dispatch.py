"""Load and dispatch in every slice, in fractions: what arrives, moves, is made, stored, sold."""

from collections import defaultdict
from fractions import Fraction

from optimizer.audit.exact_decisions import HourlyDecisions
from optimizer.audit.exact_facts import ZERO
from optimizer.audit.exact_hours import HourFacts, Hours, square_root
from optimizer.audit.exact_power import Load, SiteHours, Unit
from optimizer.audit.exact_report import ExactReport, HourlyReport


def check_load(by_hour: HourlyReport, facts: HourFacts, at: SiteHours) -> None:
    """Load fits what is installed; what moves or is cut stays within its share and its day."""
    by_hour.at_most("capacity", at.load, at.installed_mw, f"{at.where}, load")
    for load in at.loads:
        check_moves(by_hour, facts, load)


def check_moves(by_hour: HourlyReport, facts: HourFacts, load: Load) -> None:
    """No more leaves a slice than may, and all of it comes in the same day unless it is cut."""
    family, where, report = "movable load", load.where, by_hour.report
    by_hour.at_least_0(family, where, out=load.out, into=load.into, cut=load.cut, ready=load.ready)
    by_hour.at_most(family, load.out + load.cut, load.movable, f"{where}, out of its slice")
    for name, day in facts.days.items():

        def mwh(values: Hours, day: list[int] = day) -> Fraction:
            return Fraction(values[day] @ facts.hours[day])

        report.equal(family, mwh(load.into), mwh(load.out), f"{where}, {name}, into others")
        limit_mwh = load.row["cut_share"] * mwh(load.arrived)
        report.at_most(family, mwh(load.cut), limit_mwh, f"{where}, {name}, cut")


def check_campaigns(report: ExactReport, facts: HourFacts, hourly: HourlyDecisions) -> None:
    """Every campaign that a stage needs runs at one site, which the rules on pairs allow."""
    sites = defaultdict(list)
    for c, s in hourly.campaign_sites:
        sites[c].append(s)
    for c, campaign in facts.campaigns.items():
        needed = any(campaign["year"] <= t < campaign["until_year"] for t in facts.facts.stages)
        fits = len(sites[c]) == 1 or (not needed and not sites[c])
        report.holds("campaigns", fits, f"{c}, at {len(sites[c])} sites")
        for s in sites[c]:
            rule = facts.facts.forbidding(campaign["country"], campaign["workload"], s)
            against = f", against {rule['rule']}" if rule else ""
            report.holds("campaigns", rule is None, f"{c} at {s}{against}")


def check_balance(by_hour: HourlyReport, at: SiteHours) -> None:
    """Drawn + made + delivered + discharged = facility load + charged + exported."""
    by_hour.at_least_0(
        "balance", at.where, grid=at.grid, flexible=at.flexible, exported=at.exported
    )
    had = at.grid + at.of_units(lambda unit: unit.made + unit.discharged)
    needed = at.facility + at.of_units(lambda unit: unit.charged) + at.exported
    by_hour.equal("balance", had, needed, at.where)


def check_unit(by_hour: HourlyReport, facts: HourFacts, unit: Unit) -> None:
    """A technology makes at most what can be had; a battery keeps to its MW, MWh and level."""
    where = unit.where
    by_hour.at_least_0("generation", where, made=unit.made)
    by_hour.at_most("generation", unit.made, unit.could_make, where)
    by_hour.at_least_0(
        "storage", where, charged=unit.charged, discharged=unit.discharged, stored=unit.stored
    )
    mw, mwh = (unit.mw, unit.mwh) if unit.battery else (ZERO, ZERO)
    by_hour.at_most("storage", unit.charged, mw, f"{where}, charged")
    by_hour.at_most("storage", unit.discharged, mw, f"{where}, discharged")
    by_hour.at_most("storage", unit.stored, mwh, f"{where}, stored")
    taken_mwh, given_mwh = unit.charged * facts.hours, unit.discharged * facts.hours
    level_mwh = facts.before(unit.stored) + unit.root * taken_mwh - given_mwh / unit.root
    by_hour.equal("storage", unit.stored, level_mwh, f"{where}, level")


def check_exports(by_hour: HourlyReport, facts: HourFacts, sites: list[SiteHours]) -> None:
    """At most what is made and discharged on site is sold, and at most the node's limit."""
    sold: dict[tuple[str, int], Hours] = defaultdict(lambda: facts.constant(ZERO))
    for at in sites:
        own = at.of_units(lambda unit: (not unit.contract) * unit.made + unit.discharged)
        by_hour.at_most("export", at.exported, own, at.where)
        sold[at.node, at.stage] += at.exported
    for (g, t), exported in sold.items():
        by_hour.at_most("export", exported, facts.facts.nodes[g]["export_mw"], f"{g}, {t}")


def inexact_roots(sites: list[SiteHours]) -> list[str]:
    """Technologies of batteries whose √efficiency is no fraction."""
    batteries = {
        unit.row["technology"]: unit.row["efficiency"]
        for at in sites
        for unit in at.units
        if unit.battery
    }
    return sorted(k for k, efficiency in batteries.items() if not square_root(efficiency)[1])

"""Supply over the years, in fractions: what is ordered, when it comes, how long it stands."""

from dataclasses import dataclass
from fractions import Fraction

from optimizer.audit.exact_decisions import Decisions, HourlyDecisions
from optimizer.audit.exact_facts import ZERO, ExactFacts
from optimizer.audit.exact_hours import HourFacts
from optimizer.audit.exact_report import ExactReport
from optimizer.audit.exact_tables import Row

FAMILY = "supply"
SIZES = ("mw", "mwh")

# MW and MWh that stand by (site, technology, stage).
Standing = dict[tuple[str, str, int], tuple[Fraction, Fraction]]


@dataclass(frozen=True)
class Term:
    """When an order comes and when it is gone again: stages, None for never."""

    comes: int | None
    ends: int | None

    def covers(self, stage: int) -> bool:
        """Whether it stands in a stage, unless it is retired."""
        return (
            self.comes is not None
            and self.comes <= stage
            and (self.ends is None or stage < self.ends)
        )


def term_of(facts: ExactFacts, option: Row, ordered_year: int) -> Term:
    """Term of an order: in use from order + lead on, for as many years as the option's life."""

    def stage_from(year: Fraction) -> int | None:
        return next((t for t in facts.stages if t >= year), None)

    ready, life = Fraction(ordered_year + option["lead_years"]), option["life_years"]
    return Term(stage_from(ready), None if life is None else stage_from(ready + life))


def check_supply(
    report: ExactReport, facts: HourFacts, decisions: Decisions, hourly: HourlyDecisions
) -> Standing:
    """Orders and sales are possible, and what stands fits.

    Returns
    -------
    dict
        What stands at every option and stage: what existed, came, and is not gone again.
    """
    terms = {
        (s, k, year): term_of(facts.facts, facts.options[s, k], year)
        for s, k, year in {*hourly.supply, *(key[:3] for key in hourly.retired)}
    }
    for key, amount in hourly.supply.items():
        check_order(report, facts, decisions, key, amount, terms[key])
    for (s, k, year, t), amount in hourly.retired.items():
        term, where = terms[s, k, year], f"{k} at {s} of {year}, retired in {t}"
        report.holds(FAMILY, (s, k, year) in hourly.supply, f"{where}, not ordered")
        stands = term.covers(t) and t != term.comes
        report.holds(FAMILY, stands, f"{where}, does not stand or has just come")
        for size in SIZES:
            report.at_most(FAMILY, -amount[size], ZERO, f"{where}, {size}")
    for key, ordered in hourly.supply.items():
        for size in SIZES:
            sold = sum((x[size] for order, x in hourly.retired.items() if order[:3] == key), ZERO)
            where = f"{key[1]} at {key[0]} of {key[2]}, {size} retired"
            report.at_most(FAMILY, sold, ordered[size], where)
    standing = standing_of(facts, hourly, terms)
    check_room(report, facts, standing)
    return standing


def check_order(
    report: ExactReport,
    facts: HourFacts,
    decisions: Decisions,
    key: tuple[str, str, int],
    amount: dict[str, Fraction],
    term: Term,
) -> None:
    """An order is not too early and not negative, and comes to an open site."""
    s, k, year = key
    option, where = facts.options[s, k], f"{k} at {s}, ordered in {year}"
    report.holds(FAMILY, year in facts.facts.stages, f"{where}, no stage")
    report.holds(FAMILY, year >= option["earliest_year"], f"{where}, too early")
    for size in SIZES:
        report.at_most(FAMILY, -amount[size], ZERO, f"{where}, {size}")
    if option["kind"] != "battery":
        report.at_most(FAMILY, amount["mwh"], ZERO, f"{where}, stores nothing")
    if term.comes is not None:
        is_open = decisions.open[s, term.comes] > 0
        report.holds(FAMILY, is_open, f"{where}, comes to a site that is not open")


def standing_of(facts: HourFacts, hourly: HourlyDecisions, terms: dict[tuple, Term]) -> Standing:
    """MW and MWh that stand at every option and stage."""
    there = {
        (*key, t): [row["existing_mw"], row["existing_mwh"]]
        for key, row in facts.options.items()
        for t in facts.facts.stages
    }
    for (s, k, year), amount in hourly.supply.items():
        for t in facts.facts.stages:
            if terms[s, k, year].covers(t):
                for i, size in enumerate(SIZES):
                    there[s, k, t][i] += amount[size]
    for (s, k, year, sold), amount in hourly.retired.items():
        for t in facts.facts.stages:
            # What was never ordered cannot be missed.
            if sold <= t and (s, k, year) in hourly.supply and terms[s, k, year].covers(t):
                for i, size in enumerate(SIZES):
                    there[s, k, t][i] -= amount[size]
    return {key: (mw, mwh) for key, (mw, mwh) in there.items()}


def check_room(report: ExactReport, facts: HourFacts, standing: Standing) -> None:
    """What stands at a time is at most `max_mw` and `max_mwh`, and fits on the site's land."""
    land_ha = dict.fromkeys(((s, t) for s, _, t in standing), ZERO)
    for (s, k, t), (mw, mwh) in standing.items():
        option, where = facts.options[s, k], f"{k} at {s}, {t}"
        report.at_most(FAMILY, mw, option["max_mw"], f"{where}, MW")
        if option["max_mwh"] is not None:
            report.at_most(FAMILY, mwh, option["max_mwh"], f"{where}, MWh")
        land_ha[s, t] += mw * option["land_ha_per_mw"]
    for (s, t), taken_ha in land_ha.items():
        if (limit_ha := facts.facts.sites[s]["land_ha"]) is not None:
            report.at_most(FAMILY, taken_ha, limit_ha, f"{s}, {t}, land")

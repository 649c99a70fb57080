"""Sovereignty rules that speak of shares and counts, in fractions."""

from collections import defaultdict
from fractions import Fraction

from optimizer.audit.exact_facts import PAIR_RULES, ZERO, ExactFacts
from optimizer.audit.exact_report import ExactReport
from optimizer.audit.exact_tables import Row

FAMILY = "sovereignty"


def check_rules(
    report: ExactReport,
    facts: ExactFacts,
    served: dict[tuple[str, str, str, int], Fraction],
    open_sites: dict[tuple[str, int], Fraction],
) -> None:
    """Every share and count keeps to its rule, for each stage and subject.

    Parameters
    ----------
    served : share by (region, workload, site, stage).
    open_sites : 0 or 1 by (site, stage).
    """
    for rule in facts.rules:
        if rule["kind"] == "min_sites_in":
            check_count(report, facts, rule, open_sites)
        elif rule["kind"] not in PAIR_RULES:
            check_shares(report, facts, rule, served)


def check_count(
    report: ExactReport, facts: ExactFacts, rule: Row, open_sites: dict[tuple[str, int], Fraction]
) -> None:
    """At least `value` sites of the group are open in every stage from `year` on."""
    inside = [s for s, site in facts.sites.items() if facts.holds(rule["group"], site["country"])]
    for t in facts.stages:
        if rule["year"] is None or t >= rule["year"]:
            count = sum((open_sites[s, t] for s in inside), ZERO)
            report.at_most(FAMILY, rule["value"] - count, ZERO, f"{rule['rule']}, {t}")


def check_shares(
    report: ExactReport,
    facts: ExactFacts,
    rule: Row,
    served: dict[tuple[str, str, str, int], Fraction],
) -> None:
    """MW served under a rule against `value` × the governed MW, served or not."""
    kind, at_home = rule["kind"], rule["kind"] == "min_share_at_home"
    governed: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for (r, w, t), mw in facts.demand.items():
        if facts.governs(rule, r, w, t):
            governed[t, facts.regions[r]["country"] if at_home else "*"] += mw
    served_mw: dict[tuple[int, str], Fraction] = defaultdict(Fraction)
    for (r, w, s, t), share in served.items():
        subject = subject_of(facts, rule, r, s)
        if subject is not None and facts.governs(rule, r, w, t):
            served_mw[t, subject] += share * facts.demand[r, w, t]
    if at_home:
        for (t, home), mw in governed.items():
            needed_mw = rule["value"] * mw
            over = needed_mw - served_mw[t, home]
            report.enter(FAMILY, over, needed_mw, f"{rule['rule']}, {home}, {t}")
        return
    subjects = {"*"} if kind.endswith("outside") else {subject for _, subject in served_mw}
    for (t, _), mw in governed.items():
        for subject in sorted(subjects):
            limit_mw = rule["value"] * mw
            where = f"{rule['rule']}, {subject}, {t}"
            report.at_most(FAMILY, served_mw[t, subject], limit_mw, where)


def subject_of(facts: ExactFacts, rule: Row, region: str, site: str) -> str | None:
    """What a service counts under in a rule's rows, None if in none."""
    place = facts.sites[site]
    match rule["kind"]:
        case "max_share_country":
            return str(place["country"])
        case "max_share_operator":
            return str(place["operator"])
        case "max_share_operator_outside":
            return None if facts.holds(rule["group"], place["operator_country"]) else "*"
        case _:  # min_share_at_home
            home = str(facts.regions[region]["country"])
            return home if place["country"] == home else None

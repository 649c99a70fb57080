"""The audit in exact arithmetic: every limit and every cost of a plan, in fractions.

It starts from the instance's files and the decisions in the result tables (open sites, new IT MW,
shares served and unserved, upgrades ordered; with slices also supply, dispatch, moved load and
campaigns), each decimal taken as the fraction it spells. Discount factors are fractions, too. Only
geodesic distances stay floating, and some √efficiency of batteries: no fraction is one.
"""

from collections import defaultdict
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from optimizer.audit.exact_costs import Costs, carbon_cost, decided_costs, flat_costs
from optimizer.audit.exact_decisions import Decisions, read_decisions, read_hourly_decisions
from optimizer.audit.exact_facts import ZERO, ExactFacts
from optimizer.audit.exact_footprint import check_policies, flat_footprints
from optimizer.audit.exact_hourly import check_hours
from optimizer.audit.exact_hours import HourFacts
from optimizer.audit.exact_report import ExactReport
from optimizer.audit.exact_rules import check_rules
from optimizer.audit.exact_tables import exact, exact_json, result_rows
from optimizer.errors import SitewattError
from optimizer.instance import read_instance


def audit_exactly(run: Path) -> ExactReport:
    """Check a run's decisions and recompute its cost without rounding anything.

    The audit in floating point goes first: it finds what is missing or malformed, and compares
    the tables that only repeat what follows from the decisions.

    Raises
    ------
    SitewattError
        The folder is no run whose tables can be read number by number.
    """
    facts = ExactFacts(read_instance(run / "instance"))
    plan = exact_json(run / "plan.json")
    report = ExactReport()
    try:
        report.stated, report.bound = Fraction(plan["objective"]), Fraction(plan["bound"])
        decisions = known(report, facts, read_decisions(run))
        costs = Costs(facts)
        check_stages(report, facts, decisions, costs)
        if facts.hourly:
            hours = HourFacts(facts)
            hourly = read_hourly_decisions(run, hours.slices)
            check_hours(report, hours, decisions, hourly, costs)
        else:
            check_peaks(report, facts, decisions, costs)
        stated_costs = costs_by_kind(run)
    except (KeyError, ValueError, TypeError) as error:
        raise SitewattError(
            f"{run} cannot be audited exactly: {error!r}. See what sitewatt audit says of it."
        ) from error
    check_budget(report, facts, costs)
    report.costs, report.objective = dict(costs.by_kind), sum(costs.by_kind.values(), ZERO)
    for kind in report.costs | stated_costs:
        own = report.costs.get(kind, ZERO)
        report.equal("costs", stated_costs.get(kind, ZERO), own, kind)
    report.equal("objective", report.stated, report.objective, "plan.json")
    report.at_most("objective", report.bound, report.objective, "bound")
    return report


def costs_by_kind(run: Path) -> dict[str, Fraction]:
    """Discounted cost by kind, as the table of costs spells it."""
    total: dict[str, Fraction] = defaultdict(Fraction)
    for row in result_rows(run, "costs"):
        total[row["kind"]] += exact(row["discounted_cost"])
    return total


def check_stages(
    report: ExactReport, facts: ExactFacts, decisions: Decisions, costs: Costs
) -> None:
    """Statements that no slice has a part in, and costs that none has a part in."""
    check_demand(report, facts, decisions)
    check_pairs(report, facts, decisions)
    for site in facts.sites:
        check_site(report, facts, decisions, site)
    check_upgrades(report, facts, decisions)
    check_rules(report, facts, decisions.served, decisions.open)
    decided_costs(costs, facts, decisions)


def check_peaks(report: ExactReport, facts: ExactFacts, decisions: Decisions, costs: Costs) -> None:
    """Statements about peaks and a year's energy, where there are no slices, and their costs."""
    served_mw: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    for (r, w, s, t), share in decisions.served.items():
        served_mw[s, t] += share * facts.demand[r, w, t]
    for s, site in facts.sites.items():
        installed_mw = site["existing_it_mw"]
        for t in facts.stages:
            installed_mw += decisions.new_mw[s, t]
            report.at_most("capacity", served_mw[s, t], installed_mw, f"{s}, {t}, served")
    check_grid(report, facts, decisions, served_mw)
    footprint = flat_footprints(facts, decisions)
    check_policies(report, facts, footprint)
    flat_costs(costs, facts, decisions)
    carbon_cost(costs, facts, footprint)


def check_budget(report: ExactReport, facts: ExactFacts, costs: Costs) -> None:
    """What each stage spends on capital is at most its budget."""
    budget = facts.policy("capital_budget", None)
    for t in facts.stages:
        if (limit := budget(t)) is not None:
            report.at_most("budget", costs.capital[t], limit, str(t))


def known(report: ExactReport, facts: ExactFacts, decisions: Decisions) -> Decisions:
    """Decisions on demand that there is, and orders of options that there are."""
    for r, w, *_, t in (*decisions.served, *decisions.unserved):
        report.holds("demand", (r, w, t) in facts.demand, f"{w} of {r}, {t}, no such demand")
    for g, u, t in decisions.orders:
        report.holds("upgrades", (g, u) in facts.upgrades, f"{u} at {g}, {t}, no such option")
    served = {key: x for key, x in decisions.served.items() if (*key[:2], key[3]) in facts.demand}
    unserved = {key: x for key, x in decisions.unserved.items() if key in facts.demand}
    orders = [order for order in decisions.orders if order[:2] in facts.upgrades]
    return replace(decisions, served=served, unserved=unserved, orders=orders)


def check_demand(report: ExactReport, facts: ExactFacts, decisions: Decisions) -> None:
    """Shares of each demand add up to 1, none is below 0, none unserved where that is forbidden."""
    total = dict.fromkeys(facts.demand, ZERO)
    for (r, w, s, t), share in decisions.served.items():
        total[r, w, t] += share
        report.at_most("demand", -share, ZERO, f"{w} of {r} at {s}, {t}")
    for (r, w, t), share in decisions.unserved.items():
        total[r, w, t] += share
        report.at_most("demand", -share, ZERO, f"{w} of {r} unserved, {t}")
        if facts.penalty is None:
            report.at_most("demand", share, ZERO, f"{w} of {r} unserved, {t}")
    for (r, w, t), share in total.items():
        report.equal("demand", share, Fraction(1), f"{w} of {r}, {t}")


def check_pairs(report: ExactReport, facts: ExactFacts, decisions: Decisions) -> None:
    """Whoever serves may: no rule is against it, and round trip + service fit the objective."""
    pairs = {(r, w, s) for r, w, s, _ in decisions.served}
    listed = facts.listed((r, s) for r, _, s in pairs)
    floating, nearest_ms = 0, None
    for r, w, s in sorted(pairs):
        rule = facts.forbidding(facts.regions[r]["country"], w, s)
        against = f", against {rule['rule']}" if rule else ""
        report.holds("eligibility", rule is None, f"{w} of {r} at {s}{against}")
        rtt_ms = listed[r, s]["rtt_ms"] if (r, s) in listed else facts.fitted_ms(r, s)
        report.holds("eligibility", rtt_ms is not None, f"{w} of {r} at {s}, round trip unknown")
        limit_ms = facts.workloads[w]["latency_slo_ms"]
        if rtt_ms is None or limit_ms is None:
            continue
        total_ms = rtt_ms + facts.workloads[w]["service_ms"]
        report.at_most("eligibility", total_ms, limit_ms, f"{w} of {r} at {s}, ms")
        if (r, s) not in listed:
            floating += 1
            spare_ms = limit_ms - total_ms
            nearest_ms = spare_ms if nearest_ms is None else min(nearest_ms, spare_ms)
    if nearest_ms is not None:
        report.not_certified.append(
            f"{floating:,} round trips rest on geodesic distances, which are floating; the closest"
            f" has {float(nearest_ms):.3g} ms to spare, the distances err by less than 1e-9 ms"
        )


def check_site(report: ExactReport, facts: ExactFacts, decisions: Decisions, s: str) -> None:
    """A site opens once and not too early, and what it buys fits."""
    site = facts.sites[s]
    existing_mw, block_mw = site["existing_it_mw"], site["block_mw"]
    installed_mw, before = existing_mw, ZERO
    for t in facts.stages:
        is_open, new_mw = decisions.open[s, t], decisions.new_mw[s, t]
        where, early = f"{s}, {t}", t < site["earliest_year"]
        installed_mw += new_mw
        report.holds("siting", is_open in (0, 1), where)
        report.holds("siting", is_open >= before, f"{where}, closed again")
        report.holds("siting", is_open == 1 or not existing_mw, f"{where}, has capacity")
        report.holds("siting", not (early and is_open and not existing_mw), f"{where}, too early")
        report.at_most("capacity", -new_mw, ZERO, f"{where}, taken away")
        if early:
            report.at_most("capacity", new_mw, ZERO, f"{where}, too early")
        if block_mw:
            blocks = round(new_mw / block_mw)
            report.equal("capacity", new_mw, blocks * block_mw, f"{where}, {blocks} blocks")
        room_mw = site["max_it_mw"] if is_open else ZERO
        report.at_most("capacity", installed_mw, room_mw, f"{where}, hall")
        before = is_open


def check_upgrades(report: ExactReport, facts: ExactFacts, decisions: Decisions) -> None:
    """Orders are possible, once each, and none comes before the one that it follows."""
    first: dict[tuple[str, str], int] = {}
    for g, u, year in decisions.orders:
        report.holds("upgrades", (g, u) not in first, f"{u} at {g}, ordered again in {year}")
        first.setdefault((g, u), year)
        option = facts.upgrades[g, u]
        possible = year in facts.stages and year >= option["earliest_year"]
        report.holds("upgrades", possible, f"{u} at {g}, {year}")
    for (g, u), year in first.items():
        after = facts.upgrades[g, u]["after"]
        in_turn = not after or first.get((g, after), year + 1) <= year
        report.holds("upgrades", in_turn, f"{u} at {g}, {year}, without {after}")


def check_grid(
    report: ExactReport,
    facts: ExactFacts,
    decisions: Decisions,
    served_mw: dict[tuple[str, int], Fraction],
) -> None:
    """Power drawn at a node is at most its firm MW and the upgrades that have come in time."""
    for g in facts.nodes:
        sites = [s for s, site in facts.sites.items() if site["node"] == g]
        for t in facts.stages:
            drawn_mw = sum((facts.sites[s]["pue"] * served_mw[s, t] for s in sites), ZERO)
            report.at_most("grid", drawn_mw, decisions.limit_mw(facts, g, t), f"{g}, {t}")

"""The exact audit by the hour: the order of its checks."""

from dataclasses import replace

from optimizer.audit.exact_connection import check_nodes, check_ride_through
from optimizer.audit.exact_costs import Costs, carbon_cost
from optimizer.audit.exact_decisions import Decisions, HourlyDecisions
from optimizer.audit.exact_dispatch import (
    check_balance,
    check_campaigns,
    check_exports,
    check_load,
    check_unit,
    inexact_roots,
)
from optimizer.audit.exact_footprint import check_policies
from optimizer.audit.exact_hourly_costs import hourly_costs
from optimizer.audit.exact_hourly_footprint import hourly_footprints
from optimizer.audit.exact_hours import DIGITS_OF_ROOTS, HourFacts
from optimizer.audit.exact_power import site_hours
from optimizer.audit.exact_report import ExactReport, HourlyReport
from optimizer.audit.exact_supply import check_supply


def check_hours(
    report: ExactReport,
    facts: HourFacts,
    decisions: Decisions,
    hourly: HourlyDecisions,
    costs: Costs,
) -> None:
    """All families of statements about slices and supply, and the costs of these."""
    hourly = of_known_options(report, facts, hourly)
    standing = check_supply(report, facts, decisions, hourly)
    sites = site_hours(facts, decisions, hourly, standing)
    by_hour = HourlyReport(report, facts.slices)
    check_campaigns(report, facts, hourly)
    for at in sites:
        check_load(by_hour, facts, at)
        check_balance(by_hour, at)
        for unit in at.units:
            check_unit(by_hour, facts, unit)
        check_ride_through(by_hour, facts, at)
    check_exports(by_hour, facts, sites)
    check_nodes(by_hour, facts, decisions, sites)
    footprint = hourly_footprints(facts, decisions, hourly, sites)
    check_policies(report, facts.facts, footprint)
    hourly_costs(costs, facts, decisions, hourly, sites)
    carbon_cost(costs, facts.facts, footprint)
    if roots := inexact_roots(sites):
        report.not_certified.append(
            f"levels of {', '.join(roots)} rest on √efficiency, which is no fraction: it is taken"
            f" to {DIGITS_OF_ROOTS} digits"
        )


def of_known_options(
    report: ExactReport, facts: HourFacts, hourly: HourlyDecisions
) -> HourlyDecisions:
    """The same without technologies that may not stand at their site."""
    tables = {name: getattr(hourly, name) for name in ("generation", "supply", "retired")}
    for name, table in tables.items():
        for unknown in [key for key in table if key[:2] not in facts.options]:
            report.holds("supply", False, f"{name} of {unknown[1]} at {unknown[0]}, not allowed")
            del table[unknown]
    return replace(hourly, **tables)

"""Limits that are no rules of sovereignty: whether a plan keeps them, and by what margin."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.audit.constraints import CAPITAL
from optimizer.audit.footprint import clean_hourly, flat_footprints
from optimizer.digits import UNBROKEN, digits, money, percent
from optimizer.finished import NOTHING_MW
from optimizer.report.facts import Facts, count
from optimizer.report.rules import Kept, megawatts
from optimizer.results import BINDING

# What policies that limit a plan are called, and what stands before their values.
POLICIES = {
    "capital_budget": ("Budget", "what a stage spends on sites, IT and power: "),
    "carbon_cap": ("Cap on carbon", ""),
    "water_cap": ("Cap on water", ""),
    "clean_share": ("Share of clean energy", ""),
}
NOTHING = ("–", "–", "–")


def kept_limits(facts: Facts) -> list[Kept]:
    """Latency, power at nodes, room in halls, budgets and policies, demand."""
    return [*latency(facts), grid(facts), halls(facts), *policies(facts), demand(facts)]


def latency(facts: Facts) -> list[Kept]:
    """Objective of each workload that has one."""
    serving, kept = facts.run.serving, []
    regions = facts.run.instance.tables["regions"].set_index("region").name
    for row in facts.run.instance.tables["workloads"].itertuples():
        own = serving[serving.workload == row.workload]
        if pd.isna(row.latency_slo_ms) or own.empty:
            continue
        limit, worst = row.latency_slo_ms - row.service_ms, own.loc[own.rtt_ms.idxmax()]
        margin = limit - worst.rtt_ms
        asked = f"answer within {row.latency_slo_ms:,g} ms, {row.service_ms:,g} of them at the site"
        where = f"{regions[worst.region]} from {facts.run.sites.name[worst.site]}, {worst.year}"
        shown = (in_unit(worst.rtt_ms, "ms"), in_unit(limit, "ms"), in_unit(margin, "ms"))
        left = float(margin / max(limit, 1e-9))
        kept.append(Kept(f"Latency of {row.workload}", asked, where, shown, left))
    return kept


def grid(facts: Facts) -> Kept:
    """Power at the nodes."""
    name, asked = "Power at grid nodes", "no node gives more than is firm and what upgrades add"
    use = facts.run.tables["grid_use"]
    use = use[use.drawn_mw > NOTHING_MW]
    if use.empty:
        return Kept(name, asked, "no power is drawn", NOTHING)
    power_mw = use.firm_mw + use.upgrade_mw
    left = (use.headroom_mw / power_mw.clip(lower=NOTHING_MW)).sort_values()
    full = use.node[left[left <= BINDING].index].nunique()
    least = use.loc[left.index[0]]
    where = (
        f"{count(full, 'node')} full in some stage"
        if full
        else f"{facts.run.node_names[least.node]} {least.year}"
    )
    shown = (least.drawn_mw, power_mw[left.index[0]], max(least.headroom_mw, 0.0))
    return Kept(name, asked, where, megawatts_of(shown), max(float(left.iloc[0]), 0.0))


def halls(facts: Facts) -> Kept:
    """IT that halls hold."""
    name, asked = "Room in halls", "no hall holds more IT than it has room for"
    capacity = facts.capacity[facts.capacity.installed_it_mw > NOTHING_MW]
    if capacity.empty:
        return Kept(name, asked, "nothing is installed", NOTHING)
    room = capacity.max_it_mw - capacity.installed_it_mw
    left = (room / capacity.max_it_mw.clip(lower=NOTHING_MW)).sort_values()
    full = capacity.site[left[left <= BINDING].index].nunique()
    least = capacity.loc[left.index[0]]
    where = f"{count(full, 'hall')} full in some stage" if full else f"{least['name']} {least.year}"
    shown = (least.installed_it_mw, least.max_it_mw, max(room[left.index[0]], 0.0))
    return Kept(name, asked, where, megawatts_of(shown), max(float(left.iloc[0]), 0.0))


def policies(facts: Facts) -> list[Kept]:
    """Budget of each stage; caps and shares of each year, as the audit checks them."""
    given, years = facts.given, yearly(facts)
    costs = facts.run.tables["costs"]
    spent = costs[costs.kind.isin(CAPITAL)].groupby("year").cost.sum()
    spent = spent.reindex(facts.run.stages, fill_value=0.0)
    clean = years.matched_mwh.where(years.index.map(clean_hourly(given)) == 1, years.clean_mwh)
    found = {
        "capital_budget": (spent, lambda amount: money(amount, facts.currency)),
        "carbon_cap": (years.emitted_t, lambda amount: in_unit(amount, "t")),
        "water_cap": (years.water_m3, lambda amount: in_unit(amount, "m³")),
        "clean_share": (clean / years.facility_mwh, percent),
    }
    return [
        tightest(facts, str(policy), rows, *found[str(policy)])
        for policy, rows in facts.run.instance.tables["policies"].groupby("policy", sort=False)
        if policy in POLICIES
    ]


def yearly(facts: Facts) -> pd.DataFrame:
    """Tonnes, water and clean energy of all sites by calendar year.

    Returns
    -------
    DataFrame
        emitted_t, in a stage's first year with what is embodied; water_m3, clean_mwh, matched_mwh
        and facility_mwh.
    """
    run = facts.run
    if run.hourly:
        table = run.tables["footprint"]
        table = table.assign(emitted_t=table.grid_t + table.supply_t + table.event_t)
    else:
        table = flat_footprints(facts.given, run.tables["capacity"], run.tables["energy"])
        table = table.drop(columns="facility_mwh").rename(columns={"operating_t": "emitted_t"})
    sums = table.groupby("year").sum(numeric_only=True).join(facts.by_stage.facility_mwh)
    by_year = {year: sums.loc[stage] for stage in run.stages for year in run.years_of(stage)}
    years = pd.DataFrame(by_year).T
    years.loc[run.stages, "emitted_t"] += years.embodied_t[run.stages]
    return years


def tightest(
    facts: Facts,
    policy: str,
    rows: pd.DataFrame,
    plan: pd.Series,
    show: Callable[[float], str],
) -> Kept:
    """How a policy is kept, in the year that has least left.

    Parameters
    ----------
    rows : of the policy.
    plan : what the plan has, by year; NaN where the policy asks for nothing.
    """
    least = policy == "clean_share"
    name, what = POLICIES[policy]
    asked = f"{what}{listed_values(rows, show)}"
    limit = plan.index.to_series().map(facts.given.policy(policy, 0.0 if least else np.inf))
    margin = plan - limit if least else limit - plan
    holds = (limit > 0) if least else np.isfinite(limit)
    left = (margin / limit.clip(lower=NOTHING_MW))[holds].dropna().clip(lower=0.0)
    if left.empty:
        return Kept(name, asked, "asks for nothing in any year", NOTHING)
    year = left.idxmin()
    shown = (show(plan[year]), show(limit[year]), show(max(margin[year], 0.0)))
    return Kept(name, asked, str(year), shown, float(left[year]))


def listed_values(rows: pd.DataFrame, show: Callable[[float], str]) -> str:
    """Values of a policy by the year from which they hold."""
    return "; ".join(
        f"{show(value)}{' by the hour' if unit == 'hourly' else ''} from {year}"
        for value, unit, year in zip(rows.value, rows.unit, rows.year, strict=True)
    )


def demand(facts: Facts) -> Kept:
    """Demand that has to be served."""
    unserved, manifest = facts.run.tables["unserved"], facts.run.instance.manifest
    mw = unserved.groupby("year").it_mw.sum()
    forbidden = manifest.unserved_penalty_per_mwh is None
    asked = "all demand is served" if forbidden else "demand that is not served costs a penalty"
    most = float(mw.max()) if len(mw) else 0.0
    worst = mw.idxmax() if most > NOTHING_MW else facts.last
    asked_mw = facts.in_stage("serving", worst).it_mw.sum() + mw.get(worst, 0.0)
    where = str(worst) if most > NOTHING_MW else "in every stage"
    shown = (f"{digits(most)} MW unserved", megawatts(asked_mw), "–")
    return Kept("Demand", asked, where, shown, holds=not forbidden or most <= NOTHING_MW)


def in_unit(amount: float, unit: str) -> str:
    """Amount with its unit."""
    return f"{digits(amount)}{UNBROKEN}{unit}"


def megawatts_of(amounts: tuple[float, float, float]) -> tuple[str, str, str]:
    """Plan, limit and margin in words."""
    plan, limit, margin = amounts
    return megawatts(plan), megawatts(limit), megawatts(margin)

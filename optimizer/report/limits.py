"""Limits that are no rules of sovereignty: whether a plan keeps them, and by what margin."""

import pandas as pd

from optimizer.digits import UNBROKEN, digits, money, percent
from optimizer.finished import NOTHING_MW
from optimizer.report.facts import Facts, count
from optimizer.report.rules import BINDING, Kept, megawatts

# Kinds of cost that a budget counts.
CAPITAL = ("opening", "it", "upgrade", "supply")
CAPS = {
    "carbon_cap": "Cap on carbon",
    "water_cap": "Cap on water",
    "clean_share": "Share of clean energy",
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
        shown = (ms(worst.rtt_ms), ms(limit), ms(margin))
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
    where = f"{count(full, 'node')} full in some stage" if full else f"{least.node} {least.year}"
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
    where = f"{count(full, 'hall')} full in some stage" if full else f"{least.site} {least.year}"
    shown = (least.installed_it_mw, least.max_it_mw, max(room[left.index[0]], 0.0))
    return Kept(name, asked, where, megawatts_of(shown), max(float(left.iloc[0]), 0.0))


def policies(facts: Facts) -> list[Kept]:
    """Budget of each stage, and caps and shares with the smallest slack that the audit found."""
    given = facts.run.instance.tables["policies"].groupby("policy", sort=False)
    slack = {family.family: family.worst for family in facts.audit.families}.get("policies")
    kept = []
    for policy, rows in given:
        if policy == "capital_budget":
            kept.append(budget(facts, rows))
        elif policy in CAPS and slack is not None:
            left = max(-slack, 0.0)
            where = "tightest of all caps and shares"
            shown = ("–", "–", percent(left))
            kept.append(Kept(CAPS[str(policy)], listed_values(rows), where, shown, left))
    return kept


def budget(facts: Facts, rows: pd.DataFrame) -> Kept:
    """Spending of the stage that has least of its budget left."""
    costs = facts.run.tables["costs"]
    spent = costs[costs.kind.isin(CAPITAL)].groupby("year").cost.sum()
    by_year = rows.set_index("year").value.sort_index()
    limited = [year for year in facts.run.stages if year >= by_year.index[0]]
    limit = pd.Series({year: by_year[by_year.index <= year].iloc[-1] for year in limited})
    rest = limit - spent.reindex(limited, fill_value=0.0)
    left = rest / limit.clip(lower=1.0)
    year = left.idxmin()
    amounts = (limit[year] - rest[year], limit[year], rest[year])
    shown = tuple(money(amount, facts.currency) for amount in amounts)
    values = [f"{money(value, facts.currency)} from {since}" for since, value in by_year.items()]
    asked = f"what a stage spends on sites, IT and power: {'; '.join(values)}"
    return Kept("Budget", asked, str(year), (shown[0], shown[1], shown[2]), float(left[year]))


def listed_values(rows: pd.DataFrame) -> str:
    """Values of a policy by the year from which they hold."""
    return "; ".join(
        f"{value:,.12g}{f' {unit}' if unit else ''} from {year}"
        for value, unit, year in zip(rows.value, rows.unit, rows.year, strict=True)
    )


def demand(facts: Facts) -> Kept:
    """Demand that has to be served."""
    unserved, manifest = facts.run.tables["unserved"], facts.run.instance.manifest
    mw = unserved.groupby("year").it_mw.sum()
    forbidden = manifest.unserved_penalty_per_mwh is None
    asked = "all demand is served" if forbidden else "demand that is not served costs a penalty"
    asked_mw = facts.in_stage("serving").it_mw.sum() + mw.get(facts.last, 0.0)
    most = float(mw.max()) if len(mw) else 0.0
    where = f"{mw.idxmax()}" if most > NOTHING_MW else "in every stage"
    shown = (f"{digits(most)} MW unserved", megawatts(asked_mw), "–")
    return Kept("Demand", asked, where, shown, holds=not forbidden or most <= NOTHING_MW)


def ms(amount: float) -> str:
    """Time in words."""
    return f"{digits(amount)}{UNBROKEN}ms"


def megawatts_of(amounts: tuple[float, float, float]) -> tuple[str, str, str]:
    """Plan, limit and margin in words."""
    plan, limit, margin = amounts
    return megawatts(plan), megawatts(limit), megawatts(margin)

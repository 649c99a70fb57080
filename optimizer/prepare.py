"""From tables to PlanInputs: keys as indices, step functions read off, rules resolved."""

import math

import pandas as pd

from models.inputs import PlanInputs, ShareRule
from optimizer.instance import Instance
from optimizer.prepare_power import prepare_power
from optimizer.routes import ROUTE_RULES, Routes, countries_by_group, members
from optimizer.steps import in_force


def prepare(instance: Instance, routes: Routes) -> PlanInputs:
    """Turn a checked instance and its routes into what the model is told."""
    manifest, tables = instance.manifest, instance.tables
    years = range(manifest.stages[0], manifest.horizon_end)
    demand = tables["demand"][tables["demand"].it_mw > 0]
    carbon_price = policy(instance, "carbon_price", 0.0)
    budget = policy(instance, "capital_budget", math.inf)
    demand_mw = demand.set_index(["region", "workload", "year"]).it_mw
    demand_mw = demand_mw.rename_axis(index={"year": "stage"})
    caps = {
        name: pd.Series({year: in_force(policy(instance, name, none), year) for year in years})
        for name, none in (("carbon_cap", math.inf), ("water_cap", math.inf), ("clean_share", 0.0))
    }
    return PlanInputs(
        stages=manifest.stages,
        horizon_end=manifest.horizon_end,
        base_year=manifest.base_year,
        discount_rate=manifest.discount_rate,
        sites=tables["sites"].set_index("site"),
        nodes=tables["nodes"].set_index("node"),
        firm_mw=firm_mw(instance),
        upgrades=tables["upgrades"].set_index(["node", "upgrade"]),
        load_factor=tables["workloads"].set_index("workload").load_factor,
        demand_mw=demand_mw,
        user_country=tables["regions"].set_index("region").country,
        routes=routes.eligible.set_index(["region", "workload", "site"]),
        share_rules=share_rules(instance),
        carbon_price_per_t=pd.Series({year: in_force(carbon_price, year) for year in years}),
        capital_budget=pd.Series({t: in_force(budget, t) for t in manifest.stages}),
        unserved_penalty_per_mwh=manifest.unserved_penalty_per_mwh,
        carbon_cap_t=caps["carbon_cap"],
        water_cap_m3=caps["water_cap"],
        clean_share=caps["clean_share"],
        clean_hourly=hourly_years(instance, years),
        power=prepare_power(instance, demand_mw.index.droplevel("stage").unique()),
    )


def firm_mw(instance: Instance) -> pd.Series:
    """Lowest firm MW of each node over the years of each stage, by (node, stage)."""
    stages, end = instance.manifest.stages, instance.manifest.horizon_end
    grid = instance.tables["grid"]
    # Nodes that no site uses may be without rows: they carry nothing.
    by_year = (
        grid.pivot(index="year", columns="node", values="firm_mw")
        .reindex(sorted({*grid.year, *range(stages[0], end)}))
        .ffill()
        .fillna(0.0)
        .loc[stages[0] : end - 1]
        .reindex(columns=list(instance.tables["nodes"].node), fill_value=0.0)
    )
    stage_of = pd.cut(by_year.index, [*stages, end], right=False, labels=list(stages)).astype(int)
    lowest = by_year.groupby(stage_of).min()
    return lowest.T.stack().rename_axis(["node", "stage"]).rename("firm_mw")


def policy(instance: Instance, name: str, before: float) -> pd.Series:
    """Values of a policy by the year they start in, with the value before the first."""
    rows = instance.tables["policies"]
    values = rows[rows.policy == name].set_index("year").value.sort_index()
    return pd.concat([pd.Series({0: before}), values])


def hourly_years(instance: Instance, years: range) -> pd.Series:
    """Whether clean energy counts hour by hour, by year."""
    rows = instance.tables["policies"]
    rows = rows[rows.policy == "clean_share"]
    hourly = (rows.unit == "hourly").astype(float).set_axis(rows.year).sort_index()
    hourly = pd.concat([pd.Series({0: 0.0}), hourly])
    return pd.Series({year: in_force(hourly, year) > 0 for year in years})


def share_rules(instance: Instance) -> tuple[ShareRule, ...]:
    """Resolve the rules that limit shares or count sites; routes settle the others."""
    groups = countries_by_group(instance)
    workloads = frozenset(instance.tables["workloads"].workload)
    rules = instance.tables["rules"]
    return tuple(
        ShareRule(
            rule=rule.rule,
            kind=rule.kind,
            workloads=workloads if rule.workload in ("*", "") else frozenset({rule.workload}),
            user_countries=members(rule.applies_to or "*", groups),
            group=members(rule.group or "*", groups),
            value=rule.value,
            from_year=instance.manifest.stages[0] if pd.isna(rule.year) else int(rule.year),
        )
        for rule in rules[~rules.kind.isin(ROUTE_RULES)].itertuples()
    )

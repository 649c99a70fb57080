"""From a solved model to tidy tables: what opens, who is served, what it costs, what holds."""

import pandas as pd
import pyomo.environ as pyo

from models.inputs import PlanInputs, ShareRule
from models.money import HOURS_PER_YEAR
from optimizer.instance import Instance
from optimizer.plan_costs import costs_table
from optimizer.plan_hour_tables import levelised_table, power_tables
from optimizer.plan_hours import Hours, hours_of
from optimizer.results import RESULT_TABLES
from optimizer.routes import ROUTE_RULES, RouteRules, Routes

# Shares below this are what a solver calls zero.
NO_SHARE = 1e-12


def plan_tables(
    instance: Instance, inputs: PlanInputs, routes: Routes, model: pyo.ConcreteModel
) -> dict[str, pd.DataFrame]:
    """Write a plan as tables.

    Parameters
    ----------
    inputs : the whole problem, with the sites that the plan leaves closed.
    model : solved; may hold only the sites in use.

    Returns
    -------
    dict
        Tables by name, with the columns of `optimizer.results`.
    """
    serving = serving_table(inputs, model)
    unserved = unserved_table(inputs, model)
    capacity = capacity_table(inputs, model, serving)
    upgrades = upgrades_table(inputs, model)
    hours, by_hour = None, {}
    grid_use = grid_use_table(inputs, capacity, upgrades)
    energy = energy_table(inputs, serving)
    if inputs.power is not None:
        hours = hours_of(inputs, model, capacity, serving)
        limit_mw = (grid_use.firm_mw + grid_use.upgrade_mw).to_numpy()
        limit_mw = limit_mw.reshape(len(inputs.nodes), len(inputs.stages))
        by_hour = power_tables(hours, capacity, limit_mw)
        capacity, grid_use, energy = at_their_highest(hours, by_hour, capacity, grid_use)
    costs = costs_table(
        inputs, capacity, serving, unserved, upgrades, energy, hours, by_hour.get("connections")
    )
    if hours is not None:
        by_hour["levelised"] = levelised_table(hours, costs, energy)
    tables = {
        "sites": sites_table(instance, capacity),
        "capacity": capacity,
        "serving": serving,
        "unserved": unserved,
        "grid_use": grid_use,
        "upgrades": upgrades,
        "energy": energy,
        "costs": costs,
        "compliance": compliance_table(instance, inputs, capacity, serving),
        "ineligible": routes.ineligible,
        **by_hour,
    }
    if routes.pairs is not None:
        tables["ineligible_pairs"] = routes.pairs
    return tables


def at_their_highest(
    hours: Hours,
    by_hour: dict[str, pd.DataFrame],
    capacity: pd.DataFrame,
    grid_use: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Capacity, grid use and energy where slices say what happens: the highest, and the sum."""
    capacity = capacity.assign(
        served_it_mw=hours.load.max(axis=2).ravel(), facility_mw=hours.facility.max(axis=2).ravel()
    )
    drawn = hours.at_nodes(hours.taken - hours.flexible).max(axis=2).ravel()
    grid_use = grid_use.assign(
        drawn_mw=drawn,
        headroom_mw=grid_use.firm_mw + grid_use.upgrade_mw - drawn,
        unpowered_mw=by_hour["idle_hardware"].idle_mw.to_numpy(),
    )
    footprint = by_hour["footprint"]
    energy = hours.site_rows(
        it_mwh=hours.over_year(hours.load), facility_mwh=hours.over_year(hours.facility)
    ).assign(carbon_t=footprint.grid_t + footprint.supply_t + footprint.event_t)
    return capacity, grid_use, energy


def serving_table(inputs: PlanInputs, model: pyo.ConcreteModel) -> pd.DataFrame:
    """Who is served from where: region, workload, site, year, share, it_mw, rtt_ms."""
    rows = [
        (*key, share)
        for key, variable in model.demand.serve.items()
        if (share := min(max(pyo.value(variable, exception=False) or 0.0, 0.0), 1.0)) > NO_SHARE
    ]
    table = pd.DataFrame(rows, columns=["region", "workload", "site", "year", "share"])
    demand = inputs.demand_mw.rename("demand_mw").rename_axis(["region", "workload", "year"])
    table = table.merge(demand.reset_index(), on=["region", "workload", "year"])
    table["it_mw"] = table.share * table.demand_mw
    rtt = inputs.routes.rtt_ms.reset_index()
    table = table.merge(rtt, on=["region", "workload", "site"])
    return table[["region", "workload", "site", "year", "share", "it_mw", "rtt_ms"]]


def unserved_table(inputs: PlanInputs, model: pyo.ConcreteModel) -> pd.DataFrame:
    """Demand that nobody serves: region, workload, year, share, it_mw."""
    rows = [
        (*key, share, share * inputs.demand_mw[key])
        for key, variable in model.demand.unserved.items()
        if (share := min(max(pyo.value(variable, exception=False) or 0.0, 0.0), 1.0)) > NO_SHARE
    ]
    return pd.DataFrame(rows, columns=["region", "workload", "year", "share", "it_mw"])


def capacity_table(
    inputs: PlanInputs, model: pyo.ConcreteModel, serving: pd.DataFrame
) -> pd.DataFrame:
    """Every site and stage: open, new_it_mw, installed_it_mw, served_it_mw, facility_mw."""
    served = serving.groupby(["site", "year"]).it_mw.sum().to_dict()
    rows = []
    for s, site in inputs.sites.iterrows():
        standing = site.existing_it_mw
        for t in inputs.stages:
            in_use, new_mw = 0, 0.0
            if s in model.SITES:
                in_use = round(pyo.value(model.siting.in_use[s, t]))
                total = site.existing_it_mw + pyo.value(model.siting.new_mw[s, t])
                new_mw, standing = max(total - standing, 0.0), max(total, standing)
            served_mw = served.get((s, t), 0.0)
            rows.append((s, t, in_use, new_mw, standing, served_mw, site.pue * served_mw))
    columns = ["site", "year", "open", "new_it_mw", "installed_it_mw", "served_it_mw"]
    return pd.DataFrame(rows, columns=[*columns, "facility_mw"])


def sites_table(instance: Instance, capacity: pd.DataFrame) -> pd.DataFrame:
    """Every site as the instance describes it, with the year in which it opens."""
    opened = capacity[capacity.open == 1].groupby("site").year.min()
    table = instance.tables["sites"].assign(
        opened_year=lambda sites: sites.site.map(opened).astype("Int64")
    )
    columns = ["site", "name", "latitude", "longitude", "country", "operator", "operator_country"]
    return table[[*columns, "node", "max_it_mw", "existing_it_mw", "opened_year"]]


def upgrades_table(inputs: PlanInputs, model: pyo.ConcreteModel) -> pd.DataFrame:
    """Reinforcements ordered: node, upgrade, ordered_year, available_year, mw, cost."""
    rows = []
    for (g, u), upgrade in inputs.upgrades.iterrows():
        orders = [
            t
            for t in inputs.stages
            if (g, u, t) in model.grid.ordered and pyo.value(model.grid.ordered[g, u, t]) > 0.5
        ]
        if orders:
            in_time = [t for t in inputs.stages if orders[0] + upgrade.lead_years <= t]
            rows.append(
                (g, u, orders[0], in_time[0] if in_time else pd.NA, upgrade.mw, upgrade.cost)
            )
    columns = ["node", "upgrade", "ordered_year", "available_year", "mw", "cost"]
    return pd.DataFrame(rows, columns=columns).astype({"available_year": "Int64"})


def grid_use_table(
    inputs: PlanInputs, capacity: pd.DataFrame, upgrades: pd.DataFrame
) -> pd.DataFrame:
    """Every node and stage: firm_mw, upgrade_mw, drawn_mw, headroom_mw, unpowered_mw."""
    table = inputs.firm_mw.rename_axis(["node", "year"]).reset_index()
    node = capacity.site.map(inputs.sites.node)
    drawn = capacity.facility_mw.groupby([node, capacity.year]).sum().to_dict()
    full_mw = capacity.installed_it_mw * capacity.site.map(inputs.sites.pue)
    wanted = full_mw.groupby([node, capacity.year]).sum().to_dict()
    table["upgrade_mw"] = [
        float(upgrades[(upgrades.node == g) & (upgrades.available_year <= t)].mw.sum())
        for g, t in zip(table.node, table.year, strict=True)
    ]
    keys = list(zip(table.node, table.year, strict=True))
    table["drawn_mw"] = [drawn.get(key, 0.0) for key in keys]
    available_mw = table.firm_mw + table.upgrade_mw
    table["headroom_mw"] = available_mw - table.drawn_mw
    full_mw = pd.Series([wanted.get(key, 0.0) for key in keys], dtype=float)
    table["unpowered_mw"] = (full_mw - available_mw).clip(lower=0.0)
    return table[[column.name for column in RESULT_TABLES["grid_use"]]]


def energy_table(inputs: PlanInputs, serving: pd.DataFrame) -> pd.DataFrame:
    """A year's energy and carbon at each site that serves: it_mwh, facility_mwh, carbon_t."""
    it_mwh = serving.it_mw * serving.workload.map(inputs.load_factor) * HOURS_PER_YEAR
    table = it_mwh.groupby([serving.site, serving.year]).sum().rename("it_mwh").reset_index()
    table["facility_mwh"] = table.it_mwh * table.site.map(inputs.sites.pue)
    # Mapped node by node, not row by row: without rows, two maps in a row would leave text.
    carbon_kg_per_mwh = inputs.sites.node.map(inputs.nodes.carbon_kg_per_mwh)
    table["carbon_t"] = table.facility_mwh * table.site.map(carbon_kg_per_mwh) / 1000
    return table


def compliance_table(
    instance: Instance, inputs: PlanInputs, capacity: pd.DataFrame, serving: pd.DataFrame
) -> pd.DataFrame:
    """Each rule and what it governs: what the plan does, what the rule allows, the margin."""
    by_name = {rule.rule: rule for rule in inputs.share_rules}
    country = inputs.user_country
    served = serving.assign(user_country=serving.region.map(country))
    demand = inputs.demand_mw.rename("it_mw").rename_axis(["region", "workload", "year"])
    demand = demand.reset_index().assign(user_country=lambda table: table.region.map(country))
    for name in ("country", "operator", "operator_country"):
        served[f"site_{name}"] = served.site.map(inputs.sites[name])
    rows = []
    route_rules = RouteRules(instance)
    for rule in instance.tables["rules"].itertuples():
        if rule.kind in ROUTE_RULES:
            governed = demand[
                demand.workload.isin([rule.workload] if rule.workload != "*" else demand.workload)
                & demand.user_country.isin(route_rules.members(rule.applies_to, ""))
            ]
            peak_mw = governed.groupby("year").it_mw.sum().max() if len(governed) else 0.0
            rows.append(
                (rule.rule, rule.kind, pd.NA, rule.workload, rule.group, peak_mw, 0.0, 0.0, 0.0)
            )
        elif rule.kind == "min_sites_in":
            rows += site_counts(inputs, by_name[rule.rule], capacity)
        else:
            rows += shares(by_name[rule.rule], demand, served, rule.workload)
    columns = ["rule", "kind", "year", "workload", "subject", "governed_it_mw", "value_it_mw"]
    table = pd.DataFrame(rows, columns=[*columns, "limit_it_mw", "margin"])
    tolerance = 1e-6 * table.limit_it_mw.abs().clip(lower=1.0)
    return table.astype({"year": "Int64"}).assign(holds=(table.margin >= -tolerance).astype(int))


def site_counts(inputs: PlanInputs, rule: ShareRule, capacity: pd.DataFrame) -> list[tuple]:
    """Rows of a `min_sites_in` rule, one a stage."""
    inside = capacity.site.map(inputs.sites.country).isin(rule.group)
    count = capacity[inside].groupby("year").open.sum()
    return [
        (
            rule.rule,
            rule.kind,
            t,
            "*",
            "*",
            0.0,
            float(count.get(t, 0)),
            rule.value,
            float(count.get(t, 0)) - rule.value,
        )
        for t in inputs.stages
        if t >= rule.from_year
    ]


def shares(
    rule: ShareRule, demand: pd.DataFrame, served: pd.DataFrame, workload: str
) -> list[tuple]:
    """Rows of a share rule: a stage and a subject each, for each subject that serves anything."""
    scope = [
        table[
            table.workload.isin(rule.workloads)
            & table.user_country.isin(rule.user_countries)
            & (table.year >= rule.from_year)
        ]
        for table in (demand, served)
    ]
    demand, served = scope
    if rule.kind == "min_share_at_home":
        governed = demand.groupby(["year", "user_country"]).it_mw.sum()
        home = served[served.user_country == served.site_country]
        value = home.groupby(["year", "user_country"]).it_mw.sum()
        return [
            (
                rule.rule,
                rule.kind,
                t,
                workload,
                c,
                mw,
                value.get((t, c), 0.0),
                rule.value * mw,
                value.get((t, c), 0.0) - rule.value * mw,
            )
            for (t, c), mw in governed.items()
        ]
    if rule.kind == "max_share_operator_outside":
        served = served[~served.site_operator_country.isin(rule.group)].assign(subject="*")
    else:
        side = "site_country" if rule.kind == "max_share_country" else "site_operator"
        served = served.assign(subject=served[side])
    value = served.groupby(["year", "subject"]).it_mw.sum()
    rows = []
    for t, mw in demand.groupby("year").it_mw.sum().items():
        by_subject = value.xs(t) if t in value.index.get_level_values(0) else {"*": 0.0}
        rows += [
            (
                rule.rule,
                rule.kind,
                t,
                workload,
                subject,
                mw,
                x,
                rule.value * mw,
                rule.value * mw - x,
            )
            for subject, x in by_subject.items()
        ]
    return rows

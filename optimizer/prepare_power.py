"""From the tables of power to PowerInputs: profiles read off slices, costs off years."""

import math

import numpy as np
import pandas as pd

from models.power_inputs import PowerInputs
from optimizer.instance import Instance
from optimizer.routes import RouteRules
from optimizer.steps import by_stage, in_force

ANYWHERE = "*"
FLAT = ""  # no name that a profile may have


def prepare_power(instance: Instance, demanded: pd.MultiIndex) -> PowerInputs | None:
    """Turn the tables of power into what the model is told; None without slices.

    Parameters
    ----------
    demanded : (region, workload) pairs with demand.
    """
    tables, manifest = instance.tables, instance.manifest
    slices = tables["slices"].set_index("slice")
    if slices.empty:
        return None
    profiles = tables["profiles"].pivot(index="profile", columns="slice", values="value")
    profiles = profiles.reindex(columns=slices.index)
    load_profiles, profile_of = load_classes(instance, slices, profiles, demanded)
    nodes = tables["nodes"].set_index("node")
    sites = tables["sites"].set_index("site")
    factors = {
        quantity: at_nodes(instance, profiles, quantity, 1.0 if quantity != "temperature" else 0.0)
        for quantity in ("energy_price", "carbon", "temperature")
    }
    temperature_c = factors["temperature"].loc[sites.node].to_numpy()
    above_c = np.maximum(temperature_c - sites.pue_from_c.to_numpy()[:, None], 0.0)
    pue = sites.pue.to_numpy()[:, None] + sites.pue_per_c.to_numpy()[:, None] * above_c
    allowed = tables["site_technologies"].set_index(["site", "technology"])
    technologies = tables["technologies"].set_index("technology")
    first, end = manifest.stages[0], manifest.horizon_end
    costs = {
        name: costs_by_year(instance, name, range(first, end))
        for name in ("cost_per_mw", "cost_per_mwh_storage", "fuel_price_per_mwh")
    }
    # A battery burns nothing, whatever its efficiency.
    heat = (1 / technologies.efficiency).where(technologies.kind != "battery", 0.0)
    fuel = costs["fuel_price_per_mwh"].mul(heat, axis=0)
    energy_cost = fuel.add(technologies.variable_cost_per_mwh, axis=0)
    return PowerInputs(
        slices=slices,
        load_profiles=load_profiles,
        profile_of=profile_of,
        workloads=tables["workloads"].set_index("workload"),
        pue=pd.DataFrame(pue, index=sites.index, columns=slices.index),
        price_per_mwh=factors["energy_price"].mul(nodes.energy_price_per_mwh, axis=0),
        carbon_kg_per_mwh=factors["carbon"].mul(nodes.carbon_kg_per_mwh, axis=0),
        technologies=technologies,
        cost_per_mw=costs["cost_per_mw"].stack(),
        cost_per_mwh_storage=costs["cost_per_mwh_storage"].fillna(0.0).stack(),
        energy_cost_per_mwh=energy_cost.stack(),
        allowed=allowed,
        availability=availability(instance, profiles, allowed.index),
        flexible=flexible_power(instance),
        corridor_mw=corridor_mw(instance),
        corridor_factor=tables["corridor_nodes"].set_index(["corridor", "node"]).factor,
        campaign_mw=campaign_mw(instance),
        hosts=hosts(instance),
    )


def load_classes(
    instance: Instance, slices: pd.DataFrame, profiles: pd.DataFrame, demanded: pd.MultiIndex
) -> tuple[pd.DataFrame, pd.Series]:
    """Different profiles of load, and which one each region's workload follows.

    Local profiles that show the same values in every slice are one.
    """
    rows = instance.tables["demand_profiles"].set_index(["region", "workload"]).profile.to_dict()
    timezone = instance.tables["regions"].set_index("region").timezone.to_dict()
    local = instance.tables["local_profiles"].pivot(index="profile", columns="hour", values="value")
    values: dict[str, np.ndarray] = {}
    first: dict[bytes, str] = {}
    of: dict[tuple[str, str], str] = {}
    for region, workload in demanded:
        choices = [(region, workload), (region, ANYWHERE), (ANYWHERE, workload)]
        named = (rows[key] for key in [*choices, (ANYWHERE, ANYWHERE)] if key in rows)
        profile = name = next(named, FLAT)
        if profile in local.index:
            name = f"{profile}@{timezone[region]}"
        if name not in values:
            if profile in local.index:
                values[name] = local.loc[profile].to_numpy()[local_hours(slices, timezone[region])]
            elif profile in profiles.index:
                values[name] = profiles.loc[profile].to_numpy()
            else:
                values[name] = np.ones(len(slices))
        of[region, workload] = first.setdefault(values[name].tobytes(), name)
    kept = list(dict.fromkeys(of.values()))
    return (
        pd.DataFrame([values[name] for name in kept], index=kept, columns=slices.index),
        pd.Series(list(of.values()), index=demanded, dtype=object),
    )


def local_hours(slices: pd.DataFrame, timezone: str) -> np.ndarray:
    """Hour that the clock shows when each slice starts."""
    starts = pd.to_datetime(slices.starts_utc, format="ISO8601", utc=True)
    return starts.dt.tz_convert(timezone).dt.hour.to_numpy()


def at_nodes(
    instance: Instance, profiles: pd.DataFrame, quantity: str, otherwise: float
) -> pd.DataFrame:
    """Values of a quantity of `place_profiles` by node and slice."""
    rows = instance.tables["place_profiles"]
    of_place = rows[rows.quantity == quantity].set_index("place").profile.to_dict()
    nodes = instance.tables["nodes"]
    chosen = [most_special(of_place, g, c) for g, c in zip(nodes.node, nodes.country, strict=True)]
    return read_off(chosen, profiles, otherwise).set_axis(pd.Index(nodes.node), axis=0)


def availability(instance: Instance, profiles: pd.DataFrame, pairs: pd.MultiIndex) -> pd.DataFrame:
    """Availability of technologies at sites, by (site, technology) and slice."""
    own = instance.tables["technologies"].set_index("technology").profile.to_dict()
    nodes = instance.tables["nodes"].set_index("node").country.to_dict()
    node = instance.tables["sites"].set_index("site").node.to_dict()
    at_places = {
        k: rows.set_index("place").profile.to_dict()
        for k, rows in instance.tables["technology_profiles"].groupby("technology")
    }
    chosen = [
        most_special(at_places.get(k, {}), node[s], nodes[node[s]]) or own[k] for s, k in pairs
    ]
    return read_off(chosen, profiles, 1.0).set_axis(pairs, axis=0)


def most_special(of_place: dict[str, str], node: str, country: str) -> str:
    """Profile of a place: its node's, its country's or that of all; "" for none."""
    named = (of_place[place] for place in (node, country, ANYWHERE) if place in of_place)
    return next(named, "")


def read_off(names: list[str], profiles: pd.DataFrame, otherwise: float) -> pd.DataFrame:
    """Rows of profiles by name, one value throughout where there is no name."""
    flat = np.full(len(profiles.columns), otherwise)
    values = {name: profiles.loc[name].to_numpy() if name else flat for name in set(names)}
    rows = np.array([values[name] for name in names], dtype=float)
    return pd.DataFrame(rows.reshape(-1, len(flat)), columns=profiles.columns)


def costs_by_year(instance: Instance, name: str, years: range) -> pd.DataFrame:
    """A cost of each technology in each year: of its latest dated row; where empty, its own."""
    technologies = instance.tables["technologies"].set_index("technology")
    own = technologies.get(name, pd.Series(np.nan, index=technologies.index))
    dated = instance.tables["technology_costs"]
    dated = dated.assign(**{name: dated[name].fillna(dated.technology.map(own))})
    dated = dated.set_index("year").sort_index()
    steps = {k: rows[name] for k, rows in dated.groupby("technology")}
    return pd.DataFrame(
        {
            year: [
                in_force(pd.concat([pd.Series({0: own[k]}), steps[k]]), year)
                if k in steps
                else own[k]
                for k in technologies.index
            ]
            for year in years
        },
        index=technologies.index,
        dtype=float,
    )


def flexible_power(instance: Instance) -> pd.DataFrame:
    """Flexible MW by (node, stage): the least of the stage's years, and the worst of its cuts."""
    table = instance.tables["flexible_grid"]
    columns = {}
    for name, worst in (
        ("flexible_mw", min),
        ("curtailed_hours_per_year", max),
        ("event_hours", max),
    ):
        columns[name] = by_stage(instance.manifest, table, "node", name, 0.0, worst)
    return pd.DataFrame(columns).rename_axis(["node", "stage"])


def corridor_mw(instance: Instance) -> pd.Series:
    """Most that a corridor carries, by (corridor, stage): the least of the stage's years."""
    table = instance.tables["corridors"]
    return by_stage(instance.manifest, table, "corridor", "max_mw", math.inf, min)


def campaign_mw(instance: Instance) -> pd.Series:
    """IT load of each campaign, by (campaign, stage) in which it runs."""
    campaigns = instance.tables["campaigns"]
    runs = {
        (row.campaign, t): row.it_mw
        for row in campaigns.itertuples()
        for t in instance.manifest.stages
        if row.year <= t < row.until_year
    }
    index = pd.MultiIndex.from_tuples(list(runs), names=["campaign", "stage"]) if runs else []
    return pd.Series(list(runs.values()), index=index, dtype=float)


def hosts(instance: Instance) -> tuple[tuple[str, str], ...]:
    """Sites that may run each campaign, by the rules of its workload for its country."""
    campaigns, sites = instance.tables["campaigns"], instance.tables["sites"].site
    rules = RouteRules(instance)
    return tuple(
        (row.campaign, site)
        for row in campaigns.itertuples()
        for site, broken in zip(sites, rules.first_broken(row.workload, row.country), strict=True)
        if broken < 0
    )

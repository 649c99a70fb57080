"""What a map says of a plan, as short as JSON can be: lists by site, node or region, then stage."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from optimizer.finished import Finished
from optimizer.layers import LAYER_TABLES, POWER_LAYER_TABLES, map_layers
from optimizer.maps.columns import by_stage, nested, short, texts
from optimizer.maps.flows import flow_content
from optimizer.maps.limits import binding, rule_content, rules_of_sites
from optimizer.palette import COLOURS, COST_NAMES, ENERGY

# Kinds of cost whose items are no sites.
OF_NODES_OR_REGIONS = ("upgrade", "unserved")
# Regions that a card names.
MOST_NAMED = 6
DEGREE_DECIMALS = 3


def map_content(run: Finished, record: Mapping[str, Any]) -> dict[str, Any]:
    """All that the page shows, but for the outlines of countries."""
    names = LAYER_TABLES + (POWER_LAYER_TABLES if run.hourly else ())
    instance = run.instance.tables
    tables = {name: run.tables[name] for name in names}
    layers = map_layers(tables, instance["nodes"], instance["regions"])
    sites, regions = list(run.tables["sites"].site), list(instance["regions"].region)
    return {
        "title": run.title or run.instance.manifest.name,
        "currency": record["currency"],
        "status": str(record.get("status", "unknown")),
        "gap": record["gap"],
        "years": run.stages,
        "stages": stage_content(run),
        "sources": source_content(run),
        "countries": country_names(run),
        "sites": site_content(run, layers["site_stages"]),
        "nodes": node_content(run, layers["nodes"]),
        "regions": region_content(run, layers["regions"]),
        "flows": flow_content(layers["flows"], regions, sites, run.stages),
        # Lighter ones would vanish on land.
        "others": COLOURS["grid"],
        "control": list(run.control_colours.items()),
    }


def source_content(run: Finished) -> dict[str, Any]:
    """Whom to thank for what is no assumption, each once, with the licence."""
    sources = run.instance.tables["sources"]
    assumed = sources.kind == "assumed"
    named = sources[~assumed].drop_duplicates(["source", "licence"])
    pairs = zip(texts(named.source), texts(named.licence), strict=True)
    return {
        "named": [list(pair) for pair in pairs],
        "assumed": int(assumed.sum()),
        "all": len(sources),
    }


def country_names(run: Finished) -> dict[str, str]:
    """Names of the countries that the plan speaks of, by code."""
    instance = run.instance.tables
    mentioned = {*run.sites.country, *run.sites.operator_country}
    mentioned |= {*instance["regions"].country, *instance["nodes"].country}
    return {code: run.country(code) for code in sorted(mentioned)}


def stage_content(run: Finished) -> dict[str, list[Any]]:
    """Sums of each stage over all sites."""
    capacity = run.tables["capacity"].groupby("year")[["open", "installed_it_mw", "new_it_mw"]]
    sums = capacity.sum().reindex(run.stages, fill_value=0)
    serving = run.serving
    abroad = serving[serving.user_country != serving.site_country]
    by_year = {
        "carbon": run.tables["energy"].groupby("year").carbon_t.sum(),
        "cost": run.tables["costs"].groupby("year").cost.sum(),
        "served": serving.groupby("year").it_mw.sum(),
        "abroad": abroad.groupby("year").it_mw.sum(),
        "unserved": run.tables["unserved"].groupby("year").it_mw.sum(),
    }
    return {
        "open": short(sums.open, 0),
        "installed": short(sums.installed_it_mw, 2),
        "new": short(sums.new_it_mw, 2),
        **{
            name: short(values.reindex(run.stages, fill_value=0).astype(float), 2)
            for name, values in by_year.items()
        },
    }


def places(table: pd.DataFrame, key: str) -> dict[str, list[Any]]:
    """Keys, names and places; a thing without a name is called by its key."""
    names = table.name.fillna("").astype(str)
    return {
        "key": texts(table[key]),
        "name": texts(names.where(names != "", table[key])),
        "country": texts(table.country),
        "latitude": short(table.latitude.astype(float), DEGREE_DECIMALS),
        "longitude": short(table.longitude.astype(float), DEGREE_DECIMALS),
    }


def site_content(run: Finished, stages: gpd.GeoDataFrame) -> dict[str, Any]:
    """Sites, and what they are in each stage."""
    sites = run.tables["sites"]
    keys = list(sites.site)
    node_number = {node: number for number, node in enumerate(run.instance.tables["nodes"].node)}
    rules = rules_of_sites(run)
    decimals = {"installed_it_mw": 2, "new_it_mw": 2, "served_it_mw": 2, "facility_mw": 2}
    decimals |= {"it_mwh": 0, "facility_mwh": 0, "carbon_t": 0}
    if run.hourly:
        decimals |= dict.fromkeys(ENERGY, 0)
    content = {
        **places(sites, "site"),
        "operator": texts(sites.operator),
        "control": texts(sites.operator_country),
        "node": [node_number[node] for node in sites.node],
        "most": short(sites.max_it_mw, 2),
        **by_stage(stages, "site", keys, run.stages, **decimals),
        "binding": binding(run, rules).astype(int).tolist(),
        "costs": costs(run, keys),
        "serves": serves(run, keys),
        "rules": rule_content(run, rules),
    }
    if run.hourly:
        levelised = run.tables["levelised"].set_index("site").cost_per_it_mwh.reindex(keys)
        content["levelised"] = short(levelised, 1)
        content["sources"] = [[key, *source] for key, source in ENERGY.items()]
        content["standing"] = standing(run, keys)
    return content


def costs(run: Finished, sites: list[str]) -> dict[str, Any]:
    """Costs of sites over each stage, undiscounted, by kind: name and lists by stage."""
    table = run.tables["costs"]
    owner = {site: site for site in sites}
    allowed = run.instance.tables["site_technologies"]
    pairs = zip(allowed.site, allowed.technology, strict=True)
    owner |= {f"{site}/{technology}": site for site, technology in pairs}
    table = table[~table.kind.isin(OF_NODES_OR_REGIONS)]
    table = table.assign(site=table["item"].map(owner)).dropna(subset=["site"])
    sums = table.groupby(["kind", "site", "year"]).cost.sum()
    number = {site: place for place, site in enumerate(sites)}
    found: dict[str, Any] = {}
    for kind, own in sums.groupby(level="kind"):
        by_site = own.droplevel("kind").unstack(fill_value=0.0)
        by_site = by_site.reindex(columns=run.stages, fill_value=0.0)
        values = nested(short(by_site.to_numpy().ravel(), 0), len(run.stages))
        named = {number[site]: row for site, row in zip(by_site.index, values, strict=True)}
        found[COST_NAMES.get(str(kind), str(kind))] = named
    return found


def serves(run: Finished, sites: list[str]) -> list[list[Any]]:
    """Whom each site serves in each stage.

    Returns
    -------
    list
        By site and stage, 0 for nobody: number of regions, mean round trip in ms, MW by country,
        MW by workload, and MW of the largest regions by their number.
    """
    number = {site: place for place, site in enumerate(sites)}
    stage = {year: place for place, year in enumerate(run.stages)}
    region = {name: place for place, name in enumerate(run.instance.tables["regions"].region)}
    found: list[list[Any]] = [[0] * len(run.stages) for _ in sites]
    serving = run.serving.assign(mw_ms=lambda table: table.it_mw * table.rtt_ms)
    users, workloads, regions = (
        largest_first(serving, by) for by in ("user_country", "workload", "region")
    )
    sums = serving.groupby(["site", "year"], sort=False)[["it_mw", "mw_ms"]].sum()
    rtt_ms = short(sums.mw_ms / sums.it_mw.where(sums.it_mw > 0), 1)
    for (site, year), mean_ms in zip(sums.index, rtt_ms, strict=True):
        named = regions[site, year][:MOST_NAMED]
        found[number[site]][stage[year]] = [
            len(regions[site, year]),
            mean_ms,
            users[site, year],
            workloads[site, year],
            [[region[name], mw] for name, mw in named],
        ]
    return found


def largest_first(serving: pd.DataFrame, by: str) -> dict[tuple[str, int], list[list[Any]]]:
    """Lists of what a column says with its MW, by site and year."""
    sums = serving.groupby(["site", "year", by], sort=False).it_mw.sum()
    sums = sums.sort_values(ascending=False, kind="stable")
    found: dict[tuple[str, int], list[list[Any]]] = {}
    for (site, year, name), mw in zip(sums.index, short(sums, 2), strict=True):
        found.setdefault((site, year), []).append([name, mw])
    return found


def standing(run: Finished, sites: list[str]) -> list[list[Any]]:
    """What stands at each site in each stage: technology, MW, MWh and role."""
    number = {site: place for place, site in enumerate(sites)}
    stage = {year: place for place, year in enumerate(run.stages)}
    found: list[list[Any]] = [[[] for _ in run.stages] for _ in sites]
    for row in run.tables["standing"].itertuples(index=False):
        figures = short([row.mw, row.mwh], 2)
        found[number[row.site]][stage[row.year]].append([row.technology, *figures, row.role])
    return found


def node_content(run: Finished, stages: gpd.GeoDataFrame) -> dict[str, Any]:
    """Grid nodes, and their power in each stage; with slices, the hours in which they are full."""
    nodes = run.instance.tables["nodes"]
    decimals = dict.fromkeys(("firm_mw", "upgrade_mw", "drawn_mw", "headroom_mw"), 1)
    if run.hourly:
        decimals |= {"binding_hours": 0, "idle_mw": 1}
    return {
        **places(nodes, "node"),
        **by_stage(stages, "node", list(nodes.node), run.stages, **decimals),
    }


def region_content(run: Finished, stages: gpd.GeoDataFrame) -> dict[str, Any]:
    """Demand regions, and how they are served in each stage."""
    regions = run.instance.tables["regions"]
    decimals = dict.fromkeys(("demand_it_mw", "abroad_it_mw", "unserved_it_mw"), 2)
    decimals["mean_rtt_ms"] = 1
    return {
        **places(regions, "region"),
        **by_stage(stages, "region", list(regions.region), run.stages, **decimals),
    }

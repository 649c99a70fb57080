"""Result tables as map layers: each row with where it is on earth, in WGS84.

`site_stages`, `nodes`, `regions`, `flows` and `supply` have a row per stage, with its first day and
the day after its last, which is how a GIS filters and plays a layer through time. Of a plan with
slices, `supply` is one layer more, and those of sites and nodes tell of power through the hours.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from optimizer.great_circles import great_circles
from optimizer.run_tables import typed

log = logging.getLogger(__name__)

EPSG_4326 = "EPSG:4326"
LAYER_TABLES = ("sites", "capacity", "energy", "serving", "unserved", "grid_use")
POWER_LAYER_TABLES = (
    *("power_sources", "footprint", "levelised", "node_hours", "idle_hardware", "standing"),
)


@dataclass(frozen=True)
class Layer:
    """What a layer shows.

    Parameters
    ----------
    geometry : kind of geometry, one for all its rows.
    description : in a planner's words.
    """

    geometry: str
    description: str


LAYERS = {
    "sites": Layer("Point", "Every site, with the stage in which it opens"),
    "site_stages": Layer("Point", "IT capacity, load, energy and carbon by site and stage"),
    "nodes": Layer("Point", "Firm, added, drawn and free power by grid node and stage"),
    "regions": Layer("Point", "Demand by region and stage, and how much is served from where"),
    "flows": Layer(
        "MultiLineString", "Who is served from where, by workload and stage, along great circles"
    ),
}

POWER_LAYERS = {
    "supply": Layer("Point", "Technologies that stand at a site, by stage, with their role"),
}


def map_layers(
    tables: Mapping[str, pd.DataFrame], nodes: pd.DataFrame, regions: pd.DataFrame
) -> dict[str, gpd.GeoDataFrame]:
    """Draw a plan.

    Parameters
    ----------
    tables : result tables, at least LAYER_TABLES; of a plan with slices POWER_LAYER_TABLES, too.
    nodes, regions : tables of the instance.

    Returns
    -------
    dict
        The layers of LAYERS, and with slices those of POWER_LAYERS. A row that has no
        coordinates is kept, without a geometry: what it says still adds up.
    """
    hourly = all(name in tables for name in POWER_LAYER_TABLES)
    drawn_from = LAYER_TABLES + (POWER_LAYER_TABLES if hourly else ())
    plan = {name: typed(name, tables[name]) for name in drawn_from}
    years = sorted(plan["capacity"].year.unique().tolist())
    layers = {
        "sites": points(plan["sites"]),
        "site_stages": site_stages(plan, years),
        "nodes": node_stages(plan, nodes, years),
        "regions": region_stages(plan, regions, years),
        "flows": flows(plan, regions, years),
    }
    if hourly:
        layers["supply"] = supply(plan, years)
    warn_of_unplaced(layers)
    return layers


def site_stages(plan: Mapping[str, pd.DataFrame], years: list[int]) -> gpd.GeoDataFrame:
    """Capacity and energy of each site and stage."""
    facts = ["name", "country", "operator", "operator_country", "node", "latitude", "longitude"]
    table = plan["capacity"].merge(plan["energy"], on=["site", "year"], how="left")
    # What serves nobody uses nothing.
    table = table.fillna({"it_mwh": 0.0, "facility_mwh": 0.0, "carbon_t": 0.0})
    for name in ("power_sources", "footprint"):
        if name in plan:
            own = plan[name].set_index(["site", "year"])
            table = table.join(own, on=["site", "year"]).fillna(dict.fromkeys(own.columns, 0.0))
    if "levelised" in plan:
        levelised = plan["levelised"][["site", "cost_per_it_mwh"]]
        table = table.merge(levelised, on="site", how="left")
    table = table.merge(plan["sites"][["site", *facts]], on="site", how="left")
    return points(dated(leading(table, "site", *facts), years))


def supply(plan: Mapping[str, pd.DataFrame], years: list[int]) -> gpd.GeoDataFrame:
    """What stands at each site in each stage."""
    facts = ["name", "country", "operator", "node", "latitude", "longitude"]
    table = plan["standing"].merge(plan["sites"][["site", *facts]], on="site", how="left")
    return points(dated(leading(table, "site", "technology", *facts), years))


def node_stages(
    plan: Mapping[str, pd.DataFrame], nodes: pd.DataFrame, years: list[int]
) -> gpd.GeoDataFrame:
    """Grid use of each node and stage, and the part of its power that is drawn."""
    facts = ["name", "country", "latitude", "longitude"]
    table = plan["grid_use"].merge(nodes[["node", *facts]], on="node", how="left")
    power_mw = table.firm_mw + table.upgrade_mw
    for name in ("node_hours", "idle_hardware"):
        if name in plan:
            own = plan[name].drop(columns="limit_mw", errors="ignore")
            table = table.merge(own, on=["node", "year"], how="left")
    table["utilisation"] = table.drawn_mw / power_mw.where(power_mw > 0)
    return points(dated(leading(table, "node", *facts), years))


def region_stages(
    plan: Mapping[str, pd.DataFrame], regions: pd.DataFrame, years: list[int]
) -> gpd.GeoDataFrame:
    """Demand of each region and stage: served at home, served abroad, unserved.

    `mean_rtt_ms` weighs each round trip with the load it carries.
    """
    facts = ["name", "country", "latitude", "longitude"]
    serving, by = plan["serving"], ["region", "year"]
    user_country = serving.region.map(regions.set_index("region").country)
    at_home = serving.site.map(plan["sites"].set_index("site").country) == user_country
    served = serving.assign(
        home_it_mw=serving.it_mw.where(at_home, 0.0),
        abroad_it_mw=serving.it_mw.where(~at_home, 0.0),
        mw_ms=serving.it_mw * serving.rtt_ms,
    )
    every = pd.MultiIndex.from_product([regions.region, pd.array(years, "Int64")], names=by)
    sums = served.groupby(by)[["home_it_mw", "abroad_it_mw", "mw_ms"]].sum()
    sums = sums.reindex(every, fill_value=0.0)
    unserved = plan["unserved"].groupby(by).it_mw.sum().reindex(every, fill_value=0.0)
    served_it_mw = sums.home_it_mw + sums.abroad_it_mw
    demand = served_it_mw + unserved
    table = pd.DataFrame(
        {
            "demand_it_mw": demand,
            "home_it_mw": sums.home_it_mw,
            "abroad_it_mw": sums.abroad_it_mw,
            "unserved_it_mw": unserved,
            "home_share": sums.home_it_mw / demand.where(demand > 0),
            "abroad_share": sums.abroad_it_mw / demand.where(demand > 0),
            "mean_rtt_ms": sums.mw_ms / served_it_mw.where(served_it_mw > 0),
        }
    ).reset_index()
    table = table.merge(regions[["region", *facts]], on="region", how="left")
    return points(dated(leading(table, "region", *facts), years))


def flows(
    plan: Mapping[str, pd.DataFrame], regions: pd.DataFrame, years: list[int]
) -> gpd.GeoDataFrame:
    """Rows of `serving`, each along the great circle from its region to its site."""
    users = regions[["region", "country", "longitude", "latitude"]]
    sites = plan["sites"][
        ["site", "country", "operator", "operator_country", "longitude", "latitude"]
    ]
    serving = plan["serving"]
    pairs = serving[["region", "site"]].drop_duplicates()
    pairs = pairs.merge(
        users.rename(columns={"country": "user_country"}), on="region", how="left"
    ).merge(
        sites.rename(columns={"country": "site_country"}),
        on="site",
        how="left",
        suffixes=("", "_to"),
    )
    pairs["geometry"], pairs["length_km"] = great_circles(
        *(
            pairs[end].to_numpy(dtype=float)
            for end in ("longitude", "latitude", "longitude_to", "latitude_to")
        )
    )
    facts = ["user_country", "site_country", "operator", "operator_country", "length_km"]
    pairs = pairs[["region", "site", *facts, "geometry"]]
    table = serving.merge(pairs, on=["region", "site"], how="left")
    keys = ["region", "workload", "site"]
    return drawn(dated(leading(table, *keys, *facts), years), table.geometry.to_numpy())


def leading(table: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Put some columns first."""
    return table[[*columns, *(column for column in table.columns if column not in columns)]]


def dated(table: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """Add `starts` and `ends`, between which a stage lasts; the last stage has no end."""
    first_day = [pd.Timestamp(year, 1, 1) for year in years]
    starts = dict(zip(years, first_day, strict=True))
    ends = dict(zip(years, [*first_day[1:], pd.NaT], strict=False))
    after = list(table.columns).index("year") + 1
    table.insert(after, "starts", table.year.map(starts).astype("datetime64[ms]"))
    table.insert(after + 1, "ends", table.year.map(ends).astype("datetime64[ms]"))
    return table


def points(table: pd.DataFrame) -> gpd.GeoDataFrame:
    """Add the points that latitude and longitude stand for."""
    table = table.astype({"latitude": "float64", "longitude": "float64"})
    places = table[["longitude", "latitude"]].to_numpy()
    known = np.isfinite(places).all(axis=1)
    geometry = np.full(len(table), None, dtype=object)
    geometry[known] = shapely.points(places[known])
    return drawn(table, geometry)


def drawn(table: pd.DataFrame, geometry: np.ndarray) -> gpd.GeoDataFrame:
    """Table with a geometry, last, as GIS software expects it."""
    table = table.drop(columns="geometry", errors="ignore")
    return gpd.GeoDataFrame(table, geometry=geometry, crs=EPSG_4326)


def warn_of_unplaced(layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Say how many rows have no coordinates; a flow without a way to go is none of them."""
    unplaced = {
        name: (layer.length_km if name == "flows" else layer.geometry).isna().sum()
        for name, layer in layers.items()
    }
    found = [f"{rows:,} of {len(layers[name]):,} {name}" for name, rows in unplaced.items() if rows]
    if found:
        log.warning("Without coordinates, and so without a place on maps: %s", ", ".join(found))

"""Round trips: measured between Azure regions, with a leg over land at either end."""

import numpy as np
import pandas as pd
from building.places import WGS84
from europe.assumptions import EARTH_MS_PER_KM
from europe.curated import group
from europe.demand import NEIGHBOURS

from world.assumptions import ACCESS_MS, LISTED_MS
from world.curated import places, table
from world.facts import Facts


def latency(round_trips_ms: pd.DataFrame) -> pd.DataFrame:
    """Rows of the pairs that a workload with an objective can use, to a tenth of a millisecond."""
    near = round_trips_ms.stack().rename_axis(["region", "site"]).rename("rtt_ms").round(1)
    return near[near <= LISTED_MS].reset_index()


def fit(round_trips_ms: pd.DataFrame, km: np.ndarray) -> dict[str, float]:
    """Line through the pairs that are not listed, none of it within reach of an objective.

    It starts where the list ends, so that only workloads that may wait use such a pair; its slope
    is that of least squares.
    """
    far = round_trips_ms.round(1).to_numpy() > LISTED_MS
    beyond_ms, far_km = round_trips_ms.to_numpy()[far] - LISTED_MS, km[far]
    slope = float(beyond_ms @ far_km / (far_km @ far_km))
    return {"base_ms": LISTED_MS + 0.1, "ms_per_km": round(slope, 5)}


def round_trips(facts: Facts, cities: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Milliseconds between every city and site, (cities, sites).

    Each end hangs on the nearest Azure region: what lies between the two regions is measured, and
    0.0194 ms/km are added for the way to either, and the access. The way straight over land
    counts where both ends hang on one region, or if it is quicker within a country or within
    Europe, where the lines are dense and distance explains what is measured.
    """
    matrix = region_round_trips(facts.azure_rtt_ms)
    hosts = table("azure").merge(places(), on="place").set_index("region").loc[matrix.index]
    city_km, site_km = between_km(cities, hosts), between_km(sites, hosts)
    city_at, site_at = city_km.argmin(axis=1), site_km.argmin(axis=1)
    legs_km = city_km.min(axis=1)[:, None] + site_km.min(axis=1)
    by_hub = matrix.to_numpy()[np.ix_(city_at, site_at)] + EARTH_MS_PER_KM * legs_km
    by_land = EARTH_MS_PER_KM * between_km(cities, sites)
    one_region = city_at[:, None] == site_at
    europe = group("EEA") | NEIGHBOURS
    dense = (cities.country.to_numpy()[:, None] == sites.country.to_numpy()) | (
        cities.country.isin(europe).to_numpy()[:, None] & sites.country.isin(europe).to_numpy()
    )
    quickest = np.where(dense, np.minimum(by_hub, by_land), by_hub)
    return pd.DataFrame(
        np.where(one_region, by_land, quickest) + ACCESS_MS.value,
        index=pd.Index(cities.region),
        columns=pd.Index(sites.site),
    )


def region_round_trips(azure_rtt_ms: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Mean of both directions between the regions in use, square.

    The few pairs that are measured in neither direction go by the quickest third region.
    """
    regions = sorted(table("azure").region)
    measured = pd.Series(azure_rtt_ms).unstack().reindex(index=regions, columns=regions)
    both = ((measured.fillna(measured.T) + measured.T.fillna(measured)) / 2).to_numpy(copy=True)
    np.fill_diagonal(both, 0.0)
    known = np.where(np.isnan(both), np.inf, both)
    over_third = (known[:, :, None] + known[None, :, :]).min(axis=1)
    return pd.DataFrame(np.where(np.isnan(both), over_third, both), regions, regions)


def between_km(ones: pd.DataFrame, others: pd.DataFrame) -> np.ndarray:
    """Geodesics over WGS84, (ones, others)."""
    shape = len(ones), len(others)
    east, north = np.repeat(ones.longitude, shape[1]), np.repeat(ones.latitude, shape[1])
    to_east, to_north = np.tile(others.longitude, shape[0]), np.tile(others.latitude, shape[0])
    return np.asarray(WGS84.inv(east, north, to_east, to_north)[2]).reshape(shape) / 1000

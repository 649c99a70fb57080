"""Measured round trips, where a city and a place both lie at Azure regions."""

import pandas as pd
from building.places import km

from europe.curated import table
from europe.facts import NEAR_KM, Facts

# Where each region of the published matrix stands (learn.microsoft.com, Azure regions list).
AZURE_PLACES = {
    "France Central": "paris",
    "France South": "marseille",
    "Germany North": "berlin",
    "Germany West Central": "frankfurt",
    "Italy North": "milan",
    "North Europe": "dublin",
    "Norway East": "oslo",
    "Norway West": "stavanger",
    "Poland Central": "warsaw",
    "Sweden Central": "gavle",
    "Switzerland North": "zurich",
    "Switzerland West": "geneva",
    "UK South": "london",
    "UK West": "cardiff",
    "West Europe": "amsterdam",
}


def latency(facts: Facts, cities: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Round trip from each city's Azure region to each place's, for every site there.

    A city and a place of one region have no measured pair: they keep the fitted round trip.
    """
    places = table("places").set_index("place")
    region_at = {place: region for region, place in AZURE_PLACES.items()}
    rows = []
    for city in cities.itertuples():
        here = nearest_region(city.latitude, city.longitude, places)
        if here is None:
            continue
        for site in sites.itertuples():
            rtt_ms = facts.azure_rtt_ms.get((here, region_at.get(site.node, "")))
            if rtt_ms is not None and region_at[site.node] != here:
                rows.append((city.region, site.site, rtt_ms))
    return pd.DataFrame(rows, columns=["region", "site", "rtt_ms"])


def nearest_region(latitude: float, longitude: float, places: pd.DataFrame) -> str | None:
    """Azure region within 50 km, the nearest of them."""
    hosts = places.loc[list(AZURE_PLACES.values())]
    distances = km(latitude, longitude, hosts.latitude, hosts.longitude)
    nearest = int(distances.argmin())
    return list(AZURE_PLACES)[nearest] if distances[nearest] <= NEAR_KM else None

"""Demand: 1,000 cities, three workloads, and how many MW of each in each stage."""

import pandas as pd
from building.places import apart, slug
from europe.assumptions import AI_INFERENCE_SHARE, DEMAND_PUE, STAGES
from europe.demand import HOURS, datacentre_twh

from world.assumptions import DATACENTRE_TWH, WORKLOAD_SHARE, WORKLOADS
from world.curated import stand_in
from world.facts import Facts

CITIES = 1000
# North Korea has no public access to the internet, Kosovo no code of ISO 3166-1.
LEFT_OUT = ("KP", "XK")


def chosen_cities(facts: Facts) -> pd.DataFrame:
    """Every country's largest city, then the largest others, none within 15 km of a larger."""
    candidates = apart(facts.cities[~facts.cities.country.isin(LEFT_OUT)])
    largest = candidates.drop_duplicates("country")
    others = candidates.drop(largest.index).head(CITIES - len(largest))
    chosen = pd.concat([largest, others])
    key = chosen.name.map(slug) + "-" + chosen.country.str.lower()
    # Of cities with one name, the largest bears it alone.
    rank = key.groupby(key).cumcount() + 1
    chosen["region"] = key.where(rank == 1, key + "-" + rank.astype(str))
    return chosen.sort_values(["country", "region"], ignore_index=True)


def demand(facts: Facts, cities: pd.DataFrame) -> pd.DataFrame:
    """Peak IT MW by city, workload and stage: the world's total shared out by weight."""
    part = weight(facts, cities)
    part = part / part.sum()
    tables = [
        pd.DataFrame(
            {
                "region": cities.region,
                "workload": workload,
                "year": year,
                "it_mw": (peak_it_mw(workload, position, year) * part).round(4),
            }
        )
        for workload in WORKLOADS
        for position, year in enumerate(STAGES)
    ]
    return pd.concat(tables, ignore_index=True)


def weight(facts: Facts, cities: pd.DataFrame) -> pd.Series:
    """Each country's people × GDP per head, shared among its cities by their people.

    So the cities of a country stand for all of it, however many of them are among the 1,000.
    Where the World Bank counts no people, those of the cities count.
    """
    in_cities = cities.groupby("country").population.transform("sum")
    people = cities.country.map(facts.population).fillna(in_cities)
    per_head = cities.country.map(stand_in("gdp", facts.gdp_per_head))
    return people * per_head * cities.population / in_cities


def peak_it_mw(workload: str, position: int, year: int) -> float:
    """Peak IT MW of a workload over all cities."""
    it_twh = datacentre_twh(year, DATACENTRE_TWH) * AI_INFERENCE_SHARE[year].value
    mean_mw = it_twh / DEMAND_PUE.value * WORKLOAD_SHARE[workload][position] * 1e6 / HOURS
    return mean_mw / WORKLOADS[workload].load_factor

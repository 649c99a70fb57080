"""Demand: 150 cities, four workloads, and how many MW of each in each stage."""

import pandas as pd
from building.places import apart, slug

from europe.assumptions import (
    AI_INFERENCE_SHARE,
    DATACENTRE_TWH,
    DEMAND_PUE,
    STAGES,
    WORKLOAD_SHARE,
    WORKLOADS,
    Workload,
)
from europe.curated import group
from europe.facts import Facts

CITIES = 150
NEIGHBOURS = frozenset({"CH", "GB"})
# The World Bank has no figure for Liechtenstein.
GDP_OF = {"LI": "CH"}
HOURS = 8760


def chosen_cities(facts: Facts) -> pd.DataFrame:
    """Every country's largest city, then the largest others, none within 15 km of a larger."""
    users = group("EEA") | NEIGHBOURS
    candidates = apart(facts.cities[facts.cities.country.isin(users)])
    largest = candidates.drop_duplicates("country")
    others = candidates.drop(largest.index).head(CITIES - len(largest))
    chosen = pd.concat([largest, others]).sort_values(["country", "name"], ignore_index=True)
    return chosen.assign(region=chosen.name.map(slug) + "-" + chosen.country.str.lower())


def regions(cities: pd.DataFrame) -> pd.DataFrame:
    """Each city as a demand region."""
    return cities[["region", "name", "latitude", "longitude", "country", "timezone"]]


def workloads(classes: dict[str, Workload]) -> pd.DataFrame:
    """The classes of requests."""
    rows = [(name, w.slo_ms, w.service_ms, w.load_factor) for name, w in classes.items()]
    return pd.DataFrame(rows, columns=["workload", "latency_slo_ms", "service_ms", "load_factor"])


def demand(facts: Facts, cities: pd.DataFrame) -> pd.DataFrame:
    """Peak IT MW by city, workload and stage: Europe's total shared out by weight."""
    gdp = cities.country.replace(GDP_OF).map(facts.gdp_per_head)
    buying_power = cities.population * gdp
    rows = []
    for workload in WORKLOADS:
        # Doctors and offices serve people, not incomes.
        weight = cities.population if workload == "public_health" else buying_power
        for position, year in enumerate(STAGES):
            total_mw = peak_it_mw(workload, position, year)
            for region, part in zip(cities.region, weight / weight.sum(), strict=True):
                rows.append((region, workload, year, round(total_mw * part, 4)))
    return pd.DataFrame(rows, columns=["region", "workload", "year", "it_mw"])


def peak_it_mw(workload: str, position: int, year: int) -> float:
    """Peak IT MW of a workload over all cities."""
    it_twh = datacentre_twh(year) * AI_INFERENCE_SHARE[year].value / DEMAND_PUE.value
    mean_mw = it_twh * WORKLOAD_SHARE[workload][position] * 1e6 / HOURS
    return mean_mw / WORKLOADS[workload].load_factor


def datacentre_twh(year: int, known: dict[int, float] = DATACENTRE_TWH) -> float:
    """Electricity of data centres, at constant growth between the two years that are known."""
    (first, before), (last, after) = sorted(known.items())
    return float(before * (after / before) ** ((year - first) / (last - first)))

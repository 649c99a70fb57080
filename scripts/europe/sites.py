"""Sites: one a place and operator, with the operator's country of ultimate control."""

import pandas as pd
from building.places import slug

from europe.assumptions import (
    ACCELERATOR_EUR_PER_MW,
    BLOCK_MW,
    EXISTING_SHARE,
    FIXED_EUR_PER_YEAR,
    HALL_MW,
    OPENING_EUR,
    PUE_COOL,
    PUE_OLD_HALL,
    PUE_PER_DEGREE,
    PURCHASING,
    STAGES,
    USD_PER_EUR,
    WAITING_MW,
    WATER_COOL,
    WATER_PER_DEGREE,
)
from europe.curated import table as curated
from europe.facts import Facts

COOL_C = 15.0
PARTS = {"hyperscaler": 3, "large": 1}  # of a country's existing MW
COLUMNS = [
    "site", "name", "latitude", "longitude", "country", "operator", "operator_country", "node",
    "max_it_mw", "existing_it_mw", "opening_cost", "fixed_cost_per_year", "it_cost_per_mw",
    "block_mw", "pue", "water_l_per_kwh", "earliest_year",
]  # fmt: skip


def sites(facts: Facts) -> pd.DataFrame:
    """Every operator's site at every place where a source has it."""
    operators = curated("operators")[["operator", "country", "kind"]].rename(
        columns={"country": "operator_country"}
    )
    table = (
        curated("presence")
        .merge(curated("places").drop(columns="stands_for"), on="place")
        .merge(operators, on="operator")
        .sort_values(["place", "operator"], ignore_index=True)
    )
    table["earliest_year"] = number(table.earliest_year).fillna(STAGES[0]).astype(int)
    table["existing_it_mw"] = existing_it_mw(facts, table)
    summer_c = table.country.map(facts.summer_c)
    old = table.existing_it_mw > 0
    building = table.country.map(facts.building_usd_per_w) * 1e6 / USD_PER_EUR.value
    reference = building + ACCELERATOR_EUR_PER_MW.value
    halls = table.kind.map({kind: hall.value for kind, hall in HALL_MW.items()})
    return table.assign(
        site=table.place + "-" + table.operator.map(slug),
        name=table.operator + " " + table.city,
        node=table.place,
        max_it_mw=number(table.max_it_mw).fillna(halls),
        opening_cost=by_kind(table, OPENING_EUR),
        fixed_cost_per_year=by_kind(table, FIXED_EUR_PER_YEAR),
        it_cost_per_mw=(reference * by_kind(table, PURCHASING)).round(-4),
        block_mw=by_kind(table, BLOCK_MW),
        pue=pue(summer_c, old),
        water_l_per_kwh=water_l_per_kwh(summer_c),
    )[COLUMNS]


def existing_it_mw(facts: Facts, table: pd.DataFrame) -> pd.Series:
    """What serves AI inference today: a figure where one is known, else the country's shared out.

    Dublin is left with one hall that waits for power; what runs there runs on connections that
    are outside this instance.
    """
    known = number(table.existing_it_mw)
    parts = table.kind.map(PARTS).fillna(0.0)
    shared = known.isna() & (table.earliest_year == STAGES[0]) & (table.country != "IE")
    parts = parts.where(shared, 0.0)
    in_country = parts.groupby(table.country).transform("sum")
    country_mw = EXISTING_SHARE.value * table.country.map(facts.datacentre_mw)
    share = (country_mw * parts / in_country.where(in_country > 0)).fillna(0.0).round(1)
    waiting = (table.country == "IE") & (table.operator == "Microsoft")
    return known.fillna(share.mask(waiting, WAITING_MW.value))


def pue(summer_c: pd.Series, old: pd.Series) -> pd.Series:
    """Power usage effectiveness where the hottest month has this mean, in new halls and old."""
    heat = (summer_c - COOL_C).clip(lower=0)
    return (PUE_COOL.value + PUE_PER_DEGREE.value * heat + PUE_OLD_HALL.value * old).round(3)


def water_l_per_kwh(summer_c: pd.Series) -> pd.Series:
    """Water for cooling where the hottest month has this mean."""
    heat = (summer_c - COOL_C).clip(lower=0)
    return (WATER_COOL.value + WATER_PER_DEGREE.value * heat).round(3)


def by_kind(table: pd.DataFrame, assumed: dict) -> pd.Series:
    """An assumption by the kind of operator."""
    return table.kind.map({kind: figure.value for kind, figure in assumed.items()})


def number(column: pd.Series) -> pd.Series:
    """Numbers of a curated column, missing where it is empty."""
    return pd.to_numeric(column.replace("", None))

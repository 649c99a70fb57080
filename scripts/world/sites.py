"""Sites: one a place, for the halls of all operators there together."""

import pandas as pd
from europe.assumptions import (
    ACCELERATOR_EUR_PER_MW,
    EXISTING_SHARE,
    FIXED_EUR_PER_YEAR,
    HALL_MW,
    OPENING_EUR,
    PURCHASING,
    STAGES,
    USD_PER_EUR,
)
from europe.sites import COLUMNS, PARTS, by_kind, pue, water_l_per_kwh

from world.assumptions import BLOCK_MW, EXPANSION, LEAST_EXISTING_MW, NATIONAL_HALL_MW
from world.curated import places, stand_in
from world.facts import Facts

# By the labels of cloud-regions-info; the largest first, which gives a place its name.
OPERATORS = {
    "aws": ("Amazon", "US", "hyperscaler"),
    "azure": ("Microsoft", "US", "hyperscaler"),
    "gcp": ("Google", "US", "hyperscaler"),
    "alibaba": ("Alibaba", "CN", "hyperscaler"),
    "oci": ("Oracle", "US", "large"),
    "ibm": ("IBM", "US", "large"),
    "linode": ("Akamai", "US", "regional"),
    "digitalocean": ("DigitalOcean", "US", "regional"),
    "vultr": ("Vultr", "US", "regional"),
    "eurohpc_aif": ("EuroHPC host", "", "eurohpc"),
}
# Foreign clouds in China are run by Chinese companies; Alibaba is the largest of those there.
CHINA = ("Alibaba", "CN", "hyperscaler")
NATIONAL = ("National campus", "", "national")


def sites(facts: Facts) -> pd.DataFrame:
    """One site a place."""
    table = places()
    present = table.providers.map(providers)
    leading = [
        CHINA if country == "CN" and labels else OPERATORS[labels[0]] if labels else NATIONAL
        for country, labels in zip(table.country, present, strict=True)
    ]
    operators = pd.DataFrame(leading, columns=["operator", "operator_country", "kind"])
    table = table.assign(**{name: operators[name] for name in operators})
    table["operator_country"] = table.operator_country.where(
        table.operator_country != "", table.country
    )
    existing = existing_it_mw(facts, table, present)
    halls = present.map(lambda labels: sum(HALL_MW[OPERATORS[one][2]].value for one in labels))
    halls = halls.mask(table.kind == "national", NATIONAL_HALL_MW.value)
    # A national campus costs what a large operator's site does.
    table["kind"] = table.kind.replace("national", "large")
    summer_c = table.country.map(stand_in("summer", facts.summer_c))
    building = table.country.map(stand_in("building", facts.building_usd_per_w))
    reference = building * 1e6 / USD_PER_EUR.value + ACCELERATOR_EUR_PER_MW.value
    return table.assign(
        site=table.place,
        name=table.city,
        node=table.place,
        max_it_mw=pd.concat([halls, EXPANSION.value * existing], axis=1).max(axis=1).round(),
        existing_it_mw=existing,
        opening_cost=by_kind(table, OPENING_EUR),
        fixed_cost_per_year=by_kind(table, FIXED_EUR_PER_YEAR),
        it_cost_per_mw=(reference * by_kind(table, PURCHASING)).round(-4),
        block_mw=table.kind.map({"hyperscaler": BLOCK_MW.value}),
        pue=pue(summer_c, existing > 0),
        water_l_per_kwh=water_l_per_kwh(summer_c),
        earliest_year=STAGES[0],
    )[COLUMNS]


def providers(regions: str) -> list[str]:
    """Labels of the providers with a region at a place, the largest first."""
    found = {region.split(":")[0] for region in regions.split(";") if region}
    return [label for label in OPERATORS if label in found]


def existing_it_mw(facts: Facts, table: pd.DataFrame, present: pd.Series) -> pd.Series:
    """What serves AI inference today: a part of the country's data centres, shared out.

    3 parts to each hyperscaler and to a national campus, 1 to every other large operator.
    """
    parts = present.map(lambda labels: sum(PARTS.get(OPERATORS[one][2], 0) for one in labels))
    parts = parts.mask(table.kind == "national", PARTS["hyperscaler"]).astype(float)
    in_country = parts.groupby(table.country).transform("sum")
    country_mw = table.country.map(stand_in("datacentres", facts.datacentre_mw)).fillna(0.0)
    share = EXISTING_SHARE.value * country_mw * parts / in_country.where(in_country > 0)
    return share.fillna(0.0).round(1).where(share >= LEAST_EXISTING_MW.value, 0.0)

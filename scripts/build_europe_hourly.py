"""Build `instances/europe_hourly` from `instances/europe` and a folder of public data.

    python scripts/build_europe_hourly.py --data ../shared/data --out instances/europe_hourly

Weather and technology costs come from the folder, everything else from `europe` and from
`scripts/europe_hourly/assumptions.py`. The same inputs give the same bytes.
"""

from pathlib import Path

import click
import numpy as np
import pandas as pd
from building.writing import write_manifest, write_table
from europe.assumptions import STAGES
from europe_hourly.assumptions import CLEAN_SHARE, COOLING_FROM_C, DAYS, DEMAND_CHARGE
from europe_hourly.load import (
    campaigns,
    demand,
    demand_profiles,
    even_profiles,
    groups,
    local_profiles,
    place_profiles,
    rules,
    technology_profiles,
    workloads,
)
from europe_hourly.places import (
    corridor_nodes,
    corridors,
    flexible_grid,
    nodes,
    site_technologies,
    sites,
    upgrades,
)
from europe_hourly.sources import sources
from europe_hourly.technologies import TechnologyData, technologies, technology_costs
from europe_hourly.weather import hours, mixes

from optimizer.profiles import Reduced, reduce_hours

EUROPE = Path(__file__).parents[1] / "instances" / "europe"
PEAK = "price_europe"
DIGITS = 4
NO_CITY = {"RS": "Europe/Belgrade"}  # Countries with a node and without users.


def read(name: str) -> pd.DataFrame:
    """A table of europe's."""
    return pd.read_csv(EUROPE / f"{name}.csv", keep_default_na=False, na_values=[""])


def timezones(nodes: pd.DataFrame) -> dict[str, str]:
    """A clock for each country of a node: that of most of its cities."""
    regions = pd.read_csv(EUROPE / "regions.csv", keep_default_na=False)
    most = regions.groupby("country").timezone.agg(lambda zones: zones.value_counts().index[0])
    return {c: most.get(c, NO_CITY.get(c, "")) for c in sorted(set(nodes.country))}


def days_of(hours: pd.DataFrame) -> Reduced:
    """Representative days, that of the highest price in Europe among them."""
    prices = hours[[name for name in hours if name.startswith("price_")]]
    reduced = reduce_hours(hours.assign(**{PEAK: prices.mean(axis=1)}), DAYS, [PEAK])
    kept = reduced.profiles[reduced.profiles.profile != PEAK].round({"value": DIGITS})
    return Reduced(reduced.slices, kept.reset_index(drop=True), reduced.profiles_error)


def mean_heat_c(reduced: Reduced) -> dict[str, float]:
    """Mean °C above the point from which halls need help with cooling, by country."""
    rows = reduced.profiles[reduced.profiles.profile.str.startswith("temperature_")]
    weight = rows.slice.map(reduced.slices.set_index("slice").weight_hours)
    heat = (rows.value - COOLING_FROM_C.value).clip(lower=0)
    country = rows.profile.str.removeprefix("temperature_")
    total = (heat * weight).groupby(country).sum() / reduced.slices.weight_hours.sum()
    return {str(name): float(value) for name, value in total.items()}


def policies() -> pd.DataFrame:
    """Europe's, and a share of clean energy by year."""
    clean = pd.DataFrame(
        [("clean_share", year, share, "annual") for year, share in CLEAN_SHARE.items()],
        columns=["policy", "year", "value", "unit"],
    )
    return pd.concat([read("policies"), clean], ignore_index=True)


def tables(data: Path) -> tuple[dict[str, pd.DataFrame], Reduced]:
    """Every table that differs from europe's, and the days with their errors."""
    mix, europe_sites, asked = mixes(data), read("sites"), workloads(read("workloads"))
    reduced = days_of(hours(data, timezones(read("nodes")), mix))
    filed = TechnologyData(data)
    network_charge = 20.0 - DEMAND_CHARGE.value
    halls = sites(europe_sites, mean_heat_c(reduced))
    offers = site_technologies(halls)
    country_of = halls.set_index("site").country
    countries = {
        name: set(offers.site[offers.technology == name].map(country_of))
        for name in ("solar", "wind_contract")
    }
    availability = technology_profiles(countries)
    places = place_profiles(set(reduced.profiles.profile), set(halls.country))
    used = {*availability.profile, *places.profile}
    built = {
        "sites": halls,
        "nodes": nodes(read("nodes"), europe_sites, mix),
        "upgrades": upgrades(read("upgrades")),
        "workloads": asked,
        "demand": demand(read("demand")),
        "groups": groups(read("groups")),
        "rules": rules(read("rules")),
        "policies": policies(),
        "slices": reduced.slices,
        "profiles": pd.concat(
            [
                reduced.profiles[reduced.profiles.profile.isin(used)],
                even_profiles(asked, reduced.slices),
            ]
        ),
        "local_profiles": local_profiles(asked),
        "demand_profiles": demand_profiles(asked),
        "place_profiles": places,
        "technologies": technologies(filed, network_charge),
        "technology_profiles": availability,
        "technology_costs": technology_costs(filed),
        "site_technologies": offers,
        "flexible_grid": flexible_grid(),
        "corridors": corridors(),
        "corridor_nodes": corridor_nodes(),
        "campaigns": campaigns(),
    }
    return {**built, "sources": sources(read("sources"), built)}, reduced


@click.command()
@click.option("--data", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(data: Path, out: Path) -> None:
    """Write the instance's tables and manifest into a folder, and tell what the days keep."""
    out.mkdir(parents=True, exist_ok=True)
    built, reduced = tables(data)
    for name, table in built.items():
        write_table(out / f"{name}.csv", table)
        click.echo(f"{name}: {len(table)} rows")
    write_manifest(
        out / "instance.toml",
        {
            "extends": "europe",
            "name": "europe_hourly",
            "title": f"AI inference in Europe through the hours, {STAGES[0]}-{STAGES[-1]}",
        },
    )
    error = reduced.profiles_error
    kind = error.profile.str.rsplit("_", n=1).str[0].where(error.profile != PEAK, PEAK)
    told = error.assign(kept=np.isclose(error["mean"], error.mean_kept, rtol=1e-4, atol=1e-4))
    for name, rows in told.groupby(kind):
        worst = rows.loc[rows.duration_rmse.idxmax()]
        click.echo(
            f"{name}: mean kept {rows.kept.all()}, error of the duration curve "
            f"{rows.duration_rmse.mean():.3g} on average, {worst.duration_rmse:.3g} {worst.profile}"
        )


if __name__ == "__main__":
    main()

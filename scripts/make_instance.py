"""Write a random instance of any size, for benchmarks and tests of scale.

    python scripts/make_instance.py --sites 200 --regions 2000 --routes-each 50 --out instances/big

Cities crowd around centres and differ in size as real ones do; halls stand near centres, or out
where land is cheap. Energy is dear in the south, the network is paid by the kilometre. Each region
may be served from the sites nearest to it, and `latency.csv` lists those alone. The same options
give the same bytes.

There is always a plan: the load of each region spread evenly over its routes. A hall, and its grid
in every stage, holds at least what that plan puts there. `--tightness` is, about, the part of all
halls and of all grids that demand takes; at 1 little but that plan fits.
"""

from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
import pandas as pd
from building.origins import KEY, assumed, derived, noted, sources_table
from building.places import EARTH_KM, on_sphere
from building.writing import write_manifest
from scipy.spatial import cKDTree

from optimizer.folders import written_aside

FIRST_YEAR, LAST_STAGE_YEARS = 2026, 5
SOUTH, NORTH, WEST, EAST = 37.0, 60.0, -9.0, 30.0
# Countries by the point that is nearest, so that they are coherent.
COUNTRIES = {
    "DE": (51, 10), "ES": (40, -4), "FI": (61, 26), "FR": (47, 2), "GB": (53, -2), "GR": (39, 22),
    "IT": (43, 12), "NO": (60, 8), "PL": (52, 19), "PT": (39, -8), "RO": (46, 25), "SE": (59, 16),
}  # fmt: skip
OPERATORS = ("aspen", "birch", "cedar", "elm", "fir")
REGIONS_PER_CENTRE, SPREAD_DEGREES, REMOTE_SHARE = 40, 0.9, 0.3
MEAN_REGION_MW, GROWTH = 4.0, 1.25
LEAST_HALL_MW, MW_PER_HALL = 5.0, 50.0
BASE_MS, MS_PER_KM, EUR_PER_KM_MW_YEAR = 5.0, 0.0194, 200.0
EVENING = 20.0  # hour of highest load
# Power beside the grid, by MW of hall that it may have; costs about as in `europe_hourly`.
TECHNOLOGIES = pd.DataFrame(
    [
        ("turbine", "gas", 590e3, 10_500, 6.0, 35.0, 0.4, 480.0, np.nan),
        ("battery", "battery", 270e3, 700, np.nan, np.nan, 0.95, np.nan, 240e3),
        ("solar", "solar", 570e3, 13_000, np.nan, np.nan, np.nan, np.nan, np.nan),
    ],
    columns=[
        "technology", "kind", "cost_per_mw", "fixed_cost_per_mw_year", "variable_cost_per_mwh",
        "fuel_price_per_mwh", "efficiency", "carbon_kg_per_mwh", "cost_per_mwh_storage",
    ],
).assign(lead_years=0, life_years=20)  # fmt: skip
MW_OF_HALL = {"turbine": 0.5, "battery": 0.3, "solar": 1.0}

Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Wanted:
    """What to draw.

    Parameters
    ----------
    sites, regions, stages, workloads : how many.
    routes_each : sites that each region may be served from, the nearest.
    slices : hours of one representative day, 0 for none.
    powered : part of the sites that may have power of their own beside the grid; needs slices.
    tightness : part of the halls that demand takes, above 0 and at most 1.
    block_mw : size of a block of hardware, of which halls then hold whole ones; 0 for any amount.
    seed : of all that is drawn.
    """

    sites: int
    regions: int
    routes_each: int
    stages: int = 1
    workloads: int = 1
    slices: int = 0
    powered: float = 0.0
    tightness: float = 0.4
    block_mw: float = 0.0
    seed: int = 0

    @property
    def years(self) -> np.ndarray:
        """Years of the stages."""
        return FIRST_YEAR + np.arange(self.stages)


def tables(wanted: Wanted) -> Tables:
    """Every table of the instance; nothing is as large as sites × regions."""
    dice = np.random.default_rng(wanted.seed)
    centres = dice.uniform(
        (SOUTH, WEST), (NORTH, EAST), (1 + wanted.regions // REGIONS_PER_CENTRE, 2)
    )
    regions = around(dice, centres, wanted.regions, "region")
    remote = dice.random(wanted.sites) < REMOTE_SHARE
    sites = around(dice, centres, wanted.sites, "site", remote)
    near, distance_km = nearest(regions, sites, wanted.routes_each)
    # Cities' sizes have a heavy tail; the mean is that of a lognormal draw.
    region_mw = MEAN_REGION_MW * dice.lognormal(-0.5, 1.0, wanted.regions)
    parts = dice.dirichlet(np.full(wanted.workloads, 5.0))
    growth = GROWTH ** np.arange(wanted.stages)
    # MW at each site of the plan that spreads every region over its routes.
    evenly_mw = np.bincount(
        near.ravel(), np.repeat(region_mw / wanted.routes_each, wanted.routes_each), wanted.sites
    )
    room = np.maximum(1.0, dice.lognormal(-0.125, 0.5, (2, wanted.sites)) / wanted.tightness)
    hall_mw = np.maximum(LEAST_HALL_MW, evenly_mw * growth[-1] * room[0])
    unit_mw = wanted.block_mw or 1.0
    pue = dice.uniform(1.1, 1.35, wanted.sites).round(3)
    grid_mw = np.maximum(LEAST_HALL_MW, np.outer(growth, evenly_mw) * room[1]) * pue
    built = {
        "sites": with_costs(dice, sites, np.ceil(hall_mw / unit_mw) * unit_mw, pue, remote),
        "nodes": sites.rename(columns={"site": "node"}).assign(
            energy_price_per_mwh=energy_prices(dice, sites)
        ),
        "grid": by_year(wanted, "node", sites.site, np.ceil(grid_mw * 10) / 10, "firm_mw"),
        "regions": regions,
        "workloads": workloads(dice, wanted),
        "demand": demand(wanted, regions.region, region_mw, parts, growth),
        "latency": latency(dice, regions.region, sites.site, near, distance_km),
    }
    if wanted.stages > 1:
        built["upgrades"] = pd.DataFrame(
            {
                "node": sites.site,
                "upgrade": "line",
                "mw": (0.3 * hall_mw).round(1),
                "cost": (0.3 * hall_mw * dice.uniform(0.2e6, 0.8e6, wanted.sites)).round(-4),
                "lead_years": dice.integers(1, 4, wanted.sites),
            }
        )
    if wanted.block_mw:
        built["sites"] = built["sites"].assign(block_mw=wanted.block_mw)
    if wanted.slices:
        built |= hours(wanted.slices)
    if wanted.powered:
        built |= own_power(dice, wanted, built)
    return {**built, "sources": sources(built)}


def around(
    dice: np.random.Generator,
    centres: np.ndarray,
    count: int,
    key: str,
    remote: np.ndarray | None = None,
) -> pd.DataFrame:
    """Points around centres, large centres drawing more, or anywhere where they are remote."""
    size = dice.pareto(1.2, len(centres)) + 1
    of = dice.choice(len(centres), count, p=size / size.sum())
    points = centres[of] + dice.normal(0, SPREAD_DEGREES, (count, 2))
    if remote is not None:
        points[remote] = dice.uniform((SOUTH, WEST), (NORTH, EAST), (remote.sum(), 2))
    points = points.round(4)
    _, country = cKDTree(on_sphere(*np.array(list(COUNTRIES.values())).T)).query(
        on_sphere(*points.T)
    )
    digits = len(str(count))
    return pd.DataFrame(
        {
            key: [f"{key}-{position:0{digits}}" for position in range(1, count + 1)],
            "latitude": points[:, 0],
            "longitude": points[:, 1],
            "country": np.array(list(COUNTRIES))[country],
        }
    )


def nearest(
    regions: pd.DataFrame, sites: pd.DataFrame, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the nearest sites and their distances in km, (regions, count) each."""
    tree = cKDTree(on_sphere(sites.latitude, sites.longitude))
    chord_km, near = tree.query(
        on_sphere(regions.latitude, regions.longitude), [*range(1, count + 1)]
    )
    return near, 2 * EARTH_KM * np.arcsin(chord_km / (2 * EARTH_KM))


def with_costs(
    dice: np.random.Generator,
    sites: pd.DataFrame,
    hall_mw: np.ndarray,
    pue: np.ndarray,
    remote: np.ndarray,
) -> pd.DataFrame:
    """Sites with halls, owners and costs: land is dear where people are, large halls cheap by MW.

    Servers cost the same everywhere and are left out.
    """
    count = len(sites)
    land = np.where(remote, 0.7, 1.4) * dice.lognormal(0, 0.25, count)
    opening_cost = 60e6 * (hall_mw / MW_PER_HALL) ** 0.7 * land
    return sites.assign(
        operator=np.array(OPERATORS)[dice.integers(0, len(OPERATORS), count)],
        operator_country=sites.country,
        node=sites.site,
        max_it_mw=hall_mw,
        opening_cost=opening_cost.round(-4),
        fixed_cost_per_year=(0.03 * opening_cost).round(-3),
        it_cost_per_mw=dice.uniform(8e6, 12e6, count).round(-4),
        pue=pue,
    )


def energy_prices(dice: np.random.Generator, sites: pd.DataFrame) -> pd.Series:
    """EUR per MWh, cheaper by 2.5 with every degree to the north."""
    price = 110 - 2.5 * (sites.latitude - SOUTH) + dice.normal(0, 8, len(sites))
    return price.clip(lower=20).round(2)


def workloads(dice: np.random.Generator, wanted: Wanted) -> pd.DataFrame:
    """Workloads whose reach the listed pairs alone limit."""
    table = pd.DataFrame({"workload": names(wanted)})
    return table.assign(
        latency_slo_ms=np.nan, load_factor=dice.uniform(0.4, 0.9, wanted.workloads).round(2)
    )


def names(wanted: Wanted) -> list[str]:
    """Keys of the workloads."""
    return [f"workload-{position}" for position in range(1, wanted.workloads + 1)]


def demand(
    wanted: Wanted, keys: pd.Series, region_mw: np.ndarray, parts: np.ndarray, growth: np.ndarray
) -> pd.DataFrame:
    """Peak MW by workload, stage and region, never rounded up."""
    it_mw = np.floor(np.multiply.outer(np.outer(parts, growth), region_mw) * 1e4) / 1e4
    index = pd.MultiIndex.from_product(
        [names(wanted), wanted.years, keys], names=["workload", "year", "region"]
    )
    table = pd.Series(it_mw.ravel(), index=index, name="it_mw").reset_index()
    return table[["region", "workload", "year", "it_mw"]]


def latency(
    dice: np.random.Generator,
    regions: pd.Series,
    sites: pd.Series,
    near: np.ndarray,
    distance_km: np.ndarray,
) -> pd.DataFrame:
    """Rows of the routes, with detours and a network that is paid by the kilometre."""
    way_km = distance_km.ravel() * dice.uniform(1.0, 1.3, near.size)
    return pd.DataFrame(
        {
            "region": np.repeat(regions.to_numpy(), near.shape[1]),
            "site": sites.to_numpy()[near.ravel()],
            "rtt_ms": (BASE_MS + MS_PER_KM * way_km).round(2),
            "network_cost_per_mw_year": (EUR_PER_KM_MW_YEAR * way_km).round(),
        }
    )


def by_year(
    wanted: Wanted, key: str, keys: pd.Series, values: np.ndarray, column: str
) -> pd.DataFrame:
    """One row a key and stage of a value that is (stages, keys)."""
    index = pd.MultiIndex.from_product([wanted.years, keys], names=["year", key])
    table = pd.Series(values.ravel(), index=index, name=column).reset_index()
    return table[[key, "year", column]]


def hours(count: int) -> Tables:
    """One representative day in so many slices, and a load that peaks in the evening."""
    starts = np.arange(count) * 24 / count
    keys = [f"slice-{position + 1:02}" for position in range(count)]
    load = 0.7 + 0.3 * np.cos(2 * np.pi * (starts - EVENING) / 24)
    return {
        "slices": pd.DataFrame(
            {"slice": keys, "day": "day", "weight_hours": 8760 / count, "hours": 24 / count}
        ),
        "profiles": pd.DataFrame({"profile": "people", "slice": keys, "value": load.round(4)}),
        "demand_profiles": pd.DataFrame({"region": "*", "workload": ["*"], "profile": "people"}),
    }


def own_power(dice: np.random.Generator, wanted: Wanted, built: Tables) -> Tables:
    """Turbines, batteries and solar fields that some sites may have."""
    sites = built["sites"]
    able = sites[dice.random(len(sites)) < wanted.powered]
    allowed = able[["site"]].merge(TECHNOLOGIES.technology, how="cross")
    hall_mw = able.max_it_mw.repeat(len(TECHNOLOGIES)).to_numpy()
    most = (allowed.technology.map(MW_OF_HALL) * hall_mw).round(1)
    starts = np.arange(wanted.slices) * 24 / wanted.slices
    sun = (0.8 * np.maximum(0.0, np.sin(np.pi * (starts - 6) / 12))).round(4)
    shining = pd.DataFrame({"profile": "sun", "slice": built["slices"]["slice"], "value": sun})
    return {
        "technologies": TECHNOLOGIES,
        "site_technologies": allowed.assign(max_mw=most),
        "technology_profiles": pd.DataFrame(
            {"technology": "solar", "place": sorted(COUNTRIES), "profile": "sun"}
        ),
        "profiles": pd.concat([built["profiles"], shining]),
    }


def sources(built: Tables) -> pd.DataFrame:
    """Nothing here is of the world."""
    drawn = assumed("drawn by chance by scripts/make_instance.py: no real place, no real figure")
    notes = {
        name: {column: derived(KEY) if column == name[:-1] else drawn for column in table}
        for name, table in built.items()
    }
    return sources_table(noted(notes), built)


def write(folder: Path, wanted: Wanted) -> None:
    """Write the instance's folder."""
    folder.mkdir(parents=True)
    for name, table in tables(wanted).items():
        table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
    years = [int(year) for year in wanted.years]
    write_manifest(
        folder / "instance.toml",
        {
            "name": "random",
            "title": f"Random instance: {wanted.sites} sites, {wanted.regions} regions, "
            f"{wanted.routes_each} routes each, seed {wanted.seed}",
            "currency": "EUR",
            "base_year": FIRST_YEAR,
            "discount_rate": 0.07,
            "stages": years,
            "horizon_end": years[-1] + LAST_STAGE_YEARS,
            "unserved": "forbidden",
        },
    )


@click.command(help=__doc__)
@click.option("--sites", type=click.IntRange(1, 10_000), default=200, show_default=True)
@click.option("--regions", type=click.IntRange(1, 100_000), default=2000, show_default=True)
@click.option("--routes-each", type=click.IntRange(1), default=50, show_default=True)
@click.option("--stages", type=click.IntRange(1, 20), default=1, show_default=True)
@click.option("--workloads", type=click.IntRange(1, 20), default=1, show_default=True)
@click.option(
    "--slices", type=click.IntRange(0, 24), default=0, show_default=True, help="Hours of a day."
)
@click.option(
    "--powered",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Part of the sites that may have turbines, batteries and solar fields; needs --slices.",
)
@click.option(
    "--tightness",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.4,
    show_default=True,
    help="Part of the halls that demand takes.",
)
@click.option(
    "--block-mw",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Size of a block of hardware, bought whole; 0 for any amount.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(out: Path, **options: int | float) -> None:
    """Write a random instance into a new folder."""
    wanted = Wanted(**options)  # type: ignore[arg-type]
    if wanted.routes_each > wanted.sites:
        raise click.UsageError("There are fewer sites than --routes-each.")
    if wanted.powered and not wanted.slices:
        raise click.UsageError("--powered needs --slices: the sun does not always shine.")
    if out.exists():
        raise click.ClickException(f"{out} is there already.")
    with written_aside(out) as folder:
        write(folder, wanted)
    click.echo(f"{out}: {wanted.regions * wanted.routes_each * wanted.workloads:,} routes")


if __name__ == "__main__":
    main()

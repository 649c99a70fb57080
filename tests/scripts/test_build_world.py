"""World: the builder reproduces the shipped tables, and they hold together without any data."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.instance import Instance, read_instance
from optimizer.routes import Routes, find_routes
from tests.scripts.test_build_europe import DATA, ROOT, SCRIPTS, needs_data

sys.path.insert(0, str(SCRIPTS))

from building.assumed import Assumed
from building.places import apart, km, slug
from world import assumptions
from world.assumptions import LISTED_MS, UPGRADES, WORKLOAD_SHARE, WORKLOADS
from world.curated import places, stand_in, table
from world.demand import chosen_cities, peak_it_mw
from world.facts import Facts, read_world_facts
from world.latency import fit, latency, region_round_trips, round_trips
from world.sites import providers

FOLDER = ROOT / "instances" / "world"
IBM = {"Washington DC": "ashburn", "Sao Paulo": "sao-paulo"}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return read_world_facts(DATA)


@pytest.fixture(scope="module")
def world() -> Instance:
    return read_instance(FOLDER)


@pytest.fixture(scope="module")
def routes(world: Instance) -> Routes:
    return find_routes(world)


def sites_of(*names: str) -> pd.DataFrame:
    return places().rename(columns={"place": "site"}).set_index("site").loc[[*names]].reset_index()


@needs_data
def test_builder_reproduces_every_shipped_table_byte_for_byte(tmp_path: Path) -> None:
    command = [sys.executable, SCRIPTS / "build_world.py", "--data", DATA, "--out", tmp_path]
    subprocess.run(command, check=True, capture_output=True)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix != ".md"}
    assert built.keys() == shipped.keys()
    assert [name for name in built if built[name] != shipped[name]] == []


@needs_data
def test_modelled_round_trips_are_near_those_that_ibm_measures(facts: Facts) -> None:
    pairs = pd.read_csv(DATA / "latency" / "ibm_vpc_interregion_2026-08.csv")
    names = sorted(set(pairs.src))
    hosts = sites_of(*(IBM.get(name, slug(name)) for name in names))
    matrix = round_trips(facts, hosts.assign(region=names), hosts)
    modelled = np.array(
        [matrix.loc[pair.src, IBM.get(pair.dst, slug(pair.dst))] for pair in pairs.itertuples()]
    )
    miss_ms = modelled - pairs.avg_rtt_ms
    assert abs(miss_ms.mean()) < 2
    assert np.sqrt((miss_ms**2).mean()) < 20  # distance alone misses by 36 ms
    assert np.corrcoef(modelled, pairs.avg_rtt_ms)[0, 1] ** 2 > 0.95


@needs_data
def test_a_round_trip_is_what_is_measured_plus_the_legs_and_the_access(facts: Facts) -> None:
    ends = sites_of("singapore", "lima", "cape-town")
    matrix = round_trips(facts, ends.assign(region=ends.site), ends)
    measured = facts.azure_rtt_ms["Southeast Asia", "South Africa West"]
    back = facts.azure_rtt_ms["South Africa West", "Southeast Asia"]
    assert matrix.loc["singapore", "cape-town"] == pytest.approx((measured + back) / 2 + 5)
    assert matrix.loc["lima", "lima"] == 5
    assert matrix.loc["singapore", "lima"] > matrix.loc["singapore", "cape-town"]


@needs_data
def test_the_way_over_land_counts_within_a_country_and_within_europe(facts: Facts) -> None:
    ends = sites_of("beijing", "shenzhen", "vienna", "sofia")
    matrix = round_trips(facts, ends.assign(region=ends.site), ends)
    for one, other in (("beijing", "shenzhen"), ("vienna", "sofia")):
        here, there = (ends.set_index("site").loc[end] for end in (one, other))
        distance = km(here.latitude, here.longitude, [there.latitude], [there.longitude])[0]
        assert matrix.loc[one, other] <= 5 + 0.0194 * distance + 1e-9


@needs_data
def test_pairs_of_regions_that_are_not_measured_go_by_a_third(facts: Facts) -> None:
    known = region_round_trips(facts.azure_rtt_ms)
    assert ("Indonesia Central", "Poland Central") not in facts.azure_rtt_ms
    assert ("Poland Central", "Indonesia Central") not in facts.azure_rtt_ms
    assert not known.isna().any(axis=None)
    assert np.isfinite(known.to_numpy()).all()
    assert (known == known.T).all(axis=None)
    assert 150 < known.loc["Indonesia Central", "Poland Central"] < 250


@needs_data
def test_every_country_has_a_city_and_none_lies_within_another(facts: Facts) -> None:
    cities = chosen_cities(facts)
    assert len(cities) == 1000
    assert cities.region.is_unique
    assert {"KP", "XK"}.isdisjoint(cities.country)
    london = cities[cities.country == "GB"]
    distance = km(51.50853, -0.12574, london.latitude, london.longitude)
    assert (distance < 15).sum() == 1


@needs_data
def test_places_stand_where_geonames_has_their_city(facts: Facts) -> None:
    cities = facts.cities.rename(columns={"name": "city"})
    both = places().merge(cities, on=["city", "country"], suffixes=("", "_geonames"))
    nearest = (
        both.assign(off=(both.latitude - both.latitude_geonames).abs())
        .sort_values("off")
        .drop_duplicates("place")
    )
    assert len(nearest) > 100
    assert (nearest.off < 0.1).all()


def test_of_cities_within_15_km_the_largest_is_kept_and_chains_are_cut() -> None:
    # 0 hides 1, which would have hidden 2; 3 is far away.
    cities = pd.DataFrame(
        {
            "geonameid": ["0", "1", "2", "3"],
            "population": [4e6, 3e6, 2e6, 1e6],
            "latitude": [0.0, 0.0, 0.0, 0.0],
            "longitude": [0.0, 0.1, 0.2, 9.0],
        }
    )
    assert list(apart(cities.iloc[::-1]).geonameid) == ["0", "2", "3"]


def test_listed_pairs_and_the_line_part_at_the_longest_objective() -> None:
    round_trips_ms = pd.DataFrame(
        [[20.0, LISTED_MS + 20]], index=pd.Index(["r"]), columns=pd.Index(["near", "far"])
    )
    assert latency(round_trips_ms).to_dict("list") == {
        "region": ["r"],
        "site": ["near"],
        "rtt_ms": [20.0],
    }
    line = fit(round_trips_ms, np.array([[100.0, 4000.0]]))
    assert line == {"base_ms": LISTED_MS + 0.1, "ms_per_km": 0.005}


def test_assumptions_lie_in_their_ranges_and_say_why() -> None:
    figures = [value for value in vars(assumptions).values() if isinstance(value, Assumed)]
    figures += [*assumptions.GRID_MW_PER_YEAR]
    figures += [figure for mw, cost, _ in UPGRADES.values() for figure in (mw, cost)]
    assert len(figures) > 10
    for figure in figures:
        assert figure.low < figure.value < figure.high, figure
        assert figure.why, figure


def test_peaks_add_up_to_the_electricity_they_come_from() -> None:
    energy_twh = sum(
        peak_it_mw(name, 4, 2030) * workload.load_factor * 8760 / 1e6
        for name, workload in WORKLOADS.items()
    )
    assert energy_twh * 1.2 == pytest.approx(945 * 0.18)
    for shares in zip(*WORKLOAD_SHARE.values(), strict=True):
        assert sum(shares) == pytest.approx(1)


def test_curated_tables_name_the_same_places() -> None:
    where = places()
    assert where.place.is_unique
    assert set(table("azure").place) <= set(where.place)
    assert set(table("stand_ins").quantity) == {"price", "summer", "building", "datacentres", "gdp"}
    assert providers("vultr:x;aws:a;aws:b") == ["aws", "vultr"]
    assert providers("") == []


def test_a_known_figure_goes_before_that_of_another_country() -> None:
    known = dict.fromkeys(table("stand_ins").like, 1.0) | {"TW": 7.0}
    assert stand_in("building", known)["TW"] == 7.0
    del known["TW"]
    assert stand_in("building", known | {"KR": 3.0})["TW"] == 3.0


def test_every_column_says_where_it_is_from(world: Instance) -> None:
    sources = world.tables["sources"]
    named = set(zip(sources.table, sources.column, strict=True))
    for path in FOLDER.glob("*.csv"):
        if path.stem != "sources":
            columns = pd.read_csv(path, nrows=0).columns
            assert {(path.stem, column) for column in columns} <= named
    assert (sources.source != "").all()
    assert (sources.note != "").all()


def test_every_demand_may_be_served_and_those_who_must_stay_do(
    world: Instance, routes: Routes
) -> None:
    tables = world.tables
    served = routes.eligible.groupby(["region", "workload"]).size()
    assert len(served) == 1000 * 3
    eligible = routes.eligible.merge(tables["sites"][["site", "country"]], on="site").merge(
        tables["regions"][["region", "country"]], on="region", suffixes=("", "_user")
    )
    groups = tables["groups"]
    members = {name: set(rows.country) for name, rows in groups.groupby("group")}
    local = eligible[eligible.country_user.isin(members["localised"])]
    assert (local.country == local.country_user).all()
    european = eligible[eligible.country_user.isin(members["EEA"]) & (eligible.workload != "batch")]
    assert set(european.country) <= members["EEA_adequate"]
    limit_ms = {"interactive": 85, "agents": 160}
    for workload, most in limit_ms.items():
        assert eligible.rtt_ms[eligible.workload == workload].max() <= most
    assert eligible.rtt_ms[eligible.workload == "batch"].max() > 160


def test_firm_power_never_falls_and_dublin_waits(world: Instance) -> None:
    firm = world.tables["grid"].pivot(index="node", columns="year", values="firm_mw")
    assert (firm.diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert firm.loc["dublin", 2026] == firm.loc["dublin", 2027] < firm.loc["dublin", 2028]
    assert firm.loc["amsterdam"].nunique() == 1
    assert firm.loc["ashburn", 2026] == firm.loc["ashburn", 2028] < firm.loc["ashburn", 2029]

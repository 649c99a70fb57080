"""Europe through the hours: the builder reproduces the shipped tables, and they hold together.

The folder of public data is named by SITEWATT_DATA, by default ../shared/data.
"""

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from optimizer.instance import read_instance

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
INSTANCE = ROOT / "instances" / "europe_hourly"
DATA = Path(os.environ.get("SITEWATT_DATA", ROOT.parent / "shared" / "data"))
sys.path.insert(0, str(SCRIPTS))

from building.assumed import Assumed  # noqa: E402
from europe.assumptions import STAGES  # noqa: E402
from europe_hourly import assumptions  # noqa: E402
from europe_hourly.load import with_mean  # noqa: E402
from europe_hourly.places import flexible_grid, sites, upgrades  # noqa: E402
from europe_hourly.technologies import TechnologyData  # noqa: E402
from europe_hourly.weather import hours, mixes  # noqa: E402

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no public data in {DATA}; set SITEWATT_DATA"
)


@cache
def table(name: str) -> pd.DataFrame:
    return pd.read_csv(INSTANCE / f"{name}.csv", keep_default_na=False, na_values=[""])


def yearly_mean(profile: str) -> float:
    rows = table("profiles")[table("profiles").profile == profile]
    weights = table("slices").set_index("slice").weight_hours[rows.slice]
    return float(np.average(rows.value, weights=weights))


@needs_data
def test_builder_reproduces_every_shipped_table_byte_for_byte(tmp_path: Path) -> None:
    command = [SCRIPTS / "build_europe_hourly.py", "--data", DATA, "--out", tmp_path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, *command], check=True, capture_output=True, env=environment)
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {p.name: p.read_bytes() for p in INSTANCE.iterdir() if p.name != "README.md"}
    assert built.keys() == shipped.keys()
    assert [name for name in built if built[name] != shipped[name]] == []


def test_the_instance_is_valid_and_small() -> None:
    instance = read_instance(INSTANCE)
    assert len(instance.tables["demand"]) == 3750
    assert sum(path.stat().st_size for path in INSTANCE.iterdir()) < 3e6


def test_four_days_of_24_hours_are_a_year() -> None:
    slices = table("slices")
    assert len(slices) == 4 * 24
    assert slices.weight_hours.sum() == 8760
    assert slices.groupby("day").weight_hours.nunique().eq(1).all()
    # The day of the highest price in Europe stands for itself alone.
    assert slices.weight_hours.min() == 1


@pytest.mark.parametrize(
    ("profile", "full_load_hours"),
    [("solar_ES", 1186), ("solar_IE", 746), ("wind_DE", 1712), ("wind_NL", (2205 + 1712) / 2)],
)
def test_sun_and_wind_have_the_full_load_hours_of_their_source(
    profile: str, full_load_hours: float
) -> None:
    assert 8760 * yearly_mean(profile) == pytest.approx(full_load_hours, rel=1e-3)
    values = table("profiles").value[table("profiles").profile == profile]
    assert values.between(0, 1).all()


@needs_data
def test_where_the_source_has_placeholders_a_neighbour_stands_in() -> None:
    clocks = {"NO": "Europe/Oslo", "SE": "Europe/Stockholm", "IS": "Atlantic/Reykjavik"}
    found = hours(DATA, clocks, mixes(DATA))
    # The source has 107 full-load hours of solar in Norway, and no curve of Iceland.
    assert found.solar_NO.sum() == pytest.approx(685)
    assert found.wind_NO.sum() == pytest.approx(1896)
    assert found.price_SE.mean() == pytest.approx(1)
    assert not [name for name in found if name.endswith("_IS")]
    # Cold and dark at the turn of the year, and noon where the sun says.
    assert found.temperature_SE.groupby(found.index.month).mean().idxmin() in (1, 2, 12)
    assert found.solar_SE.groupby(found.index.hour).mean().idxmax() in (10, 11)


def test_prices_and_carbon_keep_the_means_of_europe() -> None:
    places = table("place_profiles")
    factors = places.profile[places.quantity != "temperature"]
    assert [yearly_mean(profile) for profile in factors] == pytest.approx([1.0] * 58, abs=1e-3)


def test_the_sun_stands_highest_at_noon_of_the_place() -> None:
    for country, noon in {"PT": 12.5, "IE": 12.5, "ES": 12.2}.items():
        rows = table("profiles")[table("profiles").profile == f"solar_{country}"]
        middle_of_hour = pd.to_datetime(rows.slice, format="%Y-%m-%dT%H").dt.hour + 0.5
        assert np.average(middle_of_hour, weights=rows.value) == pytest.approx(noon, abs=0.7)


def test_requests_take_the_energy_that_europe_gives_them() -> None:
    workloads = table("workloads").set_index("workload")
    local = table("local_profiles").groupby("profile").value
    for workload in ("interactive", "agents", "public_health"):
        mean = local.mean()[f"load_{workload}"]
        assert mean == pytest.approx(workloads.load_factor[workload], abs=1e-4)
        assert local.max()[f"load_{workload}"] == 1
    for workload in ("batch", "overnight"):
        mean = yearly_mean(f"load_{workload}")
        assert mean == pytest.approx(workloads.load_factor[workload])


def test_what_may_wait_is_a_part_of_europes_batches() -> None:
    europe = pd.read_csv(INSTANCE.parent / "europe" / "demand.csv", keep_default_na=False)
    before = europe.groupby(["workload", "year"]).it_mw.sum()
    now = table("demand").groupby(["workload", "year"]).it_mw.sum()
    for year in STAGES:
        assert now["overnight", year] == pytest.approx(0.15 * before["batch", year], rel=1e-4)
        assert now["batch", year] == pytest.approx(0.85 * before["batch", year], rel=1e-4)
        assert now["agents", year] == before["agents", year]


def test_a_shape_is_bent_to_its_mean_and_keeps_its_peak() -> None:
    bent = with_mean(np.array([0.25, 0.5, 1.0, 1.0]), 0.75)
    assert bent.mean() == pytest.approx(0.75, abs=1e-4)
    assert bent.max() == 1


def test_the_power_usage_of_a_year_is_that_of_europe() -> None:
    europe = pd.read_csv(INSTANCE.parent / "europe" / "sites.csv", keep_default_na=False)
    heat_c = {"ES": 3.0, "NO": 0.5}
    hourly = sites(europe, heat_c).set_index("site")
    for site in europe[europe.country.isin(heat_c)].itertuples():
        row = hourly.loc[site.site]
        mean = row.pue + row.pue_per_c * heat_c[site.country]
        assert mean == pytest.approx(site.pue, abs=1e-3)
    # Without a temperature the figure is europe's, at all hours.
    iceland = europe[europe.country == "IS"]
    assert hourly.pue[iceland.site].tolist() == iceland.pue.tolist()
    assert (hourly.pue_per_c[iceland.site] == 0).all()


def test_a_second_bay_follows_the_first() -> None:
    bay = {"node": "stockholm", "upgrade": "bay", "mw": 40.0, "cost": 12e6, "lead_years": 2}
    both = upgrades(pd.DataFrame([bay, {**bay, "node": "lille"}]))
    assert both[["node", "upgrade", "after"]].to_numpy().tolist() == [
        ["lille", "bay", ""], ["stockholm", "bay", ""], ["stockholm", "second bay", "bay"],
    ]  # fmt: skip


def test_flexible_power_grows_and_only_amsterdam_has_the_dutch_contract() -> None:
    rows = flexible_grid()
    assert rows.groupby("node").flexible_mw.apply(lambda mw: mw.is_monotonic_increasing).all()
    dutch = rows.node == "amsterdam"
    assert rows.curtailed_hours_per_year[dutch].min() > rows.curtailed_hours_per_year[~dutch].max()
    # TenneT's contract leaves 85 % of the hours.
    assert rows.curtailed_hours_per_year.max() <= 0.15 * 8760


@needs_data
def test_costs_between_filed_years_lie_on_a_line() -> None:
    data = TechnologyData(DATA)
    filed = [data("solar-utility", "investment", year) for year in (2025, 2030, 2035)]
    assert filed == [594.8646, 482.4785, 442.9312]
    assert data("solar-utility", "investment", 2028) == pytest.approx(
        594.8646 + 0.6 * (482.4785 - 594.8646)
    )
    assert data("gas", "fuel", 2034) == pytest.approx(27.0013 + 0.2 * (28.4158 - 27.0013))


def test_costs_are_there_for_all_years_of_the_horizon() -> None:
    fuel = table("technology_costs").dropna(subset="fuel_price_per_mwh")
    assert set(fuel.technology) == {"gas_turbine", "fuel_cell", "diesel_backup"}
    assert fuel.groupby("technology").year.apply(list).tolist() == [list(range(2027, 2035))] * 3
    assert set(STAGES) == set(range(2026, 2031))


def test_assumptions_lie_in_their_ranges_and_say_why() -> None:
    def all_assumed(value: object) -> list[Assumed]:
        if isinstance(value, Assumed):
            return [value]
        if isinstance(value, dict):
            return [found for part in value.values() for found in all_assumed(part)]
        return []

    figures = [found for value in vars(assumptions).values() for found in all_assumed(value)]
    assert len(figures) > 35
    for figure in figures:
        assert figure.low <= figure.value <= figure.high, figure
        assert figure.low < figure.high, figure
        assert figure.why, figure


def test_every_column_says_where_it_is_from() -> None:
    named = set(table("sources")[["table", "column"]].itertuples(index=False, name=None))
    for path in INSTANCE.glob("*.csv"):
        if path.stem != "sources":
            assert {(path.stem, column) for column in table(path.stem)} <= named

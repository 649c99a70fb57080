"""Random instances of any size: the same seed the same bytes, and always a plan."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.routes import Routes, find_routes
from optimizer.run import Clock, Options, solve_instance
from tests.scripts.test_build_europe import SCRIPTS

sys.path.insert(0, str(SCRIPTS))

from make_instance import Wanted, main, tables, write

SMALL = Wanted(sites=12, regions=30, routes_each=4, stages=2, workloads=2)


def evenly(instance: Instance, routes: Routes) -> pd.DataFrame:
    """MW at each site and stage if each load is spread evenly over its routes."""
    demand = instance.tables["demand"]
    pairs = routes.eligible.merge(demand, on=["region", "workload"])
    count = pairs.groupby(["region", "workload", "year"]).site.transform("count")
    return (pairs.it_mw / count).groupby([pairs.site, pairs.year]).sum().unstack(fill_value=0.0)


@given(
    wanted=st.builds(
        Wanted,
        sites=st.integers(4, 20),
        regions=st.integers(1, 60),
        routes_each=st.integers(1, 4),
        stages=st.integers(1, 3),
        workloads=st.integers(1, 3),
        slices=st.sampled_from([0, 1, 5]),
        tightness=st.sampled_from([0.05, 0.4, 1.0]),
        block_mw=st.sampled_from([0.0, 0.7, 10.0]),
        seed=st.integers(0, 10_000),
    )
)
@settings(max_examples=25, deadline=None)
def test_the_even_plan_fits_every_hall_and_grid(
    tmp_path_factory: pytest.TempPathFactory, wanted: Wanted
) -> None:
    folder = tmp_path_factory.mktemp("random") / "instance"
    write(folder, wanted)
    instance = read_instance(folder)
    routes = find_routes(instance)
    assert len(routes.eligible) == wanted.regions * wanted.routes_each * wanted.workloads
    sites = instance.tables["sites"].set_index("site")
    firm_mw = instance.tables["grid"].pivot(index="node", columns="year", values="firm_mw")
    served_mw = evenly(instance, routes)
    assert served_mw.shape[1] == wanted.stages
    for year, it_mw in served_mw.items():
        most_mw = sites.max_it_mw[it_mw.index]
        assert (it_mw <= most_mw + 1e-9).all()
        if wanted.block_mw:
            blocks = most_mw / wanted.block_mw
            assert np.allclose(blocks, blocks.round())
        assert (it_mw * sites.pue[it_mw.index] <= firm_mw[year][it_mw.index] + 1e-9).all()


@pytest.mark.parametrize(
    ("slices", "powered", "block_mw"), [(0, 0.0, 0.0), (3, 0.0, 0.0), (3, 0.5, 0.0), (0, 0.0, 5.0)]
)
def test_it_is_solved(tmp_path: Path, slices: int, powered: float, block_mw: float) -> None:
    wanted = replace(SMALL, slices=slices, powered=powered, block_mw=block_mw, tightness=1.0)
    write(tmp_path / "instance", wanted)
    instance = read_instance(tmp_path / "instance")
    options = Options(gap=0.05, threads=1)
    plan = solve_instance(instance, options, Control(threads=1), Clock(lambda *_: None))
    assert plan.record["gap"] <= 0.05
    assert instance.tables["site_technologies"].empty == (powered == 0)


def test_the_same_options_give_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, wanted in (("one", SMALL), ("two", SMALL), ("other", replace(SMALL, seed=1))):
        write(tmp_path / name, wanted)
    one, two, other = (
        {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        for name in ("one", "two", "other")
    )
    assert one == two
    assert one.keys() == other.keys()
    assert one["latency.csv"] != other["latency.csv"]


def test_routes_go_to_the_nearest_sites() -> None:
    built = tables(replace(SMALL, routes_each=1))
    sites = built["sites"].set_index("site")
    for row in built["regions"].merge(built["latency"], on="region").itertuples():
        east = np.cos(np.radians(row.latitude)) * (sites.longitude - row.longitude)
        distance = np.hypot(east, sites.latitude - row.latitude)
        assert distance[row.site] <= 1.3 * distance.min() + 0.1


def test_tightness_is_about_the_part_of_the_halls_that_demand_takes() -> None:
    parts = []
    for tightness in (0.2, 0.4, 0.8):
        built = tables(Wanted(sites=200, regions=2000, routes_each=20, tightness=tightness))
        parts.append(built["demand"].it_mw.sum() / built["sites"].max_it_mw.sum())
    assert parts == pytest.approx([0.2, 0.4, 0.8], rel=0.25)


def test_costs_go_with_the_place() -> None:
    built = tables(Wanted(sites=500, regions=1000, routes_each=5))
    price, latency = built["nodes"].energy_price_per_mwh, built["latency"]
    assert price.corr(built["nodes"].latitude) < -0.8
    assert latency.rtt_ms.corr(latency.network_cost_per_mw_year) > 0.99
    # A few cities are much larger than most.
    it_mw = built["demand"].it_mw
    assert it_mw.max() > 8 * it_mw.median()


def test_command_writes_a_folder_once(tmp_path: Path) -> None:
    out = tmp_path / "new"
    given = ["--sites", "5", "--regions", "9", "--routes-each", "2", "--out", str(out)]
    first, second = (CliRunner().invoke(main, given) for _ in range(2))
    assert first.exit_code == 0, first.output
    assert "18 routes" in first.output
    assert second.exit_code == 1
    assert "already" in second.output
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_more_routes_than_sites_are_refused(tmp_path: Path) -> None:
    given = ["--sites", "5", "--routes-each", "6", "--out", str(tmp_path / "new")]
    result = CliRunner().invoke(main, given)
    assert result.exit_code == 2
    assert "fewer sites" in result.output

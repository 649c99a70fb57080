"""Layers hold what the tables say, where it is."""

import logging

import geopandas as gpd
import pandas as pd
import pytest

from optimizer.export import read_layers
from optimizer.layers import LAYERS, POWER_LAYERS, map_layers
from tests.optimizer.audit.bridge_run import MADE_MWH, write_bridge_run
from tests.optimizer.hand_made_run import NINE_DEGREES_MS, ONE_DEGREE_MS, TABLES, write_run
from tests.optimizer.plans import YEARS, MadeUpPlan


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, gpd.GeoDataFrame]:
    return read_layers(write_run(tmp_path_factory.mktemp("by-hand") / "run"))


def draw(plan: MadeUpPlan) -> dict[str, gpd.GeoDataFrame]:
    return map_layers(plan.tables, plan.node_table, plan.region_table)


def row(layer: gpd.GeoDataFrame, **where: object) -> pd.Series:
    for column, value in where.items():
        layer = layer[layer[column] == value]
    assert len(layer) == 1
    return layer.iloc[0]


def test_every_layer_has_its_place_and_system(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert list(layers) == list(LAYERS)
    for name, layer in layers.items():
        assert layer.crs.to_epsg() == 4326
        assert set(layer.geom_type.dropna()) == {LAYERS[name].geometry}
        assert list(layer.columns)[-1] == "geometry"


def test_a_site_is_a_point_east_of_greenwich(layers: dict[str, gpd.GeoDataFrame]) -> None:
    south = row(layers["sites"], site="south")
    assert (south.geometry.x, south.geometry.y) == (10, 0)
    assert (south.operator, south.operator_country, south.opened_year) == ("acme", "US", 2028)


def test_stages_of_a_site(layers: dict[str, gpd.GeoDataFrame]) -> None:
    assert len(layers["site_stages"]) == 4
    closed, opened = (row(layers["site_stages"], site="south", year=year) for year in (2026, 2028))
    assert (closed.open, closed.installed_it_mw, closed.facility_mwh) == (0, 0, 0)
    assert (opened.open, opened.installed_it_mw, opened.facility_mwh) == (1, 3.4, 19272)
    assert opened.geometry == row(layers["sites"], site="south").geometry


def test_stages_last_until_the_next_one(layers: dict[str, gpd.GeoDataFrame]) -> None:
    for name in ("site_stages", "nodes", "regions", "flows"):
        stages = layers[name][["year", "starts", "ends"]].drop_duplicates()
        first, last = (stages[stages.year == year].squeeze() for year in (2026, 2028))
        assert (first.starts, first.ends) == (pd.Timestamp(2026, 1, 1), pd.Timestamp(2028, 1, 1))
        assert last.starts == pd.Timestamp(2028, 1, 1)
        assert pd.isna(last.ends)


def test_power_at_a_node(layers: dict[str, gpd.GeoDataFrame]) -> None:
    port = row(layers["nodes"], node="port", year=2028)
    assert (port.firm_mw, port.upgrade_mw, port.drawn_mw, port.headroom_mw) == (6, 3, 8.4, 0.6)
    assert port.utilisation == pytest.approx(8.4 / 9)


def test_where_a_region_is_served_from(layers: dict[str, gpd.GeoDataFrame]) -> None:
    lille = row(layers["regions"], region="lille", year=2028)
    # 1 + 2.4 MW in France, 1 MW in the Netherlands, 0.6 MW nowhere.
    assert (lille.home_it_mw, lille.abroad_it_mw, lille.unserved_it_mw) == (3.4, 1, 0.6)
    assert lille.demand_it_mw == pytest.approx(5)
    assert (lille.home_share, lille.abroad_share) == pytest.approx((3.4 / 5, 1 / 5))
    assert lille.mean_rtt_ms == pytest.approx((3.4 * ONE_DEGREE_MS + NINE_DEGREES_MS) / 4.4)


def test_flows_are_the_rows_of_serving(layers: dict[str, gpd.GeoDataFrame]) -> None:
    flows = layers["flows"]
    assert len(flows) == len(TABLES["serving"].splitlines()) - 1
    flow = row(flows, region="lille", workload="batch", site="north", year=2028)
    assert (flow.share, flow.it_mw, flow.rtt_ms) == (0.5, 1, NINE_DEGREES_MS)
    assert (flow.user_country, flow.site_country, flow.operator_country) == ("FR", "NL", "NL")
    # Delft is where its site is: nothing to draw, but its load counts.
    nowhere = row(flows, region="delft", year=2026)
    assert nowhere.geometry is None
    assert (nowhere.it_mw, nowhere.length_km) == (4, 0)


def test_line_runs_from_region_to_site(layers: dict[str, gpd.GeoDataFrame]) -> None:
    line = row(layers["flows"], region="lille", workload="batch", year=2026).geometry
    (part,) = line.geoms
    assert (part.coords[0], part.coords[-1]) == ((9, 0), (0, 0))


def test_region_without_demand_has_no_shares() -> None:
    regions = draw(MadeUpPlan([("s", 0, 0)], [("quiet", 1, 1)]))["regions"]
    assert list(regions.year) == list(YEARS)
    assert (regions.demand_it_mw == 0).all()
    assert regions[["home_share", "abroad_share", "mean_rtt_ms"]].isna().all(axis=None)


def test_node_without_power_has_no_utilisation() -> None:
    plan = MadeUpPlan([("s", 0, 0)], [])
    plan.tables["grid_use"] = plan.tables["grid_use"].assign(firm_mw=0.0, drawn_mw=0.0)
    assert draw(plan)["nodes"].utilisation.isna().all()


def test_what_has_no_coordinates_keeps_its_row(caplog: pytest.LogCaptureFixture) -> None:
    flow = ("r", "chat", "lost", 2026, 1.0, 3.0, 20.0)
    with caplog.at_level(logging.WARNING):
        layers = draw(MadeUpPlan([("s", 0, 0), ("lost", None, None)], [("r", 1, 1)], [flow]))
    assert list(layers["sites"].geometry.isna()) == [False, True]
    assert layers["flows"].geometry.isna().all()
    assert layers["flows"].it_mw.sum() == layers["regions"].demand_it_mw.sum() == 3
    assert [record.getMessage() for record in caplog.records] == [
        "Without coordinates, and so without a place on maps: "
        "1 of 2 sites, 2 of 4 site_stages, 2 of 4 nodes, 1 of 1 flows"
    ]


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> dict[str, gpd.GeoDataFrame]:
    return read_layers(write_bridge_run(tmp_path_factory.mktemp("hourly") / "run").folder)


def test_plan_with_slices_has_its_supply_as_a_layer(hourly: dict[str, gpd.GeoDataFrame]) -> None:
    assert set(hourly) == {*LAYERS, *POWER_LAYERS}
    engine = row(hourly["supply"], technology="engine", year=2028)
    assert (engine.site, engine.mw, engine.role) == ("hall", 0.5, "backup")
    assert engine.starts == pd.Timestamp(2028, 1, 1)


def test_sites_and_nodes_tell_of_their_hours(hourly: dict[str, gpd.GeoDataFrame]) -> None:
    hall = row(hourly["site_stages"], site="hall", year=2026)
    assert (hall.bridge_mwh, hall.embodied_t) == (MADE_MWH, 200)
    assert hall.cost_per_it_mwh > 0
    annex = row(hourly["site_stages"], site="annex", year=2026)
    assert annex.bridge_mwh == 0
    assert pd.isna(annex.cost_per_it_mwh)
    port = row(hourly["nodes"], node="port", year=2026)
    assert (port.binding_hours, port.flexible_mw, port.idle_mw) == (8760, 2, 0.5)

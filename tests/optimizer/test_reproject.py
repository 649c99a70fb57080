"""Layers in other reference systems: where they should be, or refused with a reason."""

import logging
from pathlib import Path

import geopandas as gpd
import pytest

from optimizer.export import export_run
from optimizer.layers import map_layers
from optimizer.reproject import NoSuchMap, reprojected
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.plans import MadeUpPlan


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("by-hand") / "run")


def layers_of(*sites: tuple[str, float | None, float | None]) -> dict[str, gpd.GeoDataFrame]:
    plan = MadeUpPlan(sites, [])
    return map_layers(plan.tables, plan.node_table, plan.region_table)


def test_a_degree_of_longitude_is_111_319_metres(run: Path, tmp_path: Path) -> None:
    export_run(run, "gpkg", tmp_path / "plan.gpkg", crs="EPSG:3857")
    sites = gpd.read_file(tmp_path / "plan.gpkg", layer="sites").set_index("site")
    assert sites.crs == "EPSG:3857"
    south = sites.geometry["south"]
    assert (south.x, south.y) == pytest.approx((10 * 111319.4908, 0), abs=0.01)
    # What the tables say stays as it was.
    assert sites.longitude["south"] == 10


def test_every_format_that_can_has_the_system(run: Path, tmp_path: Path) -> None:
    export_run(run, "flatgeobuf", tmp_path / "fgb", crs="EPSG:3857")
    export_run(run, "geoparquet", tmp_path / "parquet", crs="EPSG:3857")
    one = gpd.read_file(tmp_path / "fgb" / "sites.fgb").set_index("site").geometry
    two = gpd.read_parquet(tmp_path / "parquet" / "sites.parquet").set_index("site").geometry
    assert one.crs == two.crs == "EPSG:3857"
    assert one.sort_index().geom_equals(two.sort_index()).all()


@pytest.mark.parametrize("file_format", ["geojson", "kml", "csv", "xlsx", "pypsa"])
def test_formats_with_one_system_refuse_others(run: Path, tmp_path: Path, file_format: str) -> None:
    with pytest.raises(NoSuchMap, match=f"{file_format} cannot be had with --crs") as refused:
        export_run(run, file_format, tmp_path / "out", crs="EPSG:3035")
    assert refused.value.exit_code == 2
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("crs", "why"),
    [
        ("EPSG:1", "no coordinate reference system"),
        ("somewhere", "no coordinate reference system"),
        ("", "no coordinate reference system"),
        ("EPSG:4979", "it has 3 axes"),
        ("EPSG:5773", "no system of maps"),
        ("EPSG:4978", "no system of maps"),
    ],
)
def test_no_system_of_maps(crs: str, why: str) -> None:
    with pytest.raises(NoSuchMap, match=why):
        reprojected(layers_of(("s", 1, 2)), crs)


def test_a_place_that_the_system_does_not_have_is_named() -> None:
    layers = layers_of(("pole", 80, 0), ("auckland", -36.8, 174.8))
    with pytest.raises(NoSuchMap, match="no place for 1 of 2 rows of sites, such as auckland"):
        reprojected(layers, "+proj=gnom +lat_0=90")


def test_places_outside_what_a_system_is_made_for_are_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        reprojected(layers_of(("oslo", 59.9, 10.7)), "EPSG:3035")
        assert not caplog.records
        reprojected(layers_of(("oslo", 59.9, 10.7), ("lima", -12, -77)), "EPSG:3035")
    assert "5 rows lie elsewhere" in caplog.text


def test_rows_without_a_place_stay() -> None:
    layers = reprojected(layers_of(("s", None, None), ("t", 1, 2)), "EPSG:3857")
    assert layers["sites"].geometry.isna().tolist() == [True, False]

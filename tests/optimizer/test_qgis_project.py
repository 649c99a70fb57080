"""A project opens the GeoPackage beside it, with countries below and the plan in sight."""

import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyproj
import pytest
import shapely

from optimizer.layers import LAYERS, map_layers
from optimizer.qgis_project import write_project
from optimizer.reproject import reprojected
from tests.optimizer.plans import MadeUpPlan


def written(folder: Path, plan: MadeUpPlan, crs: str | None = None) -> ET.Element:
    layers = map_layers(plan.tables, plan.node_table, plan.region_table)
    write_project(reprojected(layers, crs) if crs else layers, folder)
    with zipfile.ZipFile(folder / "plan.qgz") as archive:
        assert archive.namelist() == ["plan.qgs"]
        return ET.fromstring(archive.read("plan.qgs"))


def map_crs(project: ET.Element) -> pyproj.CRS:
    text = project.findtext("projectCrs/spatialrefsys/wkt")
    assert text
    return pyproj.CRS(text)


def in_sight(project: ET.Element) -> shapely.Polygon:
    edges = [
        project.findtext(f"mapcanvas/extent/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")
    ]
    return shapely.box(*map(float, edges))


EUROPE = MadeUpPlan([("cork", 51.9, -8.47), ("oslo", 59.91, 10.75)], [("rome", 41.9, 12.5)])


def test_layers_from_top_to_bottom(tmp_path: Path) -> None:
    project = written(tmp_path / "map", EUROPE)
    assert sorted(path.name for path in (tmp_path / "map").iterdir()) == ["plan.gpkg", "plan.qgz"]
    tree = [node.attrib for node in project.iter("layer-tree-layer")]
    names = [node["source"].removeprefix("./plan.gpkg|layername=") for node in tree]
    assert names == ["site_stages", "sites", "flows", "nodes", "regions", "countries"]
    assert {
        layer.findtext("id"): layer.findtext("datasource") for layer in project.iter("maplayer")
    } == {node["id"]: node["source"] for node in tree}
    # QGIS gives shorter ones another name, and then knows no layer by it.
    assert all(len(node["id"]) > 10 for node in tree)
    assert all(layer.find("renderer-v2") is not None for layer in project.iter("maplayer"))
    assert project.findtext("properties/Paths/Absolute") == "false"


def test_map_of_a_continent_is_drawn_around_its_middle(tmp_path: Path) -> None:
    project = written(tmp_path / "map", EUROPE)
    crs = map_crs(project)
    assert crs.coordinate_operation is not None
    assert crs.coordinate_operation.method_name == "Lambert Azimuthal Equal Area"
    sites = gpd.read_file(tmp_path / "map" / "plan.gpkg", layer="sites").to_crs(crs)
    assert sites.within(in_sight(project)).all()
    land = gpd.read_file(tmp_path / "map" / "plan.gpkg", layer="countries")
    assert {"IE", "NO", "IT"} < set(land.iso_a2)
    assert not {"NZ", "AU"} & set(land.iso_a2)


def test_map_of_the_world(tmp_path: Path) -> None:
    plan = MadeUpPlan([("auckland", -36.8, 174.8)], [("lima", -12.0, -77.0)])
    project = written(tmp_path / "map", plan)
    assert map_crs(project) == pyproj.CRS("EPSG:8857")
    land = gpd.read_file(tmp_path / "map" / "plan.gpkg", layer="countries")
    assert len(land) > 200
    assert land.is_valid.all()


def test_map_in_another_system(tmp_path: Path) -> None:
    project = written(tmp_path / "map", EUROPE, "EPSG:3035")
    assert map_crs(project) == pyproj.CRS("EPSG:3035")
    for layer in (*LAYERS, "countries"):
        read = gpd.read_file(tmp_path / "map" / "plan.gpkg", layer=layer)
        assert read.crs == "EPSG:3035"
    assert in_sight(project).contains(shapely.Point(4362000, 4091000))


def test_plan_without_a_place_shows_the_world(tmp_path: Path) -> None:
    plan = MadeUpPlan([("s", None, None)], [("r", None, None)])
    assert in_sight(written(tmp_path / "map", plan)).contains(shapely.Point(0, 0))


@pytest.mark.parametrize("crs", [None, "EPSG:3035"])
def test_same_plan_gives_the_same_bytes(tmp_path: Path, crs: str | None) -> None:
    for name in ("one", "two"):
        written(tmp_path / name, EUROPE, crs)
    for file in ("plan.gpkg", "plan.qgz"):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("one", "two"))
        assert one == two

"""A GeoPackage says what is in it: layers, columns with units, the plan, and how it is drawn."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pyogrio
import pytest

from optimizer.about import About
from optimizer.geopackage import write_gpkg
from optimizer.layer_columns import TITLES, layer_columns
from optimizer.layer_styles import STYLES
from optimizer.layers import LAYERS, POWER_LAYERS, map_layers
from tests.optimizer.plans import MadeUpPlan

ABOUT = About("A </metadata> & title", "cheap", "Sitewatt 1", "abc", "CHF")
COUNTRY = "it's \\ <odd>"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    flow = ("r", "chat", "s", 2026, 1.0, 3.0, 30.0)
    plan = MadeUpPlan([("s", 1, 2), ("t", 2, 3)], [("r", 3, 4)], [flow])
    plan.tables["sites"]["operator_country"] = COUNTRY
    path = tmp_path_factory.mktemp("styled") / "plan.gpkg"
    write_gpkg(map_layers(plan.tables, plan.node_table, plan.region_table), path, ABOUT)
    return path


@pytest.fixture
def database(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as opened:
        yield opened


def test_structure(file: Path) -> None:
    found = {}
    for layer in LAYERS:
        info = pyogrio.read_info(file, layer=layer)
        assert info["crs"] == "EPSG:4326"
        found[layer] = (info["geometry_type"], info["features"], len(info["fields"]))
    assert found == {
        "sites": ("Point", 2, 11),
        "site_stages": ("Point", 4, 19),
        "nodes": ("Point", 4, 14),
        "regions": ("Point", 2, 15),
        "flows": ("MultiLineString", 1, 14),
    }


def test_layers_are_described(database: sqlite3.Connection) -> None:
    said = database.execute(
        "SELECT table_name, identifier, description FROM gpkg_contents WHERE data_type = 'features'"
    )
    assert {name: rest for name, *rest in said} == {
        name: [TITLES[name], layer.description] for name, layer in LAYERS.items()
    }


def test_columns_have_labels_and_units(database: sqlite3.Connection) -> None:
    rows = database.execute(
        "SELECT table_name, column_name, title, description FROM gpkg_data_columns"
    )
    said = {(table, column): (title, text) for table, column, title, text in rows}
    assert said["site_stages", "carbon_t"][0] == "Carbon (t per year)"
    assert said["site_stages", "installed_it_mw"][0] == "Installed IT (MW)"
    assert said["flows", "rtt_ms"] == ("RTT (ms)", "network round trip between region and site")
    assert said["nodes", "name"] == ("Name", "name of the place")
    columns = {
        (layer, name)
        for layer in LAYERS
        for _, name, *_ in database.execute(f"PRAGMA table_info({layer})")
        if name not in ("fid", "geom")
    }
    assert set(said) == columns


def test_every_column_of_every_layer_is_known() -> None:
    for layer in (*LAYERS, *POWER_LAYERS):
        assert all(column.description for column in layer_columns(layer).values())
    assert set(LAYERS | POWER_LAYERS) < set(STYLES)


def test_metadata_tells_of_the_plan(database: sqlite3.Connection) -> None:
    ((text, scope),) = database.execute(
        "SELECT metadata, reference_scope FROM gpkg_metadata, gpkg_metadata_reference "
        "WHERE md_file_id = id"
    )
    terms = {term.tag.rpartition("}")[2]: term.text for term in ET.fromstring(text)}
    assert scope == "geopackage"
    assert terms == {
        "title": ABOUT.title,
        "description": "cheap",
        "creator": "Sitewatt 1",
        "identifier": "abc",
    }


def test_extensions_are_registered(database: sqlite3.Connection) -> None:
    rows = database.execute("SELECT table_name, extension_name FROM gpkg_extensions")
    assert set(rows) >= {
        ("gpkg_data_columns", "gpkg_schema"),
        ("gpkg_data_column_constraints", "gpkg_schema"),
        ("gpkg_metadata", "gpkg_metadata"),
        ("gpkg_metadata_reference", "gpkg_metadata"),
    }
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_every_layer_has_a_style_of_its_own(database: sqlite3.Connection) -> None:
    rows = database.execute(
        "SELECT f_table_name, f_geometry_column, styleQML FROM layer_styles WHERE useAsDefault"
    )
    styles = {name: ET.fromstring(qml) for name, geometry, qml in rows if geometry == "geom"}
    assert set(styles) == set(LAYERS)
    for name, style in styles.items():
        renderer = style.find("renderer-v2")
        assert renderer is not None
        assert renderer.get("type") == "RuleRenderer"
        symbols = {symbol.get("name") for symbol in renderer.iter("symbol")}
        assert symbols == {rule.get("symbol") for rule in renderer.iter("rule")}
        temporal = style.find("temporal")
        assert (temporal is None) == (name == "sites")
        if temporal is not None:
            assert (temporal.get("startField"), temporal.get("endField")) == ("starts", "ends")
        labels = {alias.get("field"): alias.get("name") for alias in style.iter("alias")}
        assert labels[
            "region" if name in ("regions", "flows") else "country" if name == "nodes" else "site"
        ]


def test_text_in_a_style_is_a_text(database: sqlite3.Connection) -> None:
    ((qml,),) = database.execute(
        "SELECT styleQML FROM layer_styles WHERE f_table_name = 'site_stages'"
    )
    style = ET.fromstring(qml)
    rules = {rule.get("label"): rule.get("filter") for rule in style.iter("rule")}
    where = rules[f"Operator controlled from {COUNTRY}"]
    assert where is not None
    assert where.endswith("""= 'it''s \\\\ <odd>'""")
    tip = style.findtext("mapTip")
    assert tip is not None
    assert """replace(to_string("name"), map('&', '&amp;', '<', '&lt;', '>', '&gt;'))""" in tip


def test_program_that_knows_no_1_4_reads_it(database: sqlite3.Connection) -> None:
    assert database.execute("PRAGMA user_version").fetchone() == (10300,)

"""Exported files give the tables back: every row, every digit, every character."""

import json
import shutil
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import click
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.about import About
from optimizer.cli import export
from optimizer.errors import SitewattError
from optimizer.export import OF_RUNS, WRITERS, export_run, write_geopackage
from optimizer.geopackage import GEOPACKAGE_OPTIONS
from optimizer.layer_columns import TITLES
from optimizer.layers import LAYERS, map_layers
from optimizer.run_tables import read_table
from tests.optimizer.audit.bridge_run import write_bridge_run
from tests.optimizer.hand_made_run import TABLES, write_run
from tests.optimizer.plans import YEARS, MadeUpPlan

RECORD = {"objective": 10.0, "gap": 0.01, "currency": "EUR", "versions": {}}
HOSTILE = (
    "\"quoted\" 'twice'",
    "</script><script>alert(1)</script>",
    "مركز البيانات",
    "long " * 100,
    "two\nlines",
    "=1+1",
    "Robert'); DROP TABLE sites;--",
    "NA",
    "",
)


def read_geojson(out: Path, name: str) -> gpd.GeoDataFrame:
    content = json.loads((out / f"{name}.geojson").read_text(encoding="utf-8"))
    frame = gpd.GeoDataFrame.from_features(content, crs="EPSG:4326")
    for column in {"starts", "ends"} & set(frame.columns):
        frame[column] = pd.to_datetime(frame[column])
    return frame


def read_kml(out: Path, name: str) -> gpd.GeoDataFrame:
    frame = gpd.read_file(out, layer=TITLES[name]).rename(columns={"Name": "name"})
    for column in {"starts", "ends"} & set(frame.columns):
        frame[column] = pd.to_datetime(frame[column])
    return frame


READERS: dict[str, Callable[[Path, str], gpd.GeoDataFrame]] = {
    "gpkg": lambda out, name: gpd.read_file(out, layer=name),
    "qgz": lambda out, name: gpd.read_file(out / "plan.gpkg", layer=name),
    "geojson": read_geojson,
    "kml": read_kml,
    "geoparquet": lambda out, name: gpd.read_parquet(out / f"{name}.parquet"),
    "flatgeobuf": lambda out, name: gpd.read_file(out / f"{name}.fgb"),
}


def place(folder: Path, file_format: str) -> Path:
    """Where to write: a GeoPackage has to be called so."""
    return folder / (f"plan.{file_format}" if file_format in ("gpkg", "kml") else "plan")


every_format = pytest.mark.parametrize("file_format", WRITERS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("by-hand") / "run")


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_bridge_run(tmp_path_factory.mktemp("hourly") / "run").folder


@pytest.fixture(scope="module", params=WRITERS)
def exported(
    run: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[str, Path]:
    """A format, and the run in it; GDAL has nothing to complain about."""
    out = place(tmp_path_factory.mktemp("exported"), request.param)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        export_run(run, request.param, out)
    return request.param, out


def same(read: pd.DataFrame, table: pd.DataFrame, *keys: str) -> None:
    """Rows may be in another order; numbers must be equal, types may be as a format has them."""
    assert len(read) == len(table)
    if not len(table):
        return  # GeoJSON without features knows no columns.
    read, table = (
        frame[[*table.columns]].sort_values([*keys]).reset_index(drop=True)
        for frame in (read, table)
    )
    for column in table.columns:
        kind = object if pd.api.types.is_string_dtype(table[column].dtype) else "float64"
        one, other = (values.astype(kind).to_numpy() for values in (read[column], table[column]))
        np.testing.assert_array_equal(one, other)


def gives_back(read: Callable[[str], gpd.GeoDataFrame], tables: dict[str, pd.DataFrame]) -> None:
    same(read("sites"), tables["sites"], "site")
    same(read("site_stages"), tables["capacity"], "site", "year")
    same(read("nodes"), tables["grid_use"], "node", "year")
    same(read("flows"), tables["serving"], "region", "workload", "site", "year")


def test_tables_come_back(run: Path, exported: tuple[str, Path]) -> None:
    file_format, out = exported
    read = partial(READERS[file_format], out)
    gives_back(read, {name: read_table(run, name) for name in TABLES})
    for name in LAYERS:
        layer = read(name)
        assert layer.crs.to_epsg() == 4326
        assert set(layer.geom_type.dropna()) == {LAYERS[name].geometry}
    points = read("sites").set_index("site").geometry
    assert (points["south"].x, points["south"].y) == (10, 0)
    stages = read("flows").groupby("year")[["starts", "ends"]].first()
    assert stages.loc[2026].tolist() == [pd.Timestamp(2026, 1, 1), pd.Timestamp(2028, 1, 1)]


@every_format
def test_supply_of_a_plan_with_slices_comes_back(
    hourly: Path, tmp_path: Path, file_format: str
) -> None:
    out = place(tmp_path, file_format)
    export_run(hourly, file_format, out)
    same(
        READERS[file_format](out, "supply"),
        read_table(hourly, "standing"),
        "site",
        "technology",
        "year",
    )


def test_csv_hands_the_tables_out_byte_for_byte(run: Path, tmp_path: Path) -> None:
    export_run(run, "csv", tmp_path / "out")
    written = {file.stem: file.read_text(encoding="utf-8") for file in (tmp_path / "out").iterdir()}
    assert written == TABLES


def test_csv_of_parquet_has_every_digit(run: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "run"))
    tables = {name: read_table(run, name) for name in TABLES}
    for name, table in tables.items():
        (copy / "tables" / f"{name}.csv").unlink()
        table.to_parquet(copy / "tables" / f"{name}.parquet")
    export_run(copy, "csv", tmp_path / "back" / "tables")
    for name, table in tables.items():
        pd.testing.assert_frame_equal(read_table(tmp_path / "back", name), table, check_exact=True)


def test_fiji_to_samoa_does_not_cross_the_map(tmp_path: Path) -> None:
    flow = ("samoa", "chat", "fiji", 2026, 1.0, 3.0, 30.0)
    plan = MadeUpPlan([("fiji", -18, 178)], [("samoa", -14, -172)], [flow])
    write_geopackage(
        plan.tables, plan.node_table, plan.region_table, RECORD, tmp_path / "plan.gpkg"
    )
    (line,) = gpd.read_file(tmp_path / "plan.gpkg", layer="flows").geometry
    assert isinstance(line, shapely.MultiLineString)
    assert [part.bounds[0::2] for part in line.geoms] == [(-180, -172), (178, 180)]


@every_format
def test_hostile_names_are_data(tmp_path: Path, file_format: str) -> None:
    plan = MadeUpPlan([(name or "s", 1, 2) for name in HOSTILE], [("r", 3, 4)])
    plan.tables["sites"]["name"] = HOSTILE
    out = place(tmp_path, file_format)
    write_all(plan, file_format, out)
    layer = READERS[file_format](out, "sites").set_index("site").name.fillna("")
    # What reads KML takes spaces off the ends.
    ends = " " if file_format == "kml" else ""
    assert {key.strip(ends): name.strip(ends) for key, name in layer.items()} == {
        (name or "s").strip(ends): name.strip(ends) for name in HOSTILE
    }


def write_all(plan: MadeUpPlan, file_format: str, out: Path) -> None:
    WRITERS[file_format](map_layers(plan.tables, plan.node_table, plan.region_table), out)


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
coordinates = st.tuples(st.floats(-90, 90), st.floats(-180, 180)) | st.just((None, None))
amounts = st.floats(0, 1e12)


@st.composite
def plans(draw: st.DrawFn) -> MadeUpPlan:
    def named_places() -> list:
        names = draw(st.lists(texts, min_size=1, max_size=3, unique=True))
        return [(name, *draw(coordinates)) for name in names]

    sites, regions = named_places(), named_places()
    keys = st.tuples(
        st.sampled_from([region for region, *_ in regions]),
        texts,
        st.sampled_from([site for site, *_ in sites]),
        st.sampled_from(YEARS),
    )
    flows = draw(st.dictionaries(keys, st.tuples(st.floats(0, 1), amounts, amounts), max_size=4))
    return MadeUpPlan(
        sites, regions, [(*key, *values) for key, values in flows.items()], draw(texts)
    )


@settings(max_examples=10, deadline=None)
@given(plan=plans())
def test_any_plan_comes_back(tmp_path_factory: pytest.TempPathFactory, plan: MadeUpPlan) -> None:
    layers = map_layers(plan.tables, plan.node_table, plan.region_table)
    folder = tmp_path_factory.mktemp("any")
    # XML has no place for control characters.
    for file_format in WRITERS.keys() - {"kml", "qgz"}:
        out = place(folder / file_format, file_format)
        out.parent.mkdir()
        WRITERS[file_format](layers, out, About())
        gives_back(partial(READERS[file_format], out), plan.tables)


def test_geojson_is_as_rfc_7946_wants_it(run: Path, tmp_path: Path) -> None:
    export_run(run, "geojson", tmp_path / "out")
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        f"{name}.geojson" for name in LAYERS
    }
    content = json.loads((tmp_path / "out" / "flows.geojson").read_text(encoding="utf-8"))
    assert set(content) == {"type", "features"}
    assert all(
        set(feature) == {"type", "properties", "geometry"} for feature in content["features"]
    )
    third = MadeUpPlan([("s", 1 / 3, 2 / 3)], [])
    write_all(third, "geojson", tmp_path / "third")
    (site,) = json.loads((tmp_path / "third" / "sites.geojson").read_text())["features"]
    assert site["geometry"] == {"type": "Point", "coordinates": [0.6666667, 0.3333333]}
    assert site["properties"]["latitude"] == 1 / 3


def test_kml_without_control_characters(tmp_path: Path) -> None:
    plan = MadeUpPlan([("a\x1bb\ufffe", 1, 2)], [])
    write_all(plan, "kml", tmp_path / "plan.kml")
    assert READERS["kml"](tmp_path / "plan.kml", "sites").site.tolist() == ["a\ufffdb\ufffd"]


@pytest.mark.parametrize("file_format", ["gpkg", "flatgeobuf"])
def test_layer_without_rows_has_its_columns(tmp_path: Path, file_format: str) -> None:
    full = MadeUpPlan([("s", 0, 0)], [("r", 1, 1)], [("r", "w", "s", 2026, 1.0, 1.0, 1.0)])
    empty = MadeUpPlan([], [])
    # A solve that serves nobody leaves columns without any type.
    empty.tables["serving"] = pd.DataFrame([], columns=full.tables["serving"].columns)
    types = {}
    for key, plan in (("full", full), ("empty", empty)):
        out = place(tmp_path / key, file_format)
        out.parent.mkdir()
        write_all(plan, file_format, out)
        for name, layer in LAYERS.items():
            file = out if file_format == "gpkg" else out / f"{name}.fgb"
            info = pyogrio.read_info(file, layer=name, force_feature_count=True)
            assert info["geometry_type"] == layer.geometry
            assert info["features"] == 0 or key == "full"
            types[key, name] = dict(zip(info["fields"], info["ogr_types"], strict=True))
    for name in LAYERS:
        assert types["empty", name] == types["full", name]


def test_same_plan_gives_the_same_bytes(
    run: Path, tmp_path: Path, exported: tuple[str, Path]
) -> None:
    file_format, first = exported
    second = place(tmp_path, file_format)
    export_run(run, file_format, second)
    one, two = (
        [
            (file.name, file.read_bytes())
            for file in (sorted(out.iterdir()) if out.is_dir() else [out])
        ]
        for out in (first, second)
    )
    assert one == two


def test_options_of_gdal_are_left_as_they_were(run: Path, tmp_path: Path) -> None:
    before = [pyogrio.get_gdal_config_option(name) for name in GEOPACKAGE_OPTIONS]
    export_run(run, "gpkg", tmp_path / "plan.gpkg")
    assert [pyogrio.get_gdal_config_option(name) for name in GEOPACKAGE_OPTIONS] == before


def test_what_is_there_is_replaced_only_on_demand(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.gpkg"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(SitewattError, match="there already"):
        export_run(run, "gpkg", out)
    assert out.read_text(encoding="utf-8") == "mine"
    export_run(run, "gpkg", out, overwrite=True)
    assert [name for name, _ in pyogrio.list_layers(out)] == [*LAYERS, "layer_styles"]
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("file_format", [*WRITERS, *OF_RUNS])
def test_unfinished_run_leaves_nothing(tmp_path: Path, file_format: str) -> None:
    (tmp_path / "run").mkdir()
    with pytest.raises(SitewattError, match=r"has no table|is no run|problems? in the instance"):
        export_run(tmp_path / "run", file_format, tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_command_offers_every_format() -> None:
    (kind,) = (option for option in export.params if option.name == "kind")
    assert isinstance(kind.type, click.Choice)
    assert {*kind.type.choices} == {*WRITERS, *OF_RUNS}


def test_unknown_format_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(SitewattError, match="shapefile is none of csv, xlsx, pypsa, gpkg, qgz"):
        export_run(run, "shapefile", tmp_path / "out")

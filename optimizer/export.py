"""Plans as files for GIS software and other programs.

Layers are what `optimizer.layers` draws, in EPSG:4326. Every number is written to its last digit
and every text as it is. In particular `csv` hands out the run's own tables unchanged: a cell that
begins with `=`, `+`, `-` or `@` is data there, which a spreadsheet would take for a formula.
"""

import errno
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from optimizer.errors import SitewattError
from optimizer.folders import written_aside
from optimizer.instance import read_instance
from optimizer.layers import LAYER_TABLES, LAYERS, POWER_LAYER_TABLES, POWER_LAYERS, map_layers
from optimizer.pypsa_export import export_networks
from optimizer.run_files import copy_as_it_is, table_file
from optimizer.run_tables import ALL_TABLES, read_table
from optimizer.workbook import write_workbook

Layers = Mapping[str, gpd.GeoDataFrame]
EVERY_LAYER = LAYERS | POWER_LAYERS

GEOPACKAGE_OPTIONS = {
    # GeoPackages carry the time of their last change; one for all makes equal plans equal files.
    "OGR_CURRENT_DATE": "1970-01-01T00:00:00.000Z",
    # Waiting for the disk after every layer takes ten times as long, and saves nothing: what is
    # cut short is thrown away.
    "OGR_SQLITE_SYNCHRONOUS": "OFF",
}
# RFC 7946, 11.2: more digits than a centimetre needs only bloat the file.
GEOJSON_DIGITS = 7
ROWS_PER_BLOCK = 10_000
# A disk with less room than this is why GDAL fails.
FULL_BYTES = 2**20


def export_run(run: Path, file_format: str, out: Path, *, overwrite: bool = False) -> None:
    """Write a finished run for other software, without solving again.

    Parameters
    ----------
    run : folder of a finished run.
    file_format : `gpkg`, one file with all layers; `geojson` (RFC 7946), `geoparquet` or
        `flatgeobuf`, a folder with a file per layer; `csv`, a folder with the result tables;
        `pypsa`, a folder with a network per stage, of a plan with slices.
    out : file or folder to write; appears only when it is whole.

    Raises
    ------
    SitewattError
        The format is unknown, the run is not whole, or `out` is there and must not be replaced.
    """
    if file_format not in {**FOLDERS, **WRITERS}:
        raise SitewattError(f"{file_format} is none of {', '.join([*FOLDERS, *WRITERS])}.")
    if file_format in FOLDERS:
        with written_aside(out, overwrite=overwrite) as folder:
            FOLDERS[file_format](run, folder)
        return
    layers = read_layers(run)
    with written_aside(out, overwrite=overwrite) as aside:
        WRITERS[file_format](layers, aside)


def read_layers(run: Path) -> dict[str, gpd.GeoDataFrame]:
    """Draw the plan of a run folder."""
    tables = {name: read_table(run, name) for name in LAYER_TABLES}
    instance = read_instance(run / "instance").tables
    if len(instance["slices"]):
        tables |= {name: read_table(run, name) for name in POWER_LAYER_TABLES}
    return map_layers(tables, instance["nodes"], instance["regions"])


def write_geopackage(
    tables: Mapping[str, pd.DataFrame], nodes: pd.DataFrame, regions: pd.DataFrame, path: Path
) -> None:
    """Write the map of a plan.

    Parameters
    ----------
    tables : result tables, at least LAYER_TABLES.
    nodes, regions : tables of the instance.
    path : new file.
    """
    write_gpkg(map_layers(tables, nodes, regions), path)


def write_gpkg(layers: Layers, path: Path) -> None:
    """One GeoPackage with every layer; the same layers give the same bytes."""
    with gdal_options(GEOPACKAGE_OPTIONS):
        for name, layer in layers.items():
            write_layer(name, layer, path, "GPKG", DESCRIPTION=EVERY_LAYER[name].description)


def write_flatgeobuf(layers: Layers, folder: Path) -> None:
    """A FlatGeobuf per layer; its spatial index has no place for rows without geometry."""
    folder.mkdir()
    for name, layer in layers.items():
        index = "NO" if layer.geometry.isna().any() else "YES"
        path = folder / f"{name}.fgb"
        write_layer(name, layer, path, "FlatGeobuf", SPATIAL_INDEX=index)


def write_geoparquet(layers: Layers, folder: Path) -> None:
    """A GeoParquet file per layer."""
    folder.mkdir()
    for name, layer in layers.items():
        layer.to_parquet(folder / f"{name}.parquet", index=False)


def write_geojson(layers: Layers, folder: Path) -> None:
    """A GeoJSON file per layer, as RFC 7946 wants it: WGS84 unsaid, seven digits, cut at ±180°.

    A feature stands on a line of its own. GDAL drops the last digits of attributes, and GeoPandas
    takes ten times as long.
    """
    folder.mkdir()
    for name, layer in layers.items():
        with (folder / f"{name}.geojson").open("w", encoding="utf-8", newline="\n") as file:
            file.write('{"type": "FeatureCollection", "features": [')
            separator = "\n"
            for feature in geojson_features(layer):
                file.write(separator + feature)
                separator = ",\n"
            file.write("\n]}\n")


def geojson_features(layer: gpd.GeoDataFrame) -> Iterator[str]:
    """Rows of a layer as GeoJSON."""
    for start in range(0, len(layer), ROWS_PER_BLOCK):
        block = layer.iloc[start : start + ROWS_PER_BLOCK]
        properties = pd.DataFrame(block.drop(columns="geometry")).astype(object)
        rows = properties.where(properties.notna(), None).to_dict("records")
        rounded = shapely.transform(
            block.geometry.to_numpy(), lambda places: places.round(GEOJSON_DIGITS)
        )
        for row, geometry in zip(rows, shapely.to_geojson(rounded), strict=True):
            text = json.dumps(
                row, ensure_ascii=False, allow_nan=False, default=pd.Timestamp.isoformat
            )
            yield f'{{"type": "Feature", "properties": {text}, "geometry": {geometry or "null"}}}'


def write_csv(run: Path, folder: Path) -> None:
    """The run's tables byte for byte, or as CSV with every digit where they are Parquet."""
    folder.mkdir()
    for name in ALL_TABLES:
        file = table_file(run, name)
        if file is not None and file.suffix == ".csv":
            copy_as_it_is(file, folder / file.name)
        elif file is not None or name in LAYER_TABLES:
            read_table(run, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


FOLDERS: dict[str, Callable[[Path, Path], None]] = {
    "csv": write_csv,
    "xlsx": write_workbook,
    "pypsa": export_networks,
}
WRITERS: dict[str, Callable[[Layers, Path], None]] = {
    "gpkg": write_gpkg,
    "geojson": write_geojson,
    "geoparquet": write_geoparquet,
    "flatgeobuf": write_flatgeobuf,
}


def write_layer(name: str, layer: gpd.GeoDataFrame, path: Path, driver: str, **option: str) -> None:
    """Write one layer by GDAL, with its columns even where it has no rows.

    Raises
    ------
    OSError
        The layer is not whole, which GDAL says in many ways or, on a full disk, not at all.
    """
    try:
        pyogrio.write_dataframe(
            layer,
            path,
            layer=name,
            driver=driver,
            geometry_type=EVERY_LAYER[name].geometry,
            layer_options=option,
        )
        written = pyogrio.read_info(path, layer=name, force_feature_count=True)["features"]
    except (DataSourceError, DataLayerError, FeatureError, OSError) as error:
        raise gdal_failed(path, str(error)) from error
    if written != len(layer):
        raise gdal_failed(path, f"{written} of {len(layer)} rows of {name}")


def gdal_failed(path: Path, said: str) -> OSError:
    """Error of the system that stands behind an error of GDAL's, as far as can be known."""
    full = shutil.disk_usage(path.parent).free < FULL_BYTES
    number = errno.ENOSPC if full else errno.EIO
    return OSError(number, f"{os.strerror(number)} (GDAL: {said[:200]})")


@contextmanager
def gdal_options(options: Mapping[str, str]) -> Iterator[None]:
    """Set options of GDAL for a while."""
    before = {name: pyogrio.get_gdal_config_option(name) for name in options}
    pyogrio.set_gdal_config_options(dict(options))
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options(before)

"""Plans as files for GIS software and other programs.

Layers are what `optimizer.layers` draws, in EPSG:4326 or as `--crs` asks. Every number is written
to its last digit and every text as it is. In particular `csv` hands out the run's own tables
unchanged: a cell that begins with `=`, `+`, `-` or `@` is data there, which a spreadsheet would
take for a formula; `xlsx` has no formulas.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from optimizer.about import About, about
from optimizer.errors import SitewattError
from optimizer.folders import written_aside
from optimizer.gdal_files import write_layer
from optimizer.geojson import write_geojson
from optimizer.geopackage import write_gpkg
from optimizer.instance import read_instance
from optimizer.kml import write_kml
from optimizer.layers import LAYER_TABLES, POWER_LAYER_TABLES, map_layers
from optimizer.pypsa_export import export_networks
from optimizer.qgis_project import write_project
from optimizer.reproject import NoSuchMap, reprojected
from optimizer.run_files import copy_as_it_is, read_record, table_file
from optimizer.run_tables import ALL_TABLES, read_table
from optimizer.workbook import write_workbook

Layers = Mapping[str, gpd.GeoDataFrame]


def export_run(
    run: Path, file_format: str, out: Path, *, crs: str | None = None, overwrite: bool = False
) -> None:
    """Write a finished run for other software, without solving again.

    Parameters
    ----------
    run : folder of a finished run.
    file_format : `gpkg`, one file with all layers and their styles; `qgz`, a folder with such a
        file and a project of QGIS; `geojson` (RFC 7946), `geoparquet` or `flatgeobuf`, a folder
        with a file per layer; `kml`, one file with all layers; `csv`, a folder with the result
        tables; `xlsx`, one workbook with them; `pypsa`, a folder with a network per stage, of a
        plan with slices.
    out : file or folder to write; appears only when it is whole.
    crs : coordinate reference system of the layers, such as EPSG:3035; None for EPSG:4326.

    Raises
    ------
    SitewattError
        The format is unknown, the run is not whole, or `out` is there and must not be replaced;
        NoSuchMap where the format has one reference system only, or the system has no place for a
        layer.
    """
    if file_format not in {**OF_RUNS, **WRITERS}:
        raise SitewattError(f"{file_format} is none of {', '.join([*OF_RUNS, *WRITERS])}.")
    if crs is not None and file_format in {**OF_RUNS, **ONE_CRS}:
        why = ONE_CRS.get(file_format, "It has no map.")
        raise NoSuchMap(f"{file_format} cannot be had with --crs. {why}")
    if file_format in OF_RUNS:
        with written_aside(out, overwrite=overwrite) as aside:
            OF_RUNS[file_format](run, aside)
        return
    layers = read_layers(run)
    if crs is not None:
        layers = reprojected(layers, crs)
    with written_aside(out, overwrite=overwrite) as aside:
        WRITERS[file_format](layers, aside, about(read_record(run)))


def read_layers(run: Path) -> dict[str, gpd.GeoDataFrame]:
    """Draw the plan of a run folder."""
    tables = {name: read_table(run, name) for name in LAYER_TABLES}
    instance = read_instance(run / "instance").tables
    if len(instance["slices"]):
        tables |= {name: read_table(run, name) for name in POWER_LAYER_TABLES}
    return map_layers(tables, instance["nodes"], instance["regions"])


def write_geopackage(
    tables: Mapping[str, pd.DataFrame],
    nodes: pd.DataFrame,
    regions: pd.DataFrame,
    record: Mapping[str, Any],
    path: Path,
) -> None:
    """Write the map of a plan.

    Parameters
    ----------
    tables : result tables, at least LAYER_TABLES.
    nodes, regions : tables of the instance.
    record : content of plan.json.
    path : new file.
    """
    write_gpkg(map_layers(tables, nodes, regions), path, about(record))


def write_qgis(run: Path, folder: Path) -> None:
    """Write `plan.gpkg` and `plan.qgz`, which opens it as a map, into a folder."""
    write_project(read_layers(run), folder, about(read_record(run)))


def write_flatgeobuf(layers: Layers, folder: Path, _: About | None = None) -> None:
    """A FlatGeobuf per layer; its spatial index has no place for rows without geometry."""
    folder.mkdir()
    for name, layer in layers.items():
        index = "NO" if layer.geometry.isna().any() else "YES"
        path = folder / f"{name}.fgb"
        write_layer(name, layer, path, "FlatGeobuf", SPATIAL_INDEX=index)


def write_geoparquet(layers: Layers, folder: Path, _: About | None = None) -> None:
    """A GeoParquet file per layer."""
    folder.mkdir()
    for name, layer in layers.items():
        layer.to_parquet(folder / f"{name}.parquet", index=False)


def write_csv(run: Path, folder: Path) -> None:
    """The run's tables byte for byte, or as CSV with every digit where they are Parquet."""
    folder.mkdir()
    for name in ALL_TABLES:
        file = table_file(run, name)
        if file is not None and file.suffix == ".csv":
            copy_as_it_is(file, folder / file.name)
        elif file is not None or name in LAYER_TABLES:
            read_table(run, name).to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")


OF_RUNS: dict[str, Callable[[Path, Path], None]] = {
    "csv": write_csv,
    "xlsx": write_workbook,
    "pypsa": export_networks,
}
WRITERS: dict[str, Callable[[Layers, Path, About], None]] = {
    "gpkg": write_gpkg,
    "qgz": write_project,
    "geojson": write_geojson,
    "geoparquet": write_geoparquet,
    "flatgeobuf": write_flatgeobuf,
    "kml": write_kml,
}
ONE_CRS = {
    "geojson": "By RFC 7946 it is always in WGS84. Take gpkg, geoparquet or flatgeobuf.",
    "kml": "It is always in WGS84. Take gpkg, geoparquet or flatgeobuf.",
}

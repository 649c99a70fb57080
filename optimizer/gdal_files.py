"""Layers written by GDAL, whole or with an error of the system that says why not."""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from optimizer.layers import LAYERS, POWER_LAYERS

GEOMETRIES = {name: layer.geometry for name, layer in (LAYERS | POWER_LAYERS).items()}
# Outlines of countries are no result: they lie under a map.
GEOMETRIES["countries"] = "MultiPolygon"
# A disk with less room than this is why GDAL fails.
FULL_BYTES = 2**20


def write_layer(
    name: str,
    layer: gpd.GeoDataFrame,
    path: Path,
    driver: str,
    dataset_options: Mapping[str, str] | None = None,
    **options: str,
) -> None:
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
            geometry_type=GEOMETRIES[name],
            dataset_options=dict(dataset_options or {}),
            layer_options=options,
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

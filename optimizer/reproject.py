"""Map layers in another coordinate reference system."""

import logging
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from pyproj.exceptions import CRSError, ProjError

from optimizer.errors import SitewattError, shortened

log = logging.getLogger(__name__)
Layers = Mapping[str, gpd.GeoDataFrame]


class NoSuchMap(SitewattError):
    """Layers cannot be had in a reference system."""

    exit_code = 2


def read_crs(text: str) -> pyproj.CRS:
    """Reference system by its code, such as EPSG:3035, or as PROJ or WKT describe it.

    Raises
    ------
    NoSuchMap
        There is no such system, or it has other axes than east and north.
    """
    try:
        crs = pyproj.CRS.from_user_input(text)
    except CRSError as error:
        raise NoSuchMap(
            f"--crs {shortened(text)!r} is no coordinate reference system. "
            "Name one such as EPSG:3035."
        ) from error
    if not (crs.is_projected or crs.is_geographic) or len(crs.axis_info) != 2:
        raise NoSuchMap(
            f"--crs {shortened(text)!r} is no system of maps: it has "
            f"{len(crs.axis_info)} axes ({crs.type_name}). Name one such as EPSG:3035."
        )
    return crs


def reprojected(layers: Layers, text: str) -> dict[str, gpd.GeoDataFrame]:
    """Layers in another reference system.

    Raises
    ------
    NoSuchMap
        There is no such system, or it has no place for something on a layer.
    """
    crs = read_crs(text)
    warn_of_area(crs, layers)
    return {name: layer_in(crs, name, layer) for name, layer in layers.items()}


def warn_of_area(crs: pyproj.CRS, layers: Layers) -> None:
    """Say that a system is not made for where the places of a plan are."""
    area = crs.area_of_use
    if area is None or area.west > area.east:
        return
    box = shapely.box(*area.bounds).buffer(1e-9)
    beyond = sum((~layer.geometry.dropna().intersects(box)).sum() for layer in layers.values())
    if beyond:
        log.warning(
            "%s is made for %s; %s rows lie elsewhere, and may be far out of shape.",
            named(crs), area.name, f"{beyond:,}",
        )  # fmt: skip


def layer_in(crs: pyproj.CRS, name: str, layer: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Layer in a reference system, every place of it."""
    try:
        moved = layer.to_crs(crs)
    except ProjError as error:
        raise NoSuchMap(f"{name} cannot be had in {named(crs)}: {error}") from error
    places, rows = shapely.get_coordinates(moved.geometry.to_numpy(), return_index=True)
    beyond = np.unique(rows[~np.isfinite(places).all(axis=1)])
    if len(beyond):
        keys = layer.drop(columns="geometry").iloc[beyond[0], :3]
        raise NoSuchMap(
            f"{named(crs)} has no place for {len(beyond):,} of {len(layer):,} rows of {name}, "
            f"such as {shortened(', '.join(map(str, keys)))}. Its area is "
            f"{crs.area_of_use.name if crs.area_of_use else 'smaller'}. Name another system."
        )
    return moved


def named(crs: pyproj.CRS) -> str:
    """Name of a reference system with its code, where it has one."""
    code = crs.to_authority()
    return f"{crs.name} ({':'.join(code)})" if code else crs.name

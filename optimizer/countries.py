"""Outlines of the world's countries, what maps and figures are drawn on.

Made by `scripts/build_countries.py` from Natural Earth's, in the public domain. They are thinned
for maps of continents, and show who holds a territory: they take no side in who should.
"""

from functools import cache
from importlib.resources import as_file, files

import geopandas as gpd

FILE = files("optimizer") / "countries.topojson"


@cache
def outlines() -> gpd.GeoDataFrame:
    """Outlines, read once."""
    with as_file(FILE) as path:
        table = gpd.read_file(path, layer="countries", engine="pyogrio")
    return table[["iso_a2", "name", "geometry"]].set_crs("EPSG:4326", allow_override=True)


def countries() -> gpd.GeoDataFrame:
    """Every country with its outline.

    Returns
    -------
    GeoDataFrame
        `iso_a2` (ISO 3166-1 alpha-2; XK for Kosovo, and empty where there is none), `name` and
        `geometry`, MultiPolygons in EPSG:4326, cut at ±180°; neighbours share their borders.
    """
    return outlines().copy()

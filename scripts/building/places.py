"""Places: their keys, the distances between them, and which of them are one."""

import re
import unicodedata

import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.spatial import cKDTree

WGS84 = Geod(ellps="WGS84")
EARTH_KM = 6371.0
# A sphere is off from the ellipsoid by less.
SPHERE_MARGIN = 1.01
# Districts of a city appear as cities of their own: Pest, Brent, Bucharest's sectors.
APART_KM = 15.0
# Letters that Unicode does not take apart into a plain one and an accent.
UNDECOMPOSED = str.maketrans({"æ": "ae", "ł": "l", "ø": "o", "ß": "ss"})


def slug(name: str) -> str:
    """Lower-case letters and digits joined by hyphens."""
    spelled = name.lower().translate(UNDECOMPOSED)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def km(latitude: float, longitude: float, latitudes: object, longitudes: object) -> np.ndarray:
    """Distances over WGS84 from one point to many."""
    to_latitude, to_longitude = np.asarray(latitudes, float), np.asarray(longitudes, float)
    origin = np.full_like(to_latitude, longitude), np.full_like(to_latitude, latitude)
    return np.asarray(WGS84.inv(*origin, to_longitude, to_latitude)[2]) / 1000


def on_sphere(latitude: object, longitude: object) -> np.ndarray:
    """Points on a sphere around the earth's centre, (points, 3) in km."""
    north, east = np.radians(np.asarray(latitude, float)), np.radians(np.asarray(longitude, float))
    return EARTH_KM * np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def apart(cities: pd.DataFrame) -> pd.DataFrame:
    """Cities by falling population, without those within 15 km of a larger one that is kept."""
    cities = cities.sort_values(["population", "geonameid"], ascending=[False, True])
    north, east = cities.latitude.to_numpy(), cities.longitude.to_numpy()
    larger: dict[int, list[int]] = {}
    for first, second in cKDTree(on_sphere(north, east)).query_pairs(APART_KM * SPHERE_MARGIN):
        larger.setdefault(second, []).append(first)
    dropped: set[int] = set()
    for city in sorted(larger):
        others = [other for other in larger[city] if other not in dropped]
        if others and (km(north[city], east[city], north[others], east[others]) < APART_KM).any():
            dropped.add(city)
    return cities.drop(cities.index[sorted(dropped)])

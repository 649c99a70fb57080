"""Great circles as lines that any map can draw: bent where the earth is, cut where maps end."""

import numpy as np
import shapely
from pyproj import Geod

WGS84 = Geod(ellps="WGS84")
# Over 250 km a straight line on a world map leaves the geodesic by less than a pen's width.
LONGEST_PIECE_M = 250_000
# A micrometre: what is closer may share its coordinates, and then nothing is left to draw.
SHORTEST_LINE_M = 1e-6


def great_circles(
    from_longitude: np.ndarray,
    from_latitude: np.ndarray,
    to_longitude: np.ndarray,
    to_latitude: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Shortest lines on the WGS84 ellipsoid between pairs of places.

    Parameters
    ----------
    from_longitude, from_latitude, to_longitude, to_latitude : (pairs,) degrees; NaN: unknown.

    Returns
    -------
    lines : (pairs,) MultiLineString, in two parts where ±180° cuts it; None where a place is
        unknown, and where both are as good as the same: a line has a length.
    km : (pairs,) lengths, NaN where a place is unknown.
    """
    azimuth, _, metres = WGS84.inv(from_longitude, from_latitude, to_longitude, to_latitude)
    drawn = np.flatnonzero(metres > SHORTEST_LINE_M)
    lines = np.full(len(metres), None, dtype=object)
    if drawn.size:
        pieces = np.ceil(metres[drawn] / LONGEST_PIECE_M).astype(int)
        last = np.cumsum(pieces + 1) - 1
        first = last - pieces
        line = np.repeat(np.arange(drawn.size), pieces + 1)
        pair = drawn[line]
        along = (np.arange(len(line)) - first[line]) / pieces[line]
        longitude, latitude, _ = WGS84.fwd(
            from_longitude[pair], from_latitude[pair], azimuth[pair], metres[pair] * along
        )
        # Ends are where the places are, to the last digit.
        longitude[first], latitude[first] = from_longitude[drawn], from_latitude[drawn]
        longitude[last], latitude[last] = to_longitude[drawn], to_latitude[drawn]
        lines[drawn] = cut(longitude, latitude, line)
    return lines, metres / 1000


def cut(longitude: np.ndarray, latitude: np.ndarray, line: np.ndarray) -> np.ndarray:
    """MultiLineStrings through points, cut at ±180°; `line` numbers each point's line from 0.

    Own code, since it is a few lines of arrays: the package `antimeridian` takes 2 ms for each
    line that crosses, rounds where it cuts, and drops points close to their neighbours.
    """
    # One meridian, one number: a tenth of a micrometre beside it is on it.
    longitude = np.where(np.abs(longitude) > 180 - 1e-12, 180, longitude)
    crossing = np.flatnonzero((np.abs(np.diff(longitude)) > 180) & (np.diff(line) == 0))
    side = np.sign(longitude[crossing])
    meridian = latitude_between(
        180 - np.abs(longitude[crossing]),
        latitude[crossing],
        180 - np.abs(longitude[crossing + 1]),
        latitude[crossing + 1],
    )
    # Each crossing becomes two points, at which one part ends and the next one begins.
    added = np.repeat(crossing + 1, 2)
    ends = np.insert(np.zeros(len(line), dtype=int), added, np.tile([0, 1], len(crossing)))
    longitude = np.insert(longitude, added, np.column_stack([180 * side, -180 * side]).ravel())
    latitude = np.insert(latitude, added, np.repeat(meridian, 2))
    line = np.insert(line, added, np.repeat(line[crossing], 2))
    begins = (np.diff(line, prepend=0) > 0) | (ends == 1)
    parts = shapely.linestrings(longitude, latitude, indices=np.cumsum(begins))
    owner = line[np.r_[True, begins[1:]]]
    # A place on ±180° itself leaves a part without length.
    drawn = shapely.length(parts) > 0
    lines = np.full(line[-1] + 1, None, dtype=object)
    return shapely.multilinestrings(parts[drawn], indices=owner[drawn], out=lines)


def latitude_between(
    west: np.ndarray, latitude_1: np.ndarray, east: np.ndarray, latitude_2: np.ndarray
) -> np.ndarray:
    """Latitude, in degrees, at which great circles meet a meridian.

    Parameters
    ----------
    west, latitude_1 : a point before the meridian, as many degrees away from it.
    east, latitude_2 : a point after it, on its other side.
    """
    before, after = np.radians(west), np.radians(east)
    slope = np.tan(np.radians(latitude_1)) * np.sin(after)
    slope += np.tan(np.radians(latitude_2)) * np.sin(before)
    return np.degrees(np.arctan(slope / np.sin(before + after)))

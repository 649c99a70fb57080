"""Lines follow the shortest way, end where they should, and never run across the whole map."""

from itertools import pairwise
from math import pi

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from shapely import MultiLineString

from optimizer.great_circles import LONGEST_PIECE_M, WGS84, great_circles

QUARTER_EQUATOR_KM = 6378.137 * pi / 2
FIJI, SAMOA = (178.0, -18.0), (-172.0, -14.0)  # longitude, latitude

longitudes = st.floats(-180, 180) | st.sampled_from([-180.0, 180.0, 0.0])
latitudes = st.floats(-90, 90) | st.sampled_from([-90.0, 90.0, 0.0])
places = st.tuples(longitudes, latitudes)


def draw(
    *pairs: tuple[tuple[float, float], tuple[float, float]],
) -> tuple[list[MultiLineString | None], list[float]]:
    columns = np.array([[*start, *end] for start, end in pairs], dtype=float).T
    lines, km = great_circles(*columns)
    return lines.tolist(), km.tolist()


def test_quarter_of_the_equator() -> None:
    (line,), (km,) = draw(((0, 0), (90, 0)))
    assert line is not None
    (part,) = line.geoms
    assert km == pytest.approx(QUARTER_EQUATOR_KM)
    # 10,019 km at 250 km each are 41 pieces.
    assert np.array(part.coords) == pytest.approx(
        np.column_stack([np.linspace(0, 90, 42), np.zeros(42)])
    )


def test_short_line_is_straight() -> None:
    (line,), _ = draw(((0, 0), (1, 0)))
    assert line == MultiLineString([[(0, 0), (1, 0)]])


def test_line_between_equal_latitudes_bends_to_the_pole() -> None:
    (line,), _ = draw(((-60, 50), (60, 50)))
    assert line is not None
    assert line.bounds == pytest.approx((-60, 50, 60, 67.3), abs=0.1)


def test_fiji_to_samoa_is_cut_at_the_antimeridian() -> None:
    (line,), (km,) = draw((FIJI, SAMOA))
    assert line is not None
    west, east = line.geoms
    assert west.coords[0] == FIJI
    assert east.coords[-1] == SAMOA
    assert (west.coords[-1][0], east.coords[0][0]) == (180, -180)
    # The great circle rises a little faster than a straight line's 18° - 4° × 2 / 10 = 17.2°.
    assert west.coords[-1][1] == east.coords[0][1] == pytest.approx(-17.25, abs=0.01)
    assert km == pytest.approx(1157.9, abs=0.1)


def test_many_lines_stay_apart() -> None:
    pairs = [((0, 0), (1, 0)), (FIJI, SAMOA), ((5, 5), (5, 5)), (SAMOA, FIJI), ((2, 0), (3, 0))]
    alone = [draw(pair)[0][0] for pair in pairs]
    assert draw(*pairs)[0] == alone


def test_no_line_without_a_way_to_go() -> None:
    lines, km = draw(((5, 5), (5, 5)), ((np.nan, np.nan), (1, 1)), ((180, 3), (-180, 3)))
    assert lines == [None, None, None]
    assert km == pytest.approx([0, np.nan, 0], nan_ok=True)


def test_no_pairs() -> None:
    assert [len(column) for column in great_circles(*np.empty((4, 0)))] == [0, 0]


@pytest.mark.parametrize("side", [180, -180])
def test_line_along_the_antimeridian_stays_on_it(side: int) -> None:
    (line,), _ = draw(((side, 0), (-180, 10)))
    assert line is not None
    assert {abs(longitude) for part in line.geoms for longitude, _ in part.coords} == {180}
    assert all(part.length < 20 for part in line.geoms)


@given(start=places, end=places)
@example(start=(180.0, 0.0), end=(179.99999999999997, 0.0))
def test_line_is_the_shortest_way_and_fits_the_map(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    (line,), (km,) = draw((start, end))
    *_, metres = WGS84.inv(*start, *end)
    assert km == pytest.approx(metres / 1000)
    if line is None:
        assert km < 1e-6
        return
    points = [point for part in line.geoms for point in part.coords]
    assert all(-180 <= longitude <= 180 and -90 <= latitude <= 90 for longitude, latitude in points)
    for part in line.geoms:
        for (one, _), (other, _) in pairwise(part.coords):
            assert abs(one - other) <= 180
    steps = [WGS84.inv(*one, *other)[2] for one, other in pairwise(points)]
    assert max(steps) <= LONGEST_PIECE_M * 1.000001
    # No piece leaves the geodesic, or the sum would be longer.
    assert sum(steps) == pytest.approx(metres, rel=1e-6, abs=1e-3)
    for place, drawn in ((start, points[0]), (end, points[-1])):
        assert WGS84.inv(*place, *drawn)[2] == pytest.approx(0, abs=1e-6)

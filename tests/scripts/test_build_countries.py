"""Outlines of countries: the builder reproduces the shipped file, and cuts what runs across ±180°.

The folder of public data is named by SITEWATT_DATA, by default ../shared/data.
"""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
DATA = Path(os.environ.get("SITEWATT_DATA", ROOT.parent / "shared" / "data"))
sys.path.insert(0, str(SCRIPTS))

from build_countries import (  # noqa: E402
    SMALLEST_ISLAND_DEGREES2,
    code_and_name,
    cut_at_180,
    in_degrees,
    in_equal_areas,
    steps,
    without_islets,
)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no public data in {DATA}; set SITEWATT_DATA")
def test_builder_reproduces_the_shipped_file_byte_for_byte(tmp_path: Path) -> None:
    out = tmp_path / "countries.topojson"
    command = [sys.executable, SCRIPTS / "build_countries.py", "--data", DATA, "--out", out]
    subprocess.run(command, check=True, capture_output=True)
    assert out.read_bytes() == (ROOT / "optimizer" / "countries.topojson").read_bytes()


def test_a_square_across_the_antimeridian_becomes_two() -> None:
    square = shapely.Polygon([(170, 0), (-170, 0), (-170, 10), (170, 10)])
    parts = sorted(part.bounds for part in shapely.get_parts(cut_at_180(square)))
    assert parts == [(-180, 0, -170, 10), (170, 0, 180, 10)]


def test_a_ring_around_the_pole_reaches_it() -> None:
    ring = shapely.Polygon([(-120, -70), (0, -70), (120, -70), (-120, -70)])
    cap = cut_at_180(ring)
    assert cap.is_valid
    assert cap.bounds == (-180, -90, 180, -70)
    assert cap.area == pytest.approx(360 * 20)


def test_projection_keeps_areas_and_comes_back() -> None:
    places = np.array([[10.0, 0.0], [10.0, 60.0], [-170.0, -45.0]])
    assert in_equal_areas(places)[1] == pytest.approx([5, 60])
    assert in_degrees(in_equal_areas(places)) == pytest.approx(places)


def test_islets_go_but_for_a_country_of_nothing_else() -> None:
    side = SMALLEST_ISLAND_DEGREES2**0.5 / 2
    islets = [shapely.box(x, 0, x + side, side) for x in (0, 1)]
    island = shapely.box(2, 0, 3, 1)
    assert list(without_islets(shapely.MultiPolygon([*islets, island])).geoms) == [island]
    assert len(without_islets(shapely.MultiPolygon(islets)).geoms) == 1


def test_names_are_whole_and_codes_are_iso() -> None:
    assert code_and_name("716", "Zimbabwe") == ("ZW", "Zimbabwe")
    assert code_and_name("070", "Bosnia and Herz.") == ("BA", "Bosnia and Herzegovina")
    assert code_and_name("180", "Dem. Rep. Congo") == ("CD", "DR Congo")
    assert code_and_name("", "Kosovo") == ("XK", "Kosovo")
    assert code_and_name("", "N. Cyprus") == ("", "Northern Cyprus")


def test_steps_lead_around_a_ring_and_stand_nowhere() -> None:
    ring = shapely.LinearRing([(0, 0), (0.0001, 0), (1, 0), (1, 1), (0, 0)])
    assert steps(ring) == [[0, 0], [1000, 0], [0, 1000], [-1000, -1000]]

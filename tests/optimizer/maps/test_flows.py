"""Flows as a page draws them."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.great_circles import great_circles
from optimizer.maps.flows import (
    DRAWN_SHARE,
    HIGHEST_LATITUDE,
    MOST_FLOWS,
    STEPS_PER_DEGREE,
    flow_content,
    largest,
)

YEARS = [2026, 2028]


def flows(
    rows: list[tuple[str, str, int, float]], places: dict[str, tuple[float, float]]
) -> gpd.GeoDataFrame:
    table = pd.DataFrame(rows, columns=["region", "site", "year", "it_mw"])
    ends = [np.array([places[name] for name in table[column]]).T for column in ("region", "site")]
    lines, _ = great_circles(*ends[0], *ends[1])
    return gpd.GeoDataFrame(table, geometry=lines, crs="EPSG:4326")


def drawn(parts: list[list[int]]) -> list[np.ndarray]:
    """Places of each part of a way, in degrees."""
    return [np.array(part).reshape(-1, 2).cumsum(axis=0) / STEPS_PER_DEGREE for part in parts]


def test_flows_of_all_workloads_are_one_and_each_way_is_told_once() -> None:
    places = {"delft": (4.36, 52.01), "paris": (2.35, 48.86), "oslo": (10.75, 59.91)}
    rows = [
        ("delft", "oslo", 2026, 1.0), ("delft", "oslo", 2026, 2.0), ("paris", "oslo", 2026, 4.0),
        ("delft", "oslo", 2028, 5.0),
    ]  # fmt: skip
    content = flow_content(flows(rows, places), ["paris", "delft"], ["oslo"], YEARS)
    assert content["stages"] == [[[0, 4], [1, 3]], [[1, 5]]]
    assert content["drawn"] == [[2, 2, 7, 7], [1, 1, 5, 5]]
    assert [way[:2] for way in content["ways"]] == [[0, 0], [1, 0]]
    for (_, _, parts), start in zip(content["ways"], ("paris", "delft"), strict=True):
        (line,) = drawn(parts)
        assert line[0] == pytest.approx(places[start], abs=0.5 / STEPS_PER_DEGREE)
        assert line[-1] == pytest.approx(places["oslo"], abs=0.5 / STEPS_PER_DEGREE)


def test_a_line_is_cut_where_the_map_ends() -> None:
    places = {
        "tokyo": (139.7, 35.7),
        "seattle": (-122.3, 47.6),
        "here": (20.0, 80.0),
        "there": (-160.0, 80.0),
    }
    rows = [("tokyo", "seattle", 2026, 2.0), ("here", "there", 2026, 1.0)]
    content = flow_content(flows(rows, places), ["tokyo", "here"], ["seattle", "there"], YEARS)
    pacific, arctic = (drawn(parts) for _, _, parts in content["ways"])
    assert [part[[0, -1], 0].tolist() for part in pacific] == [
        [139.7, 180], [-180, pytest.approx(-122.3)],
    ]  # fmt: skip
    assert len(arctic) == 2
    assert all(part[:, 1].max() == HIGHEST_LATITUDE for part in arctic)


def test_what_has_no_line_is_not_counted_as_left_out() -> None:
    places = {"oslo": (10.75, 59.91), "nowhere": (np.nan, np.nan), "bergen": (5.3, 60.4)}
    rows = [
        ("oslo", "oslo", 2026, 9.0),
        ("nowhere", "oslo", 2026, 8.0),
        ("bergen", "oslo", 2026, 1.0),
    ]
    content = flow_content(flows(rows, places), list(places), ["oslo"], [2026])
    assert content["drawn"] == [[1, 1, 1, 1]]
    assert content["ways"][0][:2] == [2, 0]


@given(st.lists(st.floats(1e-6, 1e4), max_size=40))
def test_those_drawn_are_the_largest_and_carry_the_share(loads: list[float]) -> None:
    table = pd.DataFrame({"it_mw": sorted(loads, reverse=True)})
    kept = largest(table)
    assert kept.it_mw.tolist() == table.it_mw.tolist()[: len(kept)]
    assert kept.it_mw.sum() >= DRAWN_SHARE * table.it_mw.sum() * (1 - 1e-9)
    if len(kept) > 1:
        assert kept.it_mw[:-1].sum() < DRAWN_SHARE * table.it_mw.sum()


def test_no_more_are_drawn_than_a_browser_draws_at_once() -> None:
    assert len(largest(pd.DataFrame({"it_mw": np.ones(3 * MOST_FLOWS)}))) == MOST_FLOWS

"""Maps: discs by MW and control, flows as great circles, the frame around all places."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from optimizer.figures.maps import draw_map, evened, round_sizes, view_of
from optimizer.finished import read_finished
from optimizer.palette import CATEGORIES
from tests.optimizer.figures.runs import changed, plain

__all__ = ["plain"]


def test_sites_are_discs_in_proportion_coloured_by_control(plain: Path) -> None:
    figure = draw_map(read_finished(plain), 2028)
    assert figure.get_suptitle() == "Where capacity stands in 2028: 2 sites, 11.4 MW of IT"
    flows, discs = figure.axes[0].collections[-2:]
    north, south = discs.get_sizes() - 4
    assert south / north == pytest.approx(3.4 / 8)
    # Who is served from where they are has no line.
    assert len(flows.get_paths()) == 2
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["Netherlands", "United States"]
    assert figure.legends[0].legend_handles[0].get_color() == CATEGORIES[0]


def test_a_stage_shows_what_stands_in_it(plain: Path) -> None:
    discs = draw_map(read_finished(plain), 2026).axes[0].collections[-1]
    assert len(discs.get_sizes()) == 1


def test_the_frame_holds_every_place_and_its_scale(plain: Path) -> None:
    run = read_finished(plain)
    view = view_of(run)
    left, bottom, right, top = view.limits
    # Ten degrees along the equator and a margin of two and a half around them; not too flat.
    assert (right - left) / 1000 == pytest.approx(15 * 111.2, rel=0.01)
    assert (top - bottom) == pytest.approx((right - left) / 2)
    assert bottom + top == pytest.approx(0, abs=1)
    assert [text.get_text() for text in draw_map(run, 2028).axes[0].texts] == ["200 km"]


def test_a_view_is_neither_too_tall_nor_too_flat() -> None:
    assert evened(np.array([0, 0, 95, 190])).tolist() == pytest.approx([-52.5, 0, 147.5, 190])
    assert evened(np.array([0, 0, 100, 30])).tolist() == pytest.approx([0, -10, 100, 40])
    assert evened(np.array([0, 0, 100, 80])).tolist() == [0, 0, 100, 80]


def test_places_far_apart_are_on_a_map_of_the_world(plain: Path) -> None:
    sites = read_finished(plain).tables["sites"].assign(longitude=[-120.0, 150.0])
    run = changed(plain, sites=sites)
    assert view_of(run).world
    assert list(draw_map(run, 2028).axes[0].texts) == []


def test_a_plan_in_the_middle_of_the_sea_has_a_map(plain: Path) -> None:
    run = read_finished(plain)
    far = {"latitude": -48.0, "longitude": -123.0}
    run.tables["sites"] = run.tables["sites"].assign(**far)
    regions = run.instance.tables["regions"].assign(**far)
    tables = run.instance.tables | {"regions": regions}
    at_sea = replace(run, instance=replace(run.instance, tables=tables))
    axes = draw_map(at_sea, 2028).axes[0]
    assert len(axes.collections[-1].get_offsets()) == 2


def test_places_that_nobody_knows_are_left_out(plain: Path) -> None:
    sites = read_finished(plain).tables["sites"].assign(longitude=float("nan"))
    axes = draw_map(changed(plain, sites=sites), 2028).axes[0]
    assert len(axes.collections[-1].get_offsets()) == 0


@pytest.mark.parametrize(
    ("most", "sizes"), [(200, [10, 50, 200]), (1100, [50, 250, 1000]), (8, [5]), (0.3, [0.2])]
)
def test_sizes_of_the_legend_are_round(most: float, sizes: list[float]) -> None:
    assert round_sizes(most) == pytest.approx(sizes)

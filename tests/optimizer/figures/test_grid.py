"""Headroom: the fullest node on top, its MW in each stage, the part that is drawn as colour."""

from pathlib import Path

import pytest

from optimizer.figures import grid
from optimizer.finished import read_finished
from tests.optimizer.figures.runs import changed, plain, ticks, words

__all__ = ["plain"]


def test_headroom_by_node_and_stage(plain: Path) -> None:
    axes = grid.draw_grid(read_finished(plain)).axes[0]
    assert ticks(axes.yaxis) == ["port", "plain"]
    assert words(axes) == ["0", "0.60", "5.00", "1.60"]
    shares = axes.images[0].get_array().round(3).tolist()
    assert shares == [[100, 93.333], [0, 68]]


def test_nodes_out_of_use_are_left_out_and_the_caption_says_so(plain: Path) -> None:
    use = read_finished(plain).tables["grid_use"]
    use = use.assign(drawn_mw=use.drawn_mw.where(use.node == "port", 0.0))
    figure = grid.draw_grid(changed(plain, grid_use=use))
    assert ticks(figure.axes[0].yaxis) == ["port"]
    assert any("1 node is left out" in text.get_text() for text in figure.texts)


def test_no_more_rows_than_can_be_read(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "MOST_NODES", 1)
    assert ticks(grid.draw_grid(read_finished(plain)).axes[0].yaxis) == ["port"]


def test_a_plan_that_draws_nothing_has_an_empty_figure(plain: Path) -> None:
    use = read_finished(plain).tables["grid_use"].assign(drawn_mw=0.0)
    assert words(grid.draw_grid(changed(plain, grid_use=use)).axes[0]) == []

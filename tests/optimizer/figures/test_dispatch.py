"""The dispatch of a site holds what the tables say: the data of its axes, not its pixels."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from optimizer.errors import SitewattError
from optimizer.figures.dispatch import choose_sites, draw_dispatch
from optimizer.finished import read_finished
from tests.optimizer.figures.runs import hourly, plain

__all__ = ["hourly", "plain"]


def steps(axes: object) -> dict[str, tuple[list[float], list[float]]]:
    """Lower and upper side of each source's steps."""
    drawn = {}
    for patch in axes.patches:
        if isinstance(patch, StepPatch):
            values, _, baseline = patch.get_data()
            low = np.zeros_like(values) if baseline is None else baseline
            drawn[patch.get_label()] = (low.round(9).tolist(), values.round(9).tolist())
    return drawn


def test_dispatch_has_a_row_for_each_stage_and_a_column_for_each_day(hourly: Path) -> None:
    figure = draw_dispatch(read_finished(hourly), "hall")
    first, second, third, fourth = map(steps, figure.axes)
    # By night the battery takes a megawatt, below zero; by day it gives 0.81, on top.
    assert first == {
        "grid": ([0, 0], [6, 0.19]),
        "gas": ([6, 0.19], [6, 1.19]),
        "solar": ([6, 1.19], [6, 4.19]),
        "battery": ([6, 4.19], [6, 5]),
        "charged": ([0, 0], [-1, 0]),
        "load": ([0, 0], [5, 5]),
    }
    assert second["solar"] == ([5, 0], [5, 6])
    assert second["export"] == ([0, 0], [0, -1])
    assert set(third) == {"grid", "gas", "solar", "load"}
    assert fourth["grid"] == ([0, 0], [5, 0])
    assert [axes.get_title("left") for axes in figure.axes] == [
        "a\n182.5 times a year",
        "b\n182.5 times a year",
        "",
        "",
    ]
    assert figure.axes[0].get_ylabel() == "2026\nMW"


def test_the_legend_tells_every_source_once(hourly: Path) -> None:
    figure = draw_dispatch(read_finished(hourly), "hall")
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["load", "battery", "solar", "gas", "grid, firm", "sold"]


def test_sites_are_known_and_powered(hourly: Path, plain: Path) -> None:
    assert choose_sites(read_finished(hourly), []) == ["hall"]
    assert choose_sites(read_finished(plain), []) == []
    with pytest.raises(SitewattError, match="did you mean hall"):
        choose_sites(read_finished(hourly), ["hal"])
    with pytest.raises(SitewattError, match="knows no hours"):
        choose_sites(read_finished(plain), ["north"])

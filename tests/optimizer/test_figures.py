"""Figures hold what the tables say: the data of their axes, not their pixels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

pytest.importorskip("matplotlib")

from matplotlib.patches import StepPatch

from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.figure_data import Plan, read_plan
from optimizer.figures import choose_sites, draw_capacity, draw_dispatch
from optimizer.palette import CATEGORIES, COLOURS
from tests.optimizer.hand_made_run import write_run
from tests.optimizer.hourly_run import write_hourly_run


@pytest.fixture(scope="module")
def hourly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_hourly_run(tmp_path_factory.mktemp("hourly") / "run")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("plain") / "run")


def bars(axes: object) -> dict[str, list[tuple[float, float]]]:
    """Bottom and height of each bar, by what the legend calls it."""
    return {
        part.get_label(): [(round(bar.get_y(), 9), round(bar.get_height(), 9)) for bar in part]
        for part in axes.containers
    }


def steps(axes: object) -> dict[str, tuple[list[float], list[float]]]:
    """Lower and upper side of each source's steps."""
    drawn = {}
    for patch in axes.patches:
        if isinstance(patch, StepPatch):
            values, _, baseline = patch.get_data()
            low = np.zeros_like(values) if baseline is None else baseline
            drawn[patch.get_label()] = (low.round(9).tolist(), values.round(9).tolist())
    return drawn


def test_capacity_by_stage_and_site(plain: Path) -> None:
    (panel,) = draw_capacity(read_plan(plain)).axes
    assert bars(panel) == {"north": [(0, 6), (0, 8)], "south": [(6, 0), (8, 3.4)]}
    assert panel.get_title("left") == "IT capacity by site"
    assert panel.lines[0].get_ydata().tolist() == pytest.approx([5, 10.4])
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["2026", "2028"]
    assert panel.get_ylabel() == "MW of IT"


def test_power_by_stage(hourly: Path) -> None:
    panel = draw_capacity(read_plan(hourly)).axes[1]
    assert bars(panel) == {
        "grid, highest draw": [(0, 6), (0, 5)],
        "gas": [(6, 1), (5, 1)],
        "solar": [(7, 6), (6, 6)],
        "battery": [(13, 1), (12, 0)],
    }


def test_dispatch_has_a_row_for_each_stage_and_a_column_for_each_day(hourly: Path) -> None:
    figure = draw_dispatch(read_plan(hourly), "hall")
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
    figure = draw_dispatch(read_plan(hourly), "hall")
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["load", "battery", "solar", "gas", "grid, firm", "sold"]


def test_many_sites_are_countries_and_the_small_of_these_others(plain: Path) -> None:
    plan = read_plan(plain)
    countries = [f"C{number}" for number in range(len(CATEGORIES) + 2)]
    sites = pd.DataFrame({"site": countries, "country": countries})
    capacity = pd.DataFrame(
        {"site": countries, "year": 2028, "served_it_mw": 1.0}
        | {"installed_it_mw": [float(number) for number in range(1, len(countries) + 1)]}
    )
    many = Plan(plan.instance, {"sites": sites, "capacity": capacity})
    parts = bars(draw_capacity(many).axes[0])
    assert next(iter(parts)) == countries[-1]
    # The two smallest have 1 and 2 MW.
    assert parts["2 others"][1][1] == 3


def test_every_source_has_a_colour_of_its_own() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_sites_are_known_and_powered(hourly: Path, plain: Path) -> None:
    assert choose_sites(read_plan(hourly), []) == ["hall"]
    assert choose_sites(read_plan(plain), []) == []
    with pytest.raises(SitewattError, match="did you mean hall"):
        choose_sites(read_plan(hourly), ["hal"])
    with pytest.raises(SitewattError, match="knows no hours"):
        choose_sites(read_plan(plain), ["north"])


def test_the_command_draws_the_same_bytes_twice(hourly: Path, tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        out = tmp_path / name
        result = CliRunner().invoke(main, ["figures", str(hourly), "--out", str(out)])
        assert result.exit_code == 0, result.output
        files.append({file.name: file.read_bytes() for file in out.iterdir()})
    assert set(files[0]) == {"capacity.svg", "dispatch-01-hall.svg"}
    assert files[0] == files[1]
    assert b"<svg" in files[0]["capacity.svg"]

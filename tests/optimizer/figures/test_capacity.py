"""Figures by stage: capacity, power and energy hold what the tables say."""

from pathlib import Path

import pandas as pd
import pytest

from optimizer.figures.capacity import draw_capacity, draw_energy
from optimizer.finished import read_finished
from optimizer.palette import CATEGORIES, COLOURS, COST_NAMES
from optimizer.results import RESULT_TABLES
from tests.optimizer.figures.runs import bars, changed, hourly, plain, words

__all__ = ["hourly", "plain"]


def test_capacity_by_stage_and_site(plain: Path) -> None:
    (panel,) = draw_capacity(read_finished(plain)).axes
    assert bars(panel) == {"north": [(0, 6), (0, 8)], "south": [(6, 0), (8, 3.4)]}
    assert panel.get_title("left") == "IT capacity by site"
    assert panel.lines[0].get_ydata().tolist() == pytest.approx([5, 10.4])
    assert [tick.get_text() for tick in panel.get_xticklabels()] == ["2026", "2028"]
    assert panel.get_ylabel() == "MW of IT"


def test_power_by_stage(hourly: Path) -> None:
    panel = draw_capacity(read_finished(hourly)).axes[1]
    assert bars(panel) == {
        "grid, highest draw": [(0, 6), (0, 5)],
        "gas": [(6, 1), (5, 1)],
        "solar": [(7, 6), (6, 6)],
        "battery": [(13, 1), (12, 0)],
    }


def test_many_sites_are_countries_and_the_small_of_these_others(plain: Path) -> None:
    countries = [f"C{number}" for number in range(len(CATEGORIES) + 2)]
    sites = pd.DataFrame({"site": countries, "country": countries, "name": "hall"})
    capacity = pd.DataFrame(
        {"site": countries, "year": 2028, "served_it_mw": 1.0}
        | {"installed_it_mw": [float(number) for number in range(1, len(countries) + 1)]}
    )
    many = changed(plain, sites=sites, capacity=capacity)
    parts = bars(draw_capacity(many).axes[0])
    assert next(iter(parts)) == countries[-1]
    # The two smallest have 1 and 2 MW.
    assert parts["2 others"][1][1] == 3


def test_energy_is_all_the_grids_without_slices(plain: Path) -> None:
    energy, carbon = draw_energy(read_finished(plain)).axes
    assert bars(energy) == {"grid, firm": [(0, 31.536), (0, 61.32)]}
    assert bars(carbon) == {"emitted": [(0, 3.1536), (0, 4.2048)]}
    assert words(carbon) == ["100\nkg/MWh", "69\nkg/MWh"]


def test_every_source_has_a_colour_of_its_own_and_every_cost_a_name() -> None:
    assert len(set(COLOURS.values())) == len(COLOURS)
    (kinds,) = (c.description for c in RESULT_TABLES["costs"] if c.name == "kind")
    assert [kind for kind in COST_NAMES if kind not in kinds] == []

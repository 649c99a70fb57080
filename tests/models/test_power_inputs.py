"""What PowerInputs derives: events, lives of orders, and rows that ask for nothing of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.power_inputs import undominated
from tests.models.small_power import small_power

STAGES = (2026, 2028, 2031)


def hours(**slices):
    days = {name: name[0] for name in slices}
    return small_power({"a": {}}, slices=slices, days=days).power


def engine(**what):
    return small_power({"a": {}}, technologies={"engine": what}).power


def test_a_day_is_a_circle():
    power = hours(a1=8, a2=8, a3=8, b1=12, b2=12, c1=24)
    assert list(power.slice_before) == [2, 0, 1, 4, 3, 5]


@pytest.mark.parametrize(
    ("end", "event_hours", "taken"),
    [
        (2, 2, [(2, 2)]),
        (2, 4, [(2, 4)]),
        (2, 5, [(2, 4), (1, 1)]),
        (0, 10, [(0, 8), (2, 2)]),  # across midnight
        (0, 24, [(0, 8), (2, 4), (1, 12)]),
        (0, 100, [(0, 8), (2, 4), (1, 12)]),  # once around
        (3, 5, [(3, 5)]),  # another day
        (3, 30, [(3, 24)]),
    ],
)
def test_an_event_goes_back_from_its_end(end, event_hours, taken):
    assert hours(a1=8, a2=12, a3=4, b1=24).event(end, event_hours) == taken


@pytest.mark.parametrize(
    ("what", "ordered", "stages"),
    [
        ({}, 2026, (2026, 2028, 2031)),
        ({}, 2028, (2028, 2031)),
        ({"lead_years": 1}, 2026, (2028, 2031)),
        ({"lead_years": 3}, 2028, (2031,)),
        ({"lead_years": 4}, 2028, ()),
        ({"life_years": 2}, 2026, (2026,)),
        ({"life_years": 2.5}, 2026, (2026, 2028)),
        ({"life_years": 5}, 2026, (2026, 2028)),
        ({"life_years": 1, "lead_years": 1}, 2026, ()),  # gone before any stage begins
        ({"life_years": 2, "lead_years": 1}, 2026, (2028,)),
    ],
)
def test_an_order_stands_from_its_lead_to_its_life(what, ordered, stages):
    assert engine(**what).stands("engine", ordered, STAGES) == stages


@pytest.mark.parametrize(
    ("what", "year", "worth"),
    [
        ({"resale_share": 0.5}, 2031, 0.5),
        ({"resale_share": 0.5, "life_years": 10}, 2026, 0.5),
        ({"resale_share": 0.5, "life_years": 10}, 2031, 0.25),
        # Age counts from the order, so that what takes long to come is old when it does.
        ({"resale_share": 0.5, "life_years": 4, "lead_years": 3}, 2031, 0),
        ({"life_years": 10}, 2031, 0),
    ],
)
def test_what_is_sold_is_worth_what_is_left(what, year, worth):
    assert engine(**what).worth("engine", 2026, year) == pytest.approx(worth)


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([[1, 2], [2, 1], [1, 1]], [0, 1]),
        ([[1, 2], [1, 2]], [0]),
        ([[1, 1], [2, 2], [3, 1]], [1, 2]),
        ([[0, 0]], [0]),
        ([], []),
    ],
)
def test_undominated_rows(rows, kept):
    assert undominated(np.array(rows, dtype=float).reshape(-1, 2)) == kept


@given(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=8))
def test_every_row_is_below_one_that_is_kept_and_none_of_those_below_another(rows):
    table = np.array(rows, dtype=float)
    kept = table[undominated(table)]
    assert all((kept >= row).all(axis=1).any() for row in table)
    assert all((kept >= row).all(axis=1).sum() == 1 for row in kept)

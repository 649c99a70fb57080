"""Batteries on problems solved by hand: one MW of load, 1 a MWh by night and 3 at noon."""

import pytest

from tests.models.small_power import HALF, small_power
from tests.models.solving import optimum


def battery(pair, slices=None, days=None, **what):
    return small_power(
        {"a": {}},
        1,
        slices=slices or {"night": 12, "noon": 12},
        days=days,
        price_per_mwh={"port": [1, 3]},
        technologies={"cells": {"kind": "battery", **what}},
        allowed={("a", "cells"): pair},
    )


def test_level_a_round_trip_loses_what_it_loses():
    # A MW charged by night gives 0.64 at noon.
    inputs = battery({"max_mw": 1}, efficiency=0.64)
    assert optimum(inputs) == pytest.approx(HALF * (2 + 3 * (1 - 0.64)))
    assert optimum(inputs, without="storage.level") == pytest.approx(0)


def test_charge_limit():
    # Six hours at 0.5 MW are 3 MWh, a sixth of an MW over the eighteen hours of a long noon.
    inputs = battery({"max_mw": 0.5}, {"night": 6, "noon": 18})
    assert optimum(inputs) == pytest.approx(365 * (6 * 1.5 + 18 * 3 * (1 - 1 / 6)))
    # Then giving limits it: 0.5 MW for eighteen hours, 1.5 MW for six.
    assert optimum(inputs, without="storage.charge_limit") == pytest.approx(
        365 * (6 * 2.5 + 18 * 3 * 0.5)
    )


def test_discharge_limit():
    # 0.5 MW for the six hours of a short noon, a sixth of an MW by night.
    inputs = battery({"max_mw": 0.5}, {"night": 18, "noon": 6})
    assert optimum(inputs) == pytest.approx(365 * (18 * (1 + 1 / 6) + 6 * 3 * 0.5))
    # Then all of the noon's load comes from it.
    assert optimum(inputs, without="storage.discharge_limit") == pytest.approx(
        365 * 18 * (1 + 1 / 3)
    )


def test_level_limit():
    # 3 MWh are a quarter of an MW for twelve hours.
    inputs = battery({"max_mw": 1, "max_mwh": 3})
    assert optimum(inputs) == pytest.approx(HALF * (1.25 + 3 * 0.75))
    assert optimum(inputs, without="storage.level_limit") == pytest.approx(HALF * 2)


def test_a_day_ends_as_it_begins():
    days = {"night": "monday", "noon": "tuesday"}
    assert optimum(battery({"max_mw": 1}, days=days)) == pytest.approx(HALF * (1 + 3))


def test_what_is_held_in_a_day_of_one_slice_may_be_any_level():
    # It cannot shift anything, but holds the energy of a cut: 1 MW × 2 h.
    inputs = small_power(
        {"a": {}},
        1,
        slices={"all day": 24},
        firm_mw={"port": 0},
        technologies={"cells": {"kind": "battery", "cost_per_mwh_storage": 5}},
        flexible={"port": {"flexible_mw": 1, "event_hours": 2}},
    )
    assert optimum(inputs) == pytest.approx(10)

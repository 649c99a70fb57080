"""Power by the slice, on problems solved by hand. An hour's price is 1 or 3 for a MWh."""

import pytest

from models import build_model
from tests.models.small_power import HALF, YEAR_HOURS, small_power
from tests.models.solving import optimum

BATCH = ("delft", "batch")
CHEAP_NIGHT = {"port": [1, 3]}
FLAT = {"port": {"energy_price_per_mwh": 1}}
# There, but of no use: its presence makes a site decide by the slice.
TOO_DEAR = {"engine": {"energy_cost_per_mwh": 99}}


@pytest.mark.parametrize("row", ["dispatch.slice_load", "dispatch.balance"])
def test_load_is_powered(row):
    inputs = small_power({"a": {}}, 1, nodes=FLAT, technologies=TOO_DEAR)
    assert optimum(inputs) == pytest.approx(YEAR_HOURS)
    assert optimum(inputs, without=row) == pytest.approx(0)


@pytest.mark.parametrize("technologies", [{}, TOO_DEAR])
def test_facility_power_is_pue_times_idle_hardware_and_load(technologies):
    # 4 MW stand, a quarter of which is drawn anyway; of the rest, half is at work: 1 + 1.5 MW.
    inputs = small_power(
        {"a": {"existing_it_mw": 4, "max_it_mw": 4, "idle_share": 0.25}},
        2,
        nodes=FLAT,
        pue={"a": [1, 2]},
        technologies=technologies,
    )
    assert optimum(inputs) == pytest.approx(HALF * (2.5 + 2 * 2.5))


def moving(movable_share, **more):
    """4 MW of batch by night and 2 at noon, on hardware for 10 a MW."""
    return small_power(
        {"a": {"it_cost_per_mw": 10, **more.pop("site", {})}},
        {BATCH: 4},
        load={BATCH: [1, 0.5]},
        workloads={"batch": {"movable_share": movable_share, **more.pop("batch", {})}},
        **more,
    )


def test_slice_capacity_load_that_moves_needs_less_hardware():
    # One MW waits for noon: three each.
    inputs = moving(0.25)
    assert optimum(inputs) == pytest.approx(30)
    assert optimum(inputs, without="dispatch.slice_capacity") == pytest.approx(0)


def test_leaves_no_more_than_the_movable_part_moves():
    # Half an MW may wait, one would have to.
    inputs = moving(0.125)
    assert optimum(inputs) == pytest.approx(35)
    assert optimum(inputs, without="dispatch.leaves") == pytest.approx(30)


def test_nothing_moves_where_the_operator_moves_no_load():
    assert optimum(moving(0.25, site={"moves_load": 0})) == pytest.approx(40)


def test_moved_within_day_what_leaves_a_slice_comes_to_another():
    # Half the noon's MW waits for the night: 1.5 MW at 1, 0.5 at 3.
    inputs = small_power(
        {"a": {}},
        {BATCH: 1},
        price_per_mwh=CHEAP_NIGHT,
        workloads={"batch": {"movable_share": 0.5}},
    )
    assert optimum(inputs) == pytest.approx(HALF * (1.5 + 1.5))
    assert optimum(inputs, without="dispatch.moved_within_day") == pytest.approx(HALF * (0.5 + 1.5))


def test_load_does_not_move_to_another_day():
    inputs = small_power(
        {"a": {}},
        {BATCH: 1},
        price_per_mwh=CHEAP_NIGHT,
        days={"night": "monday", "noon": "tuesday"},
        workloads={"batch": {"movable_share": 0.5}},
    )
    assert optimum(inputs) == pytest.approx(HALF * (1 + 3))


def test_hours_that_differ_in_length_exchange_energy():
    # 0.5 MW leave six hours of noon and make a sixth of an MW more in eighteen hours of night.
    inputs = small_power(
        {"a": {}},
        {BATCH: 1},
        slices={"night": 18, "noon": 6},
        price_per_mwh=CHEAP_NIGHT,
        workloads={"batch": {"movable_share": 0.5}},
    )
    assert optimum(inputs) == pytest.approx(365 * (18 * (1 + 1 / 6) + 6 * 0.5 * 3))


def test_cut_limit_a_part_of_the_days_energy_is_cut():
    # A tenth of 24 MWh is 0.2 MW over the noon's twelve hours, at 1.5 instead of 3.
    inputs = small_power(
        {"a": {}},
        {BATCH: 1},
        price_per_mwh=CHEAP_NIGHT,
        workloads={
            "batch": {
                "movable_share": 0.5,
                "move_cost_per_mwh": 99,
                "cut_share": 0.1,
                "cut_cost_per_mwh": 1.5,
            }
        },
    )
    assert optimum(inputs) == pytest.approx(HALF * (1 + 0.8 * 3 + 0.2 * 1.5))
    # Half may leave the slice.
    assert optimum(inputs, without="dispatch.cut_limit") == pytest.approx(
        HALF * (1 + 0.5 * 3 + 0.5 * 1.5)
    )


def selling(export_mw, technologies, allowed, **more):
    """One MW of load where a MWh costs 1, and brings as much."""
    port = {"energy_price_per_mwh": 1, "export_mw": export_mw, "export_price_share": 1}
    return small_power(
        {"a": {}}, 1, nodes={"port": port}, technologies=technologies, allowed=allowed, **more
    )


def test_export_limit_a_node_takes_back_so_much():
    # 3 MW could be made at 0.5; one serves, one is sold.
    inputs = selling(1, {"engine": {"energy_cost_per_mwh": 0.5}}, {("a", "engine"): {"max_mw": 3}})
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (2 * 0.5 - 1))
    assert optimum(inputs, without="dispatch.export_limit") == pytest.approx(
        YEAR_HOURS * (3 * 0.5 - 2)
    )


@pytest.mark.parametrize(("export_mw", "slices"), [(0, 0), (0.5, 2)])
def test_only_a_node_that_takes_power_back_has_columns_for_it(export_mw, slices):
    model = build_model(selling(export_mw, TOO_DEAR, None))
    assert len(model.dispatch.exported_mw) == slices


def test_sold_on_site_contracts_are_not_sold_again():
    # A contract at half the price serves the load; the engine that could sell is too dear.
    inputs = selling(
        5,
        {"contract": {"kind": "ppa", "energy_cost_per_mwh": 0.5}, **TOO_DEAR},
        {("a", "contract"): {"max_mw": 3}, ("a", "engine"): {}},
    )
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * 0.5)
    assert optimum(inputs, without="dispatch.sold_on_site") == pytest.approx(
        YEAR_HOURS * (3 * 0.5 - 2)
    )


def test_a_battery_sells_at_noon_what_it_had_at_night():
    port = {"export_mw": 9, "export_price_share": 0.5}
    inputs = small_power(
        {"a": {"existing_it_mw": 1}},
        {("delft", "chat"): 1},
        nodes={"port": port},
        price_per_mwh=CHEAP_NIGHT,
        technologies={"cells": {"kind": "battery"}},
        allowed={("a", "cells"): {"max_mw": 3}},
    )
    # Of three MW charged by night at 1, one serves the noon and two are sold at 1.5.
    assert optimum(inputs) == pytest.approx(HALF * (1 + 3 - 2 * 1.5))


def test_what_could_be_made_and_is_not_wanted_is_curtailed():
    sun = {"panels": {"kind": "solar"}}
    inputs = small_power(
        {"a": {}},
        1,
        nodes=FLAT,
        technologies=sun,
        allowed={("a", "panels"): {"max_mw": 9, "existing_mw": 9}},
        availability={("a", "panels"): [0, 1]},
    )
    assert optimum(inputs) == pytest.approx(HALF)

"""Machines for the load, on problems solved by hand."""

import pytest

from tests.models.small_inputs import small_inputs
from tests.models.solving import optimum


def test_enough_capacity_load_needs_machines():
    inputs = small_inputs({"a": {"it_cost_per_mw": 10}}, 4)
    assert optimum(inputs) == pytest.approx(40)
    assert optimum(inputs, without="compute.enough_capacity") == pytest.approx(0)


def test_machines_may_stand_idle():
    assert optimum(small_inputs({"a": {"existing_it_mw": 9}}, 1)) == pytest.approx(0)


def test_peaks_of_regions_and_workloads_are_summed():
    demand_mw = {("delft", "chat"): 1, ("delft", "batch"): 2, ("lyon", "chat"): 4}
    inputs = small_inputs({"a": {"it_cost_per_mw": 10}}, demand_mw)
    assert optimum(inputs) == pytest.approx(10 * (1 + 2 + 4))


def test_load_factor_does_not_touch_capacity():
    inputs = small_inputs({"a": {"it_cost_per_mw": 10}}, 4, load_factor={"chat": 0.5})
    assert optimum(inputs) == pytest.approx(40)


def test_machines_of_one_stage_serve_the_next():
    demand_mw = {("delft", "chat"): {2026: 4, 2027: 3}}
    inputs = small_inputs({"a": {"it_cost_per_mw": 10}}, demand_mw, stages=(2026, 2027))
    assert optimum(inputs) == pytest.approx(40)

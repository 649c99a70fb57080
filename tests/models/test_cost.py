"""What a plan costs, worked out by hand.

A discount rate of 25 % makes 2026, 2027, … weigh 1, 0.8, 0.64, 0.512, 0.4096.
"""

from dataclasses import replace

import pytest

from models.cost import annuity, present_value
from tests.models.small_inputs import small_inputs
from tests.models.solving import optimum

DISCOUNTED = {"discount_rate": 0.25}
LINE = ("port", "line")


def test_energy_is_load_factor_times_pue_times_hours():
    inputs = small_inputs(
        {"a": {"pue": 1.5}},
        2,
        nodes={"port": {"energy_price_per_mwh": 40}},
        load_factor={"chat": 0.5},
    )
    assert optimum(inputs) == pytest.approx(2 * 0.5 * 1.5 * 8760 * 40)


def test_energy_is_paid_at_the_price_of_the_node():
    inputs = small_inputs(
        {"a": {"max_it_mw": 2}, "b": {"node": "plain"}},
        5,
        nodes={"port": {"energy_price_per_mwh": 10}, "plain": {"energy_price_per_mwh": 30}},
    )
    assert optimum(inputs) == pytest.approx(8760 * (2 * 10 + 3 * 30))


def test_carbon_price_counts_in_the_years_it_is_in_force():
    # Half a tonne a MWh; 100 a tonne from 2027 on, in the middle of the stage: 0.8 + 0.64.
    inputs = small_inputs(
        {"a": {"pue": 1.5}},
        2,
        horizon_end=2029,
        nodes={"port": {"carbon_kg_per_mwh": 500}},
        load_factor={"chat": 0.25},
        carbon_price_per_t={2026: 0, 2027: 100, 2028: 100},
        **DISCOUNTED,
    )
    tonnes = 2 * 0.25 * 1.5 * 8760 * 0.5
    assert optimum(inputs) == pytest.approx(tonnes * 100 * (0.8 + 0.64))


def test_network_cost_is_by_peak_mw_and_year():
    # Neither PUE nor load factor has a part in it.
    inputs = small_inputs(
        {"a": {"pue": 1.5}},
        3,
        horizon_end=2028,
        load_factor={"chat": 0.5},
        network_cost_per_mw_year={("delft", "a"): 20},
        **DISCOUNTED,
    )
    assert optimum(inputs) == pytest.approx(3 * 20 * 1.8)


def test_upkeep_weighs_each_year_of_unequal_stages():
    inputs = small_inputs(
        {"a": {"fixed_cost_per_year": 1000}},
        stages=(2026, 2029),
        horizon_end=2031,
        **DISCOUNTED,
    )
    assert [annuity(inputs, t) for t in inputs.stages] == pytest.approx([2.44, 0.9216])
    assert optimum(inputs) == pytest.approx(1000 * (2.44 + 0.9216))


def test_upkeep_begins_with_the_stage_of_opening():
    inputs = small_inputs(
        {"a": {"fixed_cost_per_year": 1000}},
        {("delft", "chat"): {2029: 1}},
        stages=(2026, 2029),
        horizon_end=2031,
        **DISCOUNTED,
    )
    assert optimum(inputs) == pytest.approx(1000 * 0.9216)


def test_upkeep_of_existing_sites_is_due_whatever_is_decided():
    inputs = small_inputs(
        {"a": {"existing_it_mw": 5, "fixed_cost_per_year": 1000}, "b": {}},
        routes=[("delft", "chat", "b")],
        horizon_end=2028,
        **DISCOUNTED,
    )
    assert optimum(inputs) == pytest.approx(1000 * 1.8)


@pytest.mark.parametrize(
    ("site", "upgrades", "cost"),
    [
        ({"opening_cost": 100}, {}, 100),
        ({"it_cost_per_mw": 100}, {}, 100 * 2),
        ({"it_cost_per_mw": 100, "block_mw": 3}, {}, 100 * 3),
        ({"node": "dark"}, {("dark", "line"): {"cost": 100}}, 100),
    ],
    ids=["opening", "it", "blocks", "upgrade"],
)
def test_what_is_spent_once_falls_in_the_first_year_of_its_stage(site, upgrades, cost):
    # Needed only from 2029, where it weighs 0.512, and once for the three years from there.
    inputs = small_inputs(
        {"a": site},
        {("delft", "chat"): {2029: 2}},
        stages=(2026, 2029),
        horizon_end=2032,
        firm_mw={"dark": 0},
        upgrades=upgrades,
        **DISCOUNTED,
    )
    assert optimum(inputs) == pytest.approx(0.512 * cost)


def test_costs_are_discounted_to_the_base_year_not_the_first_stage():
    inputs = small_inputs(
        {"a": {"opening_cost": 100, "fixed_cost_per_year": 1000}}, stages=(2028,), **DISCOUNTED
    )
    assert present_value(inputs, 2028) == pytest.approx(0.64)
    assert optimum(inputs) == pytest.approx(0.64 * (100 + 1000))
    earlier = replace(inputs, base_year=2025)
    assert optimum(earlier) == pytest.approx(0.512 * (100 + 1000))


def test_without_discounting_every_year_weighs_the_same():
    inputs = small_inputs({"a": {"fixed_cost_per_year": 7}}, stages=(2030,), horizon_end=2040)
    assert optimum(inputs) == pytest.approx(70)


def test_a_plan_may_cost_nothing():
    assert optimum(small_inputs({"a": {}})) == pytest.approx(0)

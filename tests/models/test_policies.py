"""The capital budget, on problems solved by hand."""

import pytest

from models import build_model
from tests.models.small_inputs import small_inputs
from tests.models.small_power import small_power
from tests.models.solving import optimum

LINE = ("port", "line")


@pytest.mark.parametrize(("capital_budget", "cost"), [(100, 100), (99, 300)])
def test_within_budget_the_cheaper_site_may_be_too_dear_to_open(capital_budget, cost):
    inputs = small_inputs(
        {"a": {"opening_cost": 100}, "b": {}},
        network_cost_per_mw_year={("delft", "b"): 300},
        capital_budget=capital_budget,
    )
    assert optimum(inputs) == pytest.approx(cost)
    assert optimum(inputs, without="policies.within_budget") == pytest.approx(100)


@pytest.mark.parametrize(("capital_budget", "has_plan"), [(10 + 40 + 7, True), (56.9, False)])
def test_budget_covers_opening_it_and_upgrades_together(capital_budget, has_plan):
    inputs = small_inputs(
        {"a": {"opening_cost": 10, "it_cost_per_mw": 20}},
        2,
        firm_mw={"port": 0},
        upgrades={LINE: {"cost": 7}},
        capital_budget=capital_budget,
    )
    assert (optimum(inputs) is not None) == has_plan


@pytest.mark.parametrize(("capital_budget", "has_plan"), [(60, True), (59.9, False)])
def test_budget_covers_whole_blocks(capital_budget, has_plan):
    site = {"it_cost_per_mw": 20, "block_mw": 3}
    inputs = small_inputs({"a": site}, 2, capital_budget=capital_budget)
    assert (optimum(inputs) is not None) == has_plan


def test_budget_is_undiscounted():
    # 5 MW are needed in 2028, one fits its budget of 10 there: four are bought at full weight.
    inputs = small_inputs(
        {"a": {"it_cost_per_mw": 10}},
        {("delft", "chat"): {2028: 5}},
        stages=(2026, 2028),
        discount_rate=0.25,
        capital_budget={2026: 100, 2028: 10},
    )
    assert optimum(inputs) == pytest.approx(40 + 10 * 0.64)
    assert optimum(inputs, without="policies.within_budget") == pytest.approx(50 * 0.64)


def test_what_a_stage_leaves_of_its_budget_is_not_carried_over():
    # 100 are left in 2026, but there is nothing to buy before 2028.
    inputs = small_inputs(
        {"a": {"it_cost_per_mw": 10, "earliest_year": 2028}},
        {("delft", "chat"): {2028: 5}},
        stages=(2026, 2028),
        capital_budget={2026: 100, 2028: 40},
    )
    assert optimum(inputs) is None


def test_running_costs_are_not_capital():
    inputs = small_inputs(
        {"a": {"existing_it_mw": 1, "fixed_cost_per_year": 500}},
        nodes={"port": {"energy_price_per_mwh": 1}},
        capital_budget=0,
    )
    assert optimum(inputs) == pytest.approx(500 + 8760)


def test_only_stages_with_a_budget_have_a_row():
    inputs = small_inputs(
        {"a": {}}, stages=(2026, 2028), capital_budget={2026: float("inf"), 2028: 5}
    )
    assert list(build_model(inputs).policies.within_budget) == [2028]


@pytest.mark.parametrize(("capital_budget", "has_plan"), [(30, True), (29.9, False)])
def test_budget_covers_supply_and_no_connection_fee(capital_budget, has_plan):
    # Half of a MW comes from the grid, for a fee of 500; the other half has to be bought for 30.
    inputs = small_power(
        {"a": {}},
        1,
        nodes={"port": {"connection_fee_per_mw": 1000}},
        firm_mw={"port": 0.5},
        technologies={"engine": {"cost_per_mw": 60}},
        capital_budget=capital_budget,
    )
    assert (optimum(inputs) is not None) == has_plan

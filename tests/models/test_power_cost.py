"""What power costs by kind. A discount rate of 25 %: 2026 and 2027 weigh 1 and 0.8, 2028 0.64."""

import pytest

from tests.models.small_power import HALF, YEAR_HOURS, small_power
from tests.models.solving import optimum, solved

DELFT, BATCH = ("delft", "chat"), ("delft", "batch")


def priced(sites=None, demand_mw=1.0, **more):
    """Two years in a stage, one MW: a yearly cost weighs 1.8."""
    years = {"horizon_end": 2028, "discount_rate": 0.25}
    return small_power(sites or {"a": {}}, demand_mw, **years | more)


def made(**engine):
    """All power from an engine."""
    more = {name: engine.pop(name) for name in ("carbon_price_per_t", "stages") if name in engine}
    return priced(firm_mw={"port": 0}, technologies={"engine": engine}, **more)


def test_energy_has_the_price_of_its_slice():
    inputs = priced(price_per_mwh={"port": [2, -0.5]}, load={DELFT: [0.5, 1]})
    assert optimum(inputs) == pytest.approx(1.8 * HALF * (0.5 * 2 - 0.5))


def test_carbon_has_the_price_of_each_year_and_the_mass_of_its_slice():
    # 0.1 + 0.3 tonnes in two hours; 80 a tonne in the first year, 120 in the second.
    inputs = priced(
        carbon_kg_per_mwh={"port": [100, 300]}, carbon_price_per_t={2026: 80, 2027: 120}
    )
    assert optimum(inputs) == pytest.approx(HALF * 0.4 * (80 + 0.8 * 120))


def test_existing_hardware_that_idles_is_paid_for():
    site = {"existing_it_mw": 4, "max_it_mw": 4, "idle_share": 0.5}
    inputs = priced(
        {"a": site, "b": {"node": "plain"}}, nodes={"port": {"energy_price_per_mwh": 1}}
    )
    # Nobody has to be served there, but two MW are drawn.
    assert optimum(inputs) == pytest.approx(1.8 * YEAR_HOURS * 2)


def test_supply_is_due_when_it_is_ordered():
    inputs = priced(
        demand_mw={DELFT: {2028: 2}},
        stages=(2026, 2028),
        horizon_end=2029,
        firm_mw={"port": 0},
        technologies={"engine": {"cost_per_mw": 10, "lead_years": 2}},
    )
    assert optimum(inputs) == pytest.approx(20)


def test_a_battery_is_paid_by_mw_and_by_mwh():
    # Half an MW for the noon's peak of 1.5 over one that is firm, and 6 MWh.
    inputs = priced(
        load={DELFT: [0.5, 1]},
        demand_mw=1.5,
        firm_mw={"port": 1.25},
        technologies={"cells": {"kind": "battery", "cost_per_mw": 10, "cost_per_mwh_storage": 7}},
    )
    assert optimum(inputs) == pytest.approx(0.25 * 10 + 0.25 * 12 * 7)


def test_resale_is_discounted_from_its_year():
    inputs = priced(
        demand_mw={DELFT: {2026: 1}},
        stages=(2026, 2028, 2030),
        horizon_end=2031,
        firm_mw={"port": 0},
        technologies={"engine": {"cost_per_mw": 10, "resale_share": 0.5, "life_years": 8}},
    )
    assert optimum(inputs) == pytest.approx(10 - 0.64 * 10 * 0.5 * 0.75)


def test_upkeep_is_due_while_it_stands():
    inputs = priced(
        demand_mw={DELFT: {2026: 1}},
        stages=(2026, 2028),
        horizon_end=2029,
        firm_mw={"port": 0},
        technologies={"engine": {"fixed_cost_per_mw_year": 10}},
    )
    # Sold, for nothing, before the second stage.
    assert optimum(inputs) == pytest.approx(1.8 * 10)


def test_existing_supply_cannot_be_sold():
    inputs = priced(
        technologies={"engine": {"fixed_cost_per_mw_year": 10}},
        allowed={("a", "engine"): {"existing_mw": 2}},
    )
    assert optimum(inputs) == pytest.approx(1.8 * 20)


def test_fuel_has_the_price_of_each_year():
    inputs = made(energy_cost_per_mwh={2026: 3, 2027: 5})
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (3 + 0.8 * 5))


def test_what_is_made_emits():
    inputs = made(carbon_kg_per_mwh=500, carbon_price_per_t={2026: 80, 2027: 120})
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * 0.5 * (80 + 0.8 * 120))


def test_embodied_carbon_has_the_price_of_the_year_of_its_order():
    inputs = made(embodied_t_per_mw=6, carbon_price_per_t={2026: 80, 2027: 120})
    assert optimum(inputs) == pytest.approx(6 * 80)


def test_embodied_carbon_of_sites_batteries_and_blocks():
    site = {"embodied_t": 30, "embodied_t_per_it_mw": 4, "block_mw": 3}
    inputs = priced(
        {"a": site},
        price_per_mwh={"port": [1, 3]},
        technologies={"cells": {"kind": "battery", "embodied_t_per_mwh": 2}},
        allowed={("a", "cells"): {"max_mw": 1}},
        carbon_price_per_t=10,
    )
    # 12 MWh of battery move the noon's load.
    assert optimum(inputs) == pytest.approx(10 * (30 + 3 * 4 + 12 * 2) + 1.8 * HALF * 2)


def test_what_is_discharged_wears_the_battery():
    # 0.5 of wear is less than the noon's 3 - 1.
    inputs = priced(
        price_per_mwh={"port": [1, 3]},
        technologies={"cells": {"kind": "battery", "energy_cost_per_mwh": 0.5}},
        allowed={("a", "cells"): {"max_mw": 1}},
    )
    assert optimum(inputs) == pytest.approx(1.8 * HALF * (2 + 0.5))


def test_moving_and_cutting_are_paid_by_it_energy():
    # PUE 2: an MW of IT less at noon saves 6, moving costs 1 and the night 2; a tenth is cut
    # for 2 first, of a half that may leave.
    inputs = priced(
        {"a": {"pue": 2}},
        {BATCH: 1},
        price_per_mwh={"port": [1, 3]},
        workloads={
            "batch": {
                "movable_share": 0.5,
                "move_cost_per_mwh": 1,
                "cut_share": 0.1,
                "cut_cost_per_mwh": 2,
            }
        },
    )
    cut, moved = 0.2, 0.3
    energy = 2 * 1 * (1 + moved) + 2 * 3 * (1 - cut - moved)
    assert optimum(inputs) == pytest.approx(1.8 * HALF * (energy + moved + 2 * cut))


def test_exports_earn_a_share_of_the_price_and_never_cost():
    # At noon 3 MW are made for 1; two are sold, at 4 × 0.5; by night the price is negative, and
    # the load is paid for taking power.
    inputs = priced(
        nodes={"port": {"export_mw": 2, "export_price_share": 0.5}},
        price_per_mwh={"port": [-1, 4]},
        technologies={"engine": {"energy_cost_per_mwh": 1}},
        allowed={("a", "engine"): {"max_mw": 3}},
    )
    assert optimum(inputs) == pytest.approx(1.8 * HALF * (-1 + 3 * 1 - 2 * 2))


def test_exports_at_a_negative_price_earn_nothing():
    # Power that is made for nothing serves the load by night; at noon the grid pays for taking it.
    inputs = priced(
        nodes={"port": {"export_mw": 2, "export_price_share": 0.5}},
        price_per_mwh={"port": [0, -1]},
        technologies={"engine": {}},
        allowed={("a", "engine"): {"max_mw": 3}},
    )
    assert optimum(inputs) == pytest.approx(1.8 * HALF * -1)


def test_demand_charges_are_yearly_and_fees_are_not():
    port = {"demand_charge_per_mw_year": 10, "connection_fee_per_mw": 7}
    assert optimum(priced(demand_mw=2, nodes={"port": port})) == pytest.approx(2 * (18 + 7))


def test_the_budget_is_relieved_by_resale():
    # An MW of IT for 9 in 2028, when the budget is 5 and an engine is sold for as much.
    def has_plan(resale_share):
        inputs = small_power(
            {"a": {"it_cost_per_mw": 9}, "b": {}},
            {DELFT: {2026: 1, 2028: 2}},
            stages=(2026, 2028),
            firm_mw={"port": {2026: 0, 2028: 2}},
            technologies={"engine": {"cost_per_mw": 10, "resale_share": resale_share}},
            allowed={("a", "engine"): {}},
            routes=[(*DELFT, "a")],
            capital_budget={2026: 19, 2028: 5},
        )
        return optimum(inputs) is not None

    assert has_plan(0.4)
    assert not has_plan(0.39)


def test_unserved_load_pays_by_its_profile():
    inputs = priced(load={DELFT: [0.5, 1]}, firm_mw={"port": 0.75}, unserved_penalty_per_mwh=10)
    # A quarter of the peak is not served, in every slice.
    assert optimum(inputs) == pytest.approx(1.8 * 10 * 0.25 * HALF * 1.5)


def test_the_network_is_paid_by_peak():
    inputs = priced(load={DELFT: [0.5, 0.75]}, network_cost_per_mw_year={("delft", "a"): 10})
    assert optimum(inputs) == pytest.approx(1.8 * 10)


def test_what_is_spent_once_is_told_by_kind():
    model = solved(made(cost_per_mw=10))
    assert {kind for kind, spent in model.cost.capital.items() if spent[2026]() > 0} == {"supply"}

"""What cuts of flexible power cost, on problems solved by hand: 100 hours a year of 1 MW."""

import pytest

from models import build_model
from tests.models.small_power import YEAR_HOURS, small_power
from tests.models.solving import optimum

LOST = {"port": {"flexible_mw": 1, "curtailed_hours_per_year": 100}}


def cut(technologies, demand_mw=1.0, **more):
    """No firm power: whatever is drawn may be cut."""
    return small_power(
        {"a": {}}, demand_mw, firm_mw={"port": 0}, flexible=LOST, technologies=technologies, **more
    )


def test_dearest_slice_lost_hours_cost_what_is_held_ready():
    # 3 a MWh in the first year and 5 in the second.
    inputs = cut({"engine": {"energy_cost_per_mwh": {2026: 3, 2027: 5}}}, horizon_end=2028)
    assert optimum(inputs) == pytest.approx(100 * (3 + 5))
    assert optimum(inputs, without="events.dearest_slice") == pytest.approx(0)


def test_nobody_knows_which_hours_are_lost():
    # By night half an MW would do; the noon's MW counts.
    inputs = cut({"engine": {"energy_cost_per_mwh": 3}}, load={("delft", "chat"): [0.5, 1]})
    assert optimum(inputs) == pytest.approx(100 * 3)


def test_what_is_not_drawn_meanwhile_stays_on_the_bill():
    inputs = cut(
        {"engine": {"energy_cost_per_mwh": 3}}, nodes={"port": {"energy_price_per_mwh": 1}}
    )
    assert optimum(inputs) == pytest.approx(YEAR_HOURS + 100 * 3)


def test_load_that_pauses_costs_what_moving_costs():
    inputs = cut(
        {},
        {("delft", "batch"): 1},
        workloads={"batch": {"movable_share": 1, "move_cost_per_mwh": 4}},
    )
    assert optimum(inputs) == pytest.approx(100 * 4)


def test_dirtiest_slice_lost_hours_emit():
    # 100 MWh of half a tonne, at 80.
    inputs = cut({"engine": {"carbon_kg_per_mwh": 500}}, carbon_price_per_t=80)
    assert optimum(inputs) == pytest.approx(100 * 0.5 * 80)
    assert optimum(inputs, without="events.dirtiest_slice") == pytest.approx(0)


def test_half_an_hour_a_year_costs_and_emits_as_much():
    # Of 1 MW for half an hour: fuel at 3, and half a tonne a MWh at 80.
    inputs = small_power(
        {"a": {}},
        firm_mw={"port": 0},
        flexible={"port": {"flexible_mw": 1, "curtailed_hours_per_year": 0.5}},
        technologies={"engine": {"energy_cost_per_mwh": 3, "carbon_kg_per_mwh": 500}},
        carbon_price_per_t=80,
    )
    assert optimum(inputs) == pytest.approx(0.5 * (3 + 0.5 * 80))


def test_where_no_hour_is_lost_there_is_nothing_to_pay_or_emit():
    inputs = small_power(
        {"a": {}},
        flexible={"port": {"flexible_mw": 1}},
        technologies={"engine": {"carbon_kg_per_mwh": 500}},
    )
    events = build_model(inputs).events
    assert not events.cost
    assert not events.carbon_t


def test_cuts_count_in_the_carbon_cap():
    def has_plan(cap):
        policies = {"carbon_cap_t": cap}
        return optimum(cut({"engine": {"carbon_kg_per_mwh": 500}}, policies=policies)) is not None

    assert has_plan(50)
    assert not has_plan(49.9)

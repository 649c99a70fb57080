"""Who is served from where, on problems solved by hand."""

import pyomo.environ as pyo
import pytest

from models import build_model
from tests.models.small_inputs import small_inputs
from tests.models.solving import optimum, solved

DELFT = ("delft", "chat")


def test_all_served_nobody_is_left_out():
    inputs = small_inputs({"a": {"opening_cost": 5}})
    assert optimum(inputs) == pytest.approx(5)
    assert optimum(inputs, without="demand.all_served") == pytest.approx(0)


def test_load_balance_what_is_served_is_load():
    inputs = small_inputs({"a": {"it_cost_per_mw": 10}}, 4)
    assert optimum(inputs) == pytest.approx(40)
    assert optimum(inputs, without="demand.load_balance") == pytest.approx(0)


def test_demand_may_be_split():
    model = solved(small_inputs({"a": {"max_it_mw": 1}, "b": {"max_it_mw": 3}}, 4))
    shares = {s: pyo.value(model.demand.serve[(*DELFT, s, 2026)]) for s in "ab"}
    assert shares == pytest.approx({"a": 0.25, "b": 0.75})


def test_a_region_is_served_from_the_cheapest_route():
    network = {("delft", "a"): 10, ("delft", "b"): 3}
    inputs = small_inputs({"a": {}, "b": {}}, 4, network_cost_per_mw_year=network)
    assert optimum(inputs) == pytest.approx(4 * 3)


def test_only_routes_serve():
    # The cheap site is no route.
    inputs = small_inputs({"a": {}, "b": {"opening_cost": 5}}, routes=[(*DELFT, "b")])
    assert optimum(inputs) == pytest.approx(5)


def test_a_route_without_demand_serves_nobody():
    routes = [(*DELFT, "a"), ("lyon", "chat", "a"), ("delft", "batch", "a")]
    model = build_model(small_inputs({"a": {}}, routes=routes))
    assert list(model.demand.serve) == [(*DELFT, "a", 2026)]


def test_a_stage_without_demand_asks_for_nothing():
    inputs = small_inputs(
        {"a": {"opening_cost": 5}}, {DELFT: {2028: 1}}, stages=(2026, 2028), discount_rate=0.25
    )
    assert optimum(inputs) == pytest.approx(5 * 0.64)


def test_unserved_demand_pays_for_its_it_energy():
    # 2 MW × 0.5 × 8760 h × 3; the PUE of 2 has no part in it.
    inputs = small_inputs(
        {"a": {"max_it_mw": 0, "pue": 2}}, 2, load_factor={"chat": 0.5}, unserved_penalty_per_mwh=3
    )
    assert optimum(inputs) == pytest.approx(2 * 0.5 * 8760 * 3)


def test_unserved_demand_weighs_its_years():
    # Two years of 1 and 0.8.
    inputs = small_inputs(
        {"a": {"max_it_mw": 0}}, horizon_end=2028, discount_rate=0.25, unserved_penalty_per_mwh=1
    )
    assert optimum(inputs) == pytest.approx(8760 * 1.8)


@pytest.mark.parametrize(("opening_cost", "cost"), [(8000, 8000), (9000, 8760)])
def test_demand_stays_unserved_where_that_is_cheaper(opening_cost, cost):
    inputs = small_inputs({"a": {"opening_cost": opening_cost}}, unserved_penalty_per_mwh=1)
    assert optimum(inputs) == pytest.approx(cost)


def test_a_free_penalty_is_not_a_missing_one():
    inputs = small_inputs({"a": {"opening_cost": 5}}, unserved_penalty_per_mwh=0)
    assert optimum(inputs) == pytest.approx(0)


ROUTE_TO_LYON = [("lyon", "chat", "a")]


@pytest.mark.parametrize(
    "cut_off",
    [
        {"routes": ROUTE_TO_LYON},
        {"firm_mw": {"port": 0}},
        {"firm_mw": {"port": 0}, "upgrades": {("port", "line"): {"lead_years": 1}}},
    ],
    ids=["no route", "no power", "power too late"],
)
def test_demand_that_nobody_can_serve_leaves_no_plan(cut_off):
    inputs = small_inputs({"a": {}}, **cut_off)
    assert not build_model(inputs).demand.serve
    assert optimum(inputs) is None  # Its row is there, stated on a column that is 0.


def test_demand_without_a_route_is_unserved_at_its_price():
    inputs = small_inputs({"a": {}}, routes=ROUTE_TO_LYON, unserved_penalty_per_mwh=1)
    assert optimum(inputs) == pytest.approx(8760)


@pytest.mark.parametrize(
    ("site", "stages_served"),
    [
        ({}, [2026, 2028]),
        ({"earliest_year": 2027}, [2028]),
        ({"earliest_year": 2027, "existing_it_mw": 1}, [2026, 2028]),
        ({"max_it_mw": 0}, []),
    ],
)
def test_services_are_those_that_could_carry_any_load(site, stages_served):
    model = build_model(small_inputs({"a": site}, stages=(2026, 2028)))
    assert [t for *_, t in model.demand.SERVICES] == stages_served

"""What connections carry, on problems solved by hand. A MWh from the grid costs 1."""

import pytest

from models import build_model
from tests.models.small_power import HALF, YEAR_HOURS, small_power
from tests.models.solving import optimum

DELFT, BATCH = ("delft", "chat"), ("delft", "batch")
ENGINE = {"engine": {"energy_cost_per_mwh": 5}}
FLAT = {"port": {"energy_price_per_mwh": 1}}
# Flexible power that is never cut: what has to be ready for cuts still limits it.
FLEXIBLE = {"port": {"flexible_mw": 1}}


def test_node_limit_what_the_grid_cannot_give_is_made():
    inputs = small_power({"a": {}}, 1, nodes=FLAT, firm_mw={"port": 0.25}, technologies=ENGINE)
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (0.25 + 0.75 * 5))
    assert optimum(inputs, without="connection.node_limit") == pytest.approx(YEAR_HOURS)


@pytest.mark.parametrize(("firm_mw", "has_plan"), [(3, True), (2.9, False)])
def test_a_node_limit_holds_in_the_highest_slice_of_all_its_sites(firm_mw, has_plan):
    # By night 2 + 1 MW, at noon 1 + 2; 4 is the sum of peaks.
    sites = {"a": {}, "b": {}}
    inputs = small_power(
        sites,
        {DELFT: 2, BATCH: 2},
        load={DELFT: [1, 0.5], BATCH: [0.5, 1]},
        firm_mw={"port": firm_mw},
        routes=[(*DELFT, "a"), (*BATCH, "b")],
    )
    assert (optimum(inputs) is not None) == has_plan
    assert list(build_model(inputs).connection.node_limit) == [("port", 2026, 0), ("port", 2026, 1)]


def test_contracts_come_through_the_connection():
    contract = {"contract": {"kind": "ppa"}}
    inputs = small_power({"a": {}}, 1, firm_mw={"port": 0.9}, technologies=contract)
    assert optimum(inputs) is None


def test_hardware_that_idles_draws():
    site = {"existing_it_mw": 4, "max_it_mw": 4, "idle_share": 0.25}
    assert optimum(small_power({"a": site}, 1, firm_mw={"port": 1.75})) is not None
    assert optimum(small_power({"a": site}, 1, firm_mw={"port": 1.74})) is None


@pytest.mark.parametrize("technologies", [None, ENGINE])
@pytest.mark.parametrize(("firm_mw", "has_plan"), [(1.25, True), (1.24, False)])
def test_whole_blocks_idle_whole(firm_mw, has_plan, technologies):
    # A block of 2 MW for a load of 1 MW: a quarter of 2 MW, and three quarters of 1 MW. An engine
    # of nothing makes the site one that decides by the slice.
    nothing = {("a", "engine"): {"max_mw": 0.001}} if technologies else None
    inputs = small_power(
        {"a": {"block_mw": 2.0, "idle_share": 0.25}},
        1,
        firm_mw={"port": firm_mw},
        technologies=technologies,
        allowed=nothing,
    )
    assert (optimum(inputs) is not None) == has_plan


def test_an_upgrade_adds_to_firm_mw():
    inputs = small_power(
        {"a": {}}, 1, firm_mw={"port": 0}, upgrades={("port", "line"): {"mw": 1, "cost": 7}}
    )
    assert optimum(inputs) == pytest.approx(7)


def flexibly(allowed, technologies=ENGINE, firm_mw=0.0, elsewhere=True, **more):
    """One MW where all that is drawn is flexible; elsewhere an MW is served for 10."""
    sites = {"a": {}, "elsewhere": {"node": "plain"}} if elsewhere else {"a": {}}
    return small_power(
        sites,
        1,
        firm_mw={"port": firm_mw},
        technologies=technologies,
        allowed=allowed,
        flexible=more.pop("flexible", FLEXIBLE),
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
        **more,
    )


def test_flexible_limit_a_node_has_so_much_of_it():
    inputs = small_power(
        {"a": {}},
        1,
        nodes=FLAT,
        firm_mw={"port": 0},
        technologies=ENGINE,
        flexible={"port": {"flexible_mw": 0.5}},
    )
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (0.5 + 0.5 * 5))
    assert optimum(inputs, without="connection.flexible_limit") == pytest.approx(YEAR_HOURS)


def test_part_of_draw_nobody_holds_ready_for_a_neighbour():
    # The neighbour has an engine and draws nothing; the user's own site has none.
    inputs = small_power(
        {"a": {}, "neighbour": {"existing_it_mw": 1}, "elsewhere": {"node": "plain"}},
        1,
        firm_mw={"port": 0},
        routes=[(*DELFT, "a"), (*DELFT, "elsewhere")],
        network_cost_per_mw_year={("delft", "elsewhere"): 10},
        technologies=ENGINE,
        allowed={("neighbour", "engine"): {}},
        flexible=FLEXIBLE,
    )
    assert optimum(inputs) == pytest.approx(10)
    assert optimum(inputs, without="connection.part_of_draw") == pytest.approx(0)


@pytest.mark.parametrize("row", ["connection.ride_through", "connection.ready_limit"])
def test_only_what_can_be_done_without_is_drawn_flexibly(row):
    # A quarter of an MW of engine stands for as much of the load, idle or not.
    inputs = flexibly({("a", "engine"): {"max_mw": 0.25}}, {"engine": {}})
    assert optimum(inputs) == pytest.approx(7.5)
    assert optimum(inputs, without=row) == pytest.approx(0)


def test_what_runs_is_not_ready():
    # Of an MW of engine none is left: half firm, half made; nothing more can be drawn.
    inputs = flexibly(
        {("a", "engine"): {"max_mw": 0.5}}, {"engine": {}}, firm_mw=0.25, elsewhere=False
    )
    assert optimum(inputs) is None
    inputs = flexibly(
        {("a", "engine"): {"max_mw": 0.75}}, {"engine": {}}, firm_mw=0.25, elsewhere=False
    )
    assert optimum(inputs) is not None


def test_a_contract_cannot_ride_through():
    assert optimum(flexibly(None, {"contract": {"kind": "ppa"}}, elsewhere=False)) is None


CELLS = {"cells": {"kind": "battery", "efficiency": 0.64, "cost_per_mwh_storage": 8}}


@pytest.mark.parametrize(
    ("event_hours", "mwh"),
    # 1 MW given for an hour takes 1 / 0.8 MWh; a cut reaches once around the day at most.
    [(2, 2.5), (12, 15), (14, 17.5), (24, 30), (100, 30)],
)
def test_event_energy_a_battery_holds_the_longest_cut(event_hours, mwh):
    flexible = {"port": {"flexible_mw": 1, "event_hours": event_hours}}
    inputs = flexibly(None, CELLS, elsewhere=False, flexible=flexible)
    assert optimum(inputs) == pytest.approx(8 * mwh)
    assert optimum(inputs, without="connection.event_energy") == pytest.approx(0)


def test_a_battery_rides_through_by_no_longer_charging():
    # 1 MW of battery draws 1 MW by night beside the load: stopping and giving are 2 MW ready.
    inputs = small_power(
        {"a": {}},
        1,
        price_per_mwh={"port": [1, 3]},
        firm_mw={"port": 0},
        technologies={"cells": {"kind": "battery"}},
        allowed={("a", "cells"): {"max_mw": 1}},
        flexible={"port": {"flexible_mw": 2}},
    )
    assert optimum(inputs) == pytest.approx(HALF * 2)


@pytest.mark.parametrize(("firm_mw", "has_plan"), [(1.25, True), (1.24, False)])
def test_load_that_pauses_frees_its_facility_power_above_idle(firm_mw, has_plan):
    # 1 MW at PUE 2; half of it may pause, which frees 2 × (1 - 0.25) × 0.5 of two MW.
    inputs = small_power(
        {"a": {"existing_it_mw": 1, "max_it_mw": 1, "idle_share": 0.25, "pue": 2}},
        {BATCH: 1},
        firm_mw={"port": firm_mw},
        workloads={"batch": {"movable_share": 0.5}},
        flexible=FLEXIBLE,
    )
    assert (optimum(inputs) is not None) == has_plan


def test_load_that_has_left_its_slice_cannot_pause():
    # Half of the noon's load would wait for the cheaper night. But only half an MW is firm, and of
    # the night's own half MW only a half may pause: 0.25 MW come.
    inputs = small_power(
        {"a": {"existing_it_mw": 1, "max_it_mw": 1}},
        {BATCH: 1},
        load={BATCH: [0.5, 1]},
        price_per_mwh={"port": [1, 3]},
        firm_mw={"port": 0.5},
        workloads={"batch": {"movable_share": 0.5}},
        flexible=FLEXIBLE,
    )
    # The noon draws 0.25 MW flexibly, and of 0.5 that could pause as much has not left.
    assert optimum(inputs) == pytest.approx(HALF * (0.75 + 3 * 0.75))


def test_corridor_limit_nodes_share_a_corridor():
    # Half of what the port takes goes through a corridor of 0.25 MW: the rest is made.
    inputs = small_power(
        {"a": {}},
        1,
        nodes=FLAT,
        technologies=ENGINE,
        corridor_mw={"sea": 0.25},
        corridor_factor={("sea", "port"): 0.5},
    )
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (0.5 + 0.5 * 5))
    assert optimum(inputs, without="connection.corridor_limit") == pytest.approx(YEAR_HOURS)


def test_what_is_sold_relieves_a_corridor_and_not_a_node():
    # The seller at the port gives back as much as the buyer on the plain draws.
    def has_plan(corridor_mw, plain_mw):
        inputs = small_power(
            {"seller": {"existing_it_mw": 1}, "buyer": {"node": "plain"}},
            1,
            nodes={"port": {"export_mw": 1}},
            firm_mw={"plain": plain_mw},
            routes=[(*DELFT, "buyer")],
            technologies=ENGINE,
            allowed={("seller", "engine"): {}},
            corridor_mw={"sea": corridor_mw},
            corridor_factor={("sea", "port"): 1, ("sea", "plain"): 1},
        )
        return optimum(inputs) is not None

    assert has_plan(0, 1)
    assert not has_plan(-0.1, 1)
    assert not has_plan(0, 0.9)


def test_highest_draw_is_charged_each_year():
    # Two years of 10 on the 2 MW of noon.
    inputs = small_power(
        {"a": {}},
        2,
        horizon_end=2028,
        load={DELFT: [0.5, 1]},
        nodes={"port": {"demand_charge_per_mw_year": 10}},
    )
    assert optimum(inputs) == pytest.approx(2 * 10 * 2)
    assert optimum(inputs, without="connection.highest_draw") == pytest.approx(0)


def test_covers_peak_a_fee_is_due_once():
    inputs = small_power(
        {"a": {}}, 2, stages=(2026, 2028), nodes={"port": {"connection_fee_per_mw": 10}}
    )
    assert optimum(inputs) == pytest.approx(20)
    assert optimum(inputs, without="connection.covers_peak") == pytest.approx(0)


def test_stays_contracted_only_what_exceeds_all_earlier_draws_pays():
    # 2 MW, then 1, then 3: two and one more are paid for. Without the row one would come back,
    # and be paid for again.
    inputs = small_power(
        {"a": {}},
        {DELFT: {2026: 2, 2028: 1, 2030: 3}},
        stages=(2026, 2028, 2030),
        discount_rate=0.25,
        nodes={"port": {"connection_fee_per_mw": 10}},
    )
    assert optimum(inputs) == pytest.approx(20 + 10 * 0.8**4)
    assert optimum(inputs, without="connection.stays_contracted") == pytest.approx(
        20 - 10 * 0.8**2 + 20 * 0.8**4
    )

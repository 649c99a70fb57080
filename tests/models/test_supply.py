"""Supply on site, on problems solved by hand."""

import pytest

from models import build_model
from models.supply import most_mwh
from tests.models.small_power import HALF, YEAR_HOURS, small_power
from tests.models.solving import optimum

DELFT = ("delft", "chat")
# No grid power: what is needed has to be made.
NO_GRID = {"port": 0}
FLAT = {"port": {"energy_price_per_mwh": 1}}


def engine(**what):
    return {"engine": {"cost_per_mw": 10, **what}}


def pair(**limits):
    return {("a", "engine"): limits}


def test_stands_mw_what_stands_was_ordered():
    inputs = small_power({"a": {}}, 2, firm_mw=NO_GRID, technologies=engine())
    assert optimum(inputs) == pytest.approx(20)
    assert optimum(inputs, without="supply.stands_mw") == pytest.approx(0)


def test_what_exists_stands_and_is_paid_for():
    inputs = small_power(
        {"a": {}}, 2, firm_mw=NO_GRID, technologies=engine(), allowed=pair(existing_mw=1.5)
    )
    assert optimum(inputs) == pytest.approx(5)


def test_no_more_stands_than_may():
    def cost(max_mw):
        allowed = pair(max_mw=max_mw, existing_mw=1)
        return optimum(
            small_power({"a": {}}, 2, firm_mw=NO_GRID, technologies=engine(), allowed=allowed)
        )

    assert cost(2) == pytest.approx(10)
    assert cost(1.9) is None


@pytest.mark.parametrize(
    ("lead_years", "in_time"),
    # Stages begin in 2026, 2029 and 2031.
    [(0, 2026), (1, 2029), (3, 2029), (4, 2031), (5, 2031), (6, None)],
)
def test_an_order_comes_in_the_first_stage_after_its_lead(lead_years, in_time):
    def has_plan(t):
        inputs = small_power(
            {"a": {}},
            {DELFT: {t: 1}},
            stages=(2026, 2029, 2031),
            horizon_end=2035,
            firm_mw=NO_GRID,
            technologies=engine(lead_years=lead_years),
        )
        return optimum(inputs) is not None

    helped = [t for t in (2026, 2029, 2031) if has_plan(t)]
    assert helped == [t for t in (2026, 2029, 2031) if in_time and t >= in_time]


@pytest.mark.parametrize(("earliest_year", "has_plan"), [(2026, True), (2027, False)])
def test_an_order_is_not_placed_before_its_earliest_year(earliest_year, has_plan):
    inputs = small_power(
        {"a": {}},
        firm_mw=NO_GRID,
        technologies=engine(),
        allowed=pair(earliest_year=earliest_year),
    )
    assert (optimum(inputs) is not None) == has_plan


@pytest.mark.parametrize(("life_years", "orders"), [(2, 2), (3, 1), (4, 1), (float("nan"), 1)])
def test_what_has_reached_its_age_is_bought_anew(life_years, orders):
    # Needed from 2026 to 2029; what lives three years stands in the stage of 2028 to its end.
    inputs = small_power(
        {"a": {}},
        stages=(2026, 2028),
        horizon_end=2030,
        firm_mw=NO_GRID,
        technologies=engine(life_years=life_years),
    )
    assert optimum(inputs) == pytest.approx(10 * orders)


def test_what_is_needed_later_is_ordered_when_it_is_cheaper():
    inputs = small_power(
        {"a": {}},
        {DELFT: {2028: 1}},
        stages=(2026, 2028),
        firm_mw=NO_GRID,
        technologies=engine(cost_per_mw={2026: 10, 2027: 10, 2028: 7}),
    )
    assert optimum(inputs) == pytest.approx(7)


@pytest.mark.parametrize(("life_years", "left"), [(float("nan"), 1), (8, 0.75), (2.5, 0.2), (2, 0)])
def test_what_is_no_longer_needed_is_sold_by_its_age(life_years, left):
    # Bought for 10 in 2026 and sold in 2028 for half of what is left of it, if it still stands.
    inputs = small_power(
        {"a": {}},
        {DELFT: {2026: 1}},
        stages=(2026, 2028),
        horizon_end=2030,
        firm_mw=NO_GRID,
        technologies=engine(life_years=life_years, resale_share=0.5),
    )
    assert optimum(inputs) == pytest.approx(10 - 10 * 0.5 * left)


def test_retired_once_mw_only_what_was_ordered_is_sold():
    # Without the row, the second of two MW that existed is sold as if it had been ordered.
    inputs = small_power(
        {"a": {}},
        stages=(2026, 2027),
        firm_mw=NO_GRID,
        technologies=engine(resale_share=0.5),
        allowed=pair(existing_mw=2),
    )
    assert optimum(inputs) == pytest.approx(0)
    assert optimum(inputs, without="supply.retired_once_mw") == pytest.approx(-5)


def test_nothing_is_sold_when_it_comes():
    # An engine that comes in 2028 stands for that stage, and would have to have 1 ha.
    inputs = small_power(
        {"a": {"land_ha": 0.5}},
        {DELFT: {2028: 1}},
        stages=(2026, 2028, 2030),
        firm_mw={"port": 1},
        technologies=engine(lead_years=2, land_ha_per_mw=1, resale_share=1),
    )
    assert all(t > 2028 for *_, o, t in build_model(inputs).supply.SALES if o == 2026)
    assert list(build_model(inputs).supply.SALES) == [("a", "engine", 2026, 2030)]


def battery(existing_mwh=0.0, **what):
    """One MW for an MW of load: it takes 12 MWh by night at 1 and spares them at noon at 3."""
    return small_power(
        {"a": {}},
        1,
        stages=(2026, 2027),
        price_per_mwh={"port": [1, 3]},
        technologies={"cells": {"kind": "battery", **what}},
        allowed={("a", "cells"): {"max_mw": 1, "existing_mw": 1, "existing_mwh": existing_mwh}},
    )


def test_stands_mwh_storage_is_bought_apart():
    inputs = battery(cost_per_mwh_storage=10)
    assert optimum(inputs) == pytest.approx(2 * 2 * HALF + 12 * 10)
    assert optimum(inputs, without="supply.stands_mwh") == pytest.approx(2 * 2 * HALF)


def test_retired_once_mwh_only_what_was_ordered_is_sold():
    inputs = battery(existing_mwh=20, cost_per_mwh_storage=10, resale_share=0.5)
    assert optimum(inputs) == pytest.approx(2 * 2 * HALF)
    assert optimum(inputs, without="supply.retired_once_mwh") == pytest.approx(2 * 2 * HALF - 8 * 5)


def closed(technology, pair, **port):
    """A site that is too dear to open could sell a MWh for 1 by night and 3 at noon."""
    return small_power(
        {"closed": {"opening_cost": 1e6}, "old": {"existing_it_mw": 1, "node": "plain"}},
        nodes={"port": {"export_mw": 1, "export_price_share": 1, **port}},
        price_per_mwh={"port": [1, 3]},
        routes=[(*DELFT, "old")],
        technologies={"it": technology},
        allowed={("closed", "it"): pair},
    )


def test_at_open_site_nothing_comes_to_a_closed_site():
    inputs = closed({}, {"max_mw": 1})
    assert optimum(inputs) == pytest.approx(0)
    assert optimum(inputs, without="supply.at_open_site") == pytest.approx(-HALF * (1 + 3))


def test_a_battery_without_a_limit_holds_what_its_longest_day_and_a_cut_could_use():
    # Of 4 MW, 3 × 4 MW through a day of 20 hours, which cost a fifth on the way out.
    inputs = small_power(
        {"a": {}},
        slices={"night": 6, "noon": 12, "other": 20},
        days={"night": "monday", "noon": "monday", "other": "tuesday"},
        technologies={
            "cells": {"kind": "battery", "efficiency": 0.64},
            "flow": {"kind": "battery"},
        },
        allowed={
            ("a", "cells"): {"max_mw": 4, "existing_mwh": 2},
            ("a", "flow"): {"max_mw": 4, "max_mwh": 9, "existing_mwh": 2},
        },
    )
    assert most_mwh(inputs, "a", "cells") == pytest.approx(2 + 3 * 4 * 20 / 0.8)
    assert most_mwh(inputs, "a", "flow") == 9


@pytest.mark.parametrize("max_mw", [0, 0.5])
def test_a_site_decides_by_the_slice_where_anything_may_be_built(max_mw):
    inputs = small_power({"a": {}}, technologies=engine(), allowed=pair(max_mw=max_mw))
    model = build_model(inputs)
    assert len(model.supply.standing_mw) == len(model.loads.DISPATCHED) == (max_mw > 0)


def test_mwh_at_open_site_nor_do_storage():
    # The old battery's MW may trade, if they could hold anything: 12 MWh at 1.
    inputs = closed({"kind": "battery", "cost_per_mwh_storage": 1}, {"max_mw": 1, "existing_mw": 1})
    assert optimum(inputs) == pytest.approx(0)
    assert optimum(inputs, without="supply.mwh_at_open_site") == pytest.approx(12 - HALF * (3 - 1))


def test_within_land_all_that_stands_fits():
    # One ha for two MW of panels at two and of mills at half an ha: 0.25 and 1 MW have 1 ha.
    inputs = small_power(
        {"a": {"land_ha": 1}},
        2,
        nodes=FLAT,
        technologies={
            "panels": {"kind": "solar", "land_ha_per_mw": 2},
            "mills": {"kind": "wind", "land_ha_per_mw": 0.5},
        },
        allowed={("a", "panels"): {}, ("a", "mills"): {"max_mw": 1}},
    )
    assert optimum(inputs) == pytest.approx(YEAR_HOURS * (2 - 1 - 0.25))
    assert optimum(inputs, without="supply.within_land") == pytest.approx(0)


def test_within_availability_the_sun_does_not_always_shine():
    inputs = small_power(
        {"a": {}},
        1,
        nodes=FLAT,
        technologies={"panels": {"kind": "solar"}},
        allowed={("a", "panels"): {"max_mw": 1}},
        availability={("a", "panels"): [0.25, 0.75]},
    )
    assert optimum(inputs) == pytest.approx(HALF * (0.75 + 0.25))
    assert optimum(inputs, without="supply.within_availability") == pytest.approx(0)

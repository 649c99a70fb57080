"""Where capacity stands, on problems solved by hand."""

import pyomo.environ as pyo
import pytest

from models import build_model
from models.cuts import strong_links
from tests.models.small_inputs import share_rule, small_inputs
from tests.models.solving import optimum, relaxed, solved

# Two years, then three.
UNEQUAL = {"stages": (2026, 2028), "horizon_end": 2031}


def test_hall_limit_new_capacity_needs_an_open_site():
    inputs = small_inputs({"a": {"opening_cost": 5, "max_it_mw": 10}}, 4)
    assert optimum(inputs) == pytest.approx(5)
    assert optimum(inputs, without="siting.hall_limit") == pytest.approx(0)


def test_hall_limit_blocks_need_an_open_site():
    inputs = small_inputs({"a": {"opening_cost": 5, "max_it_mw": 10, "block_mw": 4}}, 4)
    assert optimum(inputs) == pytest.approx(5)
    assert optimum(inputs, without="siting.hall_limit") == pytest.approx(0)


@pytest.mark.parametrize(("block_mw", "part"), [(float("nan"), 4 / 10), (4, 1 / 2)])
def test_a_relaxation_opens_the_part_of_a_hall_that_is_extended(block_mw, part):
    # 4 MW of 10, or one block of the two that fit.
    inputs = small_inputs({"a": {"opening_cost": 5, "max_it_mw": 10, "block_mw": block_mw}}, 4)
    assert relaxed(inputs, strong=False) == pytest.approx(5 * part)


@pytest.mark.parametrize("existing_it_mw", [0, 4])
def test_a_hall_holds_no_more_than_max_it_mw(existing_it_mw):
    site = {"max_it_mw": 6, "existing_it_mw": existing_it_mw}
    assert optimum(small_inputs({"a": site}, 6)) == pytest.approx(0)
    assert optimum(small_inputs({"a": site}, 6.1)) is None


@pytest.mark.parametrize(("block_mw", "most"), [(float("nan"), 5), (2, 2)])
def test_new_capacity_is_bounded_by_the_room_beside_what_exists(block_mw, most):
    site = {"max_it_mw": 9, "existing_it_mw": 4, "block_mw": block_mw}
    siting = build_model(small_inputs({"a": site})).siting
    new = siting.extended_mw if siting.extended_mw else siting.blocks
    assert new["a", 2026].bounds == (0, most)


def test_opening_is_paid_once():
    inputs = small_inputs({"a": {"opening_cost": 5}}, **UNEQUAL)
    assert optimum(inputs) == pytest.approx(5)


def test_a_site_opens_no_earlier_than_it_must():
    # Opening in 2028 weighs 1.25^-2 = 0.64.
    inputs = small_inputs(
        {"a": {"opening_cost": 5}}, {("delft", "chat"): {2028: 1}}, discount_rate=0.25, **UNEQUAL
    )
    assert optimum(inputs) == pytest.approx(5 * 0.64)
    opened = solved(inputs).siting.open
    assert [pyo.value(opened["a", t]) for t in (2026, 2028)] == [0, 1]


def test_before_a_site_may_open_nothing_is_new_and_it_is_not_in_use():
    siting = build_model(small_inputs({"a": {"earliest_year": 2028}}, **UNEQUAL)).siting
    assert siting.new_mw["a", 2026]() == siting.in_use["a", 2026]() == 0


def test_upkeep_is_due_after_the_last_demand():
    # Demand ends with 2027; upkeep of 3 a year goes on for the three years after.
    inputs = small_inputs(
        {"a": {"fixed_cost_per_year": 3}}, {("delft", "chat"): {2026: 1}}, **UNEQUAL
    )
    assert optimum(inputs) == pytest.approx(3 * (2 + 3))


def test_stays_open_a_site_does_not_make_room_for_a_cheaper_one():
    # A rule asks for a site in the Netherlands, and no demand for capacity there. Without the
    # row, a closes when b, which has no upkeep, may open.
    inputs = small_inputs(
        {
            "a": {"fixed_cost_per_year": 3},
            "b": {"earliest_year": 2028},
            "elsewhere": {"country": "FR", "existing_it_mw": 1},
        },
        rules=[share_rule("min_sites_in", 1, group={"NL"})],
        **UNEQUAL,
    )
    assert optimum(inputs) == pytest.approx(3 * (2 + 3))
    assert optimum(inputs, without="siting.stays_open") == pytest.approx(3 * 2)


def test_existing_capacity_is_in_use_from_the_start_and_pays_no_opening():
    site = {"existing_it_mw": 1, "opening_cost": 99, "fixed_cost_per_year": 3}
    inputs = small_inputs({"a": site}, {("delft", "chat"): {2028: 1}}, **UNEQUAL)
    assert optimum(inputs) == pytest.approx(3 * (2 + 3))


def test_only_new_capacity_is_paid():
    site = {"existing_it_mw": 3, "it_cost_per_mw": 7}
    assert optimum(small_inputs({"a": site}, 5)) == pytest.approx(2 * 7)


def test_capacity_is_bought_when_it_is_needed():
    # 1 MW at once, 3 MW more in 2028 at 0.64.
    inputs = small_inputs(
        {"a": {"it_cost_per_mw": 10}},
        {("delft", "chat"): {2026: 1, 2028: 4}},
        discount_rate=0.25,
        **UNEQUAL,
    )
    assert optimum(inputs) == pytest.approx(10 + 30 * 0.64)


def test_stays_extended_capacity_is_not_handed_back():
    # Without the row, 3 of the 4 MW are refunded in 2028.
    inputs = small_inputs(
        {"a": {"it_cost_per_mw": 10}}, {("delft", "chat"): {2026: 4, 2028: 1}}, **UNEQUAL
    )
    assert optimum(inputs) == pytest.approx(40)
    assert optimum(inputs, without="siting.stays_extended") == pytest.approx(40 - 30)


@pytest.mark.parametrize(("block_mw", "bought_mw"), [(float("nan"), 3), (2, 4)])
def test_what_is_bought_is_told_in_mw(block_mw, bought_mw):
    model = solved(small_inputs({"a": {"it_cost_per_mw": 10, "block_mw": block_mw}}, 3))
    assert pyo.value(model.siting.new_mw["a", 2026]) == pytest.approx(bought_mw)


def test_keeps_blocks_blocks_are_not_handed_back():
    # Two blocks of 2 MW; without the row, one is refunded in 2028.
    inputs = small_inputs(
        {"a": {"it_cost_per_mw": 10, "block_mw": 2}},
        {("delft", "chat"): {2026: 4, 2028: 1}},
        **UNEQUAL,
    )
    assert optimum(inputs) == pytest.approx(40)
    assert optimum(inputs, without="siting.keeps_blocks") == pytest.approx(40 - 20)


def test_blocks_are_whole():
    # 3 MW need two blocks of 2 MW.
    inputs = small_inputs({"a": {"it_cost_per_mw": 10, "block_mw": 2}}, 3)
    assert optimum(inputs) == pytest.approx(40)


@pytest.mark.parametrize(
    ("max_it_mw", "existing_it_mw"),
    # In floating point 0.3 / 0.1 < 3 and 0.3 - 0.1 < 2 × 0.1.
    [(0.3, 0), (0.35, 0), (0.3, 0.1)],
)
def test_three_blocks_of_a_tenth_fill_a_hall_of_three_tenths(max_it_mw, existing_it_mw):
    site = {"max_it_mw": max_it_mw, "existing_it_mw": existing_it_mw, "block_mw": 0.1}
    assert optimum(small_inputs({"a": site}, 0.3)) == pytest.approx(0)
    assert optimum(small_inputs({"a": site}, 0.31)) is None


def test_a_block_larger_than_the_hall_is_never_bought():
    inputs = small_inputs({"a": {"max_it_mw": 3, "block_mw": 5}, "b": {"opening_cost": 7}}, 2)
    assert optimum(inputs) == pytest.approx(7)
    # No link may hang on a column that is in no row.
    assert {gate.index()[0] for gate in strong_links(build_model(inputs), inputs).gates} == {"b"}


@pytest.mark.parametrize("earliest_year", [2027, 2028])
def test_earliest_year_bars_opening(earliest_year):
    # Free for all; in 2026 only the dear site is there.
    sites = {"a": {"earliest_year": earliest_year}, "b": {"opening_cost": 5}}
    inputs = small_inputs(sites, **UNEQUAL)
    assert optimum(inputs) == pytest.approx(5)
    assert set(build_model(inputs).siting.open) == {("a", 2028), ("b", 2026), ("b", 2028)}


def test_earliest_year_bars_new_capacity_where_some_exists():
    site = {"existing_it_mw": 1, "max_it_mw": 9, "earliest_year": 2028}

    def least_cost(now_mw, later_mw):
        demand_mw = {("delft", "chat"): {2026: now_mw, 2028: later_mw}}
        return optimum(small_inputs({"a": site}, demand_mw, **UNEQUAL))

    assert least_cost(1, 9) == pytest.approx(0)
    assert least_cost(1.1, 9) is None


def test_a_full_hall_offers_nothing_to_buy():
    inputs = small_inputs({"a": {"existing_it_mw": 5, "max_it_mw": 5}}, 5)
    siting = build_model(inputs).siting
    assert not siting.extended_mw
    assert not siting.blocks
    assert optimum(inputs) == pytest.approx(0)


def test_a_site_that_no_row_speaks_of_stays_closed():
    model = solved(small_inputs({"a": {"max_it_mw": 0}, "b": {}}))
    assert pyo.value(model.siting.in_use["a", 2026]) == 0

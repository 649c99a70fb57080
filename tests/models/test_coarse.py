"""Blocks of slices: what they make of each table, and problems by blocks solved by hand."""

from dataclasses import replace

import pytest

from models import PlanInputs, build_model
from models.coarse import blocks_of, coarse
from tests.models.small_power import YEAR_HOURS, small_power
from tests.models.solving import optimum

BATCH = ("delft", "batch")
ENGINE = {"engine": {"energy_cost_per_mwh": 99}}
# A morning of 6 hours and a noon of 2 make one block, a night of 16 another.
SLICES = {"morning": 6, "noon": 2, "night": 16}
BLOCKS = [[0, 1], [2]]


def by_one_block(inputs: PlanInputs) -> PlanInputs:
    """The same, all slices one block."""
    return replace(inputs, power=coarse(inputs.power, [list(range(len(inputs.power.slices)))]))


def test_a_block_has_means_where_amounts_add_up_and_extremes_where_coefficients_differ():
    power = small_power(
        {"a": {}},
        {BATCH: 1},
        slices=SLICES,
        load={BATCH: [0.5, 1, 0.25]},
        pue={"a": [1.5, 1.25, 2]},
        price_per_mwh={"port": [30, 50, 40]},
        carbon_kg_per_mwh={"port": [300, 200, 100]},
        technologies={"sun": {"kind": "solar"}},
        availability={("a", "sun"): [0.5, 0.9, 0]},
    ).power
    blocks = coarse(power, BLOCKS)
    assert blocks.fine is power
    assert list(blocks.slices.index) == ["morning", "night"]
    assert list(blocks.hours) == [8, 16]
    assert list(blocks.weight) == pytest.approx([8 * 365, 16 * 365])
    rows = {
        "load_profiles": [0.625, 0.25],
        "availability": [0.6, 0],
        "pue": [1.25, 2],
        "highest_pue": [1.5, 2],
        "price_per_mwh": [30, 40],
        "highest_price_per_mwh": [50, 40],
        "carbon_kg_per_mwh": [200, 100],
    }
    for name, expected in rows.items():
        table = getattr(blocks, name)
        assert list(table.columns) == ["morning", "night"]
        assert list(table.iloc[0]) == pytest.approx(expected), name


def blocks_by_price(prices, each_day, days=None, **tables):
    slices = {f"h{hour}": 1 for hour in range(len(prices))}
    days = dict(zip(slices, days, strict=True)) if days else None
    inputs = small_power(
        {"a": {}}, slices=slices, days=days, price_per_mwh={"port": prices}, **tables
    )
    return blocks_of(inputs.power, each_day)


@pytest.mark.parametrize(
    ("prices", "each_day", "blocks"),
    [
        ([1, 1, 5, 5], 2, [[0, 1], [2, 3]]),
        ([1, 5, 5, 5], 2, [[0], [1, 2, 3]]),
        ([1, 2, 4, 4.5], 3, [[0], [1], [2, 3]]),
        ([1, 2, 4, 4.5], 2, [[0, 1], [2, 3]]),
        ([1, 5, 1, 5], 1, [[0, 1, 2, 3]]),
        ([1, 5, 1, 5], 9, [[0], [1], [2], [3]]),
        # 3 is as far from 0 as from 6, but here one hour would be spoilt, there four.
        ([0, 0, 0, 0, 3, 6], 2, [[0, 1, 2, 3], [4, 5]]),
    ],
)
def test_neighbours_that_are_most_alike_are_joined(prices, each_day, blocks):
    assert blocks_by_price(prices, each_day) == blocks


def test_days_are_not_joined():
    assert blocks_by_price([1, 1, 1, 5], 1, "aaab") == [[0, 1, 2], [3]]
    assert blocks_by_price([1, 1, 5, 5], 2, "abbb") == [[0], [1], [2, 3]]


def test_each_table_counts_as_much_as_another_whatever_its_unit():
    # Prices rise by a tenth at the first step, PUE by a half at the second.
    assert blocks_by_price([1000, 1100, 1100], 2, pue={"a": [1, 1, 1.5]}) == [[0, 1], [2]]
    assert blocks_by_price([1000, 1500, 1500], 2, pue={"a": [1, 1, 1.1]}) == [[0], [1, 2]]


def test_a_block_draws_for_its_lowest_pue_at_its_lowest_price():
    inputs = small_power(
        {"a": {}},
        2,
        pue={"a": [2, 1.5]},
        price_per_mwh={"port": [1, 3]},
        technologies=ENGINE,
    )
    assert optimum(by_one_block(inputs)) == pytest.approx(YEAR_HOURS * 2 * 1.5)


def test_a_block_sells_at_its_highest_price():
    inputs = small_power(
        {"a": {"existing_it_mw": 1}},
        {},
        nodes={"port": {"export_mw": 1, "export_price_share": 0.5}},
        price_per_mwh={"port": [1, 3]},
        technologies={"engine": {"energy_cost_per_mwh": 1}},
    )
    assert optimum(by_one_block(inputs)) == pytest.approx(YEAR_HOURS * (1 - 1.5))


def test_supply_of_a_block_may_exceed_its_load():
    # A contract of 2 MW that is paid for taking it, where 1 MW would do.
    inputs = small_power(
        {"a": {}},
        1,
        technologies={"contract": {"kind": "ppa", "energy_cost_per_mwh": -1}},
        allowed={("a", "contract"): {"max_mw": 2}},
    )
    assert optimum(inputs) == pytest.approx(-YEAR_HOURS)
    assert optimum(by_one_block(inputs)) == pytest.approx(-YEAR_HOURS * 2)


@pytest.mark.parametrize(("movable_share", "it_mw"), [(0, 4), (0.125, 3.5), (0.5, 3)])
def test_what_cannot_move_needs_hardware_in_its_own_slice(movable_share, it_mw):
    # 4 MW and 2 are 3 in the mean; what stays of the 4 needs as much by night.
    inputs = small_power(
        {"a": {"it_cost_per_mw": 10}},
        {BATCH: 4},
        load={BATCH: [1, 0.5]},
        workloads={"batch": {"movable_share": movable_share}},
        technologies=ENGINE,
    )
    assert optimum(by_one_block(inputs)) == pytest.approx(10 * it_mw)


@pytest.mark.parametrize(("flexible_mw", "has_plan"), [(1.5, True), (1.51, False)])
def test_what_pauses_in_a_block_frees_power_at_its_highest_pue(flexible_mw, has_plan):
    # Half of 1 MW pauses at PUE 3, where the MW draws 2 at least.
    inputs = small_power(
        {"a": {}},
        {BATCH: 1},
        pue={"a": [2, 3]},
        firm_mw={"port": 2 - flexible_mw},
        workloads={"batch": {"movable_share": 0.5}},
        flexible={"port": {"flexible_mw": 9}},
    )
    assert (optimum(by_one_block(inputs)) is not None) == has_plan


@pytest.mark.parametrize(
    ("factors", "by_slice", "by_block"),
    [((1, 0), 2, 1), ((1, 0.5), 2, 1), ((1, -0.5), 2, 0), ((-0.5, 1), 2, 0)],
)
def test_a_corridor_that_is_relieved_by_drawing_has_no_rows_by_blocks(factors, by_slice, by_block):
    inputs = small_power(
        {"a": {}, "b": {"node": "plain"}},
        technologies=ENGINE,
        corridor_mw={"sea": 5},
        corridor_factor=dict(zip([("sea", "port"), ("sea", "plain")], factors, strict=True)),
    )
    assert len(build_model(inputs).connection.corridor_limit) == by_slice
    assert len(build_model(by_one_block(inputs)).connection.corridor_limit) == by_block


@pytest.mark.parametrize(
    ("event_hours", "taken"), [(5, []), (8, [(0, 8)]), (20, [(0, 8)]), (24, [(0, 8), (1, 16)])]
)
def test_an_event_takes_whole_blocks_only(event_hours, taken):
    blocks = coarse(small_power({"a": {}}, slices=SLICES).power, BLOCKS)
    assert blocks.event(0, event_hours) == taken


@pytest.mark.parametrize(("neighbour", "firm_mw"), [(False, 2), (True, 1.5)])
def test_a_node_that_decides_nothing_is_limited_by_its_slices_not_their_block(neighbour, firm_mw):
    # 2 MW by night, 1 at noon; a neighbour with an engine decides by the block, where 1.5 do.
    def has_plan(firm_mw):
        inputs = small_power(
            {"a": {}, "neighbour": {"node": "port" if neighbour else "plain"}},
            {BATCH: 2},
            load={BATCH: [1, 0.5]},
            routes=[(*BATCH, "a")],
            firm_mw={"port": firm_mw},
            technologies=ENGINE,
            allowed={("neighbour", "engine"): {}},
        )
        return optimum(by_one_block(inputs)) is not None

    assert has_plan(firm_mw)
    assert not has_plan(firm_mw - 0.01)


def test_the_highest_draw_of_a_site_that_decides_nothing_is_that_of_its_slices():
    inputs = small_power(
        {"a": {}},
        {BATCH: 2},
        load={BATCH: [1, 0.5]},
        pue={"a": [1.5, 1]},
        nodes={"port": {"demand_charge_per_mw_year": 10}},
    )
    assert optimum(by_one_block(inputs)) == pytest.approx(10 * 2 * 1.5)


def test_no_more_than_three_slices_limit_a_site_that_decides_nothing():
    # Each of four slices is another region's peak.
    regions = [(f"r{h}", "chat") for h in range(4)]
    peaks = {r: [1 if h == n else 0.5 for h in range(4)] for n, r in enumerate(regions)}
    inputs = small_power(
        {"a": {}}, dict.fromkeys(regions, 1), slices={f"h{h}": 6 for h in range(4)}, load=peaks
    )
    assert len(build_model(inputs).loads.steady_capacity) == 4
    assert len(build_model(by_one_block(inputs)).loads.steady_capacity) == 3

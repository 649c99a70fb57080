"""What PlanInputs derives from its numbers."""

import pytest

from tests.models.small_inputs import small_inputs
from tests.models.small_power import small_power

STAGES = (2026, 2029, 2031)


def three_stages(site, **inputs):
    return small_inputs({"a": site}, stages=STAGES, horizon_end=2035, **inputs)


def by_stage(series, key):
    return [series[key, t] for t in STAGES]


def test_a_stage_stands_until_the_next_and_the_last_until_the_horizon():
    inputs = three_stages({})
    assert [list(inputs.years(t)) for t in STAGES] == [
        [2026, 2027, 2028],
        [2029, 2030],
        [2031, 2032, 2033, 2034],
    ]
    assert [inputs.before(t) for t in STAGES] == [None, 2026, 2029]


@pytest.mark.parametrize(
    ("upgrade", "limit_mw"),
    [
        ({"lead_years": 0}, [15, 16, 17]),
        ({"lead_years": 3}, [5, 16, 17]),
        ({"lead_years": 4}, [5, 6, 17]),
        ({"lead_years": 6}, [5, 6, 7]),
        ({"lead_years": 2, "earliest_year": 2029}, [5, 6, 17]),
        # From 2027 on it can be ordered in 2029 at the earliest.
        ({"lead_years": 2, "earliest_year": 2027}, [5, 6, 17]),
        ({"lead_years": 0, "earliest_year": 2032}, [5, 6, 7]),
        # An option from before the first stage is ordered in the first stage, not before.
        ({"lead_years": 3, "earliest_year": 2020}, [5, 16, 17]),
    ],
)
def test_a_node_carries_firm_mw_and_every_upgrade_that_can_be_in_time(upgrade, limit_mw):
    inputs = three_stages(
        {},
        firm_mw={"port": {2026: 5, 2029: 6, 2031: 7}},
        upgrades={("port", "line"): {"mw": 10, **upgrade}},
    )
    assert by_stage(inputs.node_limit_mw, "port") == limit_mw


@pytest.mark.parametrize(
    ("site", "reach_it_mw"),
    [
        ({"max_it_mw": 9}, [9, 9, 9]),
        ({"pue": 2}, [10, 10, 10]),
        ({"max_it_mw": 9, "earliest_year": 2029}, [0, 9, 9]),
        ({"max_it_mw": 9, "earliest_year": 2029, "existing_it_mw": 2}, [2, 9, 9]),
        ({"max_it_mw": 9, "block_mw": 4}, [8, 8, 8]),
        ({"max_it_mw": 9, "block_mw": 4, "existing_it_mw": 2}, [6, 6, 6]),
        ({"max_it_mw": 9, "block_mw": 10, "existing_it_mw": 2}, [2, 2, 2]),
        ({"max_it_mw": 9, "block_mw": 10}, [0, 0, 0]),
        ({"max_it_mw": 9, "existing_it_mw": 9, "earliest_year": 2029}, [9, 9, 9]),
        ({"max_it_mw": 0}, [0, 0, 0]),
        ({"node": "dark"}, [0, 0, 0]),
    ],
)
def test_a_site_reaches_as_far_as_its_hall_its_blocks_and_its_node(site, reach_it_mw):
    inputs = three_stages(site, firm_mw={"port": 20, "dark": 0})
    assert by_stage(inputs.reach_it_mw, "a") == reach_it_mw


def test_a_route_serves_where_there_is_demand_and_the_site_reaches():
    chat = [("delft", "chat", "b"), ("lille", "chat", "a"), ("oslo", "chat", "a")]
    inputs = small_inputs(
        {"a": {"max_it_mw": 0.5}, "b": {"max_it_mw": 0.5}, "full": {"max_it_mw": 0}},
        {("delft", "chat"): 0.25, ("lille", "chat"): {2028: 0.75}},
        stages=(2026, 2028),
        routes=[*chat, ("delft", "chat", "full")],
    )
    assert inputs.routed_site.tolist() == [1, 0, 0, 2]
    assert inputs.routed_mw.tolist() == [[0.25, 0.25], [0, 0.75], [0, 0], [0.25, 0.25]]
    assert inputs.service.tolist() == [[True, True], [False, True], [False, False], [False, False]]


def test_a_stage_without_any_demand_has_none_for_its_routes():
    inputs = small_inputs({"a": {}}, {("delft", "chat"): {2028: 1}}, stages=(2026, 2028))
    assert inputs.routed_demand.tolist() == [[-1, 0]]


def test_with_slices_a_site_reaches_as_far_as_flexible_power_and_its_own_supply():
    # (10 + 2) MW at PUE 1.5 beside supply of 3 + 4 MW at PUE 1.25; from 2029 on 6 are flexible.
    inputs = small_power(
        {"grid": {}, "own": {}, "dark": {"node": "plain"}},
        stages=STAGES,
        firm_mw={"port": 10, "plain": 0},
        pue={"grid": [1.5, 2], "own": [2, 1.25], "dark": [1, 1]},
        technologies={"gas": {}, "sun": {"kind": "solar"}},
        allowed={("own", "gas"): {"max_mw": 3}, ("own", "sun"): {"max_mw": 4}},
        flexible={"port": {"flexible_mw": 2}},
    )
    inputs.power.flexible.loc[("port", 2029), "flexible_mw"] = 6
    assert by_stage(inputs.reach_it_mw, "grid") == pytest.approx([8, 16 / 1.5, 8])
    assert by_stage(inputs.reach_it_mw, "own") == pytest.approx([15.2, 18.4, 15.2])
    assert by_stage(inputs.reach_it_mw, "dark") == [0, 0, 0]


@pytest.mark.parametrize(
    ("max_it_mw", "existing_it_mw", "block_mw", "blocks"),
    [(9, 0, 4, 2), (8, 0, 4, 2), (9, 2, 4, 1), (0.3, 0, 0.1, 3), (0.3, 0.1, 0.1, 2), (3, 0, 5, 0)],
)
def test_whole_blocks_fill_a_hall(max_it_mw, existing_it_mw, block_mw, blocks):
    site = {"max_it_mw": max_it_mw, "existing_it_mw": existing_it_mw, "block_mw": block_mw}
    assert small_inputs({"a": site}).most_blocks["a"] == blocks

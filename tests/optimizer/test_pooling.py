"""Regions that are alike become one, others do not, and no optimum changes."""

import pandas as pd
import pytest
from hypothesis import given, settings

from optimizer.pooling import pool_regions
from tests.models.small_inputs import share_rule, small_inputs
from tests.models.small_problems import small_problems
from tests.models.solving import optimum, same_cost

ALIKE = {("delft", "chat"): {2026: 1, 2027: 2}, ("lille", "chat"): {2026: 3}}
FRENCH = {"lille": "FR"}


def pooled(**inputs):
    """Pooled demand of two regions, as it is in the two stages if nothing tells them apart."""
    inputs = small_inputs({"a": {}, "b": {}}, ALIKE, stages=(2026, 2027), **inputs)
    return pool_regions(inputs).demand_mw.to_dict()


POOLED = {("delft", "chat", 2026): 4, ("delft", "chat", 2027): 2}
APART = {
    ("delft", "chat", 2026): 1,
    ("delft", "chat", 2027): 2,
    ("lille", "chat", 2026): 3,
}


def test_regions_with_the_same_routes_and_costs_are_one():
    assert pooled() == POOLED


def test_routes_of_a_pool_are_those_of_its_first_region():
    inputs = pool_regions(small_inputs({"a": {}, "b": {}}, ALIKE, stages=(2026, 2027)))
    assert list(inputs.routes.index) == [("delft", "chat", "a"), ("delft", "chat", "b")]


@pytest.mark.parametrize(
    "difference",
    [
        {"network_cost_per_mw_year": {("lille", "a"): 1}},
        {"routes": [("delft", "chat", "a"), ("delft", "chat", "b"), ("lille", "chat", "a")]},
        {"user_country": FRENCH, "rules": [share_rule("min_share_at_home", 0.5)]},
        {
            "user_country": FRENCH,
            "rules": [share_rule("max_share_country", 0.5, user_countries={"FR"})],
        },
    ],
    ids=["network cost", "routes", "home", "governed by a rule"],
)
def test_what_tells_regions_apart_keeps_them_apart(difference):
    assert pooled(**difference) == APART


@pytest.mark.parametrize(
    "same",
    [
        {"user_country": FRENCH},
        {"user_country": FRENCH, "rules": [share_rule("max_share_country", 0.5)]},
        {"user_country": FRENCH, "rules": [share_rule("min_sites_in", 1, user_countries={"FR"})]},
        {"rules": [share_rule("min_share_at_home", 0.5)]},
        {
            "user_country": FRENCH,
            "rules": [share_rule("min_share_at_home", 0.5, workloads={"batch"})],
        },
    ],
    ids=["no rule", "rule on both", "rule on sites", "one home", "rule on another workload"],
)
def test_what_no_row_sees_does_not_keep_regions_apart(same):
    assert pooled(**same) == POOLED


def test_workloads_are_pooled_apart():
    demand_mw = {("delft", "chat"): 1, ("lille", "chat"): 2, ("lille", "batch"): 4}
    assert pool_regions(small_inputs({"a": {}}, demand_mw)).demand_mw.to_dict() == {
        ("delft", "chat", 2026): 3,
        ("lille", "batch", 2026): 4,
    }


def test_demand_without_a_route_is_left_as_it_is():
    demand_mw = {("delft", "chat"): 1, ("lille", "chat"): 2, ("kiel", "chat"): 4}
    inputs = small_inputs({"a": {}}, demand_mw, routes=[("delft", "chat", "a")])
    assert pool_regions(inputs).demand_mw.to_dict() == inputs.demand_mw.to_dict()


def test_without_any_route_nothing_is_pooled():
    inputs = small_inputs({"a": {}}, routes=[])
    assert pool_regions(inputs).demand_mw.to_dict() == inputs.demand_mw.to_dict()


def test_what_is_pooled_has_the_shape_of_what_is_not():
    inputs = small_inputs({"a": {}}, ALIKE, stages=(2026, 2027))
    small = pool_regions(inputs)
    assert small.demand_mw.index.names == inputs.demand_mw.index.names
    pd.testing.assert_frame_equal(pool_regions(small).routes, small.routes)  # nothing more to pool


@given(small_problems())
@settings(max_examples=60, deadline=None)
def test_pooling_changes_no_optimum(inputs):
    assert same_cost(optimum(pool_regions(inputs)), optimum(inputs))

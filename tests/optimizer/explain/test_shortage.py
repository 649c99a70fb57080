"""Maximum flows: what sites and nodes cannot carry, on problems worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.explain.elastic import DEMAND, Elastic
from optimizer.explain.shortage import shortages
from optimizer.highs import Control
from tests.models.small_inputs import small_inputs

DELFT, LYON = ("delft", "chat"), ("lyon", "chat")


def test_nothing_is_short_where_everything_fits() -> None:
    assert shortages(small_inputs({"a": {}}, 100.0)) == []


def test_node_is_short_by_what_its_pue_takes() -> None:
    # 6.5 MW at the node are 5 IT MW at a PUE of 1.3.
    (short,) = shortages(small_inputs({"a": {"pue": 1.3}}, 6.0, firm_mw={"port": 6.5}))
    assert short.missing_mw == pytest.approx(1.0)
    assert (short.demands, short.sites) == ((DELFT,), ("a",))
    assert (short.full_nodes, short.full_sites) == (("port",), ())


def test_hall_blocks_and_first_year_are_limits_of_the_site() -> None:
    for limit in ({"max_it_mw": 4.0}, {"max_it_mw": 5.0, "block_mw": 2.0}):
        (short,) = shortages(small_inputs({"a": limit}, 6.0))
        assert short.missing_mw == pytest.approx(2.0)
        assert (short.full_nodes, short.full_sites) == ((), ("a",))
    (short,) = shortages(small_inputs({"a": {"earliest_year": 2027}}, 6.0))
    assert short.missing_mw == pytest.approx(6.0)


def test_smallest_set_of_demands_is_named() -> None:
    # Lyon has only b, which is too small; Delft has room at a.
    inputs = small_inputs(
        {"a": {}, "b": {"max_it_mw": 2.0}},
        {DELFT: 50.0, LYON: 5.0},
        routes=[(*DELFT, "a"), (*DELFT, "b"), (*LYON, "b")],
    )
    (short,) = shortages(inputs)
    assert short.demands == (LYON,)
    assert short.missing_mw == pytest.approx(3.0)
    assert short.demand_mw == pytest.approx(5.0)


def test_demands_that_share_sites_are_short_together_and_others_apart() -> None:
    inputs = small_inputs(
        {"a": {"max_it_mw": 5.0}, "b": {"max_it_mw": 1.0}},
        {DELFT: 4.0, LYON: 4.0, ("cork", "chat"): 3.0},
        routes=[(*DELFT, "a"), (*LYON, "a"), ("cork", "chat", "b")],
    )
    found = {short.demands: short.missing_mw for short in shortages(inputs)}
    assert found == {(DELFT, LYON): pytest.approx(3.0), (("cork", "chat"),): pytest.approx(2.0)}


def test_sites_share_their_node() -> None:
    inputs = small_inputs({"a": {}, "b": {}}, 10.0, firm_mw={"port": 7.0})
    (short,) = shortages(inputs)
    assert short.missing_mw == pytest.approx(3.0)
    assert short.full_nodes == ("port",)


def test_upgrades_count_from_the_stage_in_which_they_come() -> None:
    inputs = small_inputs(
        {"a": {}},
        10.0,
        stages=(2026, 2027),
        firm_mw={"port": 4.0},
        upgrades={("port", "line"): {"mw": 6.0, "lead_years": 1}},
    )
    assert [(short.stage, short.missing_mw) for short in shortages(inputs)] == [
        (2026, pytest.approx(6.0))
    ]


def test_demand_without_any_route_is_short_of_all_it_asks() -> None:
    (short,) = shortages(small_inputs({"a": {}}, 3.0, routes=[]))
    assert (short.missing_mw, short.sites) == (pytest.approx(3.0), ())


def test_priced_unserved_demand_is_never_short() -> None:
    assert shortages(small_inputs({"a": {}}, 3.0, routes=[], unserved_penalty_per_mwh=1.0)) == []


@settings(max_examples=25, deadline=None)
@given(
    demand=st.lists(st.floats(0.1, 20.0), min_size=1, max_size=3),
    halls=st.lists(st.floats(0.0, 20.0), min_size=2, max_size=2),
    power=st.floats(0.0, 30.0),
    pairs=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 1))),
)
def test_flow_misses_as_much_as_a_linear_program(demand, halls, power, pairs) -> None:
    # At one PUE and without whole numbers the condition is sufficient, too.
    inputs = small_inputs(
        {f"s{i}": {"max_it_mw": mw} for i, mw in enumerate(halls)},
        {(f"r{i}", "chat"): mw for i, mw in enumerate(demand)},
        firm_mw={"port": power},
        routes=[(f"r{r}", "chat", f"s{s}") for r, s in sorted(pairs) if r < len(demand)],
    )
    breach = Elastic(inputs, Control()).least([DEMAND])
    assert breach is not None
    missing_mw = sum(short.missing_mw for short in shortages(inputs))
    assert missing_mw == pytest.approx(sum(mw for _, mw in breach), abs=1e-3)

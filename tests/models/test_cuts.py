"""Strong links: true of every plan, and what they do to the bound."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import build_model, strong_links
from optimizer.program import compile_program
from tests.models.baselines import reference_inputs
from tests.models.small_inputs import small_inputs
from tests.models.solving import optimum, relaxed


def triangle():
    """Three sites of 10 MW that cost 1 to open; each region of 1 MW may use two of them."""
    routes = [(f"r{r}", "chat", s) for r, pair in enumerate(("ab", "bc", "ca")) for s in pair]
    return small_inputs(
        {s: {"opening_cost": 1, "max_it_mw": 10} for s in "abc"},
        {(f"r{r}", "chat"): 1 for r in range(3)},
        routes=routes,
    )


def test_bounds_of_the_triangle():
    """Weak: 3 of 30 MW. Strong: half of each site serves half of both its regions. Whole: two."""
    inputs = triangle()
    assert relaxed(inputs, strong=False) == pytest.approx(0.3, rel=1e-9)
    assert relaxed(inputs, strong=True) == pytest.approx(1.5, rel=1e-9)
    assert optimum(inputs) == pytest.approx(2, rel=1e-9)


def test_a_site_smaller_than_a_demand_is_linked_by_what_it_holds():
    # 3 of 12 MW fit: a quarter of the demand at most. The other 9 MW stand elsewhere already.
    inputs = small_inputs(
        {"a": {"max_it_mw": 3, "opening_cost": 1}, "b": {"existing_it_mw": 9, "max_it_mw": 9}}, 12
    )
    (link,) = strong_links(build_model(inputs), inputs)
    assert link.most == pytest.approx(0.25)
    assert optimum(inputs) == pytest.approx(1)


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({"max_it_mw": 50}, 1),
        ({"max_it_mw": 8}, 0.8),
        ({"max_it_mw": 8, "block_mw": 3}, 0.6),
        ({"max_it_mw": 8, "pue": 2}, 0.5),
    ],
    ids=["demand", "hall", "whole blocks", "power"],
)
def test_a_link_is_as_tight_as_what_the_site_could_serve(changes, most):
    # 10 MW of demand at a node of 10 MW, with room elsewhere.
    inputs = small_inputs({"a": changes, "b": {"node": "plain"}}, 10, firm_mw={"port": 10})
    first = strong_links(build_model(inputs), inputs)[0]
    assert first.most == pytest.approx(most)


def test_sites_with_capacity_need_no_links():
    inputs = small_inputs({"a": {"existing_it_mw": 1}})
    assert strong_links(build_model(inputs), inputs) == []


def lattice():
    """Six sites, eight regions, two stages, every number from a small formula."""
    sites = {
        f"s{i}": {
            "max_it_mw": 4 + 3 * (i % 3),
            "opening_cost": 100 + 37 * (i * 5 % 7),
            "it_cost_per_mw": 10 + i,
            "pue": 1 + 0.1 * (i % 3),
            "node": f"n{i // 2}",
            "block_mw": 2.0 if i == 5 else float("nan"),
        }
        for i in range(6)
    }
    return small_inputs(
        sites,
        {(f"r{j}", "chat"): {2026: 1 + j % 3, 2029: 2 + j % 4} for j in range(8)},
        stages=(2026, 2029),
        horizon_end=2034,
        discount_rate=0.08,
        firm_mw={"n0": 7, "n1": 12, "n2": 9},
        upgrades={("n0", "line"): {"mw": 5, "cost": 40, "lead_years": 3}},
        routes=[(f"r{j}", "chat", f"s{i}") for j in range(8) for i in range(6) if (i + j) % 3],
        network_cost_per_mw_year={
            (f"r{j}", f"s{i}"): 3 * ((7 * i + 3 * j) % 11) for j in range(8) for i in range(6)
        },
    )


def test_bounds_of_the_lattice():
    """Pinned: a change to the mathematics that moves a bound is to be noticed and meant."""
    inputs = lattice()
    assert relaxed(inputs, strong=False) == pytest.approx(2591.307618022987, rel=1e-9)
    assert relaxed(inputs, strong=True) == pytest.approx(2672.243635941629, rel=1e-9)
    assert optimum(inputs) == pytest.approx(2943.101848005915, rel=1e-9)


@pytest.mark.parametrize(
    ("inputs", "rows", "columns", "integer", "nonzeros", "links"),
    [
        # By hand: 3 all_served, load_balance, enough_capacity and hall_limit each, one node_limit.
        (triangle(), 13, 15, 3, 30, 6),
        (lattice(), 71, 102, 16, 227, 64),
        (reference_inputs(), 46, 35, 11, 106, 7),
    ],
    ids=["triangle", "lattice", "reference"],
)
def test_sizes(inputs, rows, columns, integer, nonzeros, links):
    """Pinned: rows, columns and nonzeros are what a planner's memory and minutes go into."""
    model = build_model(inputs)
    program = compile_program(model)
    assert program.matrix.shape == (rows, columns)
    assert program.integer.sum() == integer
    assert program.matrix.nnz == nonzeros
    assert len(strong_links(model, inputs)) == links


@st.composite
def small_problems(draw):
    """Up to three sites and three regions over one or two stages, everything by chance."""
    costs, mw = st.integers(0, 9), st.integers(1, 8)
    sites = {
        s: {
            "max_it_mw": draw(mw),
            "existing_it_mw": draw(st.sampled_from([0, 0, 0, 1])),
            "opening_cost": 10 * draw(costs),
            "fixed_cost_per_year": draw(costs),
            "it_cost_per_mw": draw(costs),
            "block_mw": draw(st.sampled_from([float("nan"), 1.0, 2.5])),
            "pue": draw(st.sampled_from([1.0, 1.5])),
            "earliest_year": draw(st.sampled_from([2026, 2026, 2027])),
        }
        for s in "abc"[: draw(st.integers(1, 3))]
    }
    stages = (2026, 2028)[: draw(st.integers(1, 2))]
    regions = [f"r{number}" for number in range(draw(st.integers(1, 3)))]
    return small_inputs(
        sites,
        {(r, "chat"): {t: draw(mw) for t in stages} for r in regions},
        stages=stages,
        horizon_end=2031,
        discount_rate=draw(st.sampled_from([0.0, 0.25])),
        firm_mw={"port": draw(st.integers(0, 12))},
        upgrades={("port", "line"): {"mw": 4, "cost": draw(costs), "lead_years": 1}},
        network_cost_per_mw_year={(r, s): draw(costs) for r in regions for s in sites},
        unserved_penalty_per_mwh=draw(st.sampled_from([0.001, 0.01])),
    )


@given(small_problems())
@settings(max_examples=60, deadline=None)
def test_links_lift_the_bound_and_cut_off_no_plan(inputs):
    weak, strong, whole = (
        relaxed(inputs, strong=False),
        relaxed(inputs, strong=True),
        optimum(inputs),
    )
    slack = 1e-7 * max(1, abs(whole))
    assert weak <= strong + slack
    assert strong <= whole + slack
    assert optimum(inputs, with_links=True) == pytest.approx(whole, rel=1e-7, abs=1e-7)

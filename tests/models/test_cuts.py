"""Strong links: true of every plan, and what they do to the bound."""

from pathlib import Path

import pytest
from hypothesis import given, settings

from models import build_model, strong_links
from optimizer.instance import read_instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import compile_program
from optimizer.routes import find_routes
from tests.models.baselines import reference_inputs
from tests.models.small_inputs import small_inputs
from tests.models.small_power import small_power
from tests.models.small_problems import small_problems
from tests.models.solving import optimum, relaxed, same_cost


def most_by_name(inputs):
    """What stands before the gate of each link, by the name of its variable."""
    links = strong_links(build_model(inputs), inputs)
    return dict(zip([variable.name for variable in links.variables], links.most, strict=True))


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
    assert strong_links(build_model(inputs), inputs).most == pytest.approx([0.25, 3])  # share, load
    assert optimum(inputs) == pytest.approx(1)


@pytest.mark.parametrize(
    ("changes", "most"),
    [
        ({"max_it_mw": 50}, 1),  # the node, too, carries just the 10 MW
        ({"max_it_mw": 8}, 0.8),
        ({"max_it_mw": 0.5}, 0.05),
        ({"max_it_mw": 8, "block_mw": 3}, 0.6),
        ({"max_it_mw": 8, "pue": 2}, 0.5),
    ],
    ids=["demand", "hall", "small hall", "whole blocks", "power"],
)
def test_a_link_is_as_tight_as_what_the_site_could_serve(changes, most):
    # 10 MW of demand at a node of 10 MW, with room elsewhere.
    inputs = small_inputs({"a": changes, "b": {"node": "plain"}}, 10, firm_mw={"port": 10})
    links = most_by_name(inputs)
    assert links["demand.serve[delft,chat,a,2026]"] == pytest.approx(most)
    assert links["demand.load_mw[a,2026]"] == pytest.approx(min(10, 10 * most))


@pytest.mark.parametrize(("moves_load", "most"), [(1, 1), (0, 0.5)])
def test_a_link_is_as_tight_as_the_load_that_stays(moves_load, most):
    # 2 MW of hardware hold half of 4 MW, and all of it where half may go to other hours.
    inputs = small_power(
        {"a": {"max_it_mw": 2, "moves_load": moves_load}, "b": {"node": "plain"}},
        {("delft", "batch"): 4},
        workloads={"batch": {"movable_share": 0.5}},
    )
    links = most_by_name(inputs)
    assert links["demand.serve[delft,batch,a,2026]"] == pytest.approx(most)


def test_a_load_is_linked_where_a_node_carries_less_than_the_hall_holds():
    """Ten regions of 1 MW pay 1 each, less for the 4 MW that a site for 3 may draw.

    Weak: 4 of 100 MW open, 6 + 0.04 × 3. Linked by share alone: 0.4 of each region, 6 + 0.4 × 3.
    The node has a second site, or its own limit would say as much.
    """
    inputs = small_inputs(
        {
            "a": {"max_it_mw": 100, "opening_cost": 3},
            "shed": {"max_it_mw": 1, "opening_cost": 100},
            "b": {"node": "plain", "existing_it_mw": 10},
        },
        {(f"r{r}", "chat"): 1 for r in range(10)},
        firm_mw={"port": 4},
        network_cost_per_mw_year={(f"r{r}", "b"): 1 for r in range(10)},
    )
    assert relaxed(inputs, strong=False) == pytest.approx(6.12)
    assert relaxed(inputs, strong=True) == pytest.approx(9)
    assert optimum(inputs) == pytest.approx(9)


def test_sites_with_capacity_need_no_links():
    inputs = small_inputs({"a": {"existing_it_mw": 1}})
    assert most_by_name(inputs) == {}


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
    assert relaxed(inputs, strong=False) == pytest.approx(2592.8905967463907, rel=1e-9)
    assert relaxed(inputs, strong=True) == pytest.approx(2701.1318176885106, rel=1e-9)
    assert optimum(inputs) == pytest.approx(2943.101848005915, rel=1e-9)


@pytest.mark.parametrize(
    ("inputs", "rows", "columns", "integer", "nonzeros", "links"),
    [
        # By hand: 3 all_served, load_balance, enough_capacity and hall_limit each, one node_limit.
        (triangle(), 13, 15, 3, 30, 9),
        (lattice(), 71, 102, 16, 227, 76),
        (reference_inputs(), 47, 35, 11, 110, 10),
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
    assert len(strong_links(model, inputs).most) == links


@given(small_problems())
@settings(max_examples=60, deadline=None)
def test_links_lift_the_bound_and_cut_off_no_plan(inputs):
    whole = optimum(inputs)
    assert same_cost(optimum(inputs, with_links=True), whole)
    if whole is not None:
        weak, strong = relaxed(inputs, strong=False), relaxed(inputs, strong=True)
        slack = 1e-7 * max(1, abs(whole))
        assert weak <= strong + slack
        assert strong <= whole + slack


def test_relaxation_of_the_bridge_by_hand():
    """With all strong links it is the optimum; without, halls open as far as they are filled.

    Quay opens by 0.6 in 2027, for 12 of 20 MW of turbine, and by 0.15 more for its 15th MW of IT:
    5.76 of 8 million. Old town draws all its 6 MW from the start and opens whole. Moor opens by 0.4
    in 2026, 1.76 of 2 million, and has 2 of its 5 MW then: what its wind does not make in time, and
    what that costs, is the rest.
    """
    instance = read_instance(Path("instances/bridge"))
    inputs = pool_regions(prepare(instance, find_routes(instance)))
    optimum_eur, saved_eur = 284_027_480, 2_240_000 + 240_000 - 969_676.8
    assert relaxed(inputs, strong=True) == pytest.approx(optimum_eur, rel=1e-9)
    assert relaxed(inputs, strong=False) == pytest.approx(optimum_eur - saved_eur, rel=1e-9)


@pytest.mark.parametrize(
    ("load", "movable_share", "most"),
    # A hall of 2 MW and a demand of 8 MW at its peak.
    [
        ([1, 1], 0, 2 / 8),
        ([0.25, 0.5], 0, 4 / 8),  # of which it never sees more than half
        ([0.25, 0.5], 0.2, 5 / 8),  # and a fifth of that may wait
        ([0.1, 0.2], 0, 1),
        ([0, 0], 0, 1),
    ],
)
def test_by_the_slice_a_link_knows_what_a_site_sees_of_a_peak(load, movable_share, most):
    inputs = small_power(
        {"a": {"max_it_mw": 2}},
        8,
        load={("delft", "chat"): load},
        workloads={"chat": {"movable_share": movable_share}},
    )
    assert strong_links(build_model(inputs), inputs).most == pytest.approx([most])

"""The tree proves what a plain solve proves, and covers cut off no plan."""

from dataclasses import replace
from threading import Event

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from models import PlanInputs
from optimizer.branching import Tree
from optimizer.errors import Infeasible
from optimizer.highs import Control, Solver, Status
from optimizer.root import climb
from optimizer.search import search
from tests.models.small_inputs import small_inputs
from tests.optimizer.test_ascent import instance, parts

GAP = 1e-5


def siting(seed: int, *, nines: bool = False) -> PlanInputs:
    """Six sites in any amount over two stages; `nines`: costs and demands over nine decades."""
    dice = np.random.default_rng(seed)
    scale = (lambda: 10.0 ** dice.uniform(-4, 5)) if nines else (lambda: 1.0)
    sites = {
        f"s{i}": {
            "max_it_mw": float(dice.integers(6, 15)) * 3,
            "opening_cost": float(dice.integers(5, 40)) * scale(),
            "fixed_cost_per_year": float(dice.integers(0, 3)),
            "it_cost_per_mw": float(dice.integers(1, 4)),
            "existing_it_mw": 3.0 if i == 0 and dice.random() < 0.5 else 0.0,
            "earliest_year": 2028 if i == 5 else 0,
            "node": f"g{i // 2}",
        }
        for i in range(6)
    }
    demand_mw = {
        (f"r{i}", "chat"): {
            2026: float(dice.integers(1, 4)) * (1e-3 if nines and i else 1.0),
            2028: float(dice.integers(2, 7)),
        }
        for i in range(7)
    }
    return small_inputs(
        sites,
        demand_mw,
        stages=(2026, 2028),
        firm_mw={"g0": 25.0, "g1": 40.0, "g2": 60.0},
        network_cost_per_mw_year={
            (f"r{i}", s): float(dice.integers(0, 9)) * scale()
            for i in range(7)
            for s in sites
            if dice.random() < 0.8
        },
        unserved_penalty_per_mwh=0.05 if dice.random() < 0.5 else None,
    )


def proves_what_plain_does(
    inputs: PlanInputs, monkeypatch: pytest.MonkeyPatch, gap: float = GAP
) -> list[str]:
    """Check it, and return which way the search went."""
    program, links, stations = parts(inputs)
    try:
        plain = search(program, links, Control(), 0.0, method="plain")
    except Infeasible:
        plain = None
    monkeypatch.setattr("optimizer.search.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("optimizer.search.LONG_PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    control = Control()
    if plain is None:
        with pytest.raises(Infeasible):
            search(program, links, control, gap, stations=lambda: stations)
        return control.choices
    found = search(program, links, control, gap, stations=lambda: stations)
    gave_up = any("linear programs after all" in choice for choice in control.choices)
    assert (found.root is None) is gave_up
    assert found.values is not None
    assert program.violation(found.values) <= 1e-6
    assert not links.broken_by(found.values).size
    slack = 1e-7 * abs(plain.objective)
    assert found.bound <= plain.objective + slack
    assert plain.objective - slack <= found.objective <= plain.objective * (1 + 2 * gap) + slack
    assert found.gap <= gap * (1 + 1e-9)
    return control.choices


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 10_000), nines=some.booleans())
def test_tree_proves_what_plain_proves(seed: int, nines: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        proves_what_plain_does(siting(seed, nines=nines), patch)


def test_a_tree_that_closes_too_little_gives_way_to_linear_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.search.TRIAL_NODES", 1)
    monkeypatch.setattr("optimizer.search.LEAST_CLOSED", 2.0)
    chosen = [proves_what_plain_does(siting(seed), monkeypatch) for seed in range(5)]
    assert any("linear programs after all" in why for choices in chosen for why in choices)


@pytest.mark.parametrize("seed", range(4))
def test_blocks_upgrades_and_rules_go_another_way(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    proves_what_plain_does(instance(seed), monkeypatch)


def test_interrupted_tree_keeps_its_plan_and_a_bound_that_holds() -> None:
    program, links, stations = parts(siting(3))
    least = search(program, links, Control(), 0.0).objective
    interrupted = Event()
    control = Control(interrupted=interrupted)
    root = climb(program, stations, control)
    tree = Tree(root.program, root.stations, root.ascent, control, 0.0)
    tree.sprout()
    interrupted.set()
    tree.grow()
    assert tree.lowest <= least
    assert tree.values is None or tree.objective >= least - 1e-7 * abs(least)


def test_openings_of_answers_and_exchanges_lead_to_plans_before_any_node() -> None:
    gaps = []
    for seed in range(6):
        program, links, stations = parts(siting(seed))
        least = search(program, links, Control(), 0.0).objective
        root = climb(program, stations, Control())
        tree = Tree(root.program, root.stations, root.ascent, Control(), 0.0)
        tree.sprout(root.openings)
        assert tree.bounded == tree.programs == 0
        assert tree.values is not None
        assert program.violation(tree.values) <= 1e-6
        assert program.objective(tree.values) == pytest.approx(tree.objective, rel=1e-9)
        gaps.append(tree.objective / least - 1)
    assert min(gaps) >= -1e-7
    assert sorted(gaps)[3] <= 1e-6  # most are the best there is


def test_a_tree_goes_on_from_a_plan_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.PATIENCE_SECONDS", -1.0)
    monkeypatch.setattr("optimizer.search.SMALL_COLUMNS", 0)
    monkeypatch.setattr("optimizer.branching.Tree.sprout", lambda *_: None)
    seeded: list[object] = []
    monkeypatch.setattr("optimizer.search.seed", lambda *given: seeded.append(given))
    program, links, stations = parts(siting(3))
    plan = Solver(program, Control(), "plan").solve()
    control = Control()
    found = search(program, links, control, GAP, stations=lambda: stations, start=plan)
    assert any("a tree on the ascent" in choice for choice in control.choices)
    assert not seeded
    assert found.gap <= GAP * (1 + 1e-9)


def test_leaf_prices_exactly_the_sites_it_opens() -> None:
    program, _, stations = parts(siting(7))
    root = climb(program, stations, Control())
    tree = Tree(root.program, root.stations, root.ascent, Control(), GAP)
    gates = stations.gate[stations.gate >= 0]
    outcome = tree.leaf(np.zeros(len(stations.gate), dtype=bool))
    lower = program.lower.copy()
    lower[gates] = 1.0
    whole = Solver(replace(program, lower=lower), Control(), "all open").solve()
    assert outcome.status is whole.status is Status.OPTIMAL
    assert outcome.objective == pytest.approx(whole.objective, rel=1e-9)

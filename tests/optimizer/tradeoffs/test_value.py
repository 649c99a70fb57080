"""Duals against finite differences, and re-solves against what is worked out by hand."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from optimizer import cli
from optimizer.explain.changes import more_grid, other_value
from optimizer.highs import Control, Outcome, Solver
from optimizer.prepare import prepare
from optimizer.routes import find_routes
from optimizer.tradeoffs.problem import Problem
from optimizer.tradeoffs.value import DUAL, POINT, RESOLVE, Values, priced_units, prices, value
from optimizer.why import Run
from tests.optimizer.explain.small_instances import rule, small_instance
from tests.optimizer.tradeoffs.runs import rationed, solved

SITES = {
    "cheap": {"it_cost_per_mw": 1, "opening_cost": 1, "node": "small", "pue": 1.25},
    "dear": {"it_cost_per_mw": 4, "opening_cost": 2, "operator": "terra", "max_it_mw": 5},
    # Stays closed: the others are enough.
    "spare": {"it_cost_per_mw": 9, "opening_cost": 50, "operator": "ventus"},
}
DEMAND = {("delft", 2026): 4.0, ("delft", 2027): 7.0, ("lyon", 2027): 0.7}
FIRM = {("small", 2026): 3.0, ("small", 2027): 4.5, ("port", 2026): 1000.0}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("value")
    rules = [rule("max_share_operator", "terra", value=0.55)]
    instance = small_instance(folder / "instance", SITES, DEMAND, firm_mw=FIRM, rules=rules)
    return Run.read(solved(instance, folder / "run"))


def fixed_cost(run: Run, change: object) -> float:
    """Cost of a changed instance with the run's choices."""
    changed = change(run.instance)  # type: ignore[operator]
    problem = Problem.of(changed, prepare(changed, find_routes(changed)))
    return problem.plan_of(run).objective


@pytest.fixture(scope="module")
def found_prices(run: Run) -> tuple[dict, dict]:
    return prices(Problem.of(run.instance, run.inputs), run, Control())[:2]


@pytest.mark.parametrize("year", [2026, 2027])
def test_duals_of_nodes_are_slopes(run: Run, found_prices: tuple[dict, dict], year: int) -> None:
    step_mw, (nodes, _) = 1e-3, found_prices
    for node in ("small", "port"):
        more = partial(more_grid, mw={(node, year): step_mw})
        saved = run.cost.most - fixed_cost(run, more)
        assert saved / step_mw == pytest.approx(nodes[node, year].most, abs=1e-4)


def test_a_full_hall_behind_a_line_with_mw_to_spare_wants_no_more(tmp_path: Path) -> None:
    # 13 MW for a hall of 5, which is full: more power at its node is worth nothing.
    sites = {
        "full": {"max_it_mw": 5, "node": "small"},
        "dear": {"it_cost_per_mw": 9},
    }
    line = {"node": "small", "upgrade": "line", "mw": 10, "cost": 1, "lead_years": 0}
    firm_mw = {("small", 2026): 3.0, ("port", 2026): 1000.0}
    instance = small_instance(
        tmp_path / "instance", sites, {("delft", 2026): 8.0}, firm_mw=firm_mw, upgrades=[line]
    )
    run = Run.read(solved(instance, tmp_path / "run"))
    nodes, _, _ = prices(Problem.of(run.instance, run.inputs), run, Control())
    assert nodes["small", 2026].most == 0


def test_duals_of_shares_are_slopes(tmp_path: Path) -> None:
    sites = {
        "here": {"it_cost_per_mw": 5, "country": "NL"},
        "there": {"it_cost_per_mw": 2, "country": "NO", "operator": "terra"},
    }
    rules = [
        rule("max_share_operator", "most", value=0.7),
        rule("min_share_at_home", "home", value=0.2),
    ]
    instance = small_instance(tmp_path / "instance", sites, {("delft", 2026): 10.0}, rules=rules)
    run = Run.read(solved(instance, tmp_path / "run"))
    _, points, _ = prices(Problem.of(run.instance, run.inputs), run, Control())
    # A point is 0.1 MW, which costs 3 less there.
    assert points["most"].most == pytest.approx(0.3)
    assert points["home"].most == pytest.approx(0)
    for name, looser in (("most", 0.7 + POINT / 10), ("home", 0.2 - POINT / 10)):
        saved = run.cost.most - fixed_cost(run, partial(other_value, rule=name, value=looser))
        assert 10 * saved == pytest.approx(points[name].most, abs=1e-4)


def test_no_unit_saves_more_than_its_dual_with_choices_fixed(run: Run) -> None:
    for unit in priced_units(run, Control())[0]:
        if unit.fixed is not None:
            saved = run.cost.most - fixed_cost(run, unit.change)
            assert saved <= unit.fixed.most + 1e-6, unit
            assert saved == pytest.approx(unit.fixed.least, abs=1e-6), unit


def test_where_limits_meet_the_dual_is_no_price_of_more(tmp_path: Path) -> None:
    # Power for just what is wanted, where it is cheap: a MW less would cost 3, a MW more saves 0.
    sites = {name: SITES[name] for name in ("cheap", "dear")}
    firm = {("small", 2026): 5.0, ("port", 2026): 10.0}
    instance = small_instance(tmp_path / "instance", sites, {("delft", 2026): 4.0}, firm_mw=firm)
    run = Run.read(solved(instance, tmp_path / "run"))
    nodes, _, _ = prices(Problem.of(run.instance, run.inputs), run, Control())
    found = nodes["small", 2026]
    assert found.least == pytest.approx(0, abs=1e-6)
    assert 0 <= found.most <= 2.4 + 1e-6  # 0.8 IT MW, each 3 dearer at dear


@pytest.fixture(scope="module")
def found(run: Run) -> Values:
    return value(run.folder, 1, Control(threads=1))


def test_what_is_solved_again_is_an_interval_around_what_it_saves(run: Run, found: Values) -> None:
    again = found.table[found.table.how == RESOLVE]
    assert set(again.kind) == {"node", "workload"}
    # 1 MW more carries 0.8 IT MW, of which 0.635 fill aqua up to 55 %, each 3 less than at dear.
    largest = again[again.kind == "node"].iloc[0]
    assert (largest["name"], largest.year) == ("small", 2027)
    assert largest.saves_least <= 1.905 + 1e-6
    assert largest.saves_most == pytest.approx(1.905, abs=1e-3)
    # Everybody is near enough already.
    assert again[again.kind == "workload"].saves_most.iloc[0] == pytest.approx(0, abs=1e-3)


def test_each_row_says_what_it_is(found: Values, tmp_path: Path) -> None:
    assert set(found.table.how) == {DUAL, RESOLVE}
    found.write(tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "value.csv")
    assert len(table) == len(found.as_dict()["values"])
    lines = list(found.lines())
    assert any(line.startswith(f"By {DUAL}") for line in lines)
    assert any(line.startswith(f"By {RESOLVE}") for line in lines)


def test_what_is_not_solved_in_time_is_not_known(run: Run) -> None:
    control = Control(threads=1)

    def stop(phase: str) -> None:
        if phase != "duals":
            control.interrupted.set()

    stopped = value(run.folder, 1, control, told=stop)
    assert len(stopped.unknown) == 2
    assert RESOLVE not in set(stopped.table.how)


def test_a_limit_is_told_by_the_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = ["value", str(run.folder), "--threads", "1"]
    assert CliRunner().invoke(cli.main, arguments).exit_code == 0
    arguments += ["--exact", "1"]
    none = CliRunner().invoke(cli.main, [*arguments, "--time-limit", "1e-9"])
    assert none.exit_code == 6
    assert "not stated in time" in none.output
    # The duals, and no plan solved again.
    monkeypatch.setattr("optimizer.tradeoffs.value.share", rationed(1))
    some = CliRunner().invoke(cli.main, arguments)
    assert some.exit_code == 5
    assert "not known" in some.output


def test_whole_units_that_are_not_tried_in_time_are_counted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control(threads=1)
    solve = Solver.solve

    def once(solver: Solver, **more: float) -> Outcome:
        outcome = solve(solver, **more)
        control.interrupted.set()
        return outcome

    monkeypatch.setattr(Solver, "solve", once)
    found = value(run.folder, 0, control)
    positive = found.table[found.table.saves_most > 0]
    assert found.unsolved == len(positive) > 0
    assert (positive.saves_least == 0).all()
    assert not found.complete
    assert any(f"a whole unit was tried at {found.unsolved}" in line for line in found.lines())


def test_choices_of_another_instance_are_refused(run: Run) -> None:
    unfit = replace(run, inputs=replace(run.inputs, firm_mw=run.inputs.firm_mw * 0))
    with pytest.raises(Exception, match="leave no plan"):
        prices(Problem.of(unfit.instance, unfit.inputs), unfit, Control())

"""The file that talks to HiGHS checks what HiGHS does not."""

import threading
import time
from pathlib import Path

import highspy
import numpy as np
import pytest

from optimizer import highs
from optimizer.errors import SolverFailure
from optimizer.highs import Control, Solver, Status
from tests.optimizer.programs import knapsack, program

INF = float("inf")


def test_linear_program_with_bound_and_duals() -> None:
    # min 2x + 3y, x + y ≥ 4, x ≤ 3: x = 3, y = 1; one more unit costs 3, one more of x saves 1.
    outcome = Solver(program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF]), Control(), "lp").solve()
    assert outcome.status is Status.OPTIMAL
    assert outcome.values == pytest.approx([3, 1])
    assert outcome.objective == pytest.approx(9)
    assert outcome.bound == outcome.objective
    assert outcome.row_dual == pytest.approx([3])
    assert outcome.column_dual == pytest.approx([-1, 0])


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_linear_program_that_fails_is_tried_by_other_means(
    failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    solver = Solver(program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF]), Control(), "lp")
    really_run, runs = solver.highs.run, []

    def run() -> highspy.HighsStatus:
        runs.append(solver.highs.getOptionValue("solver")[1])
        return highspy.HighsStatus.kError if len(runs) <= failures else really_run()

    monkeypatch.setattr(solver.highs, "run", run)
    assert solver.solve().objective == pytest.approx(9)
    assert runs == ["choose", "ipm", "ipm", "ipm"][: failures + 1]
    runs.clear()
    failures = 4
    with pytest.raises(SolverFailure, match="failed in phase lp"):
        solver.solve()


def test_linear_program_without_an_answer_is_tried_by_other_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    solver = Solver(program([2, 3], [[1, 1]], [4], [INF], upper=[3, INF]), Control(), "lp")
    really, asked = solver.highs.getModelStatus, []

    def status() -> highspy.HighsModelStatus:
        asked.append(solver.highs.getOptionValue("solver")[1])
        return really() if "ipm" in asked else highspy.HighsModelStatus.kUnknown

    monkeypatch.setattr(solver.highs, "getModelStatus", status)
    assert solver.solve().objective == pytest.approx(9)
    assert asked[:2] == ["choose", "ipm"]
    # The next one starts as usual, from the basis that there is.
    usual = Solver(program([1], [[1]], [1], [INF]), Control(), "lp").highs
    for option in ("solver", "presolve", "simplex_strategy"):
        assert solver.highs.getOptionValue(option) == usual.getOptionValue(option)
    monkeypatch.setattr(solver.highs, "getModelStatus", lambda: highspy.HighsModelStatus.kUnknown)
    with pytest.raises(SolverFailure, match="ended phase lp with status 'Unknown'"):
        solver.solve()


def test_optimum_that_a_broken_version_missed() -> None:
    # HiGHS 1.14.0 says 15: min 2x + 3z, x + z ≥ 4.5, x ≤ 4, z whole.
    mip = program([2, 3], [[1, 1]], [4.5], [INF], integer=[False, True])
    assert Solver(mip, Control(), "mip").solve().objective == pytest.approx(9)


def test_known_bad_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highspy.Highs, "version", lambda _: "1.14.0")
    with pytest.raises(SolverFailure, match=r"1\.14\.0 returns wrong optima"):
        highs.version()
    with pytest.raises(SolverFailure, match=r"1\.14\.0 returns wrong optima"):
        Solver(program([1], [[1]], [1], [INF]), Control(), "lp")


def test_costs_are_scaled_inside_and_not_outside() -> None:
    big = program([2e9, 3e9], [[1, 1]], [4], [INF], upper=[3, INF], offset=1e9)
    solver = Solver(big, Control(), "lp")
    assert solver.cost_scale == 2.0**31
    outcome = solver.solve()
    assert outcome.objective == pytest.approx(10e9, rel=1e-12)
    assert outcome.row_dual == pytest.approx([3e9])


@pytest.mark.parametrize(("name", "value"), [("mip_gap", 0.1), ("mip_rel_gap", "much")])
def test_option_that_highs_ignores_is_an_error(name: str, value: object) -> None:
    solver = Solver(program([1], [[1]], [1], [INF]), Control(), "lp")
    with pytest.raises(SolverFailure, match=name):
        solver.set_option(name, value)


def test_rows_that_get_lost_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(highspy.Highs, "getNumRow", lambda _: 0)
    with pytest.raises(SolverFailure, match="HiGHS holds"):
        Solver(program([1], [[1]], [1], [INF]), Control(), "lp")


def test_infeasible_is_a_result() -> None:
    outcome = Solver(program([1], [[1]], [2], [INF], upper=[1]), Control(), "lp").solve()
    assert outcome.status is Status.INFEASIBLE
    assert outcome.values is None


def test_smallest_demand_that_may_be_stated_is_not_left_out() -> None:
    # Found by spoiling instances at random: 1e-9 MW beside 1 MW, at 1 and 2 a unit.
    tiny = program([1, 2], [[1e-9, 1]], [2], [INF], upper=[1e9, INF])
    outcome = Solver(tiny, Control(), "lp").solve()
    assert outcome.objective == pytest.approx(4)
    assert outcome.values == pytest.approx([0, 2])


def test_program_can_be_changed_and_solved_again() -> None:
    solver = Solver(program([2, 3], [[1, 1]], [4], [INF]), Control(), "lp")
    assert solver.solve().objective == pytest.approx(8)
    solver.add_rows(
        np.array([-INF]), np.array([1.0]), np.array([0]), np.array([0]), np.array([1.0])
    )
    assert solver.solve().objective == pytest.approx(2 + 9)
    solver.set_bounds(np.array([0]), np.zeros(1), np.zeros(1))
    assert solver.solve().objective == pytest.approx(12)
    solver.set_row_bounds(np.array([0]), np.array([5.0]), np.array([INF]))
    assert solver.solve().objective == pytest.approx(15)
    solver.set_cost(np.array([0.0, 1.0]))
    assert solver.solve().objective == pytest.approx(5)


def test_a_twin_goes_on_from_where_the_other_is_and_its_own_way() -> None:
    interrupted = threading.Event()
    one = Solver(
        program([2e6, 3e6, 1e6], [[1, 1, 0], [0, 1, 1]], [4, 3], [INF, INF], offset=5e6),
        Control(seed=3, interrupted=interrupted),
        "lp",
    )
    one.add_rows(np.array([-INF]), np.array([1.0]), np.array([0]), np.array([2]), np.array([2.0]))
    cost = one.solve().objective
    assert cost == pytest.approx(5e6 + 1.5e6 * 2 + 2.5e6 * 3 + 0.5e6)
    other = one.twin()
    same = other.solve()
    assert same.objective == pytest.approx(cost)
    assert other.highs.getInfo().simplex_iteration_count == 0
    assert same.row_dual == pytest.approx(one.solve().row_dual)
    assert other.highs.getOptionValue("random_seed")[1] == 3
    other.set_bounds(np.array([0]), np.zeros(1), np.zeros(1))
    other.add_rows(np.array([6.0]), np.array([INF]), np.array([0]), np.array([1]), np.array([1.0]))
    assert other.solve().objective == pytest.approx(5e6 + 6 * 3e6)
    assert one.solve().objective == pytest.approx(cost)
    assert one.size() == (3, 3, 5)
    assert other.size() == (4, 3, 6)
    interrupted.set()
    assert other.solve().status is Status.INTERRUPTED


def test_time_limit_keeps_plan_and_bound() -> None:
    outcome = Solver(knapsack(400), Control(time_limit=2), "mip").solve()
    assert outcome.status is Status.TIME_LIMIT
    assert outcome.values is not None
    assert -INF < outcome.bound <= outcome.objective < 0


def test_expired_limit_ends_before_it_starts() -> None:
    outcome = Solver(knapsack(400), Control(time_limit=0), "mip").solve()
    assert (outcome.status, outcome.values) == (Status.TIME_LIMIT, None)


def test_interruption_keeps_plan_and_bound() -> None:
    control = Control(time_limit=60)
    threading.Timer(1.0, control.interrupted.set).start()
    started = time.monotonic()
    outcome = Solver(knapsack(400), control, "mip").solve()
    assert outcome.status is Status.INTERRUPTED
    assert outcome.values is not None
    assert -INF < outcome.bound <= outcome.objective
    assert time.monotonic() - started < 60


def test_progress_and_log(tmp_path: Path) -> None:
    seen: list[tuple[str, float, float]] = []
    control = Control(
        time_limit=2, log=tmp_path / "solver.log", on_progress=lambda *line: seen.append(line)
    )
    outcome = Solver(knapsack(400), control, "mip").solve()
    assert {phase for phase, _, _ in seen} == {"mip"}
    assert seen[-1][1] == pytest.approx(outcome.objective)
    assert "MIP" in (tmp_path / "solver.log").read_text()


def test_start_is_used() -> None:
    first = Solver(knapsack(400), Control(time_limit=2), "mip").solve()
    assert first.values is not None
    again = Solver(knapsack(400), Control(time_limit=0.5), "mip")
    again.start_from(first.values)
    assert again.solve().objective <= first.objective + 1e-6


def test_each_solve_may_use_another_number_of_threads() -> None:
    # HiGHS sets its threads up once in a process, and fails with another number of them.
    for threads in (1, 2, 0, 1, 0, 2):
        outcome = Solver(knapsack(10), Control(threads=threads), "mip").solve()
        assert outcome.status is Status.OPTIMAL


def test_a_plan_as_good_as_the_target_is_enough() -> None:
    # Any plan is: proving the least would go on.
    sack = knapsack(20, seed=1)
    least = Solver(sack, Control(), "x").solve().objective
    outcome = Solver(sack, Control(), "x").solve(target=least + 0.5 * abs(least))
    assert outcome.status is Status.OPTIMAL
    assert outcome.values is not None
    assert least - 1e-6 <= outcome.objective <= least + 0.5 * abs(least)
    assert outcome.bound <= least + 1e-6


def test_where_no_plan_comes_to_the_target_a_near_one_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(highs, "NEAR_MISS", 0.0)
    monkeypatch.setattr(highs, "NEAR_GAPS", 0.0)
    sack = knapsack(20, seed=1)
    least = Solver(sack, Control(), "x").solve().objective
    exact = Solver(sack, Control(), "x").solve(target=least - abs(least))
    assert exact.objective == pytest.approx(least)
    monkeypatch.setattr(highs, "NEAR_MISS", 1e9)
    solver = Solver(sack, Control(), "x")
    near = solver.solve(target=least - abs(least))
    assert solver.gave_up
    assert near.status is Status.OPTIMAL
    assert near.values is not None
    assert near.objective >= least - 1e-6
    assert near.bound <= least + 1e-6


def test_a_cutoff_ends_no_linear_program_below_it() -> None:
    # Three of a, b and c at 1, 2 and 4, from nothing but its bounds on; 100 is paid in any case.
    shares = program([1, 2, 4], [[1, 1, 1]], [3], [INF], upper=[3, 3, 3], offset=100)
    solver = Solver(shares, Control(), "test", relaxed=True)
    assert solver.solve(cutoff=103.5).objective == pytest.approx(103)
    solver.set_bounds(np.array([0, 1]), np.zeros(2), np.array([0.0, 1.0]))
    above = solver.solve(cutoff=109.5)
    assert above.status is Status.INFEASIBLE or above.objective == pytest.approx(110)
    assert solver.solve(cutoff=110.5).objective == pytest.approx(110)
    assert solver.solve().objective == pytest.approx(110)


def test_a_few_steps_estimate_what_a_linear_program_costs() -> None:
    shares = program([1, 2, 4], [[1, 1, 1]], [3], [INF], upper=[3, 3, 3], offset=100)
    solver = Solver(shares, Control(), "test", relaxed=True)
    assert solver.solve().objective == pytest.approx(103)
    solver.set_bounds(np.array([0, 1]), np.zeros(2), np.array([0.0, 1.0]))
    assert 103 <= solver.estimate(1) <= 110
    assert solver.estimate(100) == pytest.approx(110)
    solver.set_bounds(np.arange(3), np.zeros(3), np.zeros(3))
    assert solver.estimate(100) == INF

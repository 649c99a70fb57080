"""Where a linear program goes on from: marks, and a light start after a change."""

import numpy as np
import pytest

from optimizer.highs import Control, Solver, Status
from optimizer.sifting import Sifter
from tests.optimizer.programs import program
from tests.optimizer.test_ascent import parts
from tests.optimizer.test_branching import siting
from tests.optimizer.test_lp_tree import facilities

STEEPEST_EDGE = "compute steepest edge weights"


def relaxation(control: Control | None = None) -> Solver:
    """Solver of a linear program that takes some steps, at its optimum."""
    sites, _ = facilities(30, 90, 1, capacity=6.0)
    solver = Solver(sites, control or Control(), "lp", relaxed=True)
    solver.solve()
    return solver


def steps(solver: Solver) -> int:
    """Steps of the simplex method that the next run takes."""
    solver.solve()
    return int(solver.highs.getInfo().simplex_iteration_count)


def shut(solver: Solver, count: int) -> None:
    """Shut the first sites."""
    columns = np.flatnonzero(solver.program.integer)
    upper = (np.arange(len(columns)) >= count).astype(float)
    solver.set_bounds(columns, np.zeros(len(columns)), upper)


def test_back_at_a_mark_there_is_nothing_left_to_do() -> None:
    solver = relaxation()
    mark, cost = solver.mark(), solver.solve().objective
    shut(solver, 5)
    assert steps(solver) > 0
    assert solver.solve().objective > cost
    shut(solver, 0)
    assert solver.go_to(mark)
    assert steps(solver) == 0
    assert solver.solve().objective == pytest.approx(cost)


def test_a_mark_holds_after_new_rows() -> None:
    # min 2x + 3y, x + y ≥ 4, x ≤ 3: 9. With x ≤ 1, too, y = 3 and 11; then x ≤ 2: 10.
    solver = Solver(program([2, 3], [[1, 1]], [4], [np.inf], upper=[3, np.inf]), Control(), "lp")
    assert solver.solve().objective == pytest.approx(9)
    mark = solver.mark()
    row = np.zeros(1), np.array([1.0]), np.array([0]), np.array([0]), np.array([1.0])
    solver.add_rows(*row)
    assert solver.solve().objective == pytest.approx(11)
    solver.set_row_bounds(np.array([1]), np.zeros(1), np.array([2.0]))
    for _ in range(2):
        assert solver.go_to(mark)
        assert solver.solve().objective == pytest.approx(10)


def test_a_mark_holds_after_new_columns() -> None:
    whole, _, stations = parts(siting(3))
    sifter = Sifter(whole, stations, np.zeros(len(whole.cost), dtype=bool), Control(), "lp")
    cost = sifter.solve().objective
    mark = sifter.mark()
    sifter.join(sifter.left_out())
    assert mark.size[1] < sifter.size()[1]
    assert sifter.go_to(mark)
    assert sifter.solve().objective == pytest.approx(cost)


def test_a_mark_is_none_after_columns_were_left_out() -> None:
    whole, _, stations = parts(siting(3))
    sifter = Sifter(whole, stations, np.ones(len(whole.cost), dtype=bool), Control(), "lp")
    cost = sifter.solve().objective
    mark = sifter.mark()
    sifter.narrow(np.zeros(len(whole.cost), dtype=bool))
    assert not sifter.go_to(mark)
    assert sifter.solve().objective == pytest.approx(cost)


def test_a_mark_is_none_of_a_twin() -> None:
    solver = relaxation()
    mark, twin = solver.mark(), solver.twin()
    shut(twin, 5)
    twin.solve()
    assert not twin.go_to(mark)
    assert solver.go_to(mark)


@pytest.mark.parametrize("is_light", [False, True])
def test_started_lightly_no_row_is_weighed_first(
    is_light: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    solver = relaxation()
    solver.start_lightly() if is_light else None
    assert steps(solver) == 0  # It is where it was.
    for each in (solver, solver.twin()):
        each.set_option("output_flag", True)
        each.set_option("log_to_console", True)
        each.set_option("log_dev_level", 3)
        mark = each.mark()
        shut(each, 5)
        each.go_to(mark)
        capfd.readouterr()
        assert steps(each) > 0
        assert (STEEPEST_EDGE in capfd.readouterr().out) is not is_light


def test_started_lightly_it_can_be_stopped_between_linear_programs_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    control, asked = Control(), []
    monkeypatch.setattr(Solver, "stop_if_asked", lambda _, event: asked.append(event))
    solver = relaxation(control)
    shut(solver, 5)
    assert steps(solver) > 0
    assert asked
    solver.start_lightly()
    asked.clear()
    for each in (solver, solver.twin()):
        shut(each, 9)
        assert steps(each) > 0
    assert not asked
    control.interrupted.set()
    assert solver.solve().status is Status.INTERRUPTED


def test_started_lightly_it_finds_the_same_optimum() -> None:
    solver, light = relaxation(), relaxation()
    light.start_lightly()
    for count in (3, 6, 9):
        shut(solver, count)
        shut(light, count)
        assert light.solve().objective == pytest.approx(solver.solve().objective)

"""Other solvers agree with a right plan, and contradict a wrong plan or a wrong bound."""

import json
import time
from pathlib import Path
from threading import Event

import pytest
from click.testing import CliRunner

from optimizer import scip
from optimizer.cli import main
from optimizer.errors import SolverFailure
from optimizer.highs import Control
from optimizer.second_opinion import (
    AGREES,
    CONTRADICTS,
    FAILED,
    PROVED,
    Opinion,
    opinion_text,
    second_opinions,
)
from tests.optimizer.programs import knapsack, program

INF = float("inf")
TWO_SITES = Path(__file__).parents[2] / "instances" / "two_sites"
# HiGHS 1.14.0 says 15: min 2x + 3z, x + z ≥ 4.5, x ≤ 4, z whole; 9 by x = 4.5 without its limit.
MIP = program([2, 3], [[1, 1]], [4.5], [INF], integer=[False, True])
IMPOSSIBLE = program([1, 1], [[2, 2]], [1], [1], upper=[1, 1], integer=[True, True])


def verdicts(*judged: object) -> set[str]:
    return {opinion.verdict for opinion in second_opinions(*judged, Control())}


needs_scip = pytest.mark.skipif(not scip.is_installed(), reason="pyscipopt is not installed")


def test_right_plan_is_proved_by_every_solver() -> None:
    opinions = second_opinions(MIP, 9.0, 9.0, 0.0, Control())
    assert [opinion.verdict for opinion in opinions if opinion.objective] == [PROVED] * (
        1 + scip.is_installed()
    )
    assert "without presolve" in opinions[0].solver
    assert opinions[0].objective == pytest.approx(9)


@pytest.mark.parametrize(
    ("what", "judged"),
    [
        ("plan far above the optimum, called optimal", (MIP, 15.0, 15.0, 0.0)),
        ("plan cheaper than any", (MIP, 8.0, 8.0, 0.0)),
        ("plan where there is none", (IMPOSSIBLE, 0.5, 0.5, 0.0)),
        ("bound above the optimum", (MIP, 9.5, 9.4, 0.1)),
    ],
)
def test_wrong_plans_and_bounds_are_contradicted(what: str, judged: tuple) -> None:
    opinions = second_opinions(*judged, Control())
    asked = [opinion for opinion in opinions if opinion.verdict != "not installed"]
    assert {opinion.verdict for opinion in asked} == {CONTRADICTS}
    assert "CONTRADICTS" in opinion_text(asked[0].as_dict(), "EUR")


def test_plan_within_the_sum_of_gaps_is_no_contradiction() -> None:
    # 9.8 with a bound of 8.5 was to be proven to 20 %: the optimum, 9, lies between them.
    assert verdicts(MIP, 9.8, 8.5, 0.2) - {"not installed"} == {PROVED}


def test_what_time_leaves_open_is_said() -> None:
    hard = knapsack(60)
    opinion = second_opinions(hard, 0.0, -1e9, 0.0, Control(time_limit=0.3))[0]
    assert opinion.verdict == AGREES
    assert "in the time it had" in opinion_text(opinion.as_dict(), "EUR")


def test_time_that_the_plan_took_is_not_taken_from_the_check() -> None:
    long_ago = Control(time_limit=60, started=time.monotonic() - 1000)
    assert second_opinions(MIP, 9.0, 9.0, 0.0, long_ago)[0].verdict == PROVED


def test_solver_that_fails_costs_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SolverFailure("HiGHS failed.")

    monkeypatch.setattr("optimizer.highs.Solver.solve", fail)
    opinion = second_opinions(MIP, 9.0, 9.0, 0.0, Control())[0]
    assert opinion.verdict == FAILED
    assert "failed, and has no opinion" in opinion_text(opinion.as_dict(), "EUR")


def test_after_an_interruption_nobody_else_is_asked() -> None:
    interrupted = Event()
    interrupted.set()
    opinions = second_opinions(MIP, 9.0, 9.0, 0.0, Control(interrupted=interrupted))
    assert [opinion.verdict for opinion in opinions if "HiGHS" in opinion.solver] == [AGREES]
    assert not any(opinion.objective for opinion in opinions)


def test_solver_that_is_not_there_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.scip.is_installed", lambda: False)
    opinion = second_opinions(MIP, 9.0, 9.0, 0.0, Control())[-1]
    assert "pip install 'sitewatt[scip]'" in opinion_text(opinion.as_dict(), "EUR")


@pytest.mark.parametrize(("verdict", "code"), [(PROVED, 0), (AGREES, 0), (CONTRADICTS, 7)])
def test_contradiction_ends_the_command_with_7_and_keeps_the_run(
    verdict: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opinion = Opinion("another solver", verdict, 1.0, 1.0)
    monkeypatch.setattr("optimizer.run.second_opinions", lambda *_: [opinion])
    words = ["solve", str(TWO_SITES), "--out", str(tmp_path / "run"), "--quiet", "--check"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == code, result.output
    assert "check: another solver" in result.stdout
    plan = json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))
    assert plan["check"][0]["verdict"] == verdict

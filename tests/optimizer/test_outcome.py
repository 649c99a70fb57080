"""What a plan is called follows from its gap, not from what a solver calls its last run."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from optimizer import run
from optimizer.cli import main
from optimizer.outcome import Status, of_plan
from optimizer.search import Found, search

TWO_SITES = Path(__file__).parents[2] / "instances" / "two_sites"


@pytest.mark.parametrize(
    ("last", "gap", "called"),
    [
        (Status.OPTIMAL, 0.009, Status.OPTIMAL),
        (Status.OPTIMAL, 0.01 + 1e-9, Status.OPTIMAL),
        (Status.OPTIMAL, 0.011, Status.GAP_MISSED),
        (Status.TIME_LIMIT, 0.01, Status.OPTIMAL),
        (Status.TIME_LIMIT, 0.011, Status.TIME_LIMIT),
        (Status.INTERRUPTED, 0.011, Status.INTERRUPTED),
    ],
)
def test_gap_decides(last: Status, gap: float, called: Status) -> None:
    assert of_plan(last, gap, asked=0.01) is called


def test_plan_that_misses_its_gap_is_not_called_optimal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short_of_it(*given: object, **named: object) -> Found:
        found = search(*given, **named)  # type: ignore[arg-type]
        assert found.status is Status.OPTIMAL
        return replace(found, bound=found.bound * 0.9)

    monkeypatch.setattr(run, "search", short_of_it)
    asked = ["solve", str(TWO_SITES), "--out", str(tmp_path / "run"), "--quiet"]
    result = CliRunner().invoke(main, asked)
    assert result.exit_code == 5, result.output
    assert result.stdout.splitlines()[1].startswith("gap missed: cost ")
    plan = json.loads((tmp_path / "run" / "plan.json").read_text(encoding="utf-8"))
    assert plan["status"] == "gap_missed"
    assert plan["gap"] == pytest.approx(0.1, rel=1e-2)

"""A run can be repeated from its folder alone, and says where the second run differs."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from optimizer.cli import main
from optimizer.errors import SitewattError
from optimizer.rerun import compare, recorded

INSTANCES = Path(__file__).parents[2] / "instances"


def sitewatt(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of two_sites with options that are not the default."""
    words = ("--seed", 7, "--threads", 1, "--every-pair", "--gap", 0, "--quiet")
    result = sitewatt("solve", INSTANCES / "two_sites", "--out", tmp_path / "run", *words)
    assert result.exit_code == 0, result.output
    return tmp_path / "run"


def change_plan(run: Path, **changes: Any) -> None:
    plan = json.loads((run / "plan.json").read_text(encoding="utf-8"))
    (run / "plan.json").write_text(json.dumps({**plan, **changes}), encoding="utf-8")


def test_second_run_is_the_same_to_the_last_byte(run: Path, tmp_path: Path) -> None:
    result = sitewatt("rerun", run, "--out", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert "the same plan" in result.stdout
    assert recorded(tmp_path / "again").options == recorded(run).options
    told = json.loads(sitewatt("rerun", run, "--json").stdout)
    assert told["verdict"] == "identical"
    assert told["run"] is None
    assert {path.name for path in tmp_path.iterdir()} == {"run", "again"}


def test_changed_table_is_named(run: Path) -> None:
    table = run / "tables" / "capacity.csv"
    table.write_text(table.read_text().replace("oslo,2026,1,3.0", "oslo,2026,1,3.5"))
    result = sitewatt("rerun", run)
    assert result.exit_code == 7
    assert "NOT the same plan\n  table capacity differs\n" in result.stdout


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        # Another version found another plan, and neither bound contradicts the other's cost.
        ({"versions": {"highs": "1.13.1"}, "objective": 113_100_673}, "consistent"),
        # Another version's bound is above the cost of this one's plan: one of the two is wrong.
        ({"versions": {"highs": "1.14.0"}, "bound": 113_200_000}, "different"),
        ({"machine": {"cores": 64}, "objective": 113_100_673}, "consistent"),
        ({"status": "time_limit", "bound": 100_000_000}, "consistent"),
        ({"bound": 113_000_000}, "different"),
    ],
)
def test_where_identity_cannot_be_asked_for_costs_and_bounds_are_compared(
    run: Path, tmp_path: Path, changes: dict[str, Any], verdict: str
) -> None:
    sitewatt("rerun", run, "--out", tmp_path / "again")
    change_plan(run, **changes)
    comparison = compare(run, tmp_path / "again")
    assert comparison.verdict == verdict
    if "versions" in changes:
        assert any(version.startswith("highs 1.1") for version in comparison.versions)
    if "machine" in changes:
        assert any(version.startswith("cores 64 → ") for version in comparison.versions)


def test_run_that_was_cut_short_is_said_not_to_be_comparable(run: Path) -> None:
    change_plan(run, status="time_limit", bound=100_000_000)
    result = sitewatt("rerun", run)
    assert result.exit_code == 0, result.output
    assert "not comparable table by table: a run ended by time limit" in result.stdout


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "no plan": (lambda run: (run / "plan.json").unlink(), "cannot be read"),
    "half a plan": (lambda run: (run / "plan.json").write_text('{"status": "opt'), "is damaged"),
    "a list": (lambda run: (run / "plan.json").write_text("[]"), "is damaged"),
    "no options": (lambda run: change_plan(run, options=None), "is damaged"),
    "unknown option": (lambda run: change_plan(run, options={"gap": 0, "luck": 1}), "luck"),
    "text as number": (lambda run: change_plan(run, objective="much"), "is damaged"),
    "other instance": (
        lambda run: (run / "instance" / "rules.csv").unlink(),
        "is not the instance that was solved",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_run_is_told(run: Path, name: str) -> None:
    damage, message = DAMAGED[name]
    damage(run)
    with pytest.raises(SitewattError, match=message):
        recorded(run)
    assert sitewatt("rerun", run).exit_code == 1

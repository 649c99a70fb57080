"""Each decision on load, supply and dispatch, and each figure, spoilt in turn, is named."""

from pathlib import Path

import pytest

from optimizer.audit import audit_run
from tests.optimizer.audit.runs import Spoil, check_named, resigned
from tests.optimizer.audit.sunny_run import write_sunny_run
from tests.optimizer.test_audit import Run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return write_sunny_run(tmp_path / "run")


def test_right_plan_passes(run: Run) -> None:
    report = audit_run(run.folder)
    assert report.passed, report.violations

"""Runs with slices, written by hand: what they share, and how they are spoilt."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from optimizer.audit import audit_run
from optimizer.power_results import POWER_RESULTS
from optimizer.results import RESULT_TABLES
from tests.optimizer.hand_made_run import sign
from tests.optimizer.test_audit import Run

Rows = Sequence[Sequence[object]]
Spoil = tuple[Callable[[Run], object], str, str]


def table(header: str, *rows: Sequence[object]) -> pd.DataFrame:
    """Table from its columns' names and rows."""
    return pd.DataFrame(list(rows), columns=header.split(), dtype=object)


def write_power_run(
    run: Path, manifest: str, instance: dict[str, pd.DataFrame], tables: dict[str, pd.DataFrame]
) -> Run:
    """Write a run folder; result tables that are not given are empty, the bound is tight."""
    for folder in ("instance", "tables"):
        (run / folder).mkdir(parents=True)
    (run / "instance" / "instance.toml").write_text(manifest, encoding="utf-8")
    for name, content in instance.items():
        content.to_csv(run / "instance" / f"{name}.csv", index=False)
    for name, columns in (RESULT_TABLES | POWER_RESULTS).items():
        if name != "ineligible_pairs":
            header = [column.name for column in columns]
            content = tables.get(name, pd.DataFrame(columns=header))
            assert list(content.columns) == header, name
            content.to_csv(run / "tables" / f"{name}.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    cost = float(tables["costs"].discounted_cost.sum())
    plan = {"status": "optimal", "objective": cost, "bound": cost, "gap": 0.0, "currency": "EUR"}
    plan |= {"instance_name": "by-hand", "options": {"gap": 0.0}, "versions": {}}
    (run / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    return Run(sign(run))


def resigned(change: Callable[[Run], object]) -> Callable[[Run], object]:
    """A change of the instance that is no fault in itself."""

    def spoil(run: Run) -> None:
        change(run)
        sign(run.folder)

    return spoil


def check_named(run: Run, spoil: Spoil, *, alone: bool) -> None:
    """Spoil a run: the audit names what is wrong, and nothing else if it is wrong `alone`."""
    change, family, message = spoil
    change(run)
    report = audit_run(run.folder)
    found = [v.message for v in report.violations if v.family == family]
    assert message in found, "\n".join(f"{v.family}: {v.message}" for v in report.violations)
    if alone:
        assert {v.family for v in report.violations} == {family}

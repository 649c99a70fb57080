"""Runs side by side: two plans worked out by hand, and one whose gap hides the difference."""

import json
from pathlib import Path

import pandas as pd
import pytest

from optimizer.tradeoffs.compare import Comparison, Incomparable, compare_runs
from optimizer.tradeoffs.compare_text import comparison_lines
from tests.optimizer.explain.small_instances import rule, small_instance
from tests.optimizer.tradeoffs.runs import solved

NEAR = {"opening_cost": 10, "node": "small", "max_it_mw": 4}
SITES = {
    "near": NEAR,
    "far": {"opening_cost": 25, "it_cost_per_mw": 1, "country": "NO", "operator_country": "US"},
}
DEMAND = {("delft", 2026): 3.0, ("lyon", 2026): 1.0}
FIRM = {("small", 2026): 4.0, ("port", 2026): 1000.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    first = small_instance(folder / "a", SITES, DEMAND, firm_mw=FIRM, rtt_ms={("lyon", "far"): 20})
    solved(first, folder / "first")
    less = FIRM | {("small", 2026): 3.0}
    ruled = [
        rule("max_share_operator", "half", value=1),
        rule("site_not_in", "abroad", group="NL"),
        # Rules out nobody.
        rule("operator_not_in", "idle", group="FR"),
    ]
    other = small_instance(
        folder / "b", SITES, DEMAND, firm_mw=less, rtt_ms={("lyon", "far"): 20}, rules=ruled
    )
    solved(other, folder / "other")
    return folder


@pytest.fixture(scope="module")
def found(folder: Path) -> Comparison:
    return compare_runs([folder / "first", folder / "other"])


def test_what_opens_moves_and_costs(found: Comparison) -> None:
    # 4 MW fit at near for 10; with 3 MW of power there, far takes all for 25 and 1 a MW.
    assert found.opened.iloc[:, 1:].fillna(0).to_numpy().tolist() == [
        ["site", "near", 2026, 0],
        ["site", "far", 0, 2026],
    ]
    assert sum(found.moved_mw.values()) == pytest.approx(4)
    costs = found.costs.set_index("kind").change
    assert costs["opening"] == pytest.approx(15)
    other = found.runs.iloc[1]
    assert (other.difference_at_least, other.difference_at_most) == pytest.approx((19, 19))
    assert other.distinguishable == 1


def test_why(found: Comparison) -> None:
    inputs = found.inputs[["table", "row", "column", "first", "other"]].to_numpy().tolist()
    assert inputs == [
        ["grid", "node=small, year=2026", "firm_mw", "4", "3"],
        *(["rules", f"rule={name}", "", "", "there"] for name in ("half", "abroad", "idle")),
    ]
    binding = found.binding.fillna(0)[["kind", "name", "year", "binds_in"]].to_numpy().tolist()
    assert binding == [
        ["hall", "near", 2026, "first"],
        ["node", "small", 2026, "first"],
        ["route rule", "abroad", 0, "other"],
        ["rule", "half (aqua)", 2026, "other"],
    ]


def test_key_figures(found: Comparison) -> None:
    first, other = found.runs.iloc[0], found.runs.iloc[1]
    assert (first.foreign_share, other.foreign_share) == (0, 1)
    assert first.mean_rtt_ms == pytest.approx(10)
    assert other.mean_rtt_ms == pytest.approx((3 * 10 + 20) / 4)
    assert first.largest_site_share == 1


def test_costs_whose_gaps_overlap_are_not_told_apart(folder: Path, found: Comparison) -> None:
    assert any("costs 19 more" in line for line in comparison_lines(found))
    record = folder / "other" / "plan.json"
    content = json.loads(record.read_text())
    record.write_text(json.dumps(content | {"bound": 9.0}))
    try:
        loose = compare_runs([folder / "first", folder / "other"])
    finally:
        record.write_text(json.dumps(content))
    assert loose.runs.distinguishable.tolist() == [0, 0]
    assert any("cannot be told from" in line for line in comparison_lines(loose))


def test_files_hold_what_json_does(found: Comparison, tmp_path: Path) -> None:
    found.write(tmp_path / "out")
    for name, rows in found.as_dict().items():
        if isinstance(rows, list):
            assert len(pd.read_csv(tmp_path / "out" / f"{name}.csv")) == len(rows)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False))["currency"] == "EUR"


def test_a_run_is_not_compared_with_itself(folder: Path) -> None:
    with pytest.raises(Incomparable):
        compare_runs([folder / "first", folder / "first"])
    with pytest.raises(Incomparable):
        compare_runs([folder / "first"])

"""Lifting a limit shows whether it bit, on an instance that is solved by hand in its README."""

from pathlib import Path
from shutil import copytree

import pandas as pd
import pytest
from click import BadParameter
from click.testing import CliRunner

from scripts.europe_bites import drop_rule, lift_node, main, moved_mw, solve

TWO_SITES = Path(__file__).resolve().parents[2] / "instances" / "two_sites"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return copytree(TWO_SITES, tmp_path / "copy")


def test_limits_that_bite_are_told_from_one_that_does_not() -> None:
    nodes = ("--node", "frankfurt", "--node", "oslo")
    result = CliRunner().invoke(main, [str(TWO_SITES), *nodes, "--rule", "chat_stays_in_eu"])
    # Frankfurt's second line costs 2 million; Oslo's 50 MW are ample.
    assert "with every limit: costs 113 million" in result.output
    assert "without node frankfurt: costs 111 million" in result.output
    outcome = [line.rsplit("; ", 1)[-1] for line in result.output.splitlines() if "without" in line]
    assert outcome == ["bites", "not shown to bite", "bites"]
    # Fewer than the three nodes and two rules that an instance worth shipping has.
    assert result.exit_code == 1
    assert "1 nodes, 1 rules" in result.output


def test_megawatts_that_move_are_counted_where_they_arrive(copy: Path) -> None:
    before = solve(copy, 0.0)
    drop_rule(copy, "chat_stays_in_eu")
    after = solve(copy, 0.0)
    installed = after.tables["capacity"].set_index(["site", "year"]).installed_it_mw
    arrived = (
        installed["oslo", 2027]
        - before.tables["capacity"].set_index(["site", "year"]).installed_it_mw["oslo", 2027]
    )
    assert arrived > 0
    assert moved_mw(before, after) == pytest.approx(arrived)
    assert moved_mw(before, before) == 0


def test_other_cells_stay_as_they_are(copy: Path) -> None:
    lift_node(copy, "frankfurt")
    grid = pd.read_csv(copy / "grid.csv").set_index("node").firm_mw
    assert grid.to_dict() == {"frankfurt": 5000, "oslo": 50}


def test_a_misspelled_limit_is_no_limit_that_fails_to_bite(copy: Path) -> None:
    with pytest.raises(BadParameter, match="frankfrut"):
        lift_node(copy, "frankfrut")
    with pytest.raises(BadParameter, match="chat-stays"):
        drop_rule(copy, "chat-stays")

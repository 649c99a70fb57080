"""A model that memory will not do for is refused before it is built."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from models import Size
from optimizer import memory, room
from optimizer.cli import main
from optimizer.errors import NoPlan
from optimizer.memory import OutOfMemory, available_mb

INSTANCE = str(Path(__file__).parents[2] / "instances" / "two_sites")
LARGE = Size(rows=1_000_000, columns=5_000_000, nonzeros=10_000_000)


def test_memory_follows_from_the_nonzeros():
    assert room.build_mb(LARGE) == 4500


@pytest.mark.parametrize("available", [4500, None])
def test_what_fits_is_let_pass_and_so_is_what_nobody_knows(available, monkeypatch):
    monkeypatch.setattr(room, "available_mb", lambda: available)
    room.refuse_too_large(LARGE)


def test_what_does_not_fit_is_refused_with_numbers_and_remedies(monkeypatch):
    monkeypatch.setattr(room, "available_mb", lambda: 4499)
    with pytest.raises(OutOfMemory) as refusal:
        room.refuse_too_large(LARGE)
    for words in ("1,000,000 rows", "10,000,000 nonzeros", "4,500 MB", "4,499 MB", "merging"):
        assert words in str(refusal.value)
    assert "limit" not in str(refusal.value).replace("latency", "")
    assert refusal.value.exit_code == NoPlan.exit_code == 6


def test_a_limit_is_named_where_there_is_one(monkeypatch):
    monkeypatch.setenv(memory.LIMIT_MB, "4000")
    monkeypatch.setattr(room, "available_mb", lambda: 100)
    with pytest.raises(OutOfMemory, match=r"--memory-limit leaves 100 MB\. Raise the limit"):
        room.refuse_too_large(LARGE)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say")
def test_what_is_available_is_less_than_the_limit(monkeypatch):
    assert available_mb() > 0
    monkeypatch.setenv(memory.LIMIT_MB, "100000")
    assert 50_000 < available_mb() < 100_000


def test_a_solve_ends_with_the_refusal_and_leaves_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr(room, "available_mb", lambda: -1)
    result = CliRunner().invoke(main, ["solve", INSTANCE, "--out", str(tmp_path / "run")])
    assert result.exit_code == 6
    assert "The model would have 27 rows" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_size_is_told_by_validate_and_before_a_solve(tmp_path):
    told = json.loads(CliRunner().invoke(main, ["validate", INSTANCE, "--json"]).stdout)
    assert told["model"]["rows"] == 27
    assert "27 rows" in CliRunner().invoke(main, ["validate", INSTANCE]).stdout
    solved = CliRunner().invoke(main, ["solve", INSTANCE, "--out", str(tmp_path / "run")])
    assert "model of 27 rows" in solved.stderr

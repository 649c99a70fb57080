"""A search for faults outlives whatever its cases do."""

import os
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from hostile import search as machine
from hostile.search import Judge, Tally, search, told


def judge_of_five(_scratch: Path) -> Judge:
    def judge(number: int) -> tuple[str, str]:
        if number == 1:
            time.sleep(600)
        if number == 2:
            os._exit(9)
        if number == 3:
            try:
                raise KeyError("lost")
            except KeyError as error:
                raise told("in a strange way") from error
        return "read", ""

    return judge


def test_hangs_crashes_and_faults_are_told_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "SECONDS_PER_CASE", 2)
    tally = search(0, 5, tmp_path / "state.json", judge_of_five)
    assert tally.outcomes == {"read": 2, "HANG": 1, "CRASH": 1, "FAULT": 1}
    hang, crash, fault = tally.faults
    assert (hang["seed"], crash["seed"], fault["seed"]) == (1, 2, 3)
    assert "status 9" in crash["wrong"]
    assert fault["spoilt"] == "in a strange way"
    assert "lost" in fault["wrong"]


def test_a_search_goes_on_where_it_ended(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    search(10, 3, state, lambda _: lambda number: (f"case {number}", ""))
    again = search(10, 5, state, lambda _: lambda number: (f"again {number}", ""))
    assert sorted(again.outcomes) == ["again 13", "again 14", "case 10", "case 11", "case 12"]
    assert Tally.load(state).following == 15

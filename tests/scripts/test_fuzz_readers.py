"""A few spoilt instances and kills, so that the scripts that try thousands keep working."""

import json
import random
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import fuzz_readers
import kill_at_random
from hostile.spoil import WAYS, sound_instances, spoil, write_spoilt


@pytest.fixture(scope="module")
def sound() -> list:
    return sound_instances()


def test_same_seed_spoils_in_the_same_way(sound: list) -> None:
    first, second = (spoil(sound, random.Random(4711)) for _ in range(2))
    assert first == second
    assert spoil(sound, random.Random(4712)) != first


def test_every_way_of_spoiling_comes_up(sound: list) -> None:
    said = " ".join(spoil(sound, random.Random(seed))[1] for seed in range(200))
    assert all(way.__name__ in said for way in WAYS)


def test_sound_instances_are_planned(sound: list, tmp_path: Path) -> None:
    for number, files in enumerate(sound[:1] + sound[3:5]):
        folder = tmp_path / str(number) / "instance"
        write_spoilt(folder, {name: as_bytes(text) for name, text in files.items()})
        outcome = fuzz_readers.outcome_of(folder, solve=number == 0, scratch=tmp_path)
        assert outcome == ("planned, audit passed" if number == 0 else "read")


def as_bytes(content: str | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.encode()


@pytest.mark.parametrize("seed", range(1, 9))
def test_spoilt_instance_is_refused_or_read(sound: list, tmp_path: Path, seed: int) -> None:
    outcome, _ = fuzz_readers.run_case(seed, sound, 10**9, tmp_path)
    assert outcome in ("refused", "read")


def test_fault_is_noticed_and_the_search_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: object, **_options: object) -> str:
        raise KeyError("a fault")

    monkeypatch.setattr(fuzz_readers, "outcome_of", fail)
    state = tmp_path / "state.json"
    result = CliRunner().invoke(fuzz_readers.main, ["--count", "3", "--state", str(state)])
    assert result.exit_code == 1
    told = json.loads(state.read_text())
    assert told["following"] == 3
    assert told["outcomes"] == {"FAULT": 3}
    assert "a fault" in told["faults"][0]["wrong"]


def test_two_kills_do_no_harm() -> None:
    result = CliRunner().invoke(kill_at_random.main, ["--kills", "2", "--seed", "1"])
    assert result.exit_code == 0, result.output
    assert "no harm" in result.output


def test_harm_is_noticed(tmp_path: Path) -> None:
    run = tmp_path / "plan"
    (run / "tables").mkdir(parents=True)
    (run / "plan.json").write_text("{}")
    assert kill_at_random.look_for_harm(run, {"plan.json": b"{}"}) == ""
    (tmp_path / "half").mkdir()
    assert "there is" in kill_at_random.look_for_harm(run, {"plan.json": b"{}"})

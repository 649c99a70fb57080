"""A few spoilt runs, so that the script that tries thousands keeps working."""

import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import fuzz_runs
from click.testing import CliRunner
from hostile.search import Fault
from hostile.spoil import Spoilt
from hostile.spoil_run import spoil_run


@pytest.fixture(scope="module")
def sound() -> list[Spoilt]:
    """The run made by hand; solving others is left to the script."""
    return fuzz_runs.sound_runs()


def test_same_seed_spoils_in_the_same_way(sound: list[Spoilt]) -> None:
    first, second = (spoil_run(sound, random.Random(4711)) for _ in range(2))
    assert first == second
    assert spoil_run(sound, random.Random(4712)) != first


def test_every_part_of_a_run_is_spoilt(sound: list[Spoilt]) -> None:
    said = " ".join(spoil_run(sound, random.Random(seed))[1] for seed in range(100))
    assert all(part in said for part in ("tables/cell", "tables/parquet", "instance/", "plan "))


@pytest.mark.parametrize("seed", range(12))
def test_spoilt_run_is_told(sound: list[Spoilt], tmp_path: Path, seed: int) -> None:
    outcome, _ = fuzz_runs.run_case(seed, sound, tmp_path)
    command, code = outcome.split()
    assert int(code) in fuzz_runs.ALLOWED[command]


def test_traceback_and_unknown_exit_code_are_faults(
    sound: list[Spoilt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fuzz_runs, "call", lambda _words: CliRunner().invoke(broken))
    with pytest.raises(Fault) as told:
        fuzz_runs.run_case(1, sound, tmp_path)
    assert "broken" in told.value.wrong
    monkeypatch.setattr(fuzz_runs, "ALLOWED", {name: {0} for name in fuzz_runs.ALLOWED})
    monkeypatch.setattr(fuzz_runs, "call", lambda _words: CliRunner().invoke(strange))
    with pytest.raises(Fault) as told:
        fuzz_runs.run_case(1, sound, tmp_path)
    assert "ends with 9" in told.value.wrong


@fuzz_runs.click.command()
def broken() -> None:
    raise KeyError("broken")


@fuzz_runs.click.command()
def strange() -> None:
    sys.exit(9)

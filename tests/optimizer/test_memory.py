"""A solve that asks for more memory than it may have ends with a message, whoever notices."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.memory import OutOfMemory, out_of_memory, run_child

INSTANCES = Path(__file__).parents[2] / "instances"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such limit")


def solve_within(limit_mb: int, tmp_path: Path, name: str) -> subprocess.CompletedProcess:
    """Run the command itself: a library may end the child in any way, which its parent tells."""
    options = ["--memory-limit", str(limit_mb), "--out", str(tmp_path / "run")]
    return subprocess.run(
        [sys.executable, "-m", "optimizer.cli", "solve", str(INSTANCES / name), *options],
        capture_output=True,
        text=True,
        check=False,
    )


def test_too_little_memory_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    result = solve_within(400, tmp_path, "europe")
    assert result.returncode == 6, result.stderr
    # Refused before the build or stopped during it: what libraries take differs from run to run.
    told = result.stderr.splitlines()[-1]
    stopped = "more memory than the 400 MB that --memory-limit allows" in told
    refused = "99,009 columns" in told and "--memory-limit leaves" in told
    assert stopped or refused, result.stderr
    assert "Raise the limit, or make" in told
    assert result.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_enough_memory_changes_nothing(tmp_path: Path) -> None:
    result = solve_within(4000, tmp_path, "two_sites")
    assert result.returncode == 0, result.stderr
    assert "audit passed" in result.stdout
    assert (tmp_path / "run" / "plan.json").exists()


def test_compiled_code_that_just_ends_is_explained_by_the_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    aborts = tmp_path / "aborts"
    aborts.write_text("#!/bin/sh\nkill -ABRT $$\n")
    aborts.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(aborts))
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with pytest.raises(OutOfMemory, match="500 MB"):
            run_child(500)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_without_a_limit_the_machine_is_named() -> None:
    assert "more memory than there is" in str(out_of_memory())


@pytest.mark.parametrize(
    ("then", "code"), [("", -signal.SIGALRM), ("m.loaded()", 0)], ids=["waits", "loads"]
)
def test_libraries_that_wait_for_memory_are_given_a_time(
    then: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SITEWATT_MEMORY_LIMIT_MB", "500")
    child = "from optimizer import memory as m; m.LOADING_SECONDS = 1; m.hold_to(500);"
    child += f"{then}\nimport time; time.sleep(2)"
    result = subprocess.run([sys.executable, "-c", child], check=False)
    assert result.returncode == code

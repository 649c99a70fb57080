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
    """What the command does in its child."""
    words = ["sitewatt", "solve", str(INSTANCES / name), "--memory-limit", "400"]
    words += ["--out", str(tmp_path / "run")]
    code = f"import sys; sys.argv = {words}; from optimizer import memory as m"
    return subprocess.run(
        [sys.executable, "-c", f"{code}; m.run_child({limit_mb})"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_too_little_memory_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    result = solve_within(400, tmp_path, "europe")
    assert result.returncode == 6, result.stderr
    assert "more memory than the 400 MB that --memory-limit allows" in result.stderr
    assert "merge small regions" in result.stderr
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

"""One measurement: a process of its own, watched for time and memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.results import Measurement, measured
from bench.track import MB

# A peer that does not stop at its limit is ended after this.
GRACE_SECONDS = 30.0
# Reading, checking and preparing the instance, before the clock starts.
PREPARING_SECONDS = 600.0


def run(
    script: Path, folder: Path, case: str, peer: str, repeat: int, *, limit: float, threads: int
) -> Measurement:
    """Measure a peer on an instance, in a child of this process; each repeat has its own seed."""
    with tempfile.TemporaryDirectory(prefix="sitewatt-benchmark-") as scratch:
        track = Path(scratch) / "track.jsonl"
        command = [sys.executable, str(script), "one", str(folder), peer, str(track)]
        command += ["--limit", str(limit), "--threads", str(threads), "--seed", str(repeat)]
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=scratch, text=True,
            start_new_session=True,
        )  # fmt: skip
        code, peak_mb = wait(child, track, limit)
        return measured(track, case, peer, repeat, limit, peak_mb, code)


def wait(child: subprocess.Popen, track: Path, limit: float) -> tuple[int | None, float]:
    """Exit code of a child, None if it had to be killed, and the most memory it had in MB."""
    begun = time.monotonic()
    started = None
    while True:
        pid, status, usage = os.wait4(child.pid, os.WNOHANG)
        if pid:
            break
        if started is None and track.exists():
            started = time.monotonic()
        late = started is not None and time.monotonic() - started > limit + GRACE_SECONDS
        if late or time.monotonic() - begun > limit + PREPARING_SECONDS:
            os.killpg(child.pid, 9)
            _, _, usage = os.wait4(child.pid, 0)
            child.returncode = -9
            return None, usage.ru_maxrss * 1024 / MB
        time.sleep(0.02)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode and child.stderr:
        print(child.stderr.read()[-2000:], file=sys.stderr)
    return child.returncode, usage.ru_maxrss * 1024 / MB

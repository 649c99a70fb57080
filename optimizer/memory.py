"""A solve that may not have more than so much memory: in a child, for compiled code just ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from optimizer.errors import NoPlan, SitewattError

# Starved of memory, a library may wait for ever while it loads. It takes a few seconds otherwise.
LOADING_SECONDS = 120
# Tells a child that it is one.
LIMIT_MB = "SITEWATT_MEMORY_LIMIT_MB"
REMEDY = (
    "Raise the limit, or make the instance smaller: merge small regions, drop stages or workloads."
)


class OutOfMemory(NoPlan):
    """The solve needs more memory than it may have."""


def solve_within(limit_mb: int) -> None:
    """Run this command again in a child that is held to a limit; in the child, hold to it.

    Returns
    -------
    None
        Only in the child. The parent ends with the child's exit code.

    Raises
    ------
    OutOfMemory
        The child ended for want of memory.
    SitewattError
        This system has no such limit.
    """
    if sys.platform != "linux":
        raise SitewattError("--memory-limit works on Linux alone. Leave it out.")
    if is_held():
        hold_to(int(os.environ[LIMIT_MB]))
    else:
        run_child(limit_mb)


def is_held() -> bool:
    """Whether this process is a child that is held to a limit."""
    return LIMIT_MB in os.environ


def hold_to(limit_mb: int) -> None:
    """Have the system refuse this process more memory of its own."""
    import resource  # noqa: PLC0415 - Windows has none

    # Not RLIMIT_AS: libraries reserve gigabytes of addresses that they never use.
    resource.setrlimit(resource.RLIMIT_DATA, (limit_mb * 2**20,) * 2)
    # Ends the process, whatever compiled code it is in.
    signal.alarm(LOADING_SECONDS)


def available_mb() -> int | None:
    """MB that this process may still take: of its limit, or of the machine; None: nobody knows."""
    if sys.platform != "linux":
        return None
    if is_held():
        used_kb = numbers_of(Path("/proc/self/status"))["VmData"]
        return int(os.environ[LIMIT_MB]) - used_kb // 1024
    free_mb = numbers_of(Path("/proc/meminfo"))["MemAvailable"] // 1024
    group = Path("/sys/fs/cgroup")  # A container's limit, where it has one.
    try:
        most, used = ((group / f"memory.{what}").read_text() for what in ("max", "current"))
        return min(free_mb, (int(most) - int(used)) // 2**20)
    except (OSError, ValueError):
        return free_mb


def numbers_of(file: Path) -> dict[str, int]:
    """Numbers of a file of the system with lines such as `VmData: 1234 kB`."""
    lines = (line.split() for line in file.read_text(encoding="utf-8").splitlines())
    return {
        words[0].rstrip(":"): int(words[1])
        for words in lines
        if len(words) > 1 and words[1].isdigit()
    }


def loaded() -> None:
    """Tell that every library is there: from here on it may take its time."""
    if is_held():
        signal.alarm(0)


def run_child(limit_mb: int) -> NoReturn:
    """Run the command that this process was started with in a child, and end as it does."""
    child = subprocess.Popen(
        # -P: nothing in the current folder may pass for a module.
        [sys.executable, "-P", "-m", "optimizer.cli", *sys.argv[1:]],
        env={**os.environ, LIMIT_MB: str(limit_mb)},
        # A group of its own, or else Ctrl-C would reach it twice, which means at once.
        process_group=0,
    )

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, pass_on)
    code = child.wait()
    if code < 0:
        raise out_of_memory(limit_mb)
    sys.exit(code)


def out_of_memory(limit_mb: int | None = None) -> OutOfMemory:
    """Error for a process that got no more memory."""
    limit_mb = limit_mb or int(os.environ.get(LIMIT_MB, "0"))
    whose = f"the {limit_mb:,} MB that --memory-limit allows" if limit_mb else "there is"
    return OutOfMemory(f"The solve needs more memory than {whose}. {REMEDY}")

"""Finished measurements: appended one by one, so that a run cut short goes on where it was."""

import json
import math
import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.track import events

# Relative gaps whose first moment is told; the last is called proven.
TARGETS = (1e-2, 1e-3, 1e-4)
PACKAGES = ("sitewatt", "highspy", "pyomo", "linopy", "PuLP", "PySCIPOpt", "numpy")


@dataclass(frozen=True)
class Measurement:
    """One solve.

    Parameters
    ----------
    case, peer, repeat : what was measured.
    limit : seconds that it had.
    ended : `done`, `limit`, `killed` or `failed`.
    seconds_to : by target, seconds until the gap was that small; None: not within the limit.
    statement_seconds : until the solver had the problem.
    plan, bound : the last ones; None without.
    peak_mb : most memory of the process; `start_mb` of it was there before the statement.
    course : (seconds, plan, bound) as they came.
    machine : facts on it, and versions.
    """

    case: str
    peer: str
    repeat: int
    limit: float
    ended: str
    seconds_to: dict[str, float | None]
    statement_seconds: float | None
    plan: float | None
    bound: float | None
    peak_mb: float
    start_mb: float
    course: list[tuple[float, float | None, float | None]]
    machine: dict[str, str | int]

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells measurements apart."""
        return self.case, self.peer, self.repeat

    def seconds(self, target: float) -> tuple[float, bool]:
        """Seconds to a target, and whether that is a lower bound: the limit counts."""
        reached = self.seconds_to[f"{target:g}"]
        return (self.limit, True) if reached is None else (reached, False)


def measured(
    track: Path, case: str, peer: str, repeat: int, limit: float, peak_mb: float, code: int | None
) -> Measurement:
    """Read a track.

    Parameters
    ----------
    code : exit code of the process; None if it was killed for its time.
    """
    course = []
    start_mb, statement, whole = 0.0, None, False
    for event in events(track):
        if event["event"] == "start":
            start_mb = event["mb"]
        elif event["event"] == "handed over":
            statement = statement or event["seconds"]
        elif event["event"] == "known":
            course.append((event["seconds"], finite(event["plan"]), finite(event["bound"])))
        whole = whole or event["event"] == "end"
    reached: dict[str, float | None] = {}
    for target in TARGETS:
        times = (s for s, plan, bound in course if s <= limit and gap(plan, bound) <= target * 1.01)
        reached[f"{target:g}"] = next(times, None)
    _, plan, bound = course[-1] if course else (0.0, None, None)
    proven = reached[f"{TARGETS[-1]:g}"] is not None
    ended = "killed" if code is None else "failed" if code or not whole else "done"
    return Measurement(
        case=case,
        peer=peer,
        repeat=repeat,
        limit=limit,
        ended="limit" if ended == "done" and not proven else ended,
        seconds_to=reached,
        statement_seconds=statement,
        plan=plan,
        bound=bound,
        peak_mb=round(peak_mb, 1),
        start_mb=round(start_mb, 1),
        course=course,
        machine=machine(),
    )


def finite(value: float) -> float | None:
    """Number for JSON, which knows no infinity."""
    return value if math.isfinite(value) else None


def gap(plan: float | None, bound: float | None) -> float:
    """(plan - bound) / |plan|, infinite without both."""
    if plan is None or bound is None:
        return math.inf
    return max(0.0, plan - bound) / max(abs(plan), 1e-9)


def machine() -> dict[str, str | int]:
    """Facts on the machine, and versions."""
    facts: dict[str, str | int] = {
        "platform": f"{platform.system()} {platform.machine()}",
        "processor": processor(),
        "cores": os.cpu_count() or 1,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
    }
    for package in PACKAGES:
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            continue
    return facts


def processor() -> str:
    """Name of the processor, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def append(file: Path, measurement: Measurement) -> None:
    """Write a measurement down."""
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(measurement)) + "\n")


def read(file: Path) -> list[Measurement]:
    """Measurements so far; the last one of each."""
    found: dict[tuple[str, str, int], Measurement] = {}
    for event in events(file):
        measurement = Measurement(**event)
        found[measurement.key] = measurement
    return list(found.values())

"""What a solver knows over time: its best plan and bound, written down as they come."""

import json
import math
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MB = 2**20


@dataclass
class Track:
    """File of what happened, a line an event; what is there survives the end of the process.

    Parameters
    ----------
    file : where to; a second process may read it meanwhile.
    limit : seconds from the start of the statement.
    """

    file: Path
    limit: float
    started: float = math.nan
    plan: float = math.inf
    bound: float = -math.inf
    start_mb: float = 0.0
    facts: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        """Begin to count: from here on the problem is stated and solved."""
        self.start_mb = peak_mb()
        self.started = time.monotonic()
        self.write("start", {"mb": self.start_mb})

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds until the limit."""
        return max(0.0, self.limit - self.seconds)

    def note(self, plan: float, bound: float, at: float | None = None) -> None:
        """Write a plan or bound down, if it is better than what is known."""
        if plan < self.plan or bound > self.bound:
            self.plan, self.bound = min(self.plan, plan), max(self.bound, bound)
            self.write("known", {"plan": self.plan, "bound": self.bound}, at)

    def handed_over(self) -> None:
        """Write down that the solver has the problem, and begins."""
        self.write("handed over", {"mb": peak_mb()})

    def end(self) -> None:
        """Write down that the solve ended by itself."""
        self.write("end", {"mb": peak_mb()})

    def write(self, event: str, facts: dict[str, Any], at: float | None = None) -> None:
        """Append an event."""
        seconds = self.seconds if at is None else at
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"event": event, "seconds": round(seconds, 4), **facts}) + "\n")


def peak_mb() -> float:
    """Most memory that this process or one of its children has had, in MB."""
    own, children = (
        resource.getrusage(whose).ru_maxrss
        for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return max(own, children) * 1024 / MB


def events(file: Path) -> Iterator[dict[str, Any]]:
    """Events of a track; a last line that a killed process has half written is left out."""
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except json.JSONDecodeError:
                return

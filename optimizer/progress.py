"""Progress for whoever waits: one live line on a terminal, plain lines anywhere else."""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table

# A plain log gets a line when the phase changes, and this often within one.
SECONDS_BETWEEN_LINES = 10.0


@dataclass
class Progress:
    """What a solve is doing: call it with a phase, the best plan's cost and the best bound.

    Parameters
    ----------
    stream : where to write, standard error for instance.
    currency : unit of plan and bound.
    quiet : write nothing.
    """

    stream: TextIO
    currency: str = ""
    quiet: bool = False
    phase: str = "starting"
    plan: float = math.inf
    bound: float = -math.inf
    started: float = field(default_factory=time.monotonic)
    last_line: tuple[str, float] = ("", -math.inf)
    live: bool = False

    def __call__(self, phase: str, plan: float = math.inf, bound: float = -math.inf) -> None:
        """Note where the solve is; a worse plan or bound than before is not news."""
        self.phase = phase
        self.plan = min(self.plan, plan)
        self.bound = max(self.bound, bound)
        if self.quiet or self.live:  # The live line is drawn from this object by itself.
            return
        now = time.monotonic()
        last_phase, last_time = self.last_line
        if phase != last_phase or now - last_time >= SECONDS_BETWEEN_LINES:
            self.last_line = phase, now
            print(self.text(), file=self.stream, flush=True)

    def text(self) -> str:
        """Phase, seconds, plan, bound and gap in one line."""
        words = [f"{time.monotonic() - self.started:7.1f} s  {self.phase:<11}"]
        if math.isfinite(self.plan):
            words.append(f"plan {self.plan:,.0f} {self.currency}".rstrip())
        if math.isfinite(self.bound):
            words.append(f"bound {self.bound:,.0f}")
        if math.isfinite(self.plan) and math.isfinite(self.bound):
            gap = max(0.0, self.plan - self.bound) / max(abs(self.plan), 1e-9)
            words.append(f"gap {gap:.3%}")
        return "  ".join(words).rstrip()

    @contextmanager
    def shown(self) -> Iterator["Progress"]:
        """Keep a live line up to date while the block runs, where there is a terminal for it."""
        if self.quiet or not self.stream.isatty():
            yield self
            return
        console = Console(file=self.stream)
        with Live(Line(self), console=console, refresh_per_second=4, transient=True):
            self.live = True
            try:
                yield self
            finally:
                self.live = False


@dataclass
class Line:
    """The live line, which rich draws several times a second, so that its clock runs."""

    progress: Progress
    spinner: Spinner = field(default_factory=lambda: Spinner("dots"))

    def __rich__(self) -> Table:
        """Spinner and text beside each other."""
        grid = Table.grid(padding=(0, 1))
        grid.add_row(self.spinner, self.progress.text())
        return grid

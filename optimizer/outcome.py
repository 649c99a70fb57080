"""How a solve is limited and interrupted, and what comes of it, whichever solver it is."""

import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from threading import Event

import numpy as np

# What the audit, too, takes for rounding.
NO_GAP = 1e-6


class Status(Enum):
    """How a solver run, or a whole solve, ended."""

    OPTIMAL = "optimal"
    INFEASIBLE = "infeasible"
    TIME_LIMIT = "time limit"
    INTERRUPTED = "interrupted"
    GAP_MISSED = "gap missed"


def of_plan(last: Status, gap: float, asked: float) -> Status:
    """How good a plan is that a solve ends with: its gap decides, not what a solver calls optimal.

    A gap is missed by a solver's tolerances, or where a bound is that of an easier problem.

    Parameters
    ----------
    last : how the last run ended.
    """
    if gap <= asked + NO_GAP:
        return Status.OPTIMAL
    return Status.GAP_MISSED if last is Status.OPTIMAL else last


def usable_cores() -> int:
    """Cores that this process may run on; all there are, where the system does not say."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class Outcome:
    """What a solver run found.

    Parameters
    ----------
    status : how it ended.
    values : (columns,) the best point found, None if there is none.
    objective : its objective.
    bound : no plan of this program costs less; -inf if nothing is proven.
    row_dual, column_dual : of a linear program solved to optimality or cut off, else None.
    """

    status: Status
    values: np.ndarray | None
    objective: float
    bound: float
    row_dual: np.ndarray | None = None
    column_dual: np.ndarray | None = None


@dataclass
class Control:
    """Limits and interruption shared by all runs of one solve.

    Parameters
    ----------
    time_limit : seconds from now; None for none.
    threads : cores to use; 0 for all in a tree, and HiGHS' choice in its runs.
    seed : of HiGHS' random choices.
    log : file that HiGHS appends its log to; None for no log.
    on_progress : called with (phase, plan, bound) whenever HiGHS reports.
    choices : ways that the search has gone, and why.
    """

    time_limit: float | None = None
    threads: int = 0
    seed: int = 0
    log: Path | None = None
    on_progress: Callable[[str, float, float], None] = lambda *_: None
    interrupted: Event = field(default_factory=Event)
    started: float = field(default_factory=time.monotonic)
    choices: list[str] = field(default_factory=list)

    def choose(self, why: str) -> None:
        """Tell which way a search goes, and why: as progress, in the log, and for the plan."""
        self.choices.append(why)
        self.on_progress(why, math.inf, -math.inf)
        if self.log:
            with self.log.open("a", encoding="utf-8") as file:
                print(f"\nSitewatt: {why}\n", file=file)

    def seconds_left(self) -> float:
        """Seconds until the limit; infinite without one."""
        if self.time_limit is None:
            return math.inf
        return self.time_limit - (time.monotonic() - self.started)

    def must_stop(self) -> Status | None:
        """Return why the solve has to end now, None if it may go on."""
        if self.interrupted.is_set():
            return Status.INTERRUPTED
        return Status.TIME_LIMIT if self.seconds_left() <= 0 else None

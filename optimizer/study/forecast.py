"""What a sweep would do, found out without writing anything: its cases, and about how long."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimizer.progress import Progress
from optimizer.study.cases import Case, read_plot
from optimizer.study.engine import Job, Result, one_by_one
from optimizer.study.store import Store, missing
from optimizer.study.sweep import jobs

# For so long a case is tried where none is done yet, and stopped if it takes longer.
PATIENCE_S = 30.0


@dataclass(frozen=True)
class Estimate:
    """How long a case takes.

    Parameters
    ----------
    seconds : that it takes, or has taken when it was stopped.
    finished : whether it came to its end.
    """

    seconds: float
    finished: bool = True


@dataclass(frozen=True)
class Forecast:
    """What a sweep would do.

    Parameters
    ----------
    cases : all of them.
    todo : those that are not done yet.
    took : seconds of those that are done.
    first : the first that is not, ready to be tried.
    """

    cases: list[Case]
    todo: list[Case]
    took: list[float]
    first: Job | None

    def lines(self) -> list[str]:
        """Cases for a terminal."""
        waiting = {case.key for case in self.todo}
        marks = {True: "to solve", False: "done"}
        listed = [f"{case}: {marks[case.key in waiting]}" for case in self.cases]
        return [*listed, f"{len(self.cases):,} cases, {len(self.todo):,} to solve"]

    def estimate(self, *, quiet: bool) -> Estimate | None:
        """Time of a case: the mean of those that are done, or else that of the first.

        Returns
        -------
        Estimate
            None where there is nothing to solve.
        """
        if self.first is None:
            return None
        if self.took:
            return Estimate(sum(self.took) / len(self.took))
        tell = Progress(sys.stderr, quiet=quiet)
        with tell.shown():
            tell(f"trying {self.todo[0]} for up to {PATIENCE_S:.0f} s, to estimate the time")
            started = time.monotonic()
            ((_, result),) = one_by_one([self.first], PATIENCE_S)
        passed = time.monotonic() - started
        return Estimate(seconds_of(result) or passed, finished=passed < PATIENCE_S)

    def in_words(self, estimate: Estimate, workers: int) -> str:
        """How long all will take."""
        about = "about" if estimate.finished else "more than"
        total = estimate.seconds * len(self.todo) / workers
        place = f"{workers} worker{'s' if workers > 1 else ''}"
        return f"{about} {estimate.seconds:,.1f} s a case, {total:,.0f} s in all on {place}"

    def as_dict(self, estimate: Estimate | None) -> dict[str, Any]:
        """As JSON holds it."""
        waiting = {case.key for case in self.todo}
        cases = [
            {"case": case.number, "name": case.name, "hash": case.key, "factors": case.levels}
            | {"done": case.key not in waiting}
            for case in self.cases
        ]
        told = (
            {"seconds_a_case": estimate.seconds, "finished": estimate.finished} if estimate else {}
        )
        return {"cases": cases, **told}


def forecast(file: Path, out: Path) -> Forecast:
    """Check a study and tell what it would solve, writing nothing.

    Raises
    ------
    InvalidInstance, InvalidStudy
        All that is wrong, as in `sweep`.
    """
    plot = read_plot(file)
    results = Store(out).results(plot.cases)
    todo = missing(plot.cases, results)
    plot.check(todo)
    took = [seconds for result in results.values() if (seconds := seconds_of(result)) is not None]
    return Forecast(plot.cases, todo, took, next(jobs(plot, todo[:1], results), None))


def seconds_of(result: Result) -> float | None:
    """Seconds that a solve took; None where it came to no plan."""
    return sum(result["seconds"].values()) if "seconds" in result else None

"""A whole sweep: what is missing is solved, whatever becomes of single cases, and written up."""

import pickle
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from optimizer.progress import Progress
from optimizer.study.cases import Case, Plot, folders_of, generations, read_plot
from optimizer.study.designs import WITH_INDICES
from optimizer.study.engine import Job, Result, one_by_one
from optimizer.study.results import FIGURES, result_tables, write_tables
from optimizer.study.store import FOLDER, Store, missing
from optimizer.study.swept import Inputs, Swept, keep_receipt

Solver = Callable[[Iterable[Job]], Iterator[tuple[str, Result]]]
LONGEST_ESTIMATE_S = 60.0


@dataclass
class Count(Progress):
    """Progress of many cases: how many are done, how they ended, how long the rest will take.

    Parameters
    ----------
    total : cases to solve.
    ended : how many ended in each status.
    """

    total: int = 0
    ended: Counter[str] = field(default_factory=Counter)

    def text(self) -> str:
        """Counts and time left in one line."""
        done, passed = self.ended.total(), time.monotonic() - self.started
        told = ", ".join(f"{count} {status}" for status, count in sorted(self.ended.items()))
        left = f"; {passed / done * (self.total - done):,.0f} s left" if done else ""
        return (
            f"{passed:7.1f} s  {done:,} of {self.total:,} cases{f': {told}' if told else ''}{left}"
        )


def sweep(file: Path, out: Path, solver: AbstractContextManager[Solver], *, quiet: bool) -> Swept:
    """Solve what is missing of a study, and write its tables and pictures.

    Parameters
    ----------
    solver : opened only where there is something to solve.

    Raises
    ------
    InvalidInstance, InvalidStudy
        Before anything is solved or written.
    KeyboardInterrupt
        Somebody stopped it; what is done is kept, and the tables tell it.
    """
    started = time.time()
    plot = read_plot(file)
    inputs = Inputs.of(file, folders_of(plot.base, file.parent))
    store = Store(out)
    results = store.results(plot.cases)
    todo = missing(plot.cases, results)
    plot.check(todo)
    store.claim()
    try:
        if todo:
            solve_all(plot, todo, store, results, solver, quiet=quiet)
    finally:
        files, tables = write_up(plot, results, out)
    from optimizer.study.pictures import write_pictures  # noqa: PLC0415 — heavy

    files += write_pictures(plot, tables, out)
    ended = Counter(results[case.key]["status"] for case in plot.cases)
    swept = Swept(out, files, ended, len(todo))
    if not missing(plot.cases, results) and inputs.older_than(file, started):
        keep_receipt(swept, inputs, (f"{FOLDER}/{key}.json" for key in results))
    return swept


def solve_all(
    plot: Plot,
    todo: list[Case],
    store: Store,
    results: dict[str, Result],
    solver: AbstractContextManager[Solver],
    *,
    quiet: bool,
) -> None:
    """Solve cases, and keep each result as it comes."""
    tell = Count(sys.stderr, quiet=quiet, total=len(todo))
    with solver as solved, tell.shown():
        for batch in generations(todo):
            for key, result in solved(jobs(plot, batch, results)):
                store.save(key, result)
                results[key] = result
                tell.ended[result["status"]] += 1
                tell("solving")


def jobs(plot: Plot, todo: Iterable[Case], results: dict[str, Result]) -> Iterator[Job]:
    """Cases as they are sent away; each is made when its turn comes."""
    solve = plot.study.solve.model_dump()
    for case in todo:
        start = results.get(case.parent, {}).get("point")
        yield Job(case.key, pickle.dumps(plot.instance_of(case)), solve, start)


def write_up(
    plot: Plot, results: dict[str, Result], out: Path
) -> tuple[list[str], dict[str, pd.DataFrame]]:
    """Write tables of what is done; returns the names of the files, and the tables."""
    tables = result_tables(list(plot.study.factors), plot.cases, results)
    if plot.study.design.kind in WITH_INDICES:
        from optimizer.study.indices import indices  # noqa: PLC0415 — needs an extra

        tables["indices"] = indices(plot.study, tables["results"][["objective", *FIGURES]])
    return write_tables(out, tables), tables


@contextmanager
def serially() -> Iterator[Solver]:
    """Solve one case after the other."""
    yield one_by_one


@dataclass(frozen=True)
class Forecast:
    """What a sweep would do.

    Parameters
    ----------
    cases : all of them.
    todo : those that are not done yet.
    seconds : that a case takes, None if that is not known.
    """

    cases: list[Case]
    todo: list[Case]
    seconds: float | None

    def lines(self, workers: int) -> list[str]:
        """Lines for a terminal."""
        waiting = {case.key for case in self.todo}
        marks = {True: "to solve", False: "done"}
        listed = [f"{case}: {marks[case.key in waiting]}" for case in self.cases]
        counted = f"{len(self.cases):,} cases, {len(self.todo):,} to solve"
        if self.seconds is None or not self.todo:
            return [*listed, counted]
        total = self.seconds * len(self.todo) / workers
        said = f"about {self.seconds:,.1f} s a case, {total:,.0f} s in all"
        return [*listed, f"{counted}: {said} on {workers} worker{'s' if workers > 1 else ''}"]

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        waiting = {case.key for case in self.todo}
        cases = [
            {"case": case.number, "name": case.name, "hash": case.key, "factors": case.levels}
            | {"done": case.key not in waiting}
            for case in self.cases
        ]
        return {"cases": cases, "seconds_a_case": self.seconds}


def forecast(file: Path, out: Path | None) -> Forecast:
    """Check a study and tell what it would solve, writing nothing.

    How long a case takes is known from those that are done, or else from solving one, which is
    given a minute.

    Raises
    ------
    InvalidInstance, InvalidStudy
        All that is wrong, as in `sweep`.
    """
    plot = read_plot(file)
    results = Store(out).results(plot.cases) if out else {}
    todo = missing(plot.cases, results)
    plot.check(todo)
    took = [sum(r["seconds"].values()) for r in results.values() if "seconds" in r]
    if took or not todo:
        return Forecast(plot.cases, todo, sum(took) / len(took) if took else None)
    (job,) = jobs(plot, todo[:1], results)
    limit = min(job.solve["time_limit_s"] or LONGEST_ESTIMATE_S, LONGEST_ESTIMATE_S)
    job.solve["time_limit_s"] = limit
    started = time.monotonic()
    for _, result in one_by_one([job]):
        seconds = sum(result.get("seconds", {}).values()) or time.monotonic() - started
        return Forecast(plot.cases, todo, seconds)
    return Forecast(plot.cases, todo, None)

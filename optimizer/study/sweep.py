"""A whole sweep: what is missing is solved, whatever becomes of single cases, and written up."""

import os
import pickle
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from optimizer.progress import Progress
from optimizer.signals import remembered
from optimizer.study.cases import Case, Plot, folders_of, generations, read_plot
from optimizer.study.designs import WITH_INDICES
from optimizer.study.engine import Job, Result, Solver
from optimizer.study.results import FIGURES, result_tables, write_tables
from optimizer.study.store import FOLDER, Store, missing
from optimizer.study.swept import Inputs, Swept, keep_receipt

# Longer than any step of the clock that dates files.
FILE_CLOCK_STEP_S = 0.02


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


def moment() -> float:
    """Now, by the clock that dates files: for nothing but to compare with their dates.

    What was written just before is older: that clock goes in steps.
    """
    time.sleep(FILE_CLOCK_STEP_S)
    with tempfile.TemporaryFile() as file:
        return os.fstat(file.fileno()).st_mtime


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
    started = moment()
    plot = read_plot(file)
    inputs = Inputs.since(file, folders_of(plot.base, file.parent), started)
    store = Store(out)
    results = store.results(plot.cases)
    todo = missing(plot.cases, results)
    plot.check(todo)
    store.claim()
    # Takes a while, in which whoever solves cases loads libraries, too.
    from optimizer.study.pictures import write_pictures  # noqa: PLC0415 — heavy

    try:
        if todo:
            solve_all(plot, todo, store, results, solver, quiet=quiet)
    finally:
        files, tables = write_up(plot, results, out)
    files += write_pictures(plot, tables, out)
    ended = Counter(results[case.key]["status"] for case in plot.cases)
    swept = Swept(out, files, ended, len(todo))
    if inputs and not missing(plot.cases, results):
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
    with remembered() as asked, solver as solved, tell.shown():
        tell("solving")
        for batch in generations(todo):
            for key, result in solved(jobs(plot, batch, results)):
                store.save(key, result)
                results[key] = result
                tell.ended[result["status"]] += 1
                tell("solving")
                if asked.is_set():
                    raise KeyboardInterrupt


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

"""Solve cases one after the other in another process: one that it does not survive ends alone."""

import math
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any

Result = dict[str, Any]
# Where a solver overruns its own limit by more than this, nobody waits any longer.
GRACE_FACTOR, GRACE_S = 1.5, 120.0
# A process in which a case ended like this may not be sound any more.
TROUBLE = ("crashed", "failed", "no_plan")
# How processes that solve cases are started.
METHOD = "forkserver" if "forkserver" in get_all_start_methods() else "spawn"
# Read when libraries are loaded: a case has one thread, and memory that it frees goes back.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_TRIM_THRESHOLD_": "65536",
}


@dataclass(frozen=True)
class Job:
    """A case, ready to be sent to whoever solves it.

    Parameters
    ----------
    key : of the case.
    packed : its instance, pickled.
    solve : gap, time_limit_s, seed and warm_start.
    start : point to start from; None for none.
    """

    key: str
    packed: bytes
    solve: dict[str, Any]
    start: dict[str, Any] | None = None

    @property
    def work(self) -> tuple[bytes, dict[str, Any], dict[str, Any] | None]:
        """What `solve_case` is given."""
        return self.packed, self.solve, self.start

    @property
    def patience_s(self) -> float:
        """Seconds after which a solve is taken for stuck; without end where it has no limit."""
        limit = self.solve["time_limit_s"]
        return math.inf if limit is None else GRACE_FACTOR * limit + GRACE_S


Solver = Callable[[Iterable[Job]], Iterator[tuple[str, Result]]]


def warm_up(*modules: str) -> None:
    """Begin to load libraries in a process from which those that solve cases are then forked.

    Nobody waits here until they are loaded. Called again, it does nothing.

    Parameters
    ----------
    modules : what to load besides what solves a case.
    """
    if METHOD != "forkserver":
        return
    from multiprocessing import forkserver  # noqa: PLC0415 — not on every system

    forkserver.set_forkserver_preload([*modules, "optimizer.study.solve"])
    before = os.environ.copy()
    os.environ.update(ENVIRONMENT)
    try:
        with deaf():
            forkserver.ensure_running()
    finally:
        for name in ENVIRONMENT:
            del os.environ[name]
        os.environ.update(before)


@contextmanager
def deaf() -> Iterator[None]:
    """Processes that are started while the block runs do not hear Ctrl-C: it is for this one."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


class Child:
    """A process that solves one case after the other; Ctrl-C is for its parent to hear."""

    def __init__(self) -> None:
        context: Any = get_context(METHOD)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=answer, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def result_of(self, job: Job, patience_s: float) -> Result:
        """Result of a job, whatever becomes of the process."""
        try:
            self.connection.send(job.work)
            if self.connection.poll(patience_s if math.isfinite(patience_s) else None):
                return dict(self.connection.recv())
        except (EOFError, OSError):
            self.process.join()
            return crashed(f"the process ended with code {self.process.exitcode}")
        return {"status": "no_plan", "reason": "the solver overran its time limit and was stopped"}

    def end(self) -> None:
        """End it, wherever it is."""
        self.process.kill()
        self.process.join()
        self.connection.close()


def one_by_one(jobs: Iterable[Job], patience_s: float = math.inf) -> Iterator[tuple[str, Result]]:
    """Solve jobs in their order.

    Parameters
    ----------
    patience_s : seconds after which any of them is stopped.

    Yields
    ------
    tuple
        Key and result. A process that dies gives a result, too; one that has had trouble is not
        asked again.
    """
    warm_up()
    child = None
    try:
        for job in jobs:
            child = child or Child()
            result = child.result_of(job, min(patience_s, job.patience_s))
            if result["status"] in TROUBLE:
                child.end()
                child = None
            yield job.key, result
    finally:
        if child:
            child.end()


def answer(connection: Connection) -> None:
    """Solve cases in a child, and send what comes of each, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from optimizer.kept import Kept  # noqa: PLC0415 — heavy, as the other
    from optimizer.study.solve import solve_case  # noqa: PLC0415

    kept = Kept()
    while True:
        try:
            packed, solve, start = connection.recv()
        except EOFError:
            return
        connection.send(solve_case(packed, solve, start, kept))


def crashed(reason: str) -> Result:
    """Result of a case whose process died."""
    return {"status": "crashed", "reason": reason}


def serially() -> AbstractContextManager[Solver]:
    """Solve one case after the other; libraries begin to be loaded now, while the study is read."""
    warm_up()
    return nullcontext(one_by_one)

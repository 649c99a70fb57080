"""Solve cases one after the other, each in a process of its own: none takes others along."""

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


def one_by_one(jobs: Iterable[Job], patience_s: float = math.inf) -> Iterator[tuple[str, Result]]:
    """Solve jobs in their order.

    Parameters
    ----------
    patience_s : seconds after which any of them is stopped.

    Yields
    ------
    tuple
        Key and result. A process that dies gives a result, too.
    """
    warm_up()
    context: Any = get_context(METHOD)
    for job in jobs:
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=answer, args=(sender, *job.work), daemon=True)
        process.start()
        sender.close()
        try:
            yield job.key, received(receiver, min(patience_s, job.patience_s))
        except EOFError:
            process.join()
            yield job.key, crashed(f"the process ended with code {process.exitcode}")
        finally:
            process.kill()
            process.join()
            receiver.close()


def received(receiver: Connection, patience_s: float) -> Result:
    """Result that a child sends; raises EOFError where it ends without."""
    if receiver.poll(patience_s if math.isfinite(patience_s) else None):
        return dict(receiver.recv())
    return {"status": "no_plan", "reason": "the solver overran its time limit and was stopped"}


def answer(sender: Connection, *work: Any) -> None:
    """Solve a case in a child, and send what comes of it; Ctrl-C is for the parent to hear."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sender.send(solve(*work))
    sender.close()


def solve(*work: Any) -> Result:
    """Solve a case; who only sends it elsewhere need not load what that takes."""
    from optimizer.study.solve import solve_case  # noqa: PLC0415 — heavy

    return solve_case(*work)


def crashed(reason: str) -> Result:
    """Result of a case whose process died."""
    return {"status": "crashed", "reason": reason}


def serially() -> AbstractContextManager[Solver]:
    """Solve one case after the other; libraries begin to be loaded now, while the study is read."""
    warm_up()
    return nullcontext(one_by_one)

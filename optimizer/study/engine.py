"""Solve cases one after the other, each in a process of its own: none takes others along."""

import math
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection
from typing import Any

Result = dict[str, Any]
# Where a solver overruns its own limit by more than this, nobody waits any longer.
GRACE_FACTOR, GRACE_S = 1.5, 120.0


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
    forks = "forkserver" in get_all_start_methods()
    context: Any = get_context("forkserver" if forks else "spawn")
    # Loads the libraries once, for all children.
    context.set_forkserver_preload(["optimizer.study.solve"])
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
    from optimizer.study.solve import solve_case  # noqa: PLC0415 — heavy, for children alone

    sender.send(solve_case(*work))
    sender.close()


def crashed(reason: str) -> Result:
    """Result of a case whose process died."""
    return {"status": "crashed", "reason": reason}

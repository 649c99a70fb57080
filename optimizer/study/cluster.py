"""Solve cases on workers of Dask: processes of this machine, or those of a scheduler elsewhere."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from optimizer.errors import SitewattError
from optimizer.study.engine import METHOD, Job, Result, Solver, crashed, deaf, warm_up
from optimizer.study.swept import versions

if TYPE_CHECKING:
    from distributed import Client, Future

# Cases that wait for each worker: enough to keep it busy, few enough to fit into memory.
WAITING = 3
SECONDS_TO_CONNECT = 30.0
OPTIONS = {
    # A worker has one case at a time: one that has killed two did it.
    "distributed.scheduler.allowed-failures": 1,
    # Looking at the stack a hundred times a second takes a tenth of the time.
    "distributed.worker.profile.enabled": False,
    # Looking fifty times a second how late the event loop is, and now and then how the machine
    # fares, takes a twentieth.
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.worker.multiprocessing-method": METHOD,
}


@contextmanager
def local_client(workers: int, memory_mb: int | None) -> "Iterator[Client]":
    """Client of workers that are started here, and end with the block."""
    distributed = load()
    import dask  # noqa: PLC0415 — comes with it

    limit = "auto" if memory_mb is None else memory_mb * 2**20
    with dask.config.set(OPTIONS):
        with deaf():
            cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                memory_limit=limit,
                # No pages to look at; what else it serves by HTTP stays here, on any free port.
                dashboard_address="127.0.0.1:0",
                scheduler_kwargs={"dashboard": False},
                host="127.0.0.1",
                silence_logs=50,
            )
        with cluster, distributed.Client(cluster) as client:
            yield client


@contextmanager
def remote_client(address: str) -> "Iterator[Client]":
    """Client of a scheduler that is there already.

    Raises
    ------
    SitewattError
        Nobody answers there, no worker comes, or one has other versions than this machine.
    """
    distributed = load()
    try:
        client = distributed.Client(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        said = f"No scheduler answers at {address}: {error}."
        raise SitewattError(f"{said} Start one with: dask scheduler") from error
    with silence(), client:
        try:
            client.wait_for_workers(1, timeout=SECONDS_TO_CONNECT)
        except TimeoutError as error:
            said = f"The scheduler at {address} has no workers."
            raise SitewattError(f"{said} Start some: dask worker {address}") from error
        for worker, theirs in client.run(versions).items():
            if theirs != versions():
                differs = sorted(set(theirs.items()) ^ set(versions().items()))
                said = f"Worker {worker} has other versions than this machine: {differs}."
                raise SitewattError(f"{said} Install the same on both.")
        yield client


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is logged while the block runs: Dask tells tracebacks where a message will do."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


def load():  # type: ignore[no-untyped-def]
    """Dask distributed.

    Raises
    ------
    SitewattError
        It is not installed.
    """
    try:
        import distributed  # noqa: PLC0415 — heavy, and an extra
    except ImportError as error:
        said = 'Workers need Dask: pip install "sitewatt[sweeps]".'
        raise SitewattError(f"{said} Without --workers and --scheduler none is needed.") from error
    return distributed


def on_workers(jobs: Iterable[Job], client: "Client") -> Iterator[tuple[str, Result]]:
    """Solve jobs on all workers of a scheduler.

    A job whose worker dies is given to another one, by Dask, a few times.

    Yields
    ------
    tuple
        Key and result, in the order in which they are finished.

    Raises
    ------
    SitewattError
        The scheduler is gone.
    """
    from distributed import as_completed  # noqa: PLC0415 — heavy, and an extra

    def submitted(job: Job) -> "Future":
        return client.submit(solve, *job.work, key=job.key, pure=False)

    rest = iter(jobs)
    workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
    first = [submitted(job) for job in islice(rest, (1 + WAITING) * workers)]
    running = as_completed(first, loop=client.loop)
    for future in running:
        yield future.key, result_of(future)
        for job in islice(rest, 1):
            running.add(submitted(job))


def solve(packed: bytes, how: dict[str, Any], start: dict[str, Any] | None) -> Result:
    """Solve a case on a worker, which keeps its models for the next one.

    Not where it solves several at once: they would change them under each other's hands.
    """
    from distributed import get_worker  # noqa: PLC0415 — heavy, and an extra

    from optimizer.kept import Kept  # noqa: PLC0415 — heavy, as the other
    from optimizer.study.solve import solve_case  # noqa: PLC0415

    worker = get_worker()
    kept = Kept()
    if worker.state.nthreads == 1:
        kept = vars(worker).setdefault("kept_models", kept)
    return solve_case(packed, how, start, kept)


def result_of(future: "Future") -> Result:
    """Result of a finished job.

    Raises
    ------
    SitewattError
        The scheduler is gone.
    """
    if future.status == "finished":
        return dict(future.result())
    if future.status == "error":
        error = future.exception()
        return crashed(f"{type(error).__name__}: {error}"[:500])
    raise SitewattError("The scheduler is gone. What is done is kept: run again for the rest.")


def solver_on(
    workers: int | None, scheduler: str | None, memory_mb: int | None
) -> AbstractContextManager[Solver]:
    """Solver on workers that are started here, or on those of a scheduler.

    What workers here have to load begins to be loaded now, while the study is read.
    """
    if not scheduler:
        warm_up("distributed.nanny")
    return opened(workers, scheduler, memory_mb)


@contextmanager
def opened(workers: int | None, scheduler: str | None, memory_mb: int | None) -> Iterator[Solver]:
    """As `solver_on`, with all ready within the block."""
    client = remote_client(scheduler) if scheduler else local_client(workers or 1, memory_mb)
    with client as ready:
        yield partial(on_workers, client=ready)

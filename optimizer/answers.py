"""What `sitewatt explain` and `sitewatt why` do, from a folder to what is told."""

import sys
from pathlib import Path

from optimizer.errors import Infeasible, Interrupted, NoPlan, SitewattError
from optimizer.explain import Explanation, explain
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.progress import Progress
from optimizer.signals import stop_on_signals
from optimizer.why import Run, Why, why_change, why_site

EXIT_CODE = {"feasible": 0, "infeasible": Infeasible.exit_code, "unknown": NoPlan.exit_code}
# A single site is worth less than most gaps asked for: a run may have ended closer.
CLOSE_GAP = 1e-4


def explain_folder(folder: Path, *, threads: int) -> tuple[Explanation, int]:
    """Explain an instance.

    Returns
    -------
    tuple
        What to tell, and the exit code to end with.

    Raises
    ------
    SitewattError
        The instance is invalid, or somebody stopped the search for a plan.
    """
    control = Control(threads=threads)
    with stop_on_signals(control.interrupted):
        told = explain(read_instance(folder), control)
    if told.status == "unknown" and control.interrupted.is_set():
        raise Interrupted("Stopped before it was known whether there is a plan.")
    return told, EXIT_CODE[told.status]


def ask_why(
    folder: Path,
    subjects: dict[str, str | None],
    *,
    gap: float | None,
    time_limit: float | None,
    threads: int,
    quiet: bool,
) -> Why:
    """Answer why a site is in a run's plan or not, or what a node or rule costs.

    Parameters
    ----------
    subjects : `site`, `node` and `rule`, of which one is named.
    gap : of the plan solved again; None for the one that the run ended with, or CLOSE_GAP.

    Raises
    ------
    SitewattError
        Not one subject is named, or no such thing is in the run, or no plan was found in time.
    """
    asked = {kind: name for kind, name in subjects.items() if name is not None}
    if len(asked) != 1:
        raise WrongQuestion("Name one of --site, --node and --rule.")
    ((kind, name),) = asked.items()
    run = Run.read(folder)
    progress = Progress(sys.stderr, currency=run.record["currency"], quiet=quiet)
    control = Control(time_limit=time_limit, threads=threads, on_progress=progress)
    if gap is None:
        gap = min(run.record["options"]["gap"], max(run.record["gap"], CLOSE_GAP))
    with stop_on_signals(control.interrupted), progress.shown():
        if kind == "site":
            return why_site(run, name, control, gap)
        return why_change(run, kind, name, control, gap)


class WrongQuestion(SitewattError):
    """A question that nobody can answer."""

    exit_code = 2

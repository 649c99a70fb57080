"""What `sitewatt solve` does, from a folder to an exit code."""

import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from optimizer.audit import AuditReport, audit_report_text
from optimizer.errors import AuditFailed, Interrupted, printable
from optimizer.folders import AlreadyThere, refuse_existing, refuse_other_things, try_place, writing
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.progress import Progress
from optimizer.rerun import compare, recorded
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from optimizer.run_files import PLAN
from optimizer.second_opinion import CONTRADICTS, opinion_text
from optimizer.signals import stop_on_signals
from optimizer.summary import summary

EXIT_CODE = {"optimal": 0, "gap_missed": 5, "time_limit": 5, "interrupted": Interrupted.exit_code}


def solve_folder(
    folder: Path, out: Path | None, options: Options, *, overwrite: bool, quiet: bool, as_json: bool
) -> None:
    """Read, solve, audit, write and tell; ends with the exit code of how it went.

    Parameters
    ----------
    out : run folder; None for a new one named for the instance below `runs`.

    Raises
    ------
    SitewattError
        Nothing was written.
    """
    place = out or unused(Path("runs"), folder.resolve().name)
    plan, report, written = solve_into(folder, place, options, overwrite=overwrite, quiet=quiet)
    tell(plan, report, written, as_json=as_json)
    stands = report.passed and not any(
        opinion["verdict"] == CONTRADICTS for opinion in plan.record.get("check", ())
    )
    sys.exit(EXIT_CODE[plan.record["status"]] if stands else AuditFailed.exit_code)


def solve_into(
    folder: Path, out: Path, options: Options, *, overwrite: bool, quiet: bool
) -> tuple[Plan, AuditReport, Path]:
    """Read, solve, audit and write.

    Returns
    -------
    tuple
        Plan, its audit, and the folder it is in: another than `out` if somebody else took that
        during the solve, for a plan of hours must not be lost.
    """
    refuse_existing(out, overwrite=overwrite)
    if out.exists():
        with writing(out):
            refuse_other_things(out, {Path(PLAN).stem})
    try_place(out)
    progress = Progress(sys.stderr, quiet=quiet)
    clock = Clock(progress)
    with scratch_folder() as scratch, progress.shown():
        control = Control(
            time_limit=options.time_limit,
            threads=options.threads,
            seed=options.seed,
            log=scratch / "solver.log",
            on_progress=progress,
        )
        with stop_on_signals(control.interrupted):
            with clock.phase("read"):
                instance = read_instance(folder)
            progress.currency = instance.manifest.currency
            plan = solve_instance(instance, options, control, clock)
            with clock.phase("write"):
                try:
                    report = write_run(plan, instance, out, control.log, overwrite=overwrite)
                except AlreadyThere as taken:
                    out = unused(out.parent, out.name)
                    print(f"{taken} This plan goes to {out}.", file=sys.stderr)
                    report = write_run(plan, instance, out, control.log)
    return plan, report, out


def rerun_folder(run: Path, out: Path | None, *, overwrite: bool, as_json: bool) -> None:
    """Solve the instance of a run folder again, compare, and tell.

    Parameters
    ----------
    out : folder to keep the second run in; None keeps nothing.

    Raises
    ------
    SitewattError
        The folder is no run that can be repeated.
    """
    # Second opinions say something about the first plan, and nothing about repeating it.
    options = replace(recorded(run).options, check=False)
    with scratch_folder() as scratch:
        again = out or scratch / "run"
        _, report, again = solve_into(
            run / "instance", again, options, overwrite=overwrite, quiet=as_json
        )
        comparison = compare(run, again)
    passed = comparison.passed and report.passed
    if as_json:
        content = {**comparison.as_dict(), "audit_passed": report.passed, "passed": passed}
        print(json.dumps({**content, "run": str(again) if out else None}, indent=2))
    else:
        lines = [*comparison.lines(), *([] if report.passed else audit_report_text(report))]
        # Versions are whatever plan.json says they are.
        print("\n".join(map(printable, lines)))
    sys.exit(0 if passed else AuditFailed.exit_code)


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder of our own for the time being.

    Raises
    ------
    SitewattError
        There is no room for one.
    """
    with writing(Path(tempfile.gettempdir())):
        scratch = tempfile.TemporaryDirectory(prefix="sitewatt-", ignore_cleanup_errors=True)
    with scratch as path:
        yield Path(path)


def unused(parent: Path, name: str) -> Path:
    """Folder of this name below a parent, with a number behind it if that is taken."""
    numbered = (parent / (name if i == 1 else f"{name}-{i}") for i in count(1))
    return next(path for path in numbered if not path.exists())


def tell(plan: Plan, report: AuditReport, out: Path, *, as_json: bool) -> None:
    """Print the plan's summary, or everything that plan.json and audit.json hold."""
    if as_json:
        content = {**plan.record, "audit": report.as_dict(), "run": str(out)}
        print(json.dumps(content, indent=2, allow_nan=False))
        return
    print("\n".join([*summary(plan.record, plan.tables), "", *audit_report_text(report)]))
    for opinion in plan.record.get("check", ()):
        print(opinion_text(opinion, plan.record["currency"]))
    print(f"written to {out}")

"""What `sitewatt solve` does, from a folder to an exit code."""

import json
import sys
import tempfile
from itertools import count
from pathlib import Path

from optimizer.audit import AuditReport, audit_report_text
from optimizer.errors import AuditFailed, Interrupted
from optimizer.folders import refuse_existing
from optimizer.highs import Control
from optimizer.instance import read_instance
from optimizer.progress import Progress
from optimizer.run import Clock, Options, Plan, solve_instance, write_run
from optimizer.second_opinion import CONTRADICTS, opinion_text
from optimizer.signals import stop_on_signals
from optimizer.summary import summary

EXIT_CODE = {"optimal": 0, "time_limit": 5, "interrupted": Interrupted.exit_code}


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
    if out is not None:
        refuse_existing(out, overwrite=overwrite)
    progress = Progress(sys.stderr, quiet=quiet)
    clock = Clock(progress)
    with tempfile.TemporaryDirectory(prefix="sitewatt-") as scratch, progress.shown():
        control = Control(
            time_limit=options.time_limit,
            threads=options.threads,
            seed=options.seed,
            log=Path(scratch) / "solver.log",
            on_progress=progress,
        )
        with stop_on_signals(control.interrupted):
            with clock.phase("read"):
                instance = read_instance(folder)
            progress.currency = instance.manifest.currency
            plan = solve_instance(instance, options, control, clock)
            out = out or unused(Path("runs"), folder.resolve().name)
            with clock.phase("write"):
                report = write_run(plan, instance, out, control.log, overwrite=overwrite)
    tell(plan, report, out, as_json=as_json)
    stands = report.passed and not any(
        opinion["verdict"] == CONTRADICTS for opinion in plan.record.get("check", ())
    )
    sys.exit(EXIT_CODE[plan.record["status"]] if stands else AuditFailed.exit_code)


def unused(parent: Path, name: str) -> Path:
    """Folder of this name below a parent, with a number behind it if that is taken."""
    numbered = (parent / (name if i == 1 else f"{name}-{i}") for i in count(1))
    return next(path for path in numbered if not path.exists())


def tell(plan: Plan, report: AuditReport, out: Path, *, as_json: bool) -> None:
    """Print the plan's summary, or everything that plan.json and audit.json hold."""
    if as_json:
        content = {**plan.record, "audit": report.as_dict(), "run": str(out)}
        print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))
        return
    print("\n".join([*summary(plan.record, plan.tables), "", *audit_report_text(report)]))
    for opinion in plan.record.get("check", ()):
        print(opinion_text(opinion, plan.record["currency"]))
    print(f"written to {out}")

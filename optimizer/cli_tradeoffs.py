"""Commands about more than one optimum: runs side by side, other plans, fronts, prices."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from optimizer.terminal import FOLDER, PLACE, THREADS, echo_lines, json_option, print_json

if TYPE_CHECKING:
    from optimizer.outcome import Control

# Options of several commands.
SECONDS = click.option(
    "--time-limit",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="For all solves together, shared out among them.",
)
OVERWRITE = click.option("--overwrite", is_flag=True, help="Replace the folder if it is there.")
QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")


class Percent(click.ParamType):
    """A part of a whole, written as per cent or as a number."""

    name = "part"

    def convert(self, value: Any, param: Any, ctx: Any) -> float:
        """Part of one, from 0 to 1."""
        text = str(value).strip()
        try:
            part = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            part = -1.0
        if not 0 <= part <= 1:
            self.fail(f"{text[:40]!r} is no part: write 2% or 0.02.", param, ctx)
        return part


@contextmanager
def solving(
    threads: int, seconds: float, *, quiet: bool
) -> Iterator[tuple["Control", Callable[[str], None]]]:
    """Control of solves that Ctrl-C stops, and whom to tell what is being done."""
    from optimizer.outcome import Control
    from optimizer.progress import Progress
    from optimizer.signals import stop_on_signals

    progress = Progress(sys.stderr, quiet=quiet)
    control = Control(time_limit=seconds, threads=threads)
    with stop_on_signals(control.interrupted), progress.shown():
        yield control, progress


def claim(out: Path | None, *, overwrite: bool) -> None:
    """Refuse a folder that cannot be written, before anything is solved."""
    from optimizer.folders import refuse_existing, try_place

    if out:
        refuse_existing(out, overwrite=overwrite)
        try_place(out)


def tell(status: str, found: Any, out: Path | None, *, as_json: bool, **more: Any) -> None:
    """Print what was found, and where it was written."""
    if as_json:
        place = str(out) if out else None
        print_json({"status": status, "out": place, **found.as_dict(), **more})
    else:
        echo_lines([*found.lines(), *([f"Wrote {out}"] if out else [])])


def end(control: "Control", *, complete: bool, audited: bool = True) -> None:
    """End with the exit code of how it went, as `sitewatt solve` does."""
    from optimizer.command import EXIT_CODE
    from optimizer.errors import AuditFailed

    if not audited:
        sys.exit(AuditFailed.exit_code)
    if not complete:
        sys.exit(EXIT_CODE["interrupted" if control.interrupted.is_set() else "time_limit"])


@click.command()
@click.argument("runs", type=FOLDER, nargs=-1, required=True)
@click.option("--csv", "out", type=PLACE, help="Folder to write tables to.  [default: none]")
@OVERWRITE
@json_option
def compare(runs: tuple[Path, ...], out: Path | None, overwrite: bool, as_json: bool) -> None:
    """Say how the plans of RUN folders differ from the first of them, and why.

    What opens, moves and costs differently; which rows and columns of their instances differ; which
    nodes, halls and rules bind in one and not in the other. Costs whose gaps overlap are said not
    to be distinguishable.

    \b
    Examples:
      sitewatt compare runs/europe runs/europe-no-rules
      sitewatt compare runs/a runs/b runs/c --csv differences
    """
    from optimizer.tradeoffs.compare import compare_runs
    from optimizer.tradeoffs.compare_text import comparison_lines

    found = compare_runs(runs)
    if out:
        found.write(out, overwrite=overwrite)
    if as_json:
        print_json({"status": "compared", "out": str(out) if out else None, **found.as_dict()})
    else:
        echo_lines([*comparison_lines(found), *([f"Wrote {out}"] if out else [])])


@click.command()
@click.argument("run", type=FOLDER)
@click.option(
    "--within",
    type=Percent(),
    default="2%",
    show_default=True,
    help="How much more a plan may cost than the run's: 2%, or 0.02.",
)
@click.option(
    "--count", type=click.IntRange(1), default=5, show_default=True, help="Plans besides the run's."
)
@SECONDS
@click.option("--out", type=PLACE, help="Folder to write.  [default: none]")
@OVERWRITE
@THREADS
@QUIET
@json_option
def alternatives(
    run: Path,
    within: float,
    count: int,
    seconds: float,
    out: Path | None,
    overwrite: bool,
    threads: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Find plans that cost little more than that of a RUN folder, and are most unlike it.

    Each plan shares as few open sites as possible with those before it. Says of each site whether
    every plan within the budget has it, none has, or it depends: proven over all plans, not only
    those found, or else said to be only observed.

    \b
    Examples:
      sitewatt alternatives runs/europe --within 2%
      sitewatt alternatives runs/europe --within 0.5% --count 3 --out others
    """
    from optimizer.tradeoffs.near_optimal import near_optimal

    claim(out, overwrite=overwrite)
    with solving(threads, seconds, quiet=quiet or as_json) as (control, told):
        found = near_optimal(run, within, count, control, told=told)
        audits = found.write(out, overwrite=overwrite, told=told) if out else {}
    passed = {name: audit.passed for name, audit in audits.items()}
    tell("found", found, out, as_json=as_json, audits_passed=passed)
    end(control, complete=found.complete, audited=all(passed.values()))


@click.command()
@click.argument("instance", type=FOLDER)
@click.option(
    "--against",
    "kind",
    type=click.Choice(["carbon", "latency", "sovereignty", "resilience", "water"]),
    required=True,
    help="What to trade cost against.",
)
@click.option(
    "--points", type=click.IntRange(2, 1000), default=6, show_default=True, help="At most so many."
)
@click.option(
    "--gap",
    type=click.FloatRange(0, 1),
    default=1e-3,
    show_default=True,
    help="Of the cost of each point.",
)
@SECONDS
@click.option("--out", type=PLACE, required=True, help="Folder to write.")
@OVERWRITE
@THREADS
@QUIET
@json_option
def pareto(
    instance: Path,
    kind: str,
    points: int,
    gap: float,
    seconds: float,
    out: Path,
    overwrite: bool,
    threads: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Trace what less carbon, latency, foreign control or water costs an INSTANCE.

    Only plans that no other beats in both are kept, each with its gap, and each written as an
    audited run folder; front.csv holds them all, front.svg shows them. Resilience is the largest
    share of a stage's load that one grid node carries.

    \b
    Example:
      sitewatt pareto instances/europe --against carbon --points 6 --out fronts/carbon
    """
    from optimizer.tradeoffs.front import trace

    claim(out, overwrite=overwrite)
    with solving(threads, seconds, quiet=quiet or as_json) as (control, told):
        found = trace(instance, kind, points, gap, control, told=told)
        passed = found.write(out, overwrite=overwrite, told=told)
    tell("traced", found, out, as_json=as_json, audited=passed)
    end(control, complete=not found.front.missed, audited=passed)


@click.command()
@click.argument("run", type=FOLDER)
@click.option(
    "--exact",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Solve again for so many of the largest, and for each latency objective.",
)
@click.option(
    "--gap", type=click.FloatRange(0, 1), help="Of plans solved again.  [default: the run's]"
)
@SECONDS
@click.option("--out", type=PLACE, help="Folder to write value.csv to.  [default: none]")
@OVERWRITE
@THREADS
@QUIET
@json_option
def value(
    run: Path,
    exact: int,
    gap: float | None,
    seconds: float,
    out: Path | None,
    overwrite: bool,
    threads: int,
    quiet: bool,
    as_json: bool,
) -> None:
    """Say what a little more of what limits the plan of a RUN folder would save.

    One more MW at each node and stage, one point of each share rule: by the linear program that is
    left with the run's choices fixed, from what a unit saves then to its dual. With --exact, one
    more ms of each latency objective, one site fewer, and the largest of the others: by solving
    again, every choice free. Each is labelled; all are intervals, for plans have gaps.

    \b
    Examples:
      sitewatt value runs/europe
      sitewatt value runs/europe --exact 3 --out prices
    """
    from optimizer.tradeoffs.value import value as price

    claim(out, overwrite=overwrite)
    with solving(threads, seconds, quiet=quiet or as_json) as (control, told):
        found = price(run, exact, control, gap=gap, told=told)
    if out:
        found.write(out, overwrite=overwrite)
    tell("priced", found, out, as_json=as_json)
    end(control, complete=found.complete)

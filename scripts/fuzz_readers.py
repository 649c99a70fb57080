"""Spoil small instances at random, and see that each is refused with a report or planned soundly.

    python scripts/fuzz_readers.py --count 2000
    python scripts/fuzz_readers.py --count 100000 --state build/fuzz.json   # again: it goes on

A case is a seed: the same seed spoils the same instance in the same way, so that
`--first 4711 --count 1 --keep spoilt` leaves the folder of one case to look at. Cases run in a
child process, a block at a time, for a crash of compiled code must not end the search for others.
"""

import json
import random
import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile.search import Judge, search, told
from hostile.spoil import Files, sound_instances, spoil, write_spoilt

from optimizer import instance as instances
from optimizer.audit import audit_run
from optimizer.errors import Infeasible, InvalidInstance, NoPlan, SolverFailure
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.prepare import prepare
from optimizer.reading import Reading
from optimizer.routes import check_reachable, find_routes
from optimizer.run import Clock, Options, solve_instance, write_run
from optimizer.table import read_table

# A plan that takes longer than this is one all the same: what counts is that the audit passes.
SECONDS_PER_SOLVE = 5.0
# Numbers that are sane each, and too large together.
REFUSED_BY_THE_GATE = "is too large to be solved reliably. Check the units"
CONTROL_CHARACTERS = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n"}


def remember_sound_tables(sound: list[Files]) -> None:
    """Read tables that are not spoilt once: reading them again finds nothing new."""
    contents = {
        (name, content if isinstance(content, bytes) else content.encode())
        for files in sound
        for name, content in files.items()
    }
    known: dict[tuple, Reading] = {}

    def remembered(
        table: str, label: str, first_stage: int, content: bytes | None, file: Path | None
    ) -> Reading:
        if content is not None and (file is None or (file.name, content) not in contents):
            return read_table(table, label, first_stage, content, file)
        key = (table, label, first_stage, content, file is None)
        if key not in known:
            known[key] = read_table(table, label, first_stage, content, file)
        reading = known[key]
        return replace(
            reading,
            frame=reading.frame.copy(deep=False),
            written=dict(reading.written),
            sound={column: mask.copy() for column, mask in reading.sound.items()},
            problems=list(reading.problems),
        )

    vars(instances)["read_table"] = remembered


def outcome_of(folder: Path, *, solve: bool, scratch: Path) -> str:
    """What becomes of an instance; any exception that leaves here is a fault."""
    try:
        read = read_instance(folder)
        routes = find_routes(read)
        check_reachable(read, routes)
    except InvalidInstance as error:
        check_report(error)
        return "refused"
    if not solve:
        prepare(read, routes)
        return "read"
    try:
        solve_and_audit(read, scratch / "run")
    except Infeasible:
        return "proven without a plan"
    except NoPlan:
        return "without a plan in time"
    except SolverFailure as error:
        if REFUSED_BY_THE_GATE not in str(error):
            raise
        return "refused before the solver"
    finally:
        shutil.rmtree(scratch / "run", ignore_errors=True)
    return "planned, audit passed"


def check_report(error: InvalidInstance) -> None:
    """A report says something, fits on a terminal, and can be written as JSON."""
    assert error.problems
    text = "\n".join(error.lines())
    assert not CONTROL_CHARACTERS & set(text), "control characters reach the terminal"
    text.encode()
    json.dumps(error.as_dicts(), allow_nan=False)
    for problem in error.problems:
        assert problem.message, problem
        assert problem.remedy, problem


def solve_and_audit(read: Instance, run: Path) -> None:
    """Plan, write and audit."""
    clock = Clock(lambda *_: None)
    control = Control(time_limit=SECONDS_PER_SOLVE, threads=1)
    plan = solve_instance(read, Options(time_limit=SECONDS_PER_SOLVE, threads=1), control, clock)
    write_run(plan, read, run, None)
    report = audit_run(run)
    assert report.passed, [str(violation) for violation in report.violations[:3]]


def run_case(seed: int, sound: list[Files], every: int, scratch: Path) -> tuple[str, str]:
    """Spoil and read: what became of it, and how it was spoilt.

    Raises
    ------
    Fault
        What must not happen did.
    """
    files, spoilt = spoil(sound, random.Random(seed))
    folder = scratch / "instance"
    write_spoilt(folder, files)
    try:
        return outcome_of(folder, solve=seed % every == 0, scratch=scratch), spoilt
    except Exception as error:
        raise told(spoilt) from error
    finally:
        for leftover in (folder, *scratch.glob("base*")):
            shutil.rmtree(leftover, ignore_errors=True)


def reader(every: int, scratch: Path) -> Judge:
    """Judge of spoilt instances, of which each so many-th is solved if it can be read."""
    sound = sound_instances()
    remember_sound_tables(sound)
    return lambda seed: run_case(seed, sound, every, scratch)


@click.command(help=__doc__)
@click.option("--count", type=click.IntRange(1), default=2000, show_default=True)
@click.option("--first", type=click.IntRange(0), default=0, help="Seed of the first case.")
@click.option("--state", type=click.Path(path_type=Path), help="File to go on from.")
@click.option("--solve-every", type=click.IntRange(1), default=50, show_default=True)
@click.option("--keep", type=click.Path(path_type=Path), help="Only write the first case here.")
def main(count: int, first: int, state: Path | None, solve_every: int, keep: Path | None) -> None:
    """Run cases and print what became of them."""
    if keep:
        files, spoilt = spoil(sound_instances(), random.Random(first))
        write_spoilt(keep, files)
        click.echo(spoilt)
        return
    tally = search(first, count, state, partial(reader, solve_every))
    click.echo("\n".join(tally.lines()))
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()

"""Spoil small instances at random, and see that each is refused with a report or planned soundly.

    python scripts/fuzz_readers.py --count 2000
    python scripts/fuzz_readers.py --count 100000 --state build/fuzz.json   # again: it goes on

A case is a seed: the same seed spoils the same instance in the same way, so that
`--first 4711 --count 1 --keep spoilt` leaves the folder of one case to look at. Cases run in a
child process, a block at a time, for a crash of compiled code must not end the search for others.
"""

import json
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).parents[1]))

from hostile.spoil import Files, sound_instances, spoil, write_spoilt

from optimizer import instance as instances
from optimizer.audit import audit_run
from optimizer.errors import Infeasible, InvalidInstance, NoPlan
from optimizer.highs import Control
from optimizer.instance import Instance, read_instance
from optimizer.prepare import prepare
from optimizer.reading import Reading
from optimizer.routes import check_reachable, find_routes
from optimizer.run import Clock, Options, solve_instance, write_run
from optimizer.table import read_table

SECONDS_PER_CASE = 60
BYTES_OF_MEMORY = 2**33
CASES_PER_CHILD = 2_000
# A plan that takes longer than this is one all the same: what counts is that the audit passes.
SECONDS_PER_SOLVE = 5.0
CONTROL_CHARACTERS = {*map(chr, range(32)), *map(chr, range(127, 160))} - {"\n"}


@dataclass
class Tally:
    """What became of the cases so far.

    Parameters
    ----------
    following : seed of the next case.
    outcomes : cases by what became of them.
    faults : seed, how it was spoilt, and what went wrong, of cases that show a fault.
    seconds : spent on all of them.
    """

    following: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        aside = path.with_suffix(".partial")
        aside.write_text(json.dumps(vars(self), indent=1), encoding="utf-8")
        aside.replace(path)

    @classmethod
    def load(cls, path: Path) -> "Tally":
        """Read what `save` wrote; nothing yet where there is no file."""
        if not path.exists():
            return cls()
        content = json.loads(path.read_text(encoding="utf-8"))
        return cls(**{**content, "outcomes": Counter(content["outcomes"])})


class Hang(BaseException):
    """A case takes longer than any reader may."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise Hang in a block that takes longer."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


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
            frame=reading.frame.copy(),
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


def run_case(seed: int, sound: list[Files], every: int, scratch: Path) -> tuple[str, str, str]:
    """Spoil, read, judge: outcome, how it was spoilt, and what went wrong."""
    dice = random.Random(seed)
    files, spoilt = spoil(sound, dice)
    folder = scratch / "instance"
    write_spoilt(folder, files)
    try:
        with at_most(SECONDS_PER_CASE):
            outcome = outcome_of(folder, solve=seed % every == 0, scratch=scratch)
        return outcome, spoilt, ""
    except Hang:
        return "HANG", spoilt, f"over {SECONDS_PER_CASE} s"
    except Exception:
        return "FAULT", spoilt, traceback.format_exc()[-1500:]
    finally:
        shutil.rmtree(scratch / "instance", ignore_errors=True)
        for leftover in scratch.glob("base*"):
            shutil.rmtree(leftover, ignore_errors=True)


def run_block(tally: Tally, count: int, every: int, scratch: Path) -> None:
    """Run cases in a child that reports each by a line; a line that does not come is a crash."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        try:
            resource.setrlimit(resource.RLIMIT_AS, (BYTES_OF_MEMORY, BYTES_OF_MEMORY))
            sound = sound_instances()
            remember_sound_tables(sound)
            with os.fdopen(writer, "w") as lines:
                for seed in range(tally.following, tally.following + count):
                    result = run_case(seed, sound, every, scratch)
                    lines.write(json.dumps([seed, *result]) + "\n")
                    lines.flush()
        except BaseException:
            traceback.print_exc()
            os._exit(1)  # What the parent still needs must not be cleared up here.
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as lines:
        for line in lines:
            seed, outcome, spoilt, wrong = json.loads(line)
            tally.following = seed + 1
            tally.outcomes[outcome] += 1
            if wrong:
                tally.faults.append({"seed": seed, "spoilt": spoilt, "wrong": wrong})
                click.echo(f"seed {seed}, {spoilt}: {outcome}\n{wrong}")
    _, status = os.waitpid(child, 0)
    if status:
        wrong = f"the process ended with status {os.waitstatus_to_exitcode(status)}"
        tally.faults.append({"seed": tally.following, "spoilt": "", "wrong": wrong})
        tally.outcomes["CRASH"] += 1
        click.echo(f"seed {tally.following}: {wrong}")
        tally.following += 1


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
    tally = Tally.load(state) if state else Tally()
    tally.following = max(tally.following, first)
    end = first + count
    in_memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as scratch:
        while tally.following < end:
            began = time.monotonic()
            block = min(CASES_PER_CHILD, end - tally.following)
            run_block(tally, block, solve_every, Path(scratch))
            tally.seconds = round(tally.seconds + time.monotonic() - began, 1)
            if state:
                tally.save(state)
    click.echo(f"{sum(tally.outcomes.values()):,} instances in {tally.seconds:,.0f} s")
    for outcome, number in tally.outcomes.most_common():
        click.echo(f"  {number:9,}  {outcome}")
    sys.exit(1 if tally.faults else 0)


if __name__ == "__main__":
    main()

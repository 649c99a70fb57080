"""Search for faults: cases by number, in a child process that a crash or a hang may end."""

import json
import multiprocessing
import resource
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import click

SECONDS_PER_CASE = 60
BYTES_OF_MEMORY = 2**33
CASES_PER_CHILD = 500

# From the number of a case to what became of it and how it was spoilt; raises at a fault.
Judge = Callable[[int], tuple[str, str]]
# From a folder to write to; called once in every child.
MakeJudge = Callable[[Path], Judge]


class Fault(Exception):
    """A case that shows a fault.

    Parameters
    ----------
    spoilt : how it was spoilt.
    wrong : what went wrong.
    """

    def __init__(self, spoilt: str, wrong: str) -> None:
        super().__init__(spoilt, wrong)
        self.spoilt, self.wrong = spoilt, wrong


@dataclass
class Tally:
    """What became of the cases so far.

    Parameters
    ----------
    following : number of the next case.
    outcomes : cases by what became of them.
    faults : number, how it was spoilt, and what went wrong, of cases that show a fault.
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

    def enter(self, number: int, outcome: str, spoilt: str, wrong: str) -> None:
        """Enter a case; a fault is told at once."""
        self.following = number + 1
        self.outcomes[outcome] += 1
        if wrong:
            self.faults.append({"seed": number, "spoilt": spoilt, "wrong": wrong})
            click.echo(f"seed {number}, {spoilt}: {outcome}\n{wrong}")

    def lines(self) -> list[str]:
        """Report for a terminal."""
        count = sum(self.outcomes.values())
        rows = [f"  {number:9,}  {outcome}" for outcome, number in self.outcomes.most_common()]
        return [f"{count:,} cases in {self.seconds:,.0f} s", *rows]


def search(first: int, count: int, state: Path | None, make_judge: MakeJudge) -> Tally:
    """Judge cases, those that `state` has not yet, and say what became of all.

    Parameters
    ----------
    first, count : numbers of the cases.
    state : file to go on from.
    """
    tally = Tally.load(state) if state else Tally()
    tally.following = max(tally.following, first)
    end = first + count
    in_memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=in_memory if in_memory.is_dir() else None) as scratch:
        while tally.following < end:
            began = time.monotonic()
            judge_block(tally, min(CASES_PER_CHILD, end - tally.following), make_judge, scratch)
            tally.seconds = round(tally.seconds + time.monotonic() - began, 1)
            if state:
                tally.save(state)
    return tally


def judge_block(tally: Tally, count: int, make_judge: MakeJudge, scratch: str) -> None:
    """Judge cases in a child that reports each: one that does not come is a crash or a hang."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    numbers = range(tally.following, tally.following + count)
    child = multiprocessing.get_context("fork").Process(
        target=report_cases, args=(sender, numbers, make_judge, Path(scratch))
    )
    child.start()
    sender.close()
    for number in numbers:
        # A child that is lost in compiled code hears no alarm: its parent keeps the time.
        if not receiver.poll(SECONDS_PER_CASE):
            child.kill()
            tally.enter(number, "HANG", "", f"over {SECONDS_PER_CASE} s")
            break
        try:
            tally.enter(number, *receiver.recv())
        except EOFError:
            child.join()
            tally.enter(number, "CRASH", "", f"the process ended with status {child.exitcode}")
            break
    child.join()


def report_cases(sender: Connection, numbers: range, make_judge: MakeJudge, scratch: Path) -> None:
    """Judge cases, and send for each what became of it, how it was spoilt, and what went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (BYTES_OF_MEMORY, BYTES_OF_MEMORY))
    judge = make_judge(scratch)
    for number in numbers:
        try:
            sender.send((*judge(number), ""))
        except Fault as fault:
            sender.send(("FAULT", fault.spoilt, fault.wrong))


def told(spoilt: str) -> Fault:
    """Fault for the exception that is being handled."""
    return Fault(spoilt, traceback.format_exc()[-1500:])

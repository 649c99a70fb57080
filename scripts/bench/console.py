"""Plans and bounds of CBC, which tells them on standard output alone."""

import math
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from bench.track import Track

NUMBER = r"([-+]?[\d.]+(?:e[-+]?\d+)?)"
# What a line says: where it holds a plan, where a bound, and where an optimum, which is both.
PLANS = (
    rf"Integer solution of {NUMBER} found",
    rf"on tree, {NUMBER} best solution",
    rf"^Objective value:\s+{NUMBER}",
)
BOUNDS = (
    rf"Continuous objective value is {NUMBER}",
    rf"best possible {NUMBER}",
    rf"^Lower bound:\s+{NUMBER}",
)
PROVEN = (rf"Search completed - best objective {NUMBER}",)
# What CBC says where it has no plan.
NOTHING = 1e40


@contextmanager
def watched(track: Track) -> Iterator[None]:
    """Note what another process writes to our standard output meanwhile."""
    sys.stdout.flush()
    kept = os.dup(1)
    # A terminal: into a pipe CBC would write when its buffer is full.
    reading, writing = os.openpty()
    os.dup2(writing, 1)
    os.close(writing)

    def read() -> None:
        with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
            try:
                for line in lines:
                    track.note(*said(line))
            except OSError:  # Linux' way to say that nobody writes there any more.
                return

    reader = Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        reader.join()


def said(line: str) -> tuple[float, float]:
    """Plan and bound that a line holds, infinite where it holds none."""
    proven = first(PROVEN, line)
    if proven is not None:
        return proven, proven
    plan, bound = first(PLANS, line), first(BOUNDS, line)
    return math.inf if plan is None else plan, -math.inf if bound is None else bound


def first(patterns: tuple[str, ...], line: str) -> float | None:
    """Number that the first pattern to match finds in a line."""
    found = (re.search(pattern, line) for pattern in patterns)
    number = next((float(match[1]) for match in found if match), None)
    return None if number is None or abs(number) >= NOTHING else number

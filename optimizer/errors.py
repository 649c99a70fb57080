"""What can go wrong, each named for what failed and with the exit code it ends the command with."""

import re
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

# More lines than this help nobody; the rest is counted.
MOST_SHOWN = 50
# What a terminal obeys or turns around instead of showing it, and what no encoding can write.
OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


class SitewattError(Exception):
    """Something failed that a message can explain; no traceback is needed."""

    exit_code: ClassVar[int] = 1


class SolverFailure(SitewattError):
    """HiGHS refused something or ended in a way that proves nothing."""


class NoPlan(SitewattError):
    """A limit or an interruption came before any plan was found."""

    exit_code: ClassVar[int] = 6


class Interrupted(NoPlan):
    """Somebody stopped the solve before any plan was found."""

    exit_code: ClassVar[int] = 130


class Infeasible(SitewattError):
    """It is proven that no plan keeps every limit."""

    exit_code: ClassVar[int] = 4


class AuditFailed(SitewattError):
    """A finished plan does not stand up to the audit."""

    exit_code: ClassVar[int] = 7


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an instance.

    Parameters
    ----------
    table : table or file it is in.
    row : line of the file, the header being line 1; None where it concerns no single row.
    column : column or key of the manifest; "" where it concerns no single one.
    value : as written; "" where there is none.
    message : what is wrong.
    remedy : what to do about it.
    """

    table: str
    row: int | None
    column: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        place = self.table + (f" row {self.row}" if self.row is not None else "")
        place += f", {self.column}" if self.column else ""
        value = f" = {shortened(self.value)!r}" if self.value else ""
        return printable(f"{place}{value}: {self.message}; {self.remedy}")


class InvalidInstance(SitewattError):
    """An instance that cannot be planned with, and all that is wrong with it."""

    exit_code: ClassVar[int] = 3
    of: ClassVar[str] = "instance"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("\n".join(self.lines()))

    def lines(self) -> list[str]:
        """Report for a terminal: a heading, the first problems, how many more there are."""
        count = len(self.problems)
        tables = Counter(problem.table for problem in self.problems)
        where = printable(", ".join(f"{table} {number}" for table, number in tables.items()))
        heading = f"{count:,} problem{'s' if count > 1 else ''} in the {self.of} ({where}):"
        shown = [f"  {problem}" for problem in self.problems[:MOST_SHOWN]]
        more = [f"  and {count - MOST_SHOWN:,} more"] if count > MOST_SHOWN else []
        return [heading, *shown, *more]

    def as_dicts(self) -> list[dict[str, Any]]:
        """All problems as JSON holds them."""
        return [asdict(problem) for problem in self.problems]


def printable(line: str) -> str:
    """Line with what a terminal would obey written as escapes: names from outside are data."""
    return OBEYED.sub(lambda found: ascii(found[0])[1:-1], line)


def shortened(text: str, most: int = 60) -> str:
    """Text cut to a length that fits into a line."""
    return text if len(text) <= most else text[: most - 1] + "…"

"""What the audit found: checks counted by family, and each one that failed in a planner's words."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

# Every balance and limit of a plan holds to this part of its right-hand side, or of 1 if larger.
TOLERANCE = 1e-6
# One mistake often breaks thousands of rows; a reader needs a few, and how many more there are.
MOST_LISTED = 20


@dataclass(frozen=True)
class Violation:
    """One check that failed.

    Parameters
    ----------
    family : what kind of statement the check belongs to, `capacity` for instance.
    subject : keys of what it is about, `berlin, 2028` for instance.
    amount : what the plan has, None where the check compares no numbers.
    limit : what it may or should have.
    message : the whole sentence, with units.
    """

    family: str
    subject: str
    amount: float | None
    limit: float | None
    message: str


@dataclass(frozen=True)
class Family:
    """How the checks of one family went.

    Parameters
    ----------
    family : its name.
    checks : how many statements were checked.
    broken : how many of them do not hold.
    worst : largest excess over a limit, or difference from a figure, as a part of
        max(1, |limit|); below zero it is the smallest slack, None where no numbers were compared.
    """

    family: str
    checks: int
    broken: int
    worst: float | None


@dataclass(frozen=True)
class AuditReport:
    """Outcome of an audit; `violations` lists at most MOST_LISTED of one sort."""

    families: tuple[Family, ...]
    violations: tuple[Violation, ...]

    @property
    def checks(self) -> int:
        """Number of statements checked."""
        return sum(family.checks for family in self.families)

    @property
    def broken(self) -> int:
        """Number of statements that do not hold."""
        return sum(family.broken for family in self.families)

    @property
    def passed(self) -> bool:
        """Whether every statement holds, and any was checked at all."""
        return self.checks > 0 and self.broken == 0

    def as_dict(self) -> dict[str, Any]:
        """Report as JSON holds it: passed, checks, broken, families, violations."""
        return {
            "passed": self.passed,
            "checks": self.checks,
            "broken": self.broken,
            "families": [as_json(family) for family in self.families],
            "violations": [as_json(violation) for violation in self.violations],
        }


def as_json(entry: Family | Violation) -> dict[str, Any]:
    """Fields of an entry; JSON has no number for what is beyond all of them or none."""
    fields = asdict(entry).items()
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in fields
    }


class Ledger:
    """Book of checks: aspects enter whole columns of statements, the report is its balance.

    In every method `rows` names what is checked, a row a check: its values make the subject, its
    columns fill the message. The message may also name `{amount}` and `{limit}`.
    """

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        self._violations: list[Violation] = []

    def at_most(
        self,
        family: str,
        rows: pd.DataFrame,
        amount: npt.ArrayLike,
        limit: npt.ArrayLike,
        message: str,
    ) -> None:
        """Check amount <= limit + TOLERANCE · max(1, |limit|)."""
        amount, limit = columns(rows, amount, limit)
        self._compare(family, rows, amount, limit, amount - limit, message)

    def at_least(
        self,
        family: str,
        rows: pd.DataFrame,
        amount: npt.ArrayLike,
        limit: npt.ArrayLike,
        message: str,
    ) -> None:
        """Check amount >= limit - TOLERANCE · max(1, |limit|)."""
        amount, limit = columns(rows, amount, limit)
        self._compare(family, rows, amount, limit, limit - amount, message)

    def equal(
        self,
        family: str,
        rows: pd.DataFrame,
        amount: npt.ArrayLike,
        limit: npt.ArrayLike,
        message: str,
    ) -> None:
        """Check |amount - limit| <= TOLERANCE · max(1, |limit|)."""
        amount, limit = columns(rows, amount, limit)
        self._compare(family, rows, amount, limit, np.abs(amount - limit), message)

    def holds(self, family: str, rows: pd.DataFrame, kept: npt.ArrayLike, message: str) -> None:
        """Check statements that hold or don't."""
        broken = ~np.broadcast_to(np.asarray(kept, dtype=bool), len(rows))
        self._enter(family, len(rows), broken, None)
        unknown = np.full(len(rows), np.nan)
        self._list(family, rows, broken, unknown, unknown, message)

    def fact(self, family: str, kept: bool, subject: str, message: str) -> None:
        """Check one statement that holds or doesn't; `message` is taken as it is."""
        self._enter(family, 1, np.array([not kept]), None)
        if not kept:
            self._violations.append(Violation(family, subject, None, None, message))

    def report(self) -> AuditReport:
        """Balance so far."""
        return AuditReport(tuple(self._families.values()), tuple(self._violations))

    def _compare(
        self,
        family: str,
        rows: pd.DataFrame,
        amount: npt.NDArray[np.float64],
        limit: npt.NDArray[np.float64],
        beyond: npt.NDArray[np.float64],
        message: str,
    ) -> None:
        """Enter comparisons; what cannot be compared, NaN, does not hold."""
        excess = beyond / np.maximum(1.0, np.abs(limit))
        excess = np.where(np.isnan(excess), np.inf, excess)
        broken = excess > TOLERANCE
        self._enter(family, len(rows), broken, excess.max() if excess.size else None)
        self._list(family, rows, broken, amount, limit, message)

    def _enter(
        self, family: str, checks: int, broken: npt.NDArray[np.bool_], worst: float | None
    ) -> None:
        """Add to the count of a family."""
        before = self._families.get(family, Family(family, 0, 0, None))
        known = [float(value) for value in (before.worst, worst) if value is not None]
        self._families[family] = Family(
            family,
            before.checks + checks,
            before.broken + int(np.count_nonzero(broken)),
            max(known) if known else None,
        )

    def _list(
        self,
        family: str,
        rows: pd.DataFrame,
        broken: npt.NDArray[np.bool_],
        amount: npt.NDArray[np.float64],
        limit: npt.NDArray[np.float64],
        message: str,
    ) -> None:
        """Put the first broken rows into words."""
        for position in np.flatnonzero(broken)[:MOST_LISTED]:
            words = {key: number(rows[key].iloc[position]) for key in rows}
            numbers = {"amount": amount[position], "limit": limit[position]}
            self._violations.append(
                Violation(
                    family=family,
                    subject=", ".join(str(value) for value in words.values()),
                    message=message.format(**words, **{k: number(v) for k, v in numbers.items()}),
                    **{k: None if np.isnan(v) else float(v) for k, v in numbers.items()},
                )
            )


def columns(rows: pd.DataFrame, *values: npt.ArrayLike) -> list[npt.NDArray[np.float64]]:
    """Each value as one number a row."""
    return [np.broadcast_to(np.asarray(value, dtype=float), len(rows)) for value in values]


def number(value: object) -> object:
    """A measured number as a planner would write it; whole ones and words as they are."""
    if isinstance(value, float):
        return f"{value:,.9g}" if not value.is_integer() else f"{value:,.0f}"
    return value


def audit_report_text(report: AuditReport) -> list[str]:
    """Lines for a terminal: one if all is well, else each violation under its family."""
    if report.passed:
        return [f"audit passed: {report.checks:,} checks in {len(report.families)} families"]
    lines = [f"audit failed: {report.broken:,} of {report.checks:,} checks do not hold"]
    for family in report.families:
        if family.broken:
            lines += _family_text(family, report)
    return lines


def _family_text(family: Family, report: AuditReport) -> Iterator[str]:
    """Violations of one family, and how many more there are."""
    listed = [v for v in report.violations if v.family == family.family]
    yield f"  {family.family}: {family.broken:,} of {family.checks:,}"
    yield from (f"    {violation.message}" for violation in listed)
    if family.broken > len(listed):
        yield f"    and {family.broken - len(listed):,} more"

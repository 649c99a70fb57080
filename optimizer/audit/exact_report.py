"""What the exact audit found: each family's worst margin, also where it is within tolerance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction
from itertools import repeat
from typing import Any

# Every balance and limit of a plan holds to this part of its right-hand side, or of 1 if larger.
TOLERANCE = Fraction(1, 10**6)
ZERO, ONE = Fraction(0), Fraction(1)
# Fractions with more bits than this are shown rounded only.
MOST_BITS = 10_000


@dataclass
class Margin:
    """How the statements of one family hold.

    Parameters
    ----------
    family : its name.
    checks : statements checked.
    beyond : statements that do not hold exactly.
    broken : of these, the ones beyond TOLERANCE.
    excess : largest (amount - limit) / max(1, |limit|); below zero the smallest slack; None
        where only statements without numbers were checked.
    subject : what the largest excess is about, or the first broken statement.
    """

    family: str
    checks: int = 0
    beyond: int = 0
    broken: int = 0
    excess: Fraction | None = None
    subject: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it: the excess as a float and as the exact fraction."""
        return {
            "family": self.family,
            "checks": self.checks,
            "beyond": self.beyond,
            "broken": self.broken,
            "excess": None if self.excess is None else float(self.excess),
            "excess_exact": None if self.excess is None else fraction_text(self.excess),
            "subject": self.subject,
        }


@dataclass
class ExactReport:
    """Margins by family, exact costs, and what exact arithmetic cannot vouch for.

    Parameters
    ----------
    objective, stated : discounted cost recomputed, and as plan.json states it.
    bound : as plan.json states it; gap follows from it and the recomputed objective.
    costs : recomputed discounted cost by kind.
    not_certified : sentences.
    """

    margins: dict[str, Margin] = field(default_factory=dict)
    objective: Fraction = Fraction(0)
    stated: Fraction = Fraction(0)
    bound: Fraction = Fraction(0)
    costs: dict[str, Fraction] = field(default_factory=dict)
    not_certified: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether no statement is broken, and any was checked."""
        return bool(self.margins) and not any(margin.broken for margin in self.margins.values())

    @property
    def gap(self) -> Fraction:
        """(objective - bound) / |objective|, of the recomputed objective."""
        size = abs(self.objective)
        return (self.objective - self.bound) / (size or Fraction(1, 10**9))

    def at_most(self, family: str, amount: Fraction, limit: Fraction, subject: str) -> None:
        """Enter amount <= limit."""
        self.enter(family, amount - limit, limit, subject)

    def equal(self, family: str, amount: Fraction, limit: Fraction, subject: str) -> None:
        """Enter amount = limit."""
        self.enter(family, abs(amount - limit), limit, subject)

    def enter(self, family: str, over: Fraction, limit: Fraction, subject: str) -> None:
        """Enter what an amount is over its limit."""
        margin = self.margins.setdefault(family, Margin(family))
        excess = over / max(ONE, abs(limit))
        margin.checks += 1
        margin.beyond += excess > 0
        margin.broken += excess > TOLERANCE
        if margin.excess is None or excess > margin.excess:
            margin.excess, margin.subject = excess, subject

    def holds(self, family: str, kept: bool, subject: str) -> None:
        """Enter a statement without numbers."""
        margin = self.margins.setdefault(family, Margin(family))
        margin.checks += 1
        if not kept:
            margin.beyond += 1
            margin.broken += 1
            margin.subject = subject

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "passed": self.passed,
            "objective": decimal_text(self.objective),
            "objective_exact": fraction_text(self.objective),
            "objective_stated": float(self.stated),
            "bound_stated": float(self.bound),
            "gap": float(self.gap),
            "costs": {kind: decimal_text(cost) for kind, cost in self.costs.items()},
            "families": [margin.as_dict() for margin in self.margins.values()],
            "not_certified": self.not_certified,
        }


@dataclass(frozen=True)
class HourlyReport:
    """Enters statements about arrays with a number for each slice."""

    report: ExactReport
    slices: list[str]

    def at_most(self, family: str, amounts: Iterable, limits: Any, subject: str) -> None:
        """Enter amount <= limit in every slice; a limit that is one number holds in all."""
        limits = repeat(limits) if isinstance(limits, Fraction) else limits
        for amount, limit, name in zip(amounts, limits, self.slices, strict=False):
            self.report.enter(family, amount - limit, limit, f"{subject}, {name}")

    def at_least_0(self, family: str, subject: str, **amounts: Iterable) -> None:
        """Enter 0 <= amount in every slice, for amounts that are told apart by their names."""
        for what, values in amounts.items():
            for amount, name in zip(values, self.slices, strict=True):
                self.report.enter(family, -amount, ZERO, f"{subject}, {what}, {name}")

    def equal(self, family: str, amounts: Iterable, limits: Iterable, subject: str) -> None:
        """Enter amount = limit in every slice."""
        for amount, limit, name in zip(amounts, limits, self.slices, strict=True):
            self.report.enter(family, abs(amount - limit), limit, f"{subject}, {name}")


def exact_report_text(report: ExactReport, currency: str) -> Iterator[str]:
    """Lines for a terminal: a verdict, each family's margin, what nobody vouches for."""
    broken = sum(margin.broken for margin in report.margins.values())
    checks = sum(margin.checks for margin in report.margins.values())
    verdict = "passed" if report.passed else f"failed: {broken:,} do not hold"
    yield f"exact audit {verdict}: {checks:,} checks in fractions"
    yield f"  {'family':<14} {'checks':>8} {'not exact':>10} {'broken':>7}  worst excess"
    for margin in report.margins.values():
        worst = "" if margin.excess is None else f"{float(margin.excess):+.2e}"
        subject = f"at {margin.subject}" if margin.subject else ""
        counts = f"{margin.checks:>8,} {margin.beyond:>10,} {margin.broken:>7,}"
        yield f"  {margin.family:<14} {counts}  {worst} {subject}".rstrip()
    yield f"  objective, recomputed: {decimal_text(report.objective)} {currency}"
    yield f"  gap to the bound as stated: {float(report.gap):.3e}"
    yield from (f"  not certified: {sentence}" for sentence in report.not_certified)


def decimal_text(number: Fraction, places: int = 4) -> str:
    """Decimal of a fraction, rounded half to even."""
    with localcontext() as context:
        context.prec = 400
        value = Decimal(number.numerator) / Decimal(number.denominator)
        return str(value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN))


def fraction_text(number: Fraction) -> str | None:
    """Fraction as numerator/denominator, None where that would fill pages."""
    longest = max(abs(number.numerator), number.denominator)
    return str(number) if longest.bit_length() <= MOST_BITS else None

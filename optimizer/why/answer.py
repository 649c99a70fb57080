"""An answer: how a plan has something, what it would cost to differ, and what stands around it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from optimizer.why.reach import PARTS, Reach


@dataclass(frozen=True)
class Interval:
    """What a cost is at least and at most: every plan has a gap."""

    least: float
    most: float


@dataclass(frozen=True)
class Why:
    """An answer.

    Parameters
    ----------
    subject : what was asked about: `site X`, `node G`, `rule R`.
    state : how the plan has it, in words.
    question : what was solved again, in words.
    plan : present value of the run's plan, with its bound.
    other : of the plan solved again; None where there is none.
    difference : by how much the second optimum differs from the first, never below 0.
    binds : limits that leave no room at it.
    reach : whom a site may serve.
    prices : by site, the one asked about first, then those that serve the same demand: MW served
        there, cost of an IT MW and year by part.
    """

    subject: str
    state: str
    question: str
    currency: str
    plan: Interval
    other: Interval | None
    difference: Interval | None
    binds: tuple[str, ...] = ()
    reach: Reach | None = None
    prices: pd.DataFrame | None = None

    def as_dict(self) -> dict[str, Any]:
        """Answer as JSON holds it."""
        content: dict[str, Any] = {
            "subject": self.subject,
            "state": self.state,
            "question": self.question,
            "currency": self.currency,
            "plan": vars(self.plan),
            "solved_again": vars(self.other) if self.other else None,
            "difference": vars(self.difference) if self.difference else None,
            "binds": list(self.binds),
        }
        if self.reach is not None:
            content["eligible"] = {
                "pairs": len(self.reach.eligible),
                "it_mw": float(self.reach.eligible.it_mw.sum()),
            }
            content["ineligible"] = records(self.reach.ineligible)
        if self.prices is not None:
            content["cost_per_mw_year"] = records(self.prices.reset_index(names="site"))
        return content

    def lines(self) -> list[str]:
        """Answer for a terminal."""
        return list(text(self))


def text(why: Why) -> Iterator[str]:
    """Lines of an answer."""
    yield f"{why.subject}: {why.state}"
    if why.question:
        yield from difference_lines(why)
    if why.binds:
        yield from ("", "What binds", *(f"  {line}" for line in why.binds))
    if why.reach is not None:
        yield from ("", *reach_lines(why.reach))
    if why.prices is not None:
        yield from ("", *price_lines(why.prices, why.currency))


def difference_lines(why: Why) -> Iterator[str]:
    """What it would cost, or save, to differ."""
    if why.other is None or why.difference is None:
        yield f"  {why.question}: there is none"
        return
    verb, more = ("costs", " more") if why.subject.startswith("site") else ("saves", "")
    yield f"  {why.question} {verb} {span(why.difference)} {why.currency}{more}"
    yield f"  plan of the run {span(why.plan)}, solved again {span(why.other)}"
    yield "  present values, from the bound to the cost of the plan found"


def span(interval: Interval) -> str:
    """Interval in words, one number where its ends look the same."""
    least, most = money(interval.least), money(interval.most)
    return most if least == most else f"{least} to {most}"


def reach_lines(around: Reach) -> Iterator[str]:
    """Whom the site may serve, and why not the others."""
    lost = around.ineligible
    total = len(around.eligible) + int(lost.pairs.sum() if len(lost) else 0)
    whole_mw = around.eligible.it_mw.sum() + lost.it_mw.sum()
    yield (
        f"May serve {len(around.eligible)} of {total} demands (region and workload), "
        f"{around.eligible.it_mw.sum():,.4g} of {whole_mw:,.4g} IT MW in the last stage"
    )
    for row in lost.itertuples():
        reason, near = row.reason.replace("rule:", "rule "), ""
        if row.reason == "no_latency_listed":
            reason = "not listed in latency"
        elif row.reason == "latency":
            late_ms = max(row.late_ms, 0.01)  # it is late, if by less than is told
            reason, near = "too late", f", the nearest {row.nearest_region} by {late_ms:.2f} ms"
        yield f"  not {row.pairs} ({row.it_mw:,.4g} MW): {reason}{near}"


def price_lines(table: pd.DataFrame, currency: str) -> Iterator[str]:
    """Cost of an IT MW and year by part, site by site."""
    yield f"An IT MW in a full hall costs, in thousand {currency} a year, beside who serves there"
    width = max(len(str(site)) for site in table.index)
    heads = ["serves MW", *(part.replace("_and_", "+") for part in PARTS), "total"]
    yield "  " + " " * width + "".join(f"{head:>15}" for head in heads)
    for site, row in table.iterrows():
        cells = [row.served_it_mw, *(row[part] / 1000 for part in [*PARTS, "total"])]
        yield f"  {site:<{width}}" + "".join(f"{cell:>15,.1f}" for cell in cells)


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON holds them: no number where there is none."""
    return [
        {k: None if isinstance(v, float) and math.isnan(v) else v for k, v in row.items()}
        for row in table.to_dict("records")
    ]


def money(amount: float) -> str:
    """Sum of money with a unit and digits enough to tell plans apart."""
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if abs(amount) >= size:
            return f"{amount / size:,.3f} {unit}"
    return f"{amount:,.0f}"

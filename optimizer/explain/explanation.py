"""An explanation: what is missing, what cannot hold together, and what would help."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from optimizer.explain.causes import Conflict
from optimizer.explain.places import Place, listed
from optimizer.explain.verdict import Verdict
from optimizer.explain.ways import Way
from optimizer.explain.words import number, shortened

MOST_SHOWN = 8
MOST_NAMES = 4
MEANING = {
    "grid": "power at the node",
    "halls": "room in the halls",
    "dates": "dates of power and sites",
    "blocks": "whole blocks",
    "budget": "capital budget",
    "supply": "what may stand at a site",
    "land": "land of sites",
    "flexible": "flexible power",
    "corridors": "corridors",
    "campaigns": "training campaigns",
    "carbon": "cap on carbon",
    "water": "cap on water",
    "clean": "share of clean energy",
}


@dataclass(frozen=True)
class Missing:
    """Demand that no plan can serve.

    Parameters
    ----------
    it_mw : by stage, IT MW that cannot be served.
    asked : the rows that ask, in the stage that misses the most.
    eligible : each site that may serve, with what limits it.
    barred : each reason that rules other sites out, with the sites.
    """

    it_mw: dict[int, float]
    what: str
    asked: tuple[Place, ...]
    eligible: tuple[str, ...]
    barred: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """Why an instance has no plan, and what would have to give.

    Parameters
    ----------
    verdict : whether there is a plan, and how that is known.
    missing : demands that cannot be served, largest first.
    unserved_mw : least IT MW that go unserved, where only a program tells; None otherwise.
    conflicts : limits that no plan keeps together, each with its rows.
    ways : changes after which there is a plan, cheapest plan first.
    currency : of all costs.
    """

    verdict: Verdict
    currency: str
    missing: tuple[Missing, ...] = ()
    unserved_mw: float | None = None
    conflicts: tuple[tuple[Conflict, dict[str, tuple[Place, ...]]], ...] = ()
    ways: tuple[Way, ...] = ()

    @property
    def status(self) -> str:
        """`feasible`, `infeasible` or `unknown`."""
        return {True: "feasible", False: "infeasible", None: "unknown"}[self.verdict.possible]

    def lines(self) -> list[str]:
        """Explanation for a terminal."""
        return list(text(self))

    def as_dict(self) -> dict[str, Any]:
        """Explanation as JSON holds it."""
        verdict = self.verdict
        return {
            "status": self.status,
            "proof": verdict.proof.name.lower() if verdict.proof else None,
            "currency": self.currency,
            "plan": costs(verdict) if verdict.possible else None,
            "missing": [asdict(missing) for missing in self.missing],
            "unserved_mw": self.unserved_mw,
            "conflicts": [
                {
                    "families": list(conflict.families),
                    "minimal": conflict.minimal,
                    "limits": {name: [asdict(p) for p in at] for name, at in where.items()},
                }
                for conflict, where in self.conflicts
            ],
            "ways_out": [
                {
                    "change": way.words,
                    "amount": way.amount,
                    "unit": way.unit,
                    "places": [asdict(place) for place in way.places],
                    "plan": costs(way.verdict),
                }
                for way in self.ways
            ],
        }


def costs(verdict: Verdict) -> dict[str, float | None]:
    """Cost of a plan and its bound, None where nothing is proven."""
    bound = verdict.bound if math.isfinite(verdict.bound) else None
    return {"discounted_cost_at_most": verdict.cost, "discounted_cost_at_least": bound}


def text(explanation: Explanation) -> Iterator[str]:
    """Lines of an explanation."""
    verdict, currency = explanation.verdict, explanation.currency
    if verdict.possible:
        yield "There is a plan: nothing to explain."
        yield f"One of at most {money(verdict)} {currency} present value was found on the way."
        return
    if verdict.proof is None:
        yield "Neither a plan nor a proof that there is none was found in the time given."
        return
    yield "No plan keeps every limit of this instance."
    yield f"Proven by {verdict.proof.value}."
    if explanation.missing:
        yield from ("", "Demand that no plan can serve")
        shown = explanation.missing[:MOST_SHOWN]
        for _, alike in groupby(shown, lambda missing: (missing.eligible, missing.barred)):
            yield from missing_lines(list(alike))
        rest = explanation.missing[MOST_SHOWN:]
        if rest:
            mw = sum(max(missing.it_mw.values()) for missing in rest)
            yield f"  and {number(mw)} MW more in {len(rest)} other places"
    if explanation.unserved_mw:
        yield from (
            "",
            f"At least {number(explanation.unserved_mw)} MW go unserved, all stages added up.",
        )
    yield from conflict_lines(explanation)
    if explanation.ways:
        yield from ("", f"Ways out, each tried: cost of the whole plan then, in {currency}")
        for i, way in enumerate(explanation.ways, start=1):
            words = shortened(way.words)
            yield f"  {i}. {words}" + (f" ({rows_of(way.places)})" if way.places else "")
            yield f"     plan {money(way.verdict)}"
        yield "  Present values, without what the change itself costs; cheapest plan first."
    else:
        yield from ("", "No single change was found that makes a plan possible.")


def missing_lines(alike: list[Missing]) -> Iterator[str]:
    """What is missing, and once for all of it who could serve, and why the others may not."""
    for missing in alike:
        years = ", ".join(f"{number(mw)} MW more in {t}" for t, mw in missing.it_mw.items())
        yield f"  {missing.what} needs {years} ({rows_of(missing.asked)})"
    eligible = in_short(alike[0].eligible, "site")
    yield f"    eligible: {eligible}" if eligible else "    no site is eligible"
    if alike[0].barred:
        yield f"    ruled out: {in_short(alike[0].barred, 'reason')}"


def conflict_lines(explanation: Explanation) -> Iterator[str]:
    """What cannot hold together, like conflicts told once."""
    alike: dict[tuple[str, ...], list] = defaultdict(list)
    for conflict, where in explanation.conflicts:
        alike[conflict.families].append((conflict, where))
    for members in alike.values():
        conflict, _ = members[0]
        minimal = ": leave out any one, and this cause is gone" if conflict.minimal else ""
        yield from ("", f"What cannot hold together{minimal}")
        for name in conflict.families:
            at = [place for _, where in members for place in where[name]]
            yield f"  {MEANING.get(name, name.partition(' ')[0])}: {listed(at, MOST_NAMES)}"


def rows_of(at: Iterable[Place]) -> str:
    """Rows alone, by table, without what they say."""
    rows: dict[str, dict[str, None]] = defaultdict(dict)
    for place in at:
        rows[place.table][str(place.row)] = None
    return ", ".join(f"{table} {few(list(own))}" for table, own in rows.items())


def few(rows: list[str]) -> str:
    """The first few rows: `row 2`, `rows 2, 3 and 5 more`."""
    more = f" and {len(rows) - MOST_NAMES} more" if len(rows) > MOST_NAMES else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(rows[:MOST_NAMES])}{more}"


def in_short(words: tuple[str, ...], what: str) -> str:
    """The first few of a list, and how many more there are."""
    shown = "; ".join(words[:MOST_NAMES])
    more = len(words) - MOST_NAMES
    return shown + (f"; and {more} more {what}{'s' if more > 1 else ''}" if more > 0 else "")


def money(verdict: Verdict) -> str:
    """Cost of a plan, with its bound where the two differ by more than a digit."""
    text = large(verdict.cost)
    below = math.isfinite(verdict.bound) and verdict.bound < verdict.cost * (1 - 5e-4)
    return f"{text} (at least {large(verdict.bound)})" if below else text


def large(amount: float) -> str:
    """Sum of money with a unit that leaves few digits."""
    for size, unit in ((1e9, "bn"), (1e6, "m")):
        if abs(amount) >= size:
            return f"{amount / size:,.4g} {unit}"
    return f"{amount:,.0f}"

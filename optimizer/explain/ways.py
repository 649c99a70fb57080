"""Ways out: changes of the instance after which there is a plan, each tried before it is told."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np

from optimizer.explain import changes, places
from optimizer.explain.causes import (
    BLOCKS,
    BUDGET,
    DATES,
    GRID,
    HALLS,
    Conflict,
    conflicts_of,
    families,
)
from optimizer.explain.changes import Change, Preparer
from optimizer.explain.dates import Date, dates
from optimizer.explain.elastic import Breach, Elastic
from optimizer.explain.limits import spare_it_mw
from optimizer.explain.places import Place
from optimizer.explain.power_ways import POWER_FAMILIES, power_way
from optimizer.explain.shortage import shortages
from optimizer.explain.verdict import Verdict, judge, price
from optimizer.explain.words import ROUNDING, a_bit_more, in_words, rounded_up
from optimizer.highs import Control
from optimizer.instance import Instance
from optimizer.pooling import pool_regions
from optimizer.routes import find_routes

# More to try than this takes longer than anybody waits on a large instance.
MOST_TRIED = 8
MOST_DATES = 12
MOST_JUDGED = 4
MOST_TOGETHER = 8
# Where only a program can tell, fewer steps are told apart.
MOST_STEPS = 8
# More than the least in fractions of sites and blocks.
MARGIN = 1.1

IN_ANY_AMOUNT = "IT capacity in any amount instead of whole blocks"
UNTRIED = Verdict(possible=None)


@dataclass(frozen=True)
class Way:
    """A change after which there is a plan.

    Parameters
    ----------
    words : what to change.
    amount, unit : by how much; MW, ms, years, sites, points of share (per cent), currency, or 1
        rule switched off.
    places : rows to change.
    change : the change itself.
    verdict : what came of trying it.
    """

    words: str
    amount: float
    unit: str
    places: tuple[Place, ...]
    change: Change
    verdict: Verdict = UNTRIED


class Finder:
    """Looks for ways out of the conflicts of one instance."""

    def __init__(
        self,
        instance: Instance,
        conflicts: list[Conflict],
        elastic: Elastic,
        prepared: Preparer,
        control: Control,
    ) -> None:
        self.instance = instance
        self.conflicts = conflicts
        self.prepared = prepared
        self.control = control
        self.elastic = elastic
        self.by_flow = conflicts[0].shortage is not None

    def ways(self) -> list[Way]:
        """Single changes that make a plan possible, cheapest plan first; else one of several.

        A change of one family alone can only help if that family is in every conflict.
        """
        common = set.intersection(*(set(c.families) for c in self.conflicts))
        order = [family for family in self.conflicts[0].families if family in common]
        tried: list[Way] = []
        for way in self.candidates(order):
            if len(tried) >= MOST_TRIED:
                break
            tried += self.tried(way)
        if not tried:
            tried = self.together()
        return sorted(tried, key=lambda way: (way.verdict.cost, way.words))

    def tried(self, way: Way) -> list[Way]:
        """The way with what came of it, if there is a plan then."""
        if way.verdict.possible:
            return [way]
        verdict = price(self.prepared(way.change(self.instance)), self.control)
        return [replace(way, verdict=verdict)] if verdict.possible else []

    def candidates(self, common: list[str]) -> Iterator[Way]:
        """Changes worth trying: the least of each kind first, a rule switched off last."""
        for family in (GRID, DATES, HALLS, BUDGET, *POWER_FAMILIES):
            if family == DATES and family in common:
                yield from self.earlier()
            elif family in common:
                yield from self.least([family])
        for family in common:
            kind, _, name = family.partition(" ")
            if kind == "latency":
                yield from self.later(name)
            elif kind == "rule":
                yield from self.least([family])
        for family in common:
            kind, _, name = family.partition(" ")
            if kind == "rule":
                off = partial(changes.without_rule, rule=name)
                at = tuple(places.of_rule(self.instance, name))
                yield Way(f"rule {name} switched off", 1, "rule", at, off)
        if BLOCKS in common:
            yield Way(IN_ANY_AMOUNT, 1, "rule", (), changes.without_blocks)

    def least(self, limits: list[str]) -> Iterator[Way]:
        """The least that limits of these families have to give."""
        if not set(limits) & set(self.elastic.families):
            return
        for breach in self.breaches(limits):
            done = self.tried(self.way_of(breach)) if breach else []
            if done:
                yield from done
                return

    def breaches(self, limits: list[str]) -> Iterator[Breach]:
        """Breaches of these families that may do, the quickest to find first.

        In a large problem the least in whole numbers may take minutes, and a little more than the
        least in fractions nearly always does. To prove of many fractions that they do not takes
        long, too.
        """
        least, is_large = self.elastic.least(limits), self.elastic.is_large
        if least is None:
            return
        if len(least) <= 1 or not is_large:
            yield least
        if is_large:
            yield [(slack, MARGIN * units) for slack, units in least]
        exact = self.elastic.least(limits, exact=True)
        if exact is not None:
            yield exact

    def together(self) -> list[Way]:
        """One set of changes that help together, where no single one does.

        Family after family is left out, each time the one that most conflicts have in common, until
        there is a plan; then limits that have an amount give only as much as they must.
        """
        chosen: dict[str, Change] = {}
        changed, conflicts = self.instance, self.conflicts
        while conflicts and len(chosen) < MOST_TOGETHER:
            common = Counter(name for conflict in conflicts for name in conflict.families)
            if not common:
                return []
            name = max(common, key=lambda name: (common[name], name in self.elastic.families))
            known = {family.name: family for family in families(changed)}
            if name not in known or name in chosen:
                return []
            chosen[name] = known[name].without
            changed = chosen[name](changed)
            conflicts = conflicts_of(changed, self.prepared, self.control)
        whole = {n: c for n, c in chosen.items() if n not in self.elastic.families}
        amounts = [name for name in chosen if name in self.elastic.families]
        base = reduce(lambda instance, change: change(instance), whole.values(), self.instance)
        steps = [Way(left_out(name), 1, "rule", (), change) for name, change in whole.items()]
        if not amounts:
            return self.tried(self.joined(steps))
        elastic = Elastic(pool_regions(self.prepared(base)), self.control)
        for exact in (False, True):
            breach = elastic.least(amounts, exact=exact)
            done = self.tried(self.joined([*steps, self.way_of(breach)])) if breach else []
            if done:
                return done
        return []

    def way_of(self, breach: Breach) -> Way:
        """A breach as a change of the instance."""
        kinds = dict.fromkeys(slack.family for slack, _ in breach)
        return self.joined([self.part(family, breach) for family in kinds])

    def joined(self, parts: list[Way]) -> Way:
        """Several changes as one."""
        if len(parts) == 1:
            return parts[0]
        at = tuple(dict.fromkeys(place for part in parts for place in part.places))
        words = " and ".join(part.words for part in parts)

        def change(instance: Instance) -> Instance:
            return reduce(lambda changed, part: part.change(changed), parts, instance)

        return Way(words, len(parts), "changes", at, change)

    def part(self, family: str, breach: Breach) -> Way:
        """Change that one family's part of a breach asks for."""
        least = {slack.key: units for slack, units in breach if slack.family == family}
        amounts = {key: rounded_up(units) for key, units in least.items()}
        enough = {key: a_bit_more(units) for key, units in amounts.items()}
        total = sum(amounts.values())
        instance, currency = self.instance, self.instance.manifest.currency
        if family == GRID:
            at = [p for node, t in amounts for p in places.of_grid(instance, node, t)]
            words = in_words("{} MW more firm power at {} in {}", amounts)
            return Way(words, total, "MW", tuple(at), partial(changes.more_grid, mw=enough))
        if family == HALLS:
            # What a hall has left beside whole blocks is room already.
            spare_mw = spare_it_mw(self.elastic.inputs)
            amounts = {(s,): rounded_up(units - spare_mw[s]) for (s,), units in least.items()}
            mw = {s: a_bit_more(units) for (s,), units in amounts.items()}
            total = sum(amounts.values())
            at = [p for site in mw for p in places.of_hall(instance, site)]
            words = in_words("room for {} IT MW more at {}", amounts)
            return Way(words, total, "MW", tuple(at), partial(changes.larger_halls, mw=mw))
        if family == BUDGET:
            money = {t: units for (t,), units in enough.items()}
            at = [p for t in money for p in places.of_budget(instance, t)]
            words = in_words(f"{{}} {currency} more to spend in {{}}", amounts)
            return Way(words, total, currency, tuple(at), partial(changes.more_budget, money=money))
        if family in POWER_FAMILIES:
            return Way(*power_way(instance, self.elastic, family, amounts))
        return self.rule_value(family.partition(" ")[2], sum(least.values()))

    def rule_value(self, name: str, units: float) -> Way:
        """Another value of a rule on shares or numbers of sites."""
        own = places.rows(self.instance, "rules", rule=name).iloc[0]
        at = tuple(places.of_rule(self.instance, name))
        if own.kind == "min_sites_in":
            fewer = float(np.ceil(units * (1 - ROUNDING)))
            value = own.value - fewer
            words = f"{fewer:g} site{'s' if fewer > 1 else ''} fewer in rule {name}: {value:g}"
            change = partial(changes.other_value, rule=name, value=value)
            return Way(words, fewer, "sites", at, change)
        sign = -1 if own.kind == "min_share_at_home" else 1
        units = rounded_up(100 * units) / 100
        value = min(max(own.value + sign * units, 0.0), 1.0)
        words = f"rule {name} at {100 * value:.4g} % instead of {100 * own.value:.4g} %"
        enough = min(max(value + sign * ROUNDING, 0.0), 1.0)
        change = partial(changes.other_value, rule=name, value=enough)
        return Way(words, 100 * units, "points", at, change)

    def later(self, workload: str) -> Iterator[Way]:
        """The least more of latency with which enough routes become eligible."""
        asked = changes.only_demand(
            self.instance,
            {key for c in self.conflicts for key in c.demands if key[1] == workload},
            set(self.instance.manifest.stages),
        )
        if asked.tables["demand"].empty:
            return
        pairs = find_routes(asked, every_pair=True).pairs
        own = places.rows(self.instance, "workloads", workload=workload).iloc[0]
        assert pairs is not None
        late = pairs[(pairs.workload == workload) & (pairs.reason == "latency")]
        miss_ms = np.unique(late.rtt_ms + own.service_ms - own.latency_slo_ms)
        # Rounded up: an objective is written with few digits.
        steps = list(np.unique(np.ceil(miss_ms * 100) / 100))
        ms = self.first(steps, lambda ms: partial(changes.later, workload=workload, ms=ms))
        if ms is not None:
            words = f"{ms:.4g} ms more for {workload}: {own.latency_slo_ms + ms:.6g} ms"
            at = tuple(places.of_latency(self.instance, workload))
            yield Way(words, ms, "ms", at, partial(changes.later, workload=workload, ms=ms))

    def earlier(self) -> Iterator[Way]:
        """Each upgrade, connection or site that would do alone if it came early enough."""
        for date in self.worth_trying():
            years = self.first(list(range(1, date.most_years + 1)), date.moved)
            if years is not None:
                words = f"{date.what} {years} year{'s' if years > 1 else ''} earlier"
                yield Way(words, years, "years", date.places, date.moved(years))

    def worth_trying(self) -> list[Date]:
        """Dates that could be the cause alone, as far as multipliers tell."""
        late = list(dates(self.instance, self.conflicts))
        if self.by_flow:
            return late[:MOST_DATES]
        inputs = self.prepared(self.instance)
        limit_mw, reach_mw = inputs.node_limit_mw, inputs.reach_it_mw
        needed_mw = self.elastic.unserved.objective

        def enough(date: Date) -> bool:
            moved = self.prepared(date.moved(date.most_years)(self.instance))
            if date.supplies:  # Only a solve can tell what it would do.
                return True
            if date.opens:  # A rule of thumb: a MW of room serves a MW more.
                return (moved.reach_it_mw - reach_mw).sum() >= needed_mw * (1 - ROUNDING)
            relief_mw = self.elastic.relief_mw(moved.node_limit_mw - limit_mw)
            return relief_mw >= needed_mw * (1 - ROUNDING)

        return [date for date in late if enough(date)][:MOST_JUDGED]

    def first(self, steps: list[Any], change: Callable[[Any], Change]) -> Any | None:
        """First of increasing steps with which no proof stands any more; None if none."""
        if not self.by_flow and len(steps) > MOST_STEPS:
            steps = [steps[i] for i in np.linspace(0, len(steps) - 1, MOST_STEPS).astype(int)]

        def helps(step: Any) -> bool:
            inputs = self.prepared(change(step)(self.instance))
            if self.by_flow:
                return not shortages(inputs)
            return bool(judge(inputs, self.control).possible)

        if not steps or not helps(steps[-1]):
            return None
        low, high = 0, len(steps) - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if helps(steps[middle]) else (middle + 1, high)
        return steps[high]


def left_out(family: str) -> str:
    """A family left out, in words."""
    kind, _, name = family.partition(" ")
    if kind == "rule":
        return f"rule {name} switched off"
    if kind == "latency":
        return f"no limit of latency for {name}"
    whole = {DATES: "everything at once, whatever its date", BLOCKS: IN_ANY_AMOUNT}
    return whole.get(kind, f"no limit of {kind}")

"""What could go wrong with a plan, as far as its own tables tell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from optimizer.digits import digits, money, percent
from optimizer.finished import NOTHING_MW
from optimizer.report.facts import Facts, count, listed
from optimizer.report.rules import Kept
from optimizer.results import BINDING

# Hardware that waits for less power than this is not worth a line.
SHORT_MW = 0.1


@dataclass(frozen=True)
class Risk:
    """Something to know before saying yes.

    Parameters
    ----------
    title : in a few words.
    text : sentences with numbers.
    """

    title: str
    text: str


def risks(facts: Facts, rules: list[Kept]) -> list[Risk]:
    """All that the tables tell, what weighs most first."""
    return [*bound(rules), *(risk for find in FINDERS for risk in find(facts))]


def bound(rules: list[Kept]) -> Iterator[Risk]:
    """Rules and limits of which nothing is left."""
    binding = [rule.name for rule in rules if rule.binds]
    if binding:
        yield Risk(
            f"{count(len(binding), 'limit binds', 'limits bind')}",
            f"Nothing is left of {listed(binding, 12)}: whatever tightens them changes the plan, "
            "and easing them may make it cheaper. What a rule costs is told by sitewatt why RUN "
            "--rule NAME.",
        )


def full_nodes(facts: Facts) -> Iterator[Risk]:
    """Nodes without headroom in the last stage."""
    use = facts.in_stage("grid_use")
    used = use[use.drawn_mw > NOTHING_MW]
    full = used[used.headroom_mw <= BINDING * (used.firm_mw + used.upgrade_mw)]
    if len(full):
        largest = full.sort_values("drawn_mw", ascending=False, kind="stable").node
        yield Risk(
            f"{count(len(full), 'grid node is', 'grid nodes are')} full in {facts.last}",
            f"{listed(facts.run.node_names[largest])} have no power left, of "
            f"{count(len(used), 'node')} in use; {digits(full.drawn_mw.sum())} MW are drawn there. "
            "Any delay of power at these nodes delays load.",
        )


def late_upgrades(facts: Facts) -> Iterator[Risk]:
    """Load that hangs on upgrades, and upgrades that come after the last stage."""
    upgrades = facts.run.tables["upgrades"]
    if len(upgrades):
        late = int(upgrades.available_year.isna().sum())
        text = (
            f"{digits(upgrades.mw.sum())} MW are ordered for "
            f"{money(upgrades.cost.sum(), facts.currency)}; in {facts.last} "
            f"{digits(facts.hanging_mw)} MW of load hang on them. Each month of delay is a month "
            "without."
        )
        text += f" {count(late, 'comes', 'come')} after {facts.last}." if late else ""
        yield Risk(f"{count(len(upgrades), 'grid upgrade')} must come in time", text)


def waiting(facts: Facts) -> Iterator[Risk]:
    """Hardware that waits for power."""
    use = facts.run.tables["grid_use"]
    short = use[use.unpowered_mw >= SHORT_MW]
    if short.empty:
        return
    worst = short.loc[short.unpowered_mw.idxmax()]
    text = (
        f"At {count(short.node.nunique(), 'node')} more IT is installed than can be powered at "
        f"once, most at {facts.run.node_names[worst.node]}, "
        f"{digits(worst.unpowered_mw)} MW in {worst.year}."
    )
    if facts.run.hourly:
        idle = facts.run.tables["idle_hardware"]
        text += (
            f" Over the years that is {digits(idle.mw_years.sum())} MW years, of hardware worth "
            f"{money(idle.groupby('node').idle_cost.max().sum(), facts.currency)}."
        )
    yield Risk("Hardware waits for power", text)


def concentration(facts: Facts) -> Iterator[Risk]:
    """Much of the load with one operator, in one country, under one control, or at one node."""
    served = facts.in_stage("serving")
    load = served.it_mw.sum()
    if load <= NOTHING_MW:
        return
    of_site = facts.run.sites
    parts = []
    country = facts.run.country
    for words, groups in (
        ("run by {}", served.site.map(of_site.operator)),
        ("under operators controlled from {}", served.operator_country.map(country)),
        ("at sites in {}", served.site_country.map(country)),
        ("behind the grid node {}", served.site.map(of_site.node).map(facts.run.node_names)),
    ):
        share = served.it_mw.groupby(groups).sum().sort_values(ascending=False) / load
        parts.append((float(share.iloc[0]), words.format(share.index[0])))
    yield Risk(
        "Concentration",
        f"Of the load of {facts.last}, "
        + listed(f"{percent(share)} is {where}" for share, where in parts)
        + ". The plan holds for the case that nothing fails: the loss of a site, a node or an "
        "operator is not modelled.",
    )


def unserved(facts: Facts) -> Iterator[Risk]:
    """Demand that nobody serves."""
    table = facts.run.tables["unserved"]
    mw = table.groupby("year").it_mw.sum()
    if mw.sum() > NOTHING_MW:
        worst = table.groupby("workload").it_mw.sum().sort_values(ascending=False)
        yield Risk(
            "Demand that nobody serves",
            f"Up to {digits(mw.max())} MW, in {mw.idxmax()}, most of {worst.index[0]}.",
        )


def unproven(facts: Facts) -> Iterator[Risk]:
    """A plan that a limit cut short, or a gap wider than asked for."""
    record = facts.record
    saving = money(record["objective"] - record["bound"], facts.currency)
    if record.get("status") == "optimal":
        title = "How good it is"
        text = f"Another plan could cost at most {saving} less ({percent(record['gap'])})."
    else:
        title = "Not proven as closely as asked"
        status = str(record.get("status", "unknown")).replace("_", " ")
        text = (
            f"The search ended with the status {status}: another plan may cost up to {saving} "
            f"less, {percent(record['gap'])}."
        )
    yield Risk(title, text)


def guessed_latency(facts: Facts) -> Iterator[Risk]:
    """Load whose round trip was worked out from distance, not measured."""
    latency = facts.run.instance.tables["latency"]
    listed_pairs = pd.MultiIndex.from_frame(latency[["region", "site"]])
    served = facts.in_stage("serving")
    pairs = pd.MultiIndex.from_frame(served[["region", "site"]])
    load = served.it_mw.sum()
    share = served.it_mw[~pairs.isin(listed_pairs)].sum() / load if load > 0 else 0.0
    if share > 0:
        yield Risk(
            "Round trips from a fit",
            f"For {percent(share)} of the load of {facts.last} the round trip is worked out from "
            "the distance, for no measurement is listed.",
        )


def assumptions(facts: Facts) -> Iterator[Risk]:
    """Figures that are assumed; one future."""
    sources = facts.run.instance.tables["sources"]
    assumed = sources[sources.kind == "assumed"]
    text = "The plan is for one future: demand, prices and dates of power as the instance has them."
    if len(assumed):
        text = (
            f"{len(assumed):,} of {count(len(sources), 'entry', 'entries')} on sources are "
            f"assumptions, about {listed(dict.fromkeys(assumed.table), 12)}. {text}"
        )
    if facts.run.hourly:
        days = facts.run.slices.day.nunique()
        text += f" A year stands for {count(days, 'representative day')}."
    yield Risk("Assumptions", text)


FINDERS: tuple[Callable[[Facts], Iterator[Risk]], ...] = (
    *(unserved, full_nodes, late_upgrades, waiting, concentration),
    *(guessed_latency, assumptions, unproven),
)

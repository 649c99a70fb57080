"""What a board asks first: how much, where, when, at what cost, and how good the plan is."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from optimizer.audit import AuditReport
from optimizer.audit.facts import Facts as Given
from optimizer.digits import digits, money, percent
from optimizer.finished import NOTHING_MW, Finished

KILO, MEGA = 1e3, 1e6
# A gap that rounds to nothing.
NO_GAP = 5e-5


@dataclass(frozen=True)
class Facts:
    """A run, and what is worked out of it once for all parts of the report.

    Parameters
    ----------
    run : as it was read.
    record : content of plan.json.
    audit : of this run, and passed.
    """

    run: Finished
    record: Mapping[str, Any]
    audit: AuditReport

    @property
    def currency(self) -> str:
        """Code of the currency."""
        return self.run.instance.manifest.currency

    @property
    def first(self) -> int:
        """First stage."""
        return self.run.stages[0]

    @property
    def last(self) -> int:
        """Last stage."""
        return self.run.stages[-1]

    @cached_property
    def capacity(self) -> pd.DataFrame:
        """Capacity by site and stage, with facts of the site."""
        return self.run.tables["capacity"].merge(
            self.run.tables["sites"].drop(columns="opened_year"), on="site", how="left"
        )

    @cached_property
    def by_stage(self) -> pd.DataFrame:
        """Sums by stage: sites in use, IT MW installed and served, MWh and tonnes a year."""
        capacity = self.capacity
        sums = capacity.groupby("year")[["installed_it_mw", "served_it_mw", "facility_mw"]].sum()
        sums["sites"] = capacity[capacity.open == 1].groupby("year").size()
        energy = self.run.tables["energy"].groupby("year")[["it_mwh", "facility_mwh", "carbon_t"]]
        return sums.join(energy.sum()).reindex(self.run.stages).fillna(0.0)

    @cached_property
    def energy_price(self) -> pd.Series:
        """Mean price of the grid's energy by node, currency per MWh, before profiles."""
        return self.run.instance.tables["nodes"].set_index("node").energy_price_per_mwh

    @cached_property
    def hanging_mw(self) -> float:
        """Power drawn in the last stage that only grid upgrades give."""
        use = self.in_stage("grid_use")
        above_firm = use.drawn_mw - use.firm_mw
        return float(above_firm.clip(lower=0.0, upper=use.upgrade_mw).sum())

    def in_stage(self, name: str, year: int | None = None) -> pd.DataFrame:
        """Rows of a table about a stage, by default the last."""
        table = self.run.serving if name == "serving" else self.run.tables[name]
        return table[table.year == (self.last if year is None else year)]

    @cached_property
    def given(self) -> Given:
        """The instance as the audit reads it: policies by year, worth of a year's sums."""
        return Given(self.run.instance)

    @cached_property
    def cost_per_it_mwh(self) -> float:
        """Present value of all costs over the discounted energy of IT, currency per MWh."""
        mwh = (self.by_stage.it_mwh * self.given.stage_sums().discounted).sum()
        return self.record["objective"] / mwh if mwh > 0 else float("nan")


def headline(facts: Facts) -> list[str]:
    """Sentences that say what is built where and when, what it costs, how good it is."""
    stages, run = facts.by_stage, facts.run
    last, first = stages.loc[facts.last], stages.loc[facts.first]
    countries = facts.capacity[(facts.capacity.year == facts.last) & (facts.capacity.open == 1)]
    where = countries.groupby("country").installed_it_mw.sum().sort_values(ascending=False)
    top = where[where > NOTHING_MW]
    share = top.iloc[:3].sum() / max(top.sum(), NOTHING_MW)
    growth = f", from {digits(first.installed_it_mw)} MW in {facts.first}"
    built = (
        f"By {facts.last} the plan has {digits(last.installed_it_mw)} MW of IT capacity at "
        f"{count(last.sites, 'site')} in {count(len(top), 'country', 'countries')}"
        f"{growth if len(run.stages) > 1 else ''}."
    )
    if len(top) > 3:
        names = map(facts.run.country, top.index[:3])
        built += f" {listed(names)} hold {percent(share)} of it."
    return [built, cost_sentence(facts), quality_sentence(facts)]


def watch_sentences(facts: Facts, binding: list[str], kept: int) -> list[str]:
    """That rules and limits are kept and which bind, and what hangs on the grid."""
    bind = f"; nothing is left of {listed(binding)}" if binding else ""
    sentences = [f"It keeps all {count(kept, 'rule and limit', 'rules and limits')}{bind}."]
    if facts.hanging_mw > NOTHING_MW:
        sentences.append(
            f"In {facts.last}, {digits(facts.hanging_mw)} MW of its power hang on grid upgrades "
            "that have to come in time."
        )
    return sentences


def cost_sentence(facts: Facts) -> str:
    """What the plan costs, in all and for each MWh."""
    manifest, record = facts.run.instance.manifest, facts.record
    whole = money(record["objective"], facts.currency, 4)
    energy = f", {money(facts.cost_per_it_mwh, facts.currency)} for each MWh of IT energy"
    return (
        f"It costs {whole} until {manifest.horizon_end - 1}, as present value of "
        f"{manifest.base_year} at {100 * manifest.discount_rate:g} % a year{energy}."
    )


def quality_sentence(facts: Facts) -> str:
    """How good the plan is proven to be, and that it was checked."""
    record = facts.record
    amount = record["objective"] - record["bound"]
    saving = money(amount, facts.currency)
    if record["gap"] >= NO_GAP:
        less = f"can cost more than {percent(record['gap'])} less ({saving})"
    else:
        less = f"costs less by more than {saving}" if amount >= 1 else "costs less"
    return (
        f"It is proven that no plan that keeps the same limits {less}; an audit that shares "
        f"no code with the solver has recomputed the plan in {facts.audit.checks:,} checks."
    )


@dataclass(frozen=True)
class KeyNumber:
    """A number that stands out.

    Parameters
    ----------
    label : what it is.
    value : with its unit.
    note : what to compare it with.
    """

    label: str
    value: str
    note: str


def key_numbers(facts: Facts) -> list[KeyNumber]:
    """The numbers a board remembers."""
    stages = facts.by_stage
    first, last = stages.loc[facts.first], stages.loc[facts.last]
    served = facts.in_stage("serving")
    load = max(served.it_mw.sum(), NOTHING_MW)
    at_home = served.it_mw[served.user_country == served.site_country].sum() / load
    own = served.it_mw[served.user_country == served.operator_country].sum() / load
    mean_ms = (served.it_mw * served.rtt_ms).sum() / load
    every = len(facts.run.tables["sites"])
    invested = investment(facts)
    kg = last.carbon_t * KILO / last.facility_mwh if last.facility_mwh > 0 else 0.0
    return [
        KeyNumber(
            f"IT capacity in {facts.last}",
            f"{digits(last.installed_it_mw, 4)} MW",
            f"{digits(first.installed_it_mw, 4)} MW in {facts.first}",
        ),
        KeyNumber(
            f"Sites in use in {facts.last}",
            f"{last.sites:,.0f} of {every:,}",
            f"{first.sites:,.0f} in {facts.first}",
        ),
        KeyNumber(
            "Cost, present value",
            money(facts.record["objective"], facts.currency, 4),
            f"at most {percent(facts.record['gap'])} above the least possible"
            if facts.record["gap"] >= NO_GAP
            else "the least possible",
        ),
        KeyNumber(
            "Cost of IT energy",
            f"{money(facts.cost_per_it_mwh, facts.currency)}/MWh",
            "all costs, discounted, over all energy, discounted",
        ),
        KeyNumber(
            "Paid for building and hardware",
            money(invested, facts.currency),
            f"{facts.first} to {facts.run.instance.manifest.horizon_end - 1}, undiscounted",
        ),
        KeyNumber(
            f"Energy in {facts.last}",
            f"{digits(last.facility_mwh / MEGA)} TWh a year"
            if last.facility_mwh >= MEGA
            else f"{digits(last.facility_mwh / KILO)} GWh a year",
            f"{percent(last.it_mwh / max(last.facility_mwh, 1e-9))} of it for IT",
        ),
        KeyNumber(
            f"Carbon dioxide in {facts.last}",
            f"{digits(last.carbon_t / MEGA)} Mt a year"
            if last.carbon_t >= MEGA
            else f"{digits(last.carbon_t / KILO)} kt a year",
            f"{digits(kg)} kg for each MWh that the sites use",
        ),
        KeyNumber(
            "Served in the users' own country",
            percent(at_home),
            f"{percent(own)} by operators controlled from there, {facts.last}",
        ),
        KeyNumber(
            f"Mean round trip in {facts.last}",
            f"{digits(mean_ms)} ms",
            "weighed by load",
        ),
    ]


# What is paid once; all other kinds of cost recur.
BUILT = ("opening", "it", "upgrade", "supply", "resale", "connection")


def investment(facts: Facts) -> float:
    """Undiscounted cost of all that is built, less what is sold again."""
    costs = facts.run.tables["costs"]
    return float(costs.cost[costs.kind.isin(BUILT)].sum())


def count(number: float, one: str, many: str = "") -> str:
    """Number of things, in words."""
    return f"{number:,.0f} {one if number == 1 else many or one + 's'}"


def listed(names: Any, most: int = 8) -> str:
    """Names in a row, the last after `and`; beyond some, how many more there are."""
    names = [str(name) for name in names]
    if len(names) > most:
        names = [*names[:most], f"{len(names) - most} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

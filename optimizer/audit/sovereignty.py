"""Sovereignty rules that speak of shares and counts, worked out anew for each stage."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from optimizer.audit.eligibility import PAIR_RULES
from optimizer.audit.facts import Facts
from optimizer.audit.report import TOLERANCE, Ledger

AT_LEAST = ("min_share_at_home", "min_sites_in")
COLUMNS = ["rule", "kind", "year", "workload", "subject", "governed_it_mw", "value_it_mw"]


def rule_rows(facts: Facts, serving: pd.DataFrame, capacity: pd.DataFrame) -> pd.DataFrame:
    """What the plan does under each rule and what the rule asks: a row each subject and stage.

    With D the governed demand in IT MW (the rule's workload, its users' countries, served or
    not) and x what a set of sites serves of it, in every stage from the rule's `year` on:

    - max_share_operator_outside: x of sites whose operator is controlled from outside the group
      is at most value · D;
    - max_share_country, max_share_operator: x in each country, of each operator, is at most
      value · D;
    - min_share_at_home: x in each user country, of its own users, is at least value · their D;
    - min_sites_in: open sites in the group are at least value, whatever they serve.

    The four kinds that forbid pairs have one row a rule, with the largest stage's D and x = 0:
    that nothing is served in breach is `check_served_pairs`' to say.

    Returns
    -------
    pandas.DataFrame
        COLUMNS and `limit_it_mw`; year is NaN for rules on pairs.
    """
    demand = facts.demand.rename("mw").reset_index()
    demand["home"] = demand.region.map(facts.regions.country)
    served = serving[["region", "workload", "site", "year", "mw"]].assign(
        home=serving.region.map(facts.regions.country),
        country=serving.site.map(facts.sites.country),
        operator=serving.site.map(facts.sites.operator),
        control=serving.site.map(facts.sites.operator_country),
    )
    rows = []
    for rule in facts.rules.itertuples():
        start = facts.stages[0] if pd.isna(rule.year) else int(rule.year)
        if rule.kind == "min_sites_in":
            rows += list(_site_counts(facts, rule, capacity[capacity.year >= start]))
            continue
        governed, governed_served = (
            table[
                facts.in_group(table.home, rule.applies_to)
                & (table.workload.isin([rule.workload]) | (rule.workload in ("*", "")))
                & (table.year >= start)
            ]
            for table in (demand, served)
        )
        if rule.kind in PAIR_RULES:
            peak_mw = governed.groupby("year").mw.sum().max() if len(governed) else 0.0
            rows.append((rule.rule, rule.kind, np.nan, rule.workload, "*", peak_mw, 0.0, 0.0))
        elif rule.kind == "min_share_at_home":
            rows += list(_at_home(rule, governed, governed_served))
        else:
            rows += list(_at_most(facts, rule, governed, governed_served))
    table = pd.DataFrame(rows, columns=[*COLUMNS, "limit_it_mw"])
    # Without rules there are no rows to tell what the columns hold.
    return table.astype(dict.fromkeys(["year", *table.columns[5:]], float))


def check_rules(ledger: Ledger, rows: pd.DataFrame) -> None:
    """Every share and count keeps to its rule."""
    rows = rows[~rows.kind.isin(PAIR_RULES)]
    rows = rows.assign(year=rows.year.astype(int))
    least = rows.kind.isin(AT_LEAST)
    named = rows[["rule", "subject", "year", "kind"]]
    words = "rule {rule} ({kind}) in {year}, {subject}: {amount}, and "
    ledger.at_most(
        "sovereignty",
        named[~least],
        rows.value_it_mw[~least],
        rows.limit_it_mw[~least],
        words + "at most {limit} IT MW are allowed",
    )
    ledger.at_least(
        "sovereignty",
        named[least],
        rows.value_it_mw[least],
        rows.limit_it_mw[least],
        words + "at least {limit} are required",
    )


def check_compliance(ledger: Ledger, expected: pd.DataFrame, table: pd.DataFrame) -> None:
    """`compliance` tells of every rule, stage and subject what the audit finds itself.

    A country or operator that serves nothing of what a rule limits may be left out; where none
    serves anything, `*` may stand for all.
    """
    per_subject = ("max_share_country", "max_share_operator", "min_share_at_home")
    found = table.assign(subject=table.subject.where(table.kind.isin(per_subject), "*"))
    rows = found.merge(expected, on=COLUMNS[:5], how="outer", suffixes=("", "_own"), indicator=True)
    named = rows[["rule", "year", "subject"]].assign(
        year=rows.year.astype("Int64").astype("str").fillna("all years")
    )
    missing = rows._merge == "right_only"
    may_miss = rows.kind.isin(["max_share_country", "max_share_operator"]) & ~(
        rows.value_it_mw_own.abs() > TOLERANCE
    )
    ledger.holds(
        "compliance table",
        named,
        ~missing | may_miss,
        "compliance has no row {rule}, {year}, {subject}",
    )
    ledger.holds(
        "compliance table",
        named,
        rows._merge != "left_only",
        "compliance has a row {rule}, {year}, {subject}, but no rule asks for it",
    )
    both = rows[rows._merge == "both"]
    named = named.loc[both.index]
    for column in ("governed_it_mw", "value_it_mw", "limit_it_mw"):
        ledger.equal(
            "compliance table",
            named,
            both[column],
            both[f"{column}_own"],
            f"compliance: {column} of {{rule}}, {{subject}}, {{year}} is {{amount}},"
            " recomputed {limit}",
        )
    least = both.kind.isin(AT_LEAST)
    margin = (both.value_it_mw_own - both.limit_it_mw_own) * np.where(least, 1.0, -1.0)
    ledger.equal(
        "compliance table",
        named,
        both.margin,
        margin,
        "compliance: the margin of {rule}, {subject}, {year} is {amount}, recomputed {limit}",
    )
    kept = margin >= -TOLERANCE * both.limit_it_mw_own.abs().clip(lower=1.0)
    ledger.holds(
        "compliance table",
        named,
        both.holds.astype(bool) == kept,
        "compliance: {rule}, {subject}, {year} says wrongly whether the rule is kept",
    )


def _site_counts(facts: Facts, rule: Any, capacity: pd.DataFrame) -> Iterator[tuple]:
    """Rows of `min_sites_in`."""
    inside = facts.in_group(capacity.site.map(facts.sites.country), rule.group)
    count = capacity.open.where(inside, 0).groupby(capacity.year).sum()
    for year, sites in count.items():
        yield rule.rule, rule.kind, year, "*", "*", 0.0, float(sites), float(rule.value)


def _at_home(rule: Any, governed: pd.DataFrame, served: pd.DataFrame) -> Iterator[tuple]:
    """Rows of `min_share_at_home`."""
    at_home = served[served.country == served.home].groupby(["year", "home"]).mw.sum()
    for (year, home), mw in governed.groupby(["year", "home"]).mw.sum().items():
        value = float(at_home.get((year, home), 0.0))
        yield rule.rule, rule.kind, year, rule.workload, home, mw, value, rule.value * mw


def _at_most(
    facts: Facts, rule: Any, governed: pd.DataFrame, served: pd.DataFrame
) -> Iterator[tuple]:
    """Rows of the `max_share_…` kinds."""
    if rule.kind == "max_share_operator_outside":
        served = served[~facts.in_group(served.control, rule.group)].assign(subject="*")
        subjects = ["*"]
    else:
        side = rule.kind.removeprefix("max_share_")
        served = served.assign(subject=served[side])
        subjects = list(facts.sites[side].unique())
    by_subject = served.groupby(["year", "subject"]).mw.sum()
    for year, mw in governed.groupby("year").mw.sum().items():
        nobody = [] if year in by_subject.index.get_level_values("year") else ["*"]
        for subject in dict.fromkeys([*subjects, *nobody]):
            value = float(by_subject.get((year, subject), 0.0))
            yield rule.rule, rule.kind, year, rule.workload, subject, mw, value, rule.value * mw

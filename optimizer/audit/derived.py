"""Every figure of the result tables that follows from decisions, against the audit's own."""

import numpy.typing as npt
import pandas as pd

from optimizer.audit.facts import Facts
from optimizer.audit.report import Ledger


def compare(
    ledger: Ledger, name: str, found: pd.DataFrame, expected: pd.DataFrame, keys: list[str]
) -> None:
    """Compare the columns that `expected` has beside its keys; a row not there counts as 0."""
    if found.empty and expected.empty:  # pandas 3.0 fails to merge text without any chunk
        return
    figures = [column for column in expected.columns if column not in keys]
    rows = found[[*keys, *figures]].merge(expected, on=keys, how="outer", suffixes=("", "_own"))
    rows = rows.fillna({name: 0.0 for column in figures for name in (column, f"{column}_own")})
    named = " ".join(f"{{{key}}}" for key in keys)
    for column in figures:
        ledger.equal(
            f"{name} table",
            rows[keys],
            rows[column],
            rows[f"{column}_own"],
            f"{name}: {column} of {named} is {{amount}}, recomputed {{limit}}",
        )


def check_sites(ledger: Ledger, facts: Facts, sites: pd.DataFrame, capacity: pd.DataFrame) -> None:
    """`sites` repeats the instance, and names the first stage in which each site is open."""
    own = facts.sites.reindex(sites.site).reset_index()
    opened = capacity[capacity.open > 0].groupby("site").year.min()
    for column in ("name", "country", "operator", "operator_country", "node"):
        ledger.holds(
            "sites table",
            sites[["site"]].assign(value=sites[column]),
            sites[column] == own[column],
            f"sites: {column} of {{site}} is {{value}}, unlike in the instance",
        )
    for column in ("max_it_mw", "existing_it_mw", "latitude", "longitude"):
        present = ~(sites[column].isna() & own[column].isna())
        ledger.equal(
            "sites table",
            sites[["site"]][present],
            sites[column][present],
            own[column][present],
            f"sites: {column} of {{site}} is {{amount}}, not {{limit}}",
        )
    years = same_years(sites.opened_year, own.site.map(opened))
    ledger.holds(
        "sites table",
        sites[["site"]].join(years[["found", "own"]]),
        years.same,
        "sites: {site} opens in {found}, recomputed {own}",
    )


def check_services(
    ledger: Ledger, serving: pd.DataFrame, unserved: pd.DataFrame, rtt_ms: npt.ArrayLike
) -> None:
    """it_mw is share × demand, and rtt_ms the pair's round trip; `mw` is the audit's own."""
    keys = ["region", "workload", "site", "year"]
    ledger.equal(
        "serving table",
        serving[keys],
        serving.it_mw,
        serving.mw,
        "serving: it_mw of {workload} of {region} at {site} in {year} is {amount},"
        " but share × demand is {limit}",
    )
    ledger.equal(
        "serving table",
        serving[keys],
        serving.rtt_ms,
        rtt_ms,
        "serving: the round trip of {region} to {site} is {amount} ms, recomputed {limit}",
    )
    keys.remove("site")
    ledger.equal(
        "unserved table",
        unserved[keys],
        unserved.it_mw,
        unserved.mw,
        "unserved: it_mw of {workload} of {region} in {year} is {amount},"
        " but share × demand is {limit}",
    )


def check_orders(ledger: Ledger, facts: Facts, upgrades: pd.DataFrame) -> None:
    """`upgrades` repeats what an option gives and costs, and the first stage it comes in time for.

    That is the first stage not before the order's year + `lead_years`; none if all are before.
    """
    named = upgrades[["node", "upgrade"]]
    option = facts.upgrades.reindex(pd.MultiIndex.from_frame(named)).reset_index()
    for column in ("mw", "cost"):
        ledger.equal(
            "upgrades table",
            named,
            upgrades[column],
            option[column],
            f"upgrades: {column} of {{upgrade}} at {{node}} is {{amount}}, not {{limit}}",
        )
    ready = upgrades.ordered_year + option.lead_years
    first = [min((t for t in facts.stages if t >= year), default=None) for year in ready]
    years = same_years(upgrades.available_year, pd.Series(first, dtype="Int64"))
    ledger.holds(
        "upgrades table",
        named.join(years[["found", "own"]]),
        years.same,
        "upgrades: {upgrade} at {node} is there from {found}, recomputed {own}",
    )


def same_years(found: pd.Series, own: pd.Series) -> pd.DataFrame:
    """Two columns of years, as words, and whether they are the same; none is `never`."""
    words = {
        name: years.astype("Int64").astype("str").fillna("never")
        for name, years in (("found", found), ("own", own))
    }
    return pd.DataFrame(words).assign(same=lambda years: years.found == years.own)

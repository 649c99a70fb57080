"""Every figure of the result tables that follows from decisions, against the audit's own."""

import pandas as pd

from optimizer.audit.facts import Facts
from optimizer.audit.report import Ledger


def compare(
    ledger: Ledger, family: str, found: pd.DataFrame, expected: pd.DataFrame, keys: list[str]
) -> None:
    """Compare the columns that `expected` has beside its keys; a row not there counts as 0."""
    figures = [column for column in expected.columns if column not in keys]
    rows = found[[*keys, *figures]].merge(
        expected, on=keys, how="outer", suffixes=("", "_own")
    )
    rows = rows.fillna({name: 0.0 for column in figures for name in (column, f"{column}_own")})
    named = " ".join(f"{{{key}}}" for key in keys)
    for column in figures:
        ledger.equal(
            family, rows[keys], rows[column], rows[f"{column}_own"],
            f"{family}: {column} of {named} is {{amount}}, recomputed {{limit}}",
        )


def check_sites(
    ledger: Ledger, facts: Facts, sites: pd.DataFrame, capacity: pd.DataFrame
) -> None:
    """`sites` repeats the instance, and names the first stage in which each site is open."""
    own = facts.sites.reindex(sites.site).reset_index()
    opened = capacity[capacity.open > 0].groupby("site").year.min()
    for column in ("name", "country", "operator", "operator_country", "node"):
        ledger.holds(
            "sites", sites[["site"]].assign(value=sites[column]), sites[column] == own[column],
            f"sites: {column} of {{site}} is {{value}}, unlike in the instance",
        )
    figures = sites.assign(opened_year=sites.opened_year.fillna(0))
    own["opened_year"] = own.site.map(opened).fillna(0)
    for column in ("max_it_mw", "existing_it_mw", "latitude", "longitude", "opened_year"):
        present = ~(figures[column].isna() & own[column].isna())
        ledger.equal(
            "sites", sites[["site"]][present], figures[column][present], own[column][present],
            f"sites: {column} of {{site}} is {{amount}}, not {{limit}}",
        )


def check_services(
    ledger: Ledger, serving: pd.DataFrame, unserved: pd.DataFrame, rtt_ms: object
) -> None:
    """it_mw is share × demand, and rtt_ms the pair's round trip; `mw` is the audit's own."""
    keys = ["region", "workload", "site", "year"]
    ledger.equal(
        "serving", serving[keys], serving.it_mw, serving.mw,
        "serving: it_mw of {workload} of {region} at {site} in {year} is {amount},"
        " but share × demand is {limit}",
    )
    ledger.equal(
        "serving", serving[keys], serving.rtt_ms, rtt_ms,
        "serving: the round trip of {region} to {site} is {amount} ms, recomputed {limit}",
    )
    keys.remove("site")
    ledger.equal(
        "unserved", unserved[keys], unserved.it_mw, unserved.mw,
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
            "upgrades", named, upgrades[column], option[column],
            f"upgrades: {column} of {{upgrade}} at {{node}} is {{amount}}, not {{limit}}",
        )
    ready = upgrades.ordered_year + option.lead_years
    own = [min((stage for stage in facts.stages if stage >= year), default=0) for year in ready]
    ledger.equal(
        "upgrades", named, upgrades.available_year.fillna(0), own,
        "upgrades: {upgrade} at {node} is there from {amount}, recomputed {limit} (0 is never)",
    )

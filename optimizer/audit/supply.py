"""Supply over the years: what is ordered, when it comes, how long it stands, what it takes."""

import numpy as np
import pandas as pd

from optimizer.audit.blocks import Numbers
from optimizer.audit.power_facts import PowerFacts
from optimizer.audit.report import Ledger

FAMILY = "supply"
ORDER = ["site", "technology", "ordered_year"]


def allowed(ledger: Ledger, power: PowerFacts, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table about technologies that may stand at their site."""
    named = table[["site", "technology"]]
    known = pd.MultiIndex.from_frame(named).isin(power.options.index)
    ledger.holds(
        FAMILY, named, known, name + " speaks of {technology} at {site}, which is not allowed there"
    )
    return table[known].reset_index(drop=True)


def dated(power: PowerFacts, supply: pd.DataFrame) -> pd.DataFrame:
    """Orders with all about their option, and the stages in which they come and are gone again.

    They come in the first stage whose year is not before the order's year + `lead_years`, and
    stand until the first whose year is not before that + `life_years`. Infinite: never.
    """
    option = power.options.reindex(pd.MultiIndex.from_frame(supply[["site", "technology"]]))
    orders = supply.join(option.reset_index(drop=True))
    ready = orders.ordered_year + orders.lead_years.to_numpy(dtype=float)
    stages = np.array([*power.facts.stages, np.inf])
    orders["comes"] = stages[np.searchsorted(stages, ready)]
    life = orders.life_years.to_numpy(dtype=float)
    orders["ends"] = stages[np.searchsorted(stages, ready + np.where(np.isnan(life), np.inf, life))]
    return orders


def check_supply_orders(ledger: Ledger, orders: pd.DataFrame) -> None:
    """Orders are not too early; only batteries have MWh; none is negative."""
    named = orders[ORDER]
    ledger.holds(
        FAMILY,
        named,
        orders.ordered_year >= orders.earliest_year,
        "{technology} at {site} is ordered in {ordered_year}, before its earliest year",
    )
    storage = orders.kind == "battery"
    ledger.at_most(
        FAMILY,
        named[~storage],
        orders.mwh[~storage],
        0.0,
        "{technology} at {site}, ordered in {ordered_year}, is no battery, but has {amount} MWh",
    )
    for column, unit in (("mw", "MW"), ("mwh", "MWh")):
        ledger.at_least(
            FAMILY,
            named,
            orders[column],
            0.0,
            f"{{amount}} {unit} of {{technology}} are ordered at {{site}} in {{ordered_year}}",
        )
    return orders


def check_arrivals(ledger: Ledger, orders: pd.DataFrame, capacity: pd.DataFrame) -> None:
    """The site is open in the stage in which an order comes."""
    coming = orders[np.isfinite(orders.comes)]
    is_open = capacity.set_index(["site", "year"]).open
    keys = pd.MultiIndex.from_arrays([coming.site, coming.comes.astype(int)])
    ledger.holds(
        FAMILY,
        coming[["site", "technology"]].assign(comes=coming.comes.astype(int)),
        is_open.reindex(keys).to_numpy() > 0,
        "{technology} comes to {site} in {comes}, when the site is not open",
    )


def check_retired(ledger: Ledger, orders: pd.DataFrame, retired: pd.DataFrame) -> None:
    """What is retired was ordered, came before, still stands, and is no more than was ordered."""
    named = retired[[*ORDER, "year"]]
    sold = retired.merge(orders[[*ORDER, "comes", "ends"]], on=ORDER, how="left")
    ledger.holds(
        FAMILY,
        named,
        sold.comes.notna(),
        "{technology} at {site} of {ordered_year} is retired in {year}, but was not ordered",
    )
    known = sold.comes.notna()
    ledger.holds(
        FAMILY,
        named[known],
        ((sold.year > sold.comes) & (sold.year < sold.ends))[known],
        "{technology} at {site} of {ordered_year} is retired in {year}, when it does not stand or"
        " has just come",
    )
    total = retired.groupby(ORDER)[["mw", "mwh"]].sum()
    ordered = orders.set_index(ORDER)[["mw", "mwh"]].reindex(total.index).fillna(0.0)
    for column, unit in (("mw", "MW"), ("mwh", "MWh")):
        ledger.at_least(
            FAMILY,
            named,
            retired[column],
            0.0,
            f"{{amount}} {unit} of {{technology}} at {{site}} of {{ordered_year}} are retired in"
            " {year}",
        )
        ledger.at_most(
            FAMILY,
            total.index.to_frame(index=False),
            total[column],
            ordered[column],
            f"{{amount}} {unit} of {{technology}} at {{site}} of {{ordered_year}} are retired,"
            " {limit} were ordered",
        )


def standing(
    power: PowerFacts, orders: pd.DataFrame, retired: pd.DataFrame, column: str
) -> Numbers:
    """MW or MWh that stand at each of `supply_rows`: what existed, came, and is not gone again."""
    rows = power.supply_rows
    stages = pd.DataFrame({"year": list(power.facts.stages)})
    there = orders[[*ORDER, "comes", "ends", column]].merge(stages, how="cross")
    there = there[(there.comes <= there.year) & (there.year < there.ends)]
    gone = retired.rename(columns={"year": "retired_year"}).merge(
        there.drop(columns=column), on=ORDER
    )
    gone = gone[gone.retired_year <= gone.year]
    existing = power.option[f"existing_{column}"].to_numpy(dtype=float)
    return (
        existing
        + rows.total(there, there[column].to_numpy(dtype=float))
        - rows.total(gone, gone[column].to_numpy(dtype=float))
    )


def check_standing(ledger: Ledger, power: PowerFacts, mw: Numbers, mwh: Numbers) -> None:
    """What stands at a time is at most `max_mw` and `max_mwh`, and fits on the site's land."""
    keys = power.supply_rows.keys
    ledger.at_most(
        FAMILY,
        keys,
        mw,
        power.option.max_mw,
        "{amount} MW of {technology} stand at {site} in {year}, at most {limit} may",
    )
    bounded = power.option.max_mwh.notna().to_numpy()
    ledger.at_most(
        FAMILY,
        keys[bounded],
        mwh[bounded],
        power.option.max_mwh[bounded],
        "{technology} at {site} holds {amount} MWh in {year}, at most {limit} may stand",
    )
    land_ha = power.site_rows.total(keys, mw * power.option.land_ha_per_mw.to_numpy(dtype=float))
    room_ha = power.site_rows.keys.site.map(power.facts.sites.land_ha)
    bounded = room_ha.notna().to_numpy()
    ledger.at_most(
        FAMILY,
        power.site_rows.keys[bounded],
        land_ha[bounded],
        room_ha[bounded],
        "supply takes {amount} ha at {site} in {year}, which has {limit} ha",
    )

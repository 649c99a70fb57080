"""The plan's decisions against what is possible: demand, siting, capacity, grid, budget."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.audit.facts import Facts
from optimizer.audit.report import Ledger

CAPITAL = ("opening", "it", "upgrade", "supply", "resale")


def check_demand(
    ledger: Ledger, facts: Facts, serving: pd.DataFrame, unserved: pd.DataFrame
) -> None:
    """Everybody is served once.

    For each region, workload and stage with demand, the shares served and the share unserved add
    up to 1; no share is negative, and none is unserved where the instance forbids it.
    """
    keys = ["region", "workload", "year"]
    shares = pd.concat([serving[[*keys, "share"]], unserved[[*keys, "share"]]])
    total = shares.groupby(keys).share.sum().reindex(facts.demand.index, fill_value=0.0)
    demanded = facts.demand.index.to_frame(index=False)
    ledger.equal(
        "demand",
        demanded,
        total.to_numpy(),
        1.0,
        "the shares of {workload} of {region} in {year} add up to {amount}, not to 1",
    )
    ledger.at_least(
        "demand",
        serving[[*keys, "site"]],
        serving.share,
        0.0,
        "{site} serves a share of {amount} of {workload} of {region} in {year}",
    )
    ledger.at_least(
        "demand",
        unserved[keys],
        unserved.share,
        0.0,
        "a share of {amount} of {workload} of {region} is unserved in {year}",
    )
    if facts.manifest.unserved_penalty_per_mwh is None:
        ledger.at_most(
            "demand",
            unserved[keys],
            unserved.share,
            0.0,
            "{workload} of {region} may not go unserved, but a share of {amount} does in {year}",
        )


def check_siting(ledger: Ledger, facts: Facts, capacity: pd.DataFrame) -> None:
    """A site opens once, not before its time, and stays open.

    open is 0 or 1; it never falls from one stage to the next; it is 1 from the first stage on
    with existing capacity, and 0 before `earliest_year` without.
    """
    site = facts.sites.reindex(capacity.site)
    existing = site.existing_it_mw.to_numpy() > 0
    too_early = capacity.year.to_numpy() < site.earliest_year.to_numpy()
    keys = capacity[["site", "year"]]
    ledger.holds(
        "siting",
        capacity[["site", "year", "open"]],
        capacity.open.isin([0, 1]),
        "{site} is {open} open in {year}: a site is open, 1, or not, 0",
    )
    later = capacity.sort_values(["site", "year"])
    before = later.groupby("site").open.shift(fill_value=0)
    ledger.at_least(
        "siting",
        later[["site", "year"]],
        later.open,
        before,
        "{site} closes in {year}: open sites stay open",
    )
    ledger.at_least(
        "siting",
        keys[existing],
        capacity.open[existing],
        1.0,
        "{site} has capacity from the start, but is not open in {year}",
    )
    early = too_early & ~existing
    ledger.at_most(
        "siting",
        keys[early],
        capacity.open[early],
        0.0,
        "{site} is open in {year}, before its earliest year",
    )


def check_capacity(ledger: Ledger, facts: Facts, capacity: pd.DataFrame) -> None:
    """What is installed fits.

    new_it_mw >= 0, for nothing is taken away; 0 before `earliest_year`; whole multiples of
    `block_mw` where the site buys blocks. existing_it_mw + all new_it_mw so far is at most
    `max_it_mw`, or 0 while the site is not open.

    Parameters
    ----------
    capacity : every site and stage with `open`, `new_it_mw`, and the audit's own `installed`.
    """
    site = facts.sites.reindex(capacity.site).set_axis(capacity.index)
    keys = capacity[["site", "year"]]
    new_mw = capacity.new_it_mw
    ledger.at_least(
        "capacity", keys, new_mw, 0.0, "{site} loses capacity in {year}: {amount} IT MW are new"
    )
    early = capacity.year < site.earliest_year
    ledger.at_most(
        "capacity",
        keys[early],
        new_mw[early],
        0.0,
        "{site} installs {amount} IT MW in {year}, before its earliest year",
    )
    in_blocks = site.block_mw > 0
    block_mw = site.block_mw[in_blocks]
    whole_mw = np.rint(new_mw[in_blocks] / block_mw) * block_mw
    ledger.equal(
        "capacity",
        keys[in_blocks].assign(block_mw=block_mw),
        new_mw[in_blocks],
        whole_mw,
        "{site} installs {amount} IT MW in {year}, which is not a number of blocks of"
        " {block_mw} MW",
    )
    ledger.at_most(
        "capacity",
        keys,
        capacity.installed,
        site.max_it_mw * (capacity.open > 0),
        "{site} has {amount} IT MW in {year}, but room for {limit} MW (0 while it is not open)",
    )


def check_served(ledger: Ledger, capacity: pd.DataFrame) -> None:
    """IT MW served at a site, the peaks of all that it serves summed, is at most what it has."""
    ledger.at_most(
        "capacity",
        capacity[["site", "year"]],
        capacity.served,
        capacity.installed,
        "{site} serves {amount} IT MW in {year} with {limit} MW installed",
    )


def check_upgrades(ledger: Ledger, facts: Facts, upgrades: pd.DataFrame) -> None:
    """An upgrade is ordered at most once, in a stage, from its `earliest_year` on.

    Not before the one that it comes `after`, of the same node: in the same stage, or later.
    """
    named = upgrades[["node", "upgrade", "ordered_year"]]
    option = facts.upgrades.reindex(pd.MultiIndex.from_frame(upgrades[["node", "upgrade"]]))
    ledger.holds(
        "upgrades",
        named,
        ~upgrades.duplicated(["node", "upgrade"]),
        "{upgrade} at {node} is ordered again in {ordered_year}",
    )
    ledger.holds(
        "upgrades",
        named,
        upgrades.ordered_year.isin(facts.stages),
        "{upgrade} at {node} is ordered in {ordered_year}, which is no stage",
    )
    ledger.holds(
        "upgrades",
        named,
        upgrades.ordered_year.to_numpy() >= option.earliest_year.to_numpy(),
        "{upgrade} at {node} is ordered in {ordered_year}, before its earliest year",
    )
    after = option.after.fillna("").set_axis(upgrades.index)
    first = upgrades.groupby(["node", "upgrade"]).ordered_year.min()
    needed = first.reindex(pd.MultiIndex.from_arrays([upgrades.node, after])).to_numpy()
    bound = after != ""
    ledger.holds(
        "upgrades",
        named.assign(after=after)[bound],
        (needed <= upgrades.ordered_year.to_numpy())[bound],
        "{upgrade} at {node} is ordered in {ordered_year}, without {after} by then",
    )


def upgraded_mw(facts: Facts, upgrades: pd.DataFrame) -> pd.Series:
    """MW that upgrades add at each of `facts.node_stages`.

    An upgrade counts in every stage whose year is not before its order's year + `lead_years`.
    """
    stages = facts.node_stages
    option = facts.upgrades.reindex(pd.MultiIndex.from_frame(upgrades[["node", "upgrade"]]))
    ready = pd.DataFrame(
        {
            "node": upgrades.node.to_numpy(),
            "ready": upgrades.ordered_year.to_numpy() + option.lead_years.to_numpy(dtype=float),
            "mw": option.mw.to_numpy(dtype=float),
        }
    )
    pairs = stages.reset_index().merge(ready, on="node")
    in_time = pairs[pairs.ready <= pairs.year]
    return in_time.groupby("index").mw.sum().reindex(stages.index, fill_value=0.0)


def check_grid(
    ledger: Ledger, nodes: pd.DataFrame, drawn_mw: npt.ArrayLike, limit_mw: npt.ArrayLike
) -> None:
    """Power drawn at a node is at most what is firm there and what upgrades add.

    Drawn is PUE × IT MW served, over the node's sites; what stands unused draws nothing.

    Parameters
    ----------
    nodes : every node and stage.
    """
    ledger.at_most(
        "grid",
        nodes[["node", "year"]],
        drawn_mw,
        limit_mw,
        "{node} draws {amount} MW in {year}, but its connection gives {limit} MW",
    )


def check_budget(ledger: Ledger, facts: Facts, costs: pd.DataFrame) -> None:
    """Money for sites, IT and power in a stage is at most the budget of its first year.

    That is opening, IT, upgrades, and supply less what resale brings.
    Undiscounted; nothing is carried over; no row of the policy yet, no limit.
    """
    budget = facts.policy("capital_budget", math.inf)
    what = "sites, IT, upgrades and supply" if facts.hourly else "sites, IT and upgrades"
    capital = costs[costs.kind.isin(CAPITAL)]
    spent = capital.groupby("year").cost.sum()
    limited = pd.DataFrame({"year": [t for t in facts.stages if budget(t) < math.inf]})
    ledger.at_most(
        "budget",
        limited,
        spent.reindex(limited.year, fill_value=0.0),
        [budget(year) for year in limited.year],
        "{year} spends {amount} on " + what + " with a budget of {limit}",
    )


def served_mw(serving: pd.DataFrame, keys: pd.DataFrame) -> pd.Series:
    """IT MW served at each site and year of `keys`, by its index; from the audit's own `mw`."""
    total = serving.groupby(["site", "year"]).mw.sum()
    found = total.reindex(pd.MultiIndex.from_frame(keys[["site", "year"]]), fill_value=0.0)
    return found.set_axis(keys.index)

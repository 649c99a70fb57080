"""Every cost of a plan, year by year, from the instance's prices and the plan's decisions."""

import numpy as np
import pandas as pd

from optimizer.audit.facts import HOURS_PER_YEAR, Facts

KEYS = ["kind", "year", "item"]


def energy_by_site(facts: Facts, serving: pd.DataFrame) -> pd.DataFrame:
    """A year's energy of each site that serves in a stage.

    IT energy is peak IT MW × load factor × 8760 h; the facility takes PUE times that; each MWh
    it takes emits its node's carbon.

    Parameters
    ----------
    serving : with the audit's own `mw`.

    Returns
    -------
    pandas.DataFrame
        site, year, it_mwh, facility_mwh, carbon_t.
    """
    load_factor = serving.workload.map(facts.workloads.load_factor).astype(float)
    it_mwh = serving.mw * load_factor * HOURS_PER_YEAR
    energy = it_mwh.groupby([serving.site, serving.year]).sum().rename("it_mwh").reset_index()
    node = energy.site.map(facts.sites.node)
    # A map of no rows is text, so that numbers have to be called numbers.
    energy["facility_mwh"] = energy.it_mwh * energy.site.map(facts.sites.pue).astype(float)
    carbon_kg_per_mwh = node.map(facts.nodes.carbon_kg_per_mwh).astype(float)
    energy["carbon_t"] = energy.facility_mwh * carbon_kg_per_mwh / 1000.0
    return energy


def recomputed_costs(
    facts: Facts,
    capacity: pd.DataFrame,
    serving: pd.DataFrame,
    unserved: pd.DataFrame,
    upgrades: pd.DataFrame,
) -> pd.DataFrame:
    """All costs: kind, year, item, cost, discounted_cost.

    One-off costs fall in the stage's year, yearly ones in each year of the stage:

    - opening: `opening_cost` in the stage in which a site without existing capacity first opens;
    - it: `it_cost_per_mw` × new IT MW;
    - upgrade: its cost in the stage in which it is ordered;
    - fixed: `fixed_cost_per_year` for each year open;
    - energy: facility MWh × the node's price;
    - carbon: tonnes × the carbon price of each year;
    - network: `network_cost_per_mw_year` × IT MW, whatever the load factor;
    - unserved: penalty × IT MWh, without PUE.
    """
    sites = facts.sites
    standing = capacity[capacity.open > 0]
    had_none = standing.site.map(sites.existing_it_mw) == 0
    opened = standing[had_none].sort_values("year").drop_duplicates("site")
    energy = energy_by_site(facts, serving)
    price = energy.site.map(sites.node).map(facts.nodes.energy_price_per_mwh).astype(float)
    pairs = pd.MultiIndex.from_frame(serving[["region", "site"]])
    network = facts.network_cost.reindex(pairs).fillna(0.0).to_numpy()
    unserved_mwh = (
        unserved.mw * unserved.workload.map(facts.workloads.load_factor).astype(float)
    ) * HOURS_PER_YEAR
    penalty = facts.manifest.unserved_penalty_per_mwh or 0.0
    option = facts.upgrades.reindex(pd.MultiIndex.from_frame(upgrades[["node", "upgrade"]]))
    once = pd.DataFrame(
        {"plain": 1.0, "discounted": [facts.discount(t) for t in facts.stages]},
        index=list(facts.stages),
    )
    yearly = facts.stage_sums()
    carbon = facts.stage_sums(facts.policy("carbon_price", 0.0))
    return pd.concat(
        [
            _entries(
                "opening", opened.year, opened.site, opened.site.map(sites.opening_cost), once
            ),
            _entries(
                "it",
                capacity.year,
                capacity.site,
                capacity.new_it_mw * capacity.site.map(sites.it_cost_per_mw),
                once,
            ),
            _entries(
                "upgrade",
                upgrades.ordered_year,
                upgrades.node + "/" + upgrades.upgrade,
                option.cost,
                once,
            ),
            _entries(
                "fixed",
                standing.year,
                standing.site,
                standing.site.map(sites.fixed_cost_per_year),
                yearly,
            ),
            _entries("energy", energy.year, energy.site, energy.facility_mwh * price, yearly),
            _entries("carbon", energy.year, energy.site, energy.carbon_t, carbon),
            _entries("network", serving.year, serving.site, serving.mw * network, yearly),
            _entries("unserved", unserved.year, unserved.region, unserved_mwh * penalty, yearly),
        ],
        ignore_index=True,
    )


def _entries(
    kind: str, year: pd.Series, item: pd.Series, amount: pd.Series, weights: pd.DataFrame
) -> pd.DataFrame:
    """One kind of cost: amounts summed by year and item, times the stage's weights."""
    frame = pd.DataFrame(
        {
            "kind": kind,
            "year": year.to_numpy(),
            "item": item.to_numpy(),
            "amount": np.asarray(amount, dtype=float),
        }
    )
    frame = frame.groupby(KEYS, as_index=False).amount.sum()
    weight = weights.reindex(frame.year)
    frame["cost"] = frame.amount * weight.plain.to_numpy()
    frame["discounted_cost"] = frame.amount * weight.discounted.to_numpy()
    return frame.drop(columns="amount")

"""Every cost of a plan, year by year, from the instance's prices and the plan's decisions."""

import numpy as np
import numpy.typing as npt
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
    footprint: pd.DataFrame,
) -> pd.DataFrame:
    """All costs without slices: kind, year, item, cost, discounted_cost.

    Beside `decided_costs`, `unserved_cost` and `carbon_cost`, in each year of a stage:

    - energy: facility MWh × the node's price.
    """
    energy = energy_by_site(facts, serving)
    price = energy.site.map(facts.sites.node).map(facts.nodes.energy_price_per_mwh).astype(float)
    yearly = facts.stage_sums()
    load_factor = unserved.workload.map(facts.workloads.load_factor).astype(float)
    return pd.concat(
        [
            decided_costs(facts, capacity, serving, upgrades),
            entries("energy", energy.year, energy.site, energy.facility_mwh * price, yearly),
            carbon_cost(facts, footprint),
            unserved_cost(facts, unserved, load_factor * HOURS_PER_YEAR),
        ],
        ignore_index=True,
    )


def decided_costs(
    facts: Facts, capacity: pd.DataFrame, serving: pd.DataFrame, upgrades: pd.DataFrame
) -> pd.DataFrame:
    """Costs that no slice has a part in: kind, year, item, cost, discounted_cost.

    One-off costs fall in the stage's year, yearly ones in each year of the stage:

    - opening: `opening_cost` in the stage in which a site without existing capacity first opens;
    - it: `it_cost_per_mw` × new IT MW;
    - upgrade: its cost in the stage in which it is ordered;
    - fixed: `fixed_cost_per_year` for each year open;
    - network: `network_cost_per_mw_year` × IT MW at peak, whatever the load over the year.
    """
    sites = facts.sites
    standing = capacity[capacity.open > 0]
    opened = first_openings(facts, capacity)
    pairs = pd.MultiIndex.from_frame(serving[["region", "site"]])
    network = facts.network_cost.reindex(pairs).fillna(0.0).to_numpy()
    option = facts.upgrades.reindex(pd.MultiIndex.from_frame(upgrades[["node", "upgrade"]]))
    yearly = facts.stage_sums()
    return pd.concat(
        [
            entries(
                "opening",
                opened.year,
                opened.site,
                opened.site.map(sites.opening_cost),
                once(facts),
            ),
            entries(
                "it",
                capacity.year,
                capacity.site,
                capacity.new_it_mw * capacity.site.map(sites.it_cost_per_mw),
                once(facts),
            ),
            entries(
                "upgrade",
                upgrades.ordered_year,
                upgrades.node + "/" + upgrades.upgrade,
                option.cost,
                once(facts),
            ),
            entries(
                "fixed",
                standing.year,
                standing.site,
                standing.site.map(sites.fixed_cost_per_year),
                yearly,
            ),
            entries("network", serving.year, serving.site, serving.mw * network, yearly),
        ],
        ignore_index=True,
    )


def first_openings(facts: Facts, capacity: pd.DataFrame) -> pd.DataFrame:
    """The first stage in which each site is open that had no capacity from the start."""
    standing = capacity[capacity.open > 0]
    had_none = standing.site.map(facts.sites.existing_it_mw) == 0
    return standing[had_none].sort_values("year").drop_duplicates("site")


def unserved_cost(facts: Facts, unserved: pd.DataFrame, full_hours: npt.ArrayLike) -> pd.DataFrame:
    """Penalty × IT MWh that nobody serves, without PUE, in each year of a stage.

    Parameters
    ----------
    full_hours : hours a year of peak load that the load of each row amounts to.
    """
    mwh = unserved.mw * np.asarray(full_hours, dtype=float)
    penalty = facts.manifest.unserved_penalty_per_mwh or 0.0
    return entries("unserved", unserved.year, unserved.region, mwh * penalty, facts.stage_sums())


def carbon_cost(facts: Facts, footprint: pd.DataFrame) -> pd.DataFrame:
    """Price of each year on its tonnes, that of the stage's first year on what is embodied.

    Parameters
    ----------
    footprint : site, year, operating_t in each year of the stage, embodied_t in its first.
    """
    price = facts.policy("carbon_price", 0.0)
    year, site = footprint.year, footprint.site
    embodied = footprint.embodied_t * year.map(price)
    parts = [
        entries("carbon", year, site, footprint.operating_t, facts.stage_sums(price)),
        entries("carbon", year, site, embodied, once(facts)),
    ]
    return pd.concat(parts).groupby(KEYS, as_index=False).sum()


def once(facts: Facts) -> pd.DataFrame:
    """Weights, by stage, of what is due once in the stage's first year."""
    worth = [facts.discount(t) for t in facts.stages]
    return pd.DataFrame({"plain": 1.0, "discounted": worth}, index=list(facts.stages))


def entries(
    kind: str, year: pd.Series, item: pd.Series, amount: npt.ArrayLike, weights: pd.DataFrame
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

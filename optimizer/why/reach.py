"""What a site could serve, why not more, and what a megawatt there costs beside others."""

from dataclasses import dataclass, replace

import pandas as pd

from models import PlanInputs
from models.cost import serving_cost_per_mw
from models.money import annuity, present_value
from models.power_cost import grid_price
from optimizer.instance import Instance
from optimizer.routes import find_routes

PARTS = ["opening", "it", "fixed", "energy_and_carbon"]


@dataclass(frozen=True)
class Reach:
    """Demand around a site, in its last stage.

    Parameters
    ----------
    eligible : region, workload, it_mw of all demand that the site may serve.
    ineligible : reason, pairs, it_mw, nearest_region and late_ms, for all other demand by reason.
    """

    eligible: pd.DataFrame
    ineligible: pd.DataFrame


def reach(instance: Instance, site: str) -> Reach:
    """Sort the last stage's demand into what a site may serve and what not, with the reasons."""
    tables = instance.tables
    alone = replace(
        instance,
        tables={
            **tables,
            # Only this site's pairs are looked at: cheap, however many sites there are.
            "sites": tables["sites"][tables["sites"].site == site].reset_index(drop=True),
            "latency": tables["latency"][tables["latency"].site == site],
        },
    )
    routes = find_routes(alone, every_pair=True)
    assert routes.pairs is not None
    demand = tables["demand"]
    last = demand[(demand.year == instance.manifest.stages[-1]) & (demand.it_mw > 0)]
    keys = ["region", "workload"]
    asked = last[[*keys, "it_mw"]]
    eligible = asked.merge(routes.eligible[keys], on=keys)
    missed = asked.merge(routes.pairs[[*keys, "reason", "rtt_ms"]], on=keys)
    workloads = tables["workloads"].set_index("workload")
    own = workloads.loc[missed.workload]
    late_ms = missed.rtt_ms + (own.service_ms - own.latency_slo_ms).to_numpy()
    missed["late_ms"] = late_ms.where(missed.reason == "latency")
    rows = []
    for reason, group in missed.groupby("reason", sort=False):
        nearest = group.dropna(subset="late_ms").nsmallest(1, "late_ms")
        near = nearest[["region", "late_ms"]].to_numpy().tolist() or [["", float("nan")]]
        rows.append((reason, len(group), group.it_mw.sum(), *near[0]))
    columns = ["reason", "pairs", "it_mw", "nearest_region", "late_ms"]
    table = pd.DataFrame(rows, columns=columns)
    return Reach(eligible, table.sort_values("it_mw", ascending=False, ignore_index=True))


def cost_per_mw_year(inputs: PlanInputs, load: pd.Series) -> pd.DataFrame:
    """What an IT MW costs a year where a site is filled at once and stays full, by part.

    Parameters
    ----------
    load : weight of each workload in what is served.

    Returns
    -------
    pd.DataFrame
        By site: opening, it, fixed, energy_and_carbon and total, in currency per IT MW and year of
        service, all discounted; NaN for a site that can hold nothing. All energy is drawn from the
        grid, and network cost is left out.
    """
    sites, rows = inputs.sites, {}
    serving = serving_cost_per_mw(inputs) if inputs.power is None else by_the_hour(inputs)
    weight = (load / load.sum()).to_dict()
    years = {t: annuity(inputs, t) for t in inputs.stages}
    last = inputs.stages[-1]
    for s, site in sites.iterrows():
        full_mw = inputs.reach_it_mw[s, last]
        stages = [t for t in inputs.stages if t >= site.earliest_year]
        if full_mw <= 0 or not stages:
            rows[s] = dict.fromkeys([*PARTS, "total"], float("nan"))
            continue
        mw_years = full_mw * sum(years[t] for t in stages)
        once = present_value(inputs, stages[0])
        opening = 0.0 if site.existing_it_mw else site.opening_cost
        bought_mw = max(0.0, full_mw - site.existing_it_mw)
        parts = {
            "opening": opening * once / mw_years,
            "it": site.it_cost_per_mw * bought_mw * once / mw_years,
            "fixed": site.fixed_cost_per_year / full_mw,
            "energy_and_carbon": sum(
                part * serving[w, s, t] for w, part in weight.items() for t in stages
            )
            / sum(years[t] for t in stages),
        }
        rows[s] = parts | {"total": sum(parts.values())}
    return pd.DataFrame.from_dict(rows, orient="index")


def by_the_hour(inputs: PlanInputs) -> dict[tuple[str, str, int], float]:
    """Discounted energy and carbon cost of one IT MW, all of it drawn in each slice's price.

    A workload follows the mean profile of its regions. By (workload, site, stage).
    """
    power = inputs.power
    assert power is not None
    shapes = power.load_profiles.loc[power.profile_of].groupby(
        power.profile_of.index.get_level_values("workload").to_numpy()
    )
    mean_profile = {w: shape.mean().to_numpy(float) for w, shape in shapes}
    cost = {}
    for s, idle in inputs.sites.idle_share.items():
        pue = power.pue.loc[s].to_numpy(float)
        for t in inputs.stages:
            price = grid_price(inputs, t, s)(power) * pue
            for w, profile in mean_profile.items():
                cost[w, s, t] = float(price @ (idle + (1 - idle) * profile))
    return cost

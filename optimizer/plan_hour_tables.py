"""The tables of a plan's power: dispatch, supply, connections, footprint, idle hardware."""

import numpy as np
import pandas as pd

from models.money import annuity
from optimizer.plan_hours import Array, Hours
from optimizer.power_results import POWER_RESULTS

CURTAILED = ("solar", "wind", "ppa")
NO_MWH = 1e-9
# Room that counts as none: a part of the limit, as limits are kept to it.
BINDS = 1e-6


def power_tables(hours: Hours, capacity: pd.DataFrame, limit_mw: Array) -> dict[str, pd.DataFrame]:
    """Tables of `optimizer.power_results`, but for `levelised`, which needs the costs.

    Parameters
    ----------
    capacity : the plan's, of every site and stage.
    limit_mw : (nodes, stages) firm MW and upgrades.
    """
    role = roles(hours, limit_mw)
    connections = connections_table(hours)
    tables = {
        "dispatch": hours.slices_of(
            hours.site_rows(),
            load_mw=hours.load,
            facility_mw=hours.facility,
            grid_mw=hours.grid,
            flexible_mw=hours.flexible,
            exported_mw=hours.exported,
        ),
        "generation": hours.slices_of(
            hours.pair_rows(),
            made_mw=hours.made,
            charged_mw=hours.charged,
            discharged_mw=hours.discharged,
            stored_mwh=hours.stored,
            ready_mw=hours.ready,
            curtailed_mw=curtailed(hours),
        ),
        "moved": hours.moved,
        "supply": hours.supply,
        "retired": hours.retired,
        "standing": standing_table(hours, role),
        "campaign_sites": hours.campaign_sites,
        "connections": connections,
        "footprint": footprint_table(hours, capacity),
        "power_sources": sources_table(hours, role),
        "node_hours": node_hours_table(hours, limit_mw),
        "idle_hardware": idle_table(hours, capacity, limit_mw),
    }
    return {
        name: table[[column.name for column in POWER_RESULTS[name]]]
        for name, table in tables.items()
    }


def curtailed(hours: Hours) -> Array:
    """What sun, wind and contracts could give and do not."""
    available = hours.power.availability.to_numpy(dtype=float)[:, None, :] * hours.mw[:, :, None]
    free = np.isin(hours.kind, CURTAILED)[:, None, None]
    return np.where(free, np.maximum(available - hours.made, 0.0), 0.0)


def roles(hours: Hours, limit_mw: Array) -> Array:
    """Role of what stands, (pairs, stages): backup if it does nothing, bridge or own."""
    grows = np.zeros(limit_mw.shape, dtype=bool)
    for stage in range(limit_mw.shape[1] - 1):
        grows[:, stage] = (limit_mw[:, stage + 1 :] > limit_mw[:, [stage]] + 1e-9).any(axis=1)
    inputs = hours.inputs
    node = inputs.sites.node.reindex(hours.power.allowed.index.get_level_values("site"))
    waits = grows[inputs.nodes.index.get_indexer(node)]
    works = hours.over_year(hours.made + hours.discharged) > NO_MWH
    return np.where(works, np.where(waits, "bridge", "own"), "backup")


def standing_table(hours: Hours, role: Array) -> pd.DataFrame:
    """What stands of each technology at each site in each stage."""
    table = hours.pair_rows(mw=hours.mw, mwh=hours.mwh, role=role)
    return table[(table.mw > 0) | (table.mwh > 0)].reset_index(drop=True)


def connections_table(hours: Hours) -> pd.DataFrame:
    """Each site's highest draw, and what of it is beyond all earlier stages."""
    peak = hours.taken.max(axis=2)
    before = np.maximum.accumulate(peak, axis=1)[:, :-1]
    before = np.concatenate([np.zeros((len(peak), 1)), before], axis=1)
    return hours.site_rows(peak_mw=peak, gained_mw=np.maximum(peak - before, 0.0))


def event_t(hours: Hours) -> Array:
    """Tonnes a year emitted in the hours in which flexible power is cut, (sites, stages)."""
    carbon_kg = hours.of_technology("carbon_kg_per_mwh").astype(float)
    per_hour = hours.at_sites(hours.ready * carbon_kg[:, None, None]).max(axis=2) / 1000
    return lost_hours(hours) * per_hour


def lost_hours(hours: Hours) -> Array:
    """Hours a year in which flexible power may be cut, (sites, stages)."""
    inputs = hours.inputs
    lost = hours.power.flexible.curtailed_hours_per_year.to_dict()
    return np.array(
        [[lost.get((g, t), 0.0) for t in inputs.stages] for g in inputs.sites.node]
    ).reshape(len(inputs.sites), len(inputs.stages))


def footprint_table(hours: Hours, capacity: pd.DataFrame) -> pd.DataFrame:
    """Carbon, water and clean energy of each site and stage."""
    power, inputs = hours.power, hours.inputs
    carbon_kg = hours.of_technology("carbon_kg_per_mwh").astype(float)[:, None, None]
    clean = hours.made * (hours.of_technology("clean") == 1)[:, None, None]
    share = hours.of_node("clean_share")[:, None, None]
    net = hours.at_sites(clean) + share * hours.grid - hours.exported
    by_slice = net + hours.at_sites(hours.discharged - hours.charged)
    it_power = hours.facility / power.pue.to_numpy(dtype=float)[:, None, :]
    water_l_per_kwh = inputs.sites.water_l_per_kwh.to_numpy()[:, None]
    return hours.site_rows(
        grid_t=hours.over_year(hours.grid * hours.by_slice(power.carbon_kg_per_mwh)) / 1000,
        supply_t=hours.over_year(hours.at_sites(hours.made * carbon_kg)) / 1000,
        event_t=event_t(hours),
        embodied_t=embodied_t(hours, capacity),
        water_m3=hours.over_year(it_power) * water_l_per_kwh,
        clean_mwh=hours.over_year(net),
        matched_mwh=hours.over_year(np.clip(by_slice, 0.0, hours.facility)),
    )


def embodied_t(hours: Hours, capacity: pd.DataFrame) -> Array:
    """Tonnes in what opens, is installed or ordered, (sites, stages)."""
    inputs, technologies = hours.inputs, hours.power.technologies
    mass = embodied_in_sites(inputs.sites, capacity).reshape(-1, len(inputs.stages))
    orders = hours.supply
    of_order = sum(
        orders[unit] * orders.technology.map(technologies[f"embodied_t_per_{unit}"])
        for unit in ("mw", "mwh")
    )
    where = (
        inputs.sites.index.get_indexer(orders.site),
        pd.Index(inputs.stages).get_indexer(orders.ordered_year),
    )
    np.add.at(mass, where, np.asarray(of_order, dtype=float))
    return mass


def embodied_in_sites(sites: pd.DataFrame, capacity: pd.DataFrame) -> Array:
    """Tonnes in sites that open and IT that is installed, for each row of `capacity`."""
    before = capacity.groupby("site", sort=False).open.shift(fill_value=0)
    new = (capacity.open > before) & (capacity.site.map(sites.existing_it_mw) == 0)
    of_site = capacity.site.map(sites.embodied_t).where(new, 0.0)
    of_it = capacity.new_it_mw * capacity.site.map(sites.embodied_t_per_it_mw)
    return (of_site + of_it).to_numpy(dtype=float)


def sources_table(hours: Hours, role: Array) -> pd.DataFrame:
    """A year's energy of each site by where it comes from."""
    on_site = np.isin(hours.kind, ("ppa", "battery"), invert=True)[:, None]
    made = hours.over_year(hours.made) * on_site
    flexible = np.minimum(hours.flexible, hours.grid)
    return hours.site_rows(
        firm_mwh=hours.over_year(hours.grid - flexible),
        flexible_mwh=hours.over_year(flexible),
        contract_mwh=hours.over_year(hours.delivered),
        bridge_mwh=hours.at_sites(made * (role == "bridge")),
        own_mwh=hours.at_sites(made * (role == "own")),
    )


def node_hours_table(hours: Hours, limit_mw: Array) -> pd.DataFrame:
    """Each node's limits, its highest draw, and the hours in which nothing firm is left."""
    taken = hours.at_nodes(hours.taken)
    left = limit_mw[:, :, None] - (taken - hours.at_nodes(hours.flexible))
    binding = left <= BINDS * np.maximum(1.0, limit_mw)[:, :, None]
    return hours.node_rows(
        limit_mw=limit_mw,
        flexible_mw=flexible_mw(hours),
        highest_mw=taken.max(axis=2),
        binding_hours=hours.over_year(binding.astype(float)),
    )


def flexible_mw(hours: Hours) -> Array:
    """Flexible MW of each node and stage."""
    inputs = hours.inputs
    offered = hours.power.flexible.flexible_mw.to_dict()
    return np.array([[offered.get((g, t), 0.0) for t in inputs.stages] for g in inputs.nodes.index])


def idle_table(hours: Hours, capacity: pd.DataFrame, limit_mw: Array) -> pd.DataFrame:
    """Hardware beyond what each node can power, for how long, and what it cost."""
    inputs, power = hours.inputs, hours.power
    installed = capacity.installed_it_mw.to_numpy().reshape(len(inputs.sites), -1)
    pue = power.pue.to_numpy(dtype=float)
    full = hours.at_nodes(installed * pue.max(axis=1)[:, None])
    relied = np.isin(hours.kind, ("ppa", "battery"), invert=True)[:, None]
    least = power.availability.to_numpy(dtype=float).min(axis=1, initial=1.0)[:, None]
    own = hours.at_nodes(hours.at_sites(hours.mw * least * relied))
    idle = np.maximum(full - limit_mw - flexible_mw(hours) - own, 0.0)
    by_node = np.maximum(hours.at_nodes(installed), 1e-300)
    mean_pue = full / by_node
    price = inputs.sites.it_cost_per_mw.to_numpy(dtype=float)[:, None]
    mean_price = hours.at_nodes(installed * price) / by_node
    years = np.array([len(inputs.years(t)) for t in inputs.stages])
    cost = np.divide(idle * mean_price, mean_pue, out=np.zeros_like(idle), where=mean_pue > 0)
    return hours.node_rows(idle_mw=idle, mw_years=idle * years, idle_cost=cost)


def levelised_table(hours: Hours, costs: pd.DataFrame, energy: pd.DataFrame) -> pd.DataFrame:
    """Each site's discounted costs by its discounted IT energy; empty where it has none."""
    inputs = hours.inputs
    own = costs[~costs.kind.isin(("upgrade", "unserved"))]
    pairs = {f"{s}/{k}": s for s, k in hours.power.allowed.index}
    of_pair = own.kind.str.startswith("supply") | (own.kind == "resale")
    site = own.item.where(~of_pair, own.item.map(pairs))
    cost = own.groupby(site).discounted_cost.sum().reindex(inputs.sites.index, fill_value=0.0)
    mwh = energy.assign(mwh=energy.it_mwh * energy.year.map(discounted_years(hours)))
    mwh = mwh.groupby("site").mwh.sum().reindex(inputs.sites.index, fill_value=0.0)
    return pd.DataFrame(
        {
            "site": inputs.sites.index,
            "discounted_cost": cost.to_numpy(),
            "discounted_it_mwh": mwh.to_numpy(),
            "cost_per_it_mwh": (cost / mwh.where(mwh > 0)).to_numpy(),
        }
    )


def discounted_years(hours: Hours) -> dict[int, float]:
    """Sum of the weights of each stage's years."""
    return {t: annuity(hours.inputs, t) for t in hours.inputs.stages}

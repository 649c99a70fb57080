"""What power costs by the hour: every kind by year and item."""

import numpy as np
import pandas as pd

from models.money import present_value
from optimizer.plan_hour_tables import lost_hours
from optimizer.plan_hours import Array, Hours


def amounts(hours: Hours, connections: pd.DataFrame) -> list[tuple[str, pd.DataFrame, bool]]:
    """Costs that are the same in each year of a stage, or due once.

    Returns
    -------
    list
        Kind; year, item, amount; whether it is due once.
    """
    inputs, power = hours.inputs, hours.power
    price = hours.by_slice(power.price_per_mwh)
    share = hours.of_node("export_price_share")[:, None, None]
    fee, charge = (
        connections.site.map(inputs.sites.node.map(inputs.nodes[column]))
        for column in ("connection_fee_per_mw", "demand_charge_per_mw_year")
    )
    fixed = hours.of_technology("fixed_cost_per_mw_year").astype(float)[:, None]
    moved = hours.moved
    weight = moved.slice.map(power.slices.weight_hours)
    move_cost = moved.workload.map(power.workloads.move_cost_per_mwh)
    cut_cost = moved.workload.map(power.workloads.cut_cost_per_mwh)
    return [
        ("supply", bought(hours), True),
        ("resale", resold(hours), True),
        ("connection", by_site(connections, connections.gained_mw * fee), True),
        ("demand_charge", by_site(connections, connections.peak_mw * charge), False),
        ("supply_fixed", by_pair(hours, hours.mw * fixed), False),
        ("energy", by_site(hours.site_rows(), hours.over_year(hours.grid * price)), False),
        (
            "export",
            by_site(
                hours.site_rows(),
                -hours.over_year(hours.exported * share * np.maximum(price, 0.0)),
            ),
            False,
        ),
        ("moving", by_site(moved, moved.out_mw * weight * move_cost), False),
        ("cutting", by_site(moved, moved.cut_mw * weight * cut_cost), False),
    ]


def dated_amounts(hours: Hours) -> list[tuple[str, pd.DataFrame]]:
    """Costs that differ from year to year: kind; year, item, cost, discounted_cost."""
    energy_mwh = hours.over_year(hours.made + hours.discharged)
    lost = lost_hours(hours)
    pauses = paused_cost(hours)

    def supply_energy(year: int) -> Array:
        return energy_mwh * energy_cost(hours, year)[:, None]

    def events(year: int) -> Array:
        ready = hours.at_sites(hours.ready * energy_cost(hours, year)[:, None, None])
        return lost * np.maximum((ready + pauses).max(axis=2), 0.0)

    return [
        ("supply_energy", by_pair(hours, *summed(hours, supply_energy))),
        ("events", by_site(hours.site_rows(), *summed(hours, events))),
    ]


def summed(hours: Hours, amount: object) -> tuple[Array, Array]:
    """Sums of a yearly amount over each stage's years, undiscounted and discounted."""
    inputs = hours.inputs
    plain, discounted = [], []
    for position, t in enumerate(inputs.stages):
        of_years = {y: amount(y)[:, position] for y in inputs.years(t)}  # type: ignore[operator]
        plain.append(sum(of_years.values()))
        discounted.append(sum(present_value(inputs, y) * a for y, a in of_years.items()))
    return np.stack(plain, axis=1), np.stack(discounted, axis=1)


def energy_cost(hours: Hours, year: int) -> Array:
    """Cost of a MWh of each pair's technology in a year."""
    technology = hours.power.allowed.index.get_level_values("technology")
    keys = pd.MultiIndex.from_arrays([technology, [year] * len(technology)])
    return hours.power.energy_cost_per_mwh.reindex(keys).to_numpy(dtype=float)


def paused_cost(hours: Hours) -> Array:
    """Cost an hour of the load that is held ready to pause, (sites, stages, slices)."""
    inputs, power, moved = hours.inputs, hours.power, hours.moved
    cost = np.zeros(hours.load.shape)
    where = (
        inputs.sites.index.get_indexer(moved.site),
        pd.Index(inputs.stages).get_indexer(moved.year),
        power.slices.index.get_indexer(moved.slice),
    )
    per_mwh = moved.workload.map(power.workloads.move_cost_per_mwh)
    np.add.at(cost, where, (moved.ready_mw * per_mwh).to_numpy(dtype=float))
    return cost


def bought(hours: Hours) -> pd.DataFrame:
    """What is ordered, at the cost of its year."""
    orders = hours.supply
    cost = order_cost(hours, orders)
    return entries(orders.ordered_year, orders.site + "/" + orders.technology, cost)


def resold(hours: Hours) -> pd.DataFrame:
    """What is retired, at what is left of its cost; a negative amount."""
    retired, power = hours.retired, hours.power
    worth = [
        power.worth(row.technology, row.ordered_year, row.year) for row in retired.itertuples()
    ]
    cost = -np.array(worth, dtype=float) * order_cost(hours, retired)
    return entries(retired.year, retired.site + "/" + retired.technology, cost)


def order_cost(hours: Hours, orders: pd.DataFrame) -> Array:
    """Cost of orders when they were placed."""
    keys = pd.MultiIndex.from_frame(orders[["technology", "ordered_year"]])
    power = hours.power
    of_mw = orders.mw.to_numpy(dtype=float) * power.cost_per_mw.reindex(keys).to_numpy()
    of_mwh = orders.mwh.to_numpy(dtype=float) * power.cost_per_mwh_storage.reindex(keys).to_numpy()
    return of_mw + of_mwh


def by_site(rows: pd.DataFrame, amount: object, *more: Array) -> pd.DataFrame:
    """Amounts of rows with a site and a year."""
    return entries(rows.year, rows.site, amount, *more)


def by_pair(hours: Hours, amount: Array, *more: Array) -> pd.DataFrame:
    """Amounts of (pairs, stages)."""
    rows = hours.pair_rows()
    return entries(rows.year, rows.site + "/" + rows.technology, amount, *more)


def entries(year: pd.Series, item: pd.Series, amount: object, *more: Array) -> pd.DataFrame:
    """Table of amounts; with a second one, of costs and discounted costs."""
    columns = ("cost", "discounted_cost") if more else ("amount",)
    values = {
        name: np.asarray(a, dtype=float).ravel()
        for name, a in zip(columns, (amount, *more), strict=True)
    }
    return pd.DataFrame({"year": year.to_numpy(), "item": item.to_numpy(), **values})

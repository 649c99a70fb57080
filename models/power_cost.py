"""What power costs through the hours: energy, supply, moved load, tariffs."""

from collections.abc import Callable

import numpy as np
import pyomo.environ as pyo

from models.dispatch import Terms, grid_sum
from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.money import MILLION, annuity, present_value, rise
from models.power_inputs import PowerInputs

# As in `models.cost`. Not energy_cost_per_mwh, nor move_cost_per_mwh: what the hours cost in which
# flexible power is cut stands in rows of its own.
MONEY = frozenset(
    {
        "nodes.export_price_share",
        "nodes.demand_charge_per_mw_year",
        "nodes.connection_fee_per_mw",
        "power.price_per_mwh",
        "power.highest_price_per_mwh",
        "power.cost_per_mw",
        "power.cost_per_mwh_storage",
        "power.technologies.cost_per_mw",
        "power.technologies.cost_per_mwh_storage",
        "power.technologies.fixed_cost_per_mw_year",
        "power.technologies.resale_share",
        "power.workloads.cut_cost_per_mwh",
    }
)


def power_capital(model: pyo.ConcreteModel, inputs: PlanInputs) -> dict[str, dict[int, object]]:
    """What is spent once by kind and stage, undiscounted: supply, resale and connections."""
    stages = inputs.stages
    return {
        "supply": {t: supply_cost(model, inputs, t) for t in stages},
        "resale": {t: resale(model, inputs, t) for t in stages},
        "connection": {t: connection_cost(model, inputs, t) for t in stages},
    }


def power_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    """All that is due year by year, discounted, with its carbon."""
    kinds = (
        grid_cost,
        supply_upkeep,
        supply_energy_cost,
        moving_cost,
        export_earnings,
        event_cost,
        demand_charge,
        beyond_blocks,
    )
    terms = [term for kind in kinds for term in kind(model, inputs)]
    constant = idle_grid_cost(model, inputs)
    return WeightedSum([price for price, _ in terms], [column for _, column in terms]) + constant


def supply_cost(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""Supply ordered in a stage.

    $$\sum_{s,k} \mathrm{cost\_per\_mw}_{k,t}\,\mathrm{order\_mw}_{s,k,t} +
      \mathrm{cost\_per\_mwh\_storage}_{k,t}\,\mathrm{order\_mwh}_{s,k,t}$$

    Unit: currency, undiscounted; due when ordered. Source: power through the hours, "Building".
    """
    return WeightedSum(*ordered_terms(model, inputs, t))


def ordered_terms(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> tuple[list[float], list]:
    """Prices and columns of what is ordered in a stage."""
    prices, columns = [], []
    for unit, column in order_prices(inputs).items():
        price = column.to_dict()
        for (_, k, o), order in getattr(model.supply, f"order_{unit}").items():
            if o == t:
                prices.append(price[k, t])
                columns.append(order)
    return prices, columns


def order_prices(inputs: PlanInputs) -> dict:
    """Cost of an order by unit, each by (technology, stage)."""
    assert inputs.power is not None
    return {"mw": inputs.power.cost_per_mw, "mwh": inputs.power.cost_per_mwh_storage}


def resale(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""What supply retired in a stage brings.

    $$-\sum_{s,k,o} \mathrm{resale\_share}_k \max\Bigl(0, 1 - \frac{t - o}{\mathrm{life\_years}_k}
      \Bigr)(\mathrm{cost\_per\_mw}_{k,o}\,\mathrm{retire\_mw}_{s,k,o,t} +
      \mathrm{cost\_per\_mwh\_storage}_{k,o}\,\mathrm{retire\_mwh}_{s,k,o,t})$$

    Unit: currency, undiscounted. Source: power through the hours, "Selling".
    """
    power = inputs.power
    assert power is not None
    prices, columns = [], []
    for unit, column in order_prices(inputs).items():
        price = column.to_dict()
        for (_, k, o, stage), retired in getattr(model.supply, f"retire_{unit}").items():
            if stage == t and (worth := power.worth(k, o, t)):
                prices.append(-worth * price[k, o])
                columns.append(retired)
    return WeightedSum(prices, columns)


def connection_cost(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""Fee for what a site's highest draw gains.

    $$\sum_s \mathrm{connection\_fee\_per\_mw}_g\,(\mathrm{contracted\_mw}_{s,t} -
      \mathrm{contracted\_mw}_{s,t-1})$$

    Unit: currency, undiscounted. Source: power through the hours, "Tariffs".
    """
    fee = inputs.nodes.connection_fee_per_mw
    prices = [((s,), fee[g]) for s, g in inputs.sites.node.items()]
    return rise(model.connection.contracted_mw, prices, inputs, t)


def grid_price(inputs: PlanInputs, t: int, s: str) -> Callable[[PowerInputs], np.ndarray]:
    r"""Discounted cost of a MW drawn in each slice through the years of a stage.

    $$\mathrm{weight}_h \sum_{y \in t} (1+i)^{-(y-y_0)} \left(\mathrm{energy\_price}_{g,h} +
      \frac{\mathrm{carbon}_{g,h}}{1000}\,\mathrm{carbon\_price}_y\right)$$

    Unit: currency per MW, by slice.
    """
    g, years, of_carbon = inputs.sites.node[s], annuity(inputs, t), carbon_years(inputs, t)

    def price(power: PowerInputs) -> np.ndarray:
        energy = power.price_per_mwh.loc[g].to_numpy(float) * years
        carbon = power.carbon_kg_per_mwh.loc[g].to_numpy(float) / 1000 * of_carbon
        return power.weight * (energy + carbon)

    return price


def carbon_years(inputs: PlanInputs, t: int) -> float:
    """Discounted carbon prices of a stage's years, summed."""
    return sum(
        present_value(inputs, y) * float(inputs.carbon_price_per_t[y]) for y in inputs.years(t)
    )


def grid_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    """Energy drawn from the grid and its carbon, at each slice's price."""
    return [
        term
        for s in inputs.sites.index
        for t in inputs.stages
        for term in grid_sum(model, s, t, grid_price(inputs, t, s))[0]
    ]


def idle_grid_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> float:
    """The part of it that no decision moves: existing hardware that idles."""
    return sum(
        grid_sum(model, s, t, grid_price(inputs, t, s))[1]
        for s, idle in inputs.sites.idle_share.items()
        if idle
        for t in inputs.stages
    )


def supply_upkeep(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    r"""Upkeep of supply that stands: fixed_cost_per_mw_year × standing_mw in each year."""
    assert inputs.power is not None
    fixed = inputs.power.technologies.fixed_cost_per_mw_year.to_dict()
    return [
        (fixed[k] * annuity(inputs, t), mw)
        for (s, k, t), mw in model.supply.standing_mw.items()
        if fixed[k]
    ]


def supply_energy_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    r"""Fuel, running cost and carbon of what is made, delivered or discharged.

    $$\sum_{s,k,t,h} \mathrm{weight}_h\,\mathrm{made\_mw}_{s,k,t,h} \sum_{y \in t}
      (1+i)^{-(y-y_0)} \left(\mathrm{variable} + \frac{\mathrm{fuel\_price}_{k,y}}{\eta_k} +
      \frac{\mathrm{carbon}_k}{1000}\,\mathrm{carbon\_price}_y\right)$$

    Unit: currency. Of a battery, `variable` × what is discharged. Source: power through the
    hours, "Energy".
    """
    power = inputs.power
    assert power is not None
    cost = power.energy_cost_per_mwh.to_dict()
    per_mwh = {}
    for k, carbon_kg in power.technologies.carbon_kg_per_mwh.items():
        battery = power.technologies.kind[k] == "battery"
        for t in inputs.stages:
            paid = sum(present_value(inputs, y) * cost[k, y] for y in inputs.years(t))
            carbon = 0.0 if battery else carbon_kg / 1000 * carbon_years(inputs, t)
            per_mwh[k, t] = paid + carbon
    running = (model.supply.made_mw, model.storage.discharge_mw)
    return [
        (float(power.weight[h]) * per_mwh[k, t], mw)
        for columns in running
        for (s, k, t, h), mw in columns.items()
        if per_mwh[k, t]
    ]


def moving_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    """Load that moves within its day, and load that is cut, by IT energy."""
    power, dispatch = inputs.power, model.dispatch
    assert power is not None
    return [
        (float(power.weight[h]) * float(price[w]) * annuity(inputs, t), mw)
        for columns, price in (
            (dispatch.out_mw, power.workloads.move_cost_per_mwh),
            (dispatch.cut_mw, power.workloads.cut_cost_per_mwh),
        )
        for (s, w, t, h), mw in columns.items()
        if price[w]
    ]


def export_earnings(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    """What is sold, at a share of the price where that is positive; a negative cost."""
    power, node = inputs.power, inputs.sites.node
    assert power is not None
    share = inputs.nodes.export_price_share
    price = power.highest_price_per_mwh
    price = power.price_per_mwh if price is None else price
    earned = {
        g: share[g] * np.maximum(price.loc[g].to_numpy(float), 0.0) * power.weight
        for g in inputs.nodes.index
        if share[g]
    }
    return [
        (-float(earned[node[s]][h]) * annuity(inputs, t), mw)
        for (s, t, h), mw in model.dispatch.exported_mw.items()
        if node[s] in earned
    ]


def event_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    """Hours in which flexible power is cut, and their carbon."""
    events = model.events
    dearest = [
        (sum(present_value(inputs, y) for y in events.years[key]), cost)
        for key, cost in events.cost.items()
    ]
    return dearest + [(carbon_years(inputs, t), mass) for (s, t), mass in events.carbon_t.items()]


def demand_charge(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:
    """Charge on each site's highest draw, each year."""
    charge = inputs.nodes.demand_charge_per_mw_year
    node = inputs.sites.node
    return [
        (float(charge[node[s]]) * annuity(inputs, t), mw)
        for (s, t), mw in model.connection.peak_mw.items()
        if charge[node[s]]
    ]


def beyond_blocks(model: pyo.ConcreteModel, inputs: PlanInputs) -> Terms:  # noqa: ARG001
    """What slices cost more than the blocks that stand for them, stated in millions."""
    return [(MILLION, beyond) for beyond in model.dispatch.beyond.values()]

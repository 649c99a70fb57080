"""What a plan costs: every kind of cost, discounted to the base year, and their sum."""

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr.numeric_expr import SumExpression

from models.footprint import embodied_t
from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.money import HOURS_PER_YEAR, annuity, present_value, rise
from models.power_cost import power_capital, power_cost

# Fields and columns of the inputs that no row but a budget's depends on, or only on whether they
# are 0 (`models.renewal`). Not the carbon of nodes or sites, nor the load factor: caps count them.
MONEY = frozenset(
    {
        "base_year",
        "discount_rate",
        "sites.opening_cost",
        "sites.fixed_cost_per_year",
        "sites.it_cost_per_mw",
        "nodes.energy_price_per_mwh",
        "upgrades.cost",
        "routes.rtt_ms",  # Of no consequence here, once it is settled which routes there are.
        "routes.network_cost_per_mw_year",
        "carbon_price_per_t",
        "unserved_penalty_per_mwh",
    }
)


def serving_cost_per_mw(inputs: PlanInputs) -> dict[tuple[str, str, int], float]:
    r"""Discounted energy and carbon cost of one IT MW of a workload served at a site in a stage.

    $$\sum_{y \in t} \frac{8760\,\mathrm{load\_factor}_w\,\mathrm{pue}_s}{(1+i)^{y-y_0}}
      \left(\mathrm{energy\_price}_g + \frac{\mathrm{carbon}_g}{1000}\,
      \mathrm{carbon\_price}_y\right)$$

    Unit: currency per IT MW, by (workload, site, stage). Source: instance format, "A year's cost
    of serving".
    """
    node = inputs.nodes.loc[inputs.sites.node]
    price = dict(zip(inputs.sites.index, node.energy_price_per_mwh, strict=True))
    carbon_t = dict(zip(inputs.sites.index, node.carbon_kg_per_mwh / 1000, strict=True))
    carbon_price = inputs.carbon_price_per_t.to_dict()
    pue = inputs.sites.pue.to_dict()
    cost = {}
    for t in inputs.stages:
        years = annuity(inputs, t)
        carbon_years = sum(present_value(inputs, y) * carbon_price[y] for y in inputs.years(t))
        for s in inputs.sites.index:
            per_mwh = pue[s] * (price[s] * years + carbon_t[s] * carbon_years)
            for w, load_factor in inputs.load_factor.items():
                cost[w, s, t] = HOURS_PER_YEAR * load_factor * per_mwh
    return cost


def add_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.cost`: what is spent once, and `total`, the discounted sum of all costs.

    `capital[kind]` holds expressions by stage of what is spent once, undiscounted, for the
    budget to limit.
    """
    cost = model.cost = pyo.Block()
    cost.capital = {
        "opening": {t: opening_cost(model, inputs, t) for t in inputs.stages},
        "it": {t: it_cost(model, inputs, t) for t in inputs.stages},
        "upgrade": {t: upgrade_cost(model, inputs, t) for t in inputs.stages},
    }
    if inputs.power is not None:
        cost.capital |= power_capital(model, inputs)
    once = [
        present_value(inputs, t) * spent
        for by_stage in cost.capital.values()
        for t, spent in by_stage.items()
    ]
    serving = [serving_cost] if inputs.power is None else [network_cost, power_cost]
    kinds = [fixed_cost, *serving, unserved_cost, embodied_carbon_cost]
    yearly = [kind(model, inputs) for kind in kinds]
    cost.total = pyo.Objective(expr=SumExpression([*once, *yearly]), sense=pyo.minimize)


def opening_cost(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""Opening sites in a stage.

    $$\sum_s \mathrm{opening\_cost}_s\,(\mathrm{open}_{s,t} - \mathrm{open}_{s,t-1})$$

    Unit: currency, undiscounted. Sites with existing capacity never pay it. Source: instance
    format.
    """
    price = inputs.sites.opening_cost.to_dict()
    return rise(model.siting.open, [((s,), c) for s, c in price.items()], inputs, t)


def it_cost(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""Installing IT capacity in a stage.

    $$\sum_s \mathrm{it\_cost\_per\_mw}_s\,(\mathrm{new\_mw}_{s,t} - \mathrm{new\_mw}_{s,t-1})$$

    Unit: currency, undiscounted. Source: instance format, "paid for what is newly installed".
    """
    sites = inputs.sites
    any_amount = [((s,), c) for s, c in sites.it_cost_per_mw.items()]
    a_block = [((s,), c) for s, c in (sites.it_cost_per_mw * sites.block_mw).items()]
    siting = model.siting
    return rise(siting.extended_mw, any_amount, inputs, t) + rise(siting.blocks, a_block, inputs, t)


def upgrade_cost(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> object:
    r"""Upgrades ordered in a stage.

    $$\sum_{g,u} \mathrm{cost}_{g,u}\,(\mathrm{ordered}_{g,u,t} - \mathrm{ordered}_{g,u,t-1})$$

    Unit: currency, undiscounted; due when ordered, not when it comes. Source: instance format.
    """
    return rise(model.grid.ordered, list(inputs.upgrades.cost.items()), inputs, t)


def fixed_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    r"""Upkeep of sites in use, discounted.

    $$\sum_{s,t} \mathrm{fixed\_cost\_per\_year}_s\,\mathrm{in\_use}_{s,t}
      \sum_{y \in t} (1+i)^{-(y-y_0)}$$

    Unit: currency. Source: instance format, "due while open".
    """
    return sum(
        per_year * annuity(inputs, t) * model.siting.in_use[s, t]
        for s, per_year in inputs.sites.fixed_cost_per_year.items()
        if per_year
        for t in inputs.stages
    )


def serving_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    r"""Energy, carbon and network of all services, discounted.

    $$\sum_{r,w,s,t} \mathrm{demand\_mw}_{r,w,t}\,\mathrm{serve}_{r,w,s,t}\left(
      \mathrm{serving\_cost\_per\_mw}_{w,s,t} + \mathrm{network\_cost\_per\_mw\_year}_{r,s}
      \sum_{y \in t} (1+i)^{-(y-y_0)}\right)$$

    Unit: currency. Source: instance format, "A year's cost of serving".
    """
    shape = len(inputs.stages), len(inputs.sites), len(inputs.load_factor)
    per_mw = np.fromiter(serving_cost_per_mw(inputs).values(), float).reshape(shape)
    workload = inputs.load_factor.index.get_indexer(
        inputs.routes.index.get_level_values("workload")
    )
    network = inputs.routes.network_cost_per_mw_year.to_numpy(float)
    years = [annuity(inputs, t) for t in inputs.stages]
    price = per_mw[:, inputs.routed_site, workload].T + np.outer(network, years)
    coefficients = (inputs.routed_mw * price)[inputs.service].tolist()
    return WeightedSum(coefficients, model.demand.each_share)


def embodied_carbon_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    r"""Carbon price on what is embodied in what opens, is installed or ordered, discounted.

    $$\sum_t (1+i)^{-(t-y_0)}\,\mathrm{carbon\_price}_t\,\mathrm{embodied\_t}_t$$

    Unit: currency, at the price of a stage's first year. Source: power through the hours,
    "Policies".
    """
    terms = [
        (present_value(inputs, t) * float(inputs.carbon_price_per_t[t]) * mass, column)
        for t in inputs.stages
        for mass, column in embodied_t(model, inputs, t)
        if inputs.carbon_price_per_t[t]
    ]
    return WeightedSum([price for price, _ in terms], [column for _, column in terms])


def network_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    r"""Network of all services, discounted, where energy is paid by the slice.

    $$\sum_{r,w,s,t} \mathrm{demand\_mw}_{r,w,t}\,\mathrm{serve}_{r,w,s,t}\,
      \mathrm{network\_cost\_per\_mw\_year}_{r,s} \sum_{y \in t} (1+i)^{-(y-y_0)}$$

    Unit: currency. Source: instance format, "A year's cost of serving".
    """
    network = inputs.routes.network_cost_per_mw_year.to_dict()
    years = {t: annuity(inputs, t) for t in inputs.stages}
    demand = model.demand
    terms = [
        (demand.demand_mw[r, w, t] * network[r, w, s] * years[t], serve)
        for (r, w, s, t), serve in demand.serve.items()
        if network[r, w, s]
    ]
    return WeightedSum([price for price, _ in terms], [serve for _, serve in terms])


def unserved_cost(model: pyo.ConcreteModel, inputs: PlanInputs) -> object:
    r"""Penalty for demand that nobody serves, discounted.

    $$\sum_{r,w,t} \mathrm{penalty\_per\_mwh} \cdot 8760\,\mathrm{load\_factor}_w\,
      \mathrm{demand\_mw}_{r,w,t}\,\mathrm{unserved}_{r,w,t} \sum_{y \in t} (1+i)^{-(y-y_0)}$$

    With slices, a demand's hours are those of its profile. Unit: currency, on IT energy. Source:
    instance format, "Unserved load pays".
    """
    hours = full_load_hours(inputs)
    years = {t: annuity(inputs, t) for t in inputs.stages}
    penalty = inputs.unserved_penalty_per_mwh or 0.0
    coefficients = [
        penalty * hours[r, w] * model.demand.demand_mw[r, w, t] * years[t]
        for r, w, t in model.demand.unserved
    ]
    return WeightedSum(coefficients, list(model.demand.unserved.values()))


def full_load_hours(inputs: PlanInputs) -> dict[tuple[str, str], float]:
    """Hours a year at peak that make a demand's energy, by (region, workload)."""
    if inputs.power is not None:
        hours = {p: float(v @ inputs.power.weight) for p, v in inputs.power.profile.items()}
        return {demand: hours[p] for demand, p in inputs.power.profile_of.items()}
    pairs = inputs.demand_mw.index.droplevel("stage").unique()
    return {(r, w): HOURS_PER_YEAR * float(inputs.load_factor[w]) for r, w in pairs}

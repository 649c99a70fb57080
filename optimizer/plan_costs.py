"""What a plan costs: every kind by year and item."""

import pandas as pd

from models.cost import full_load_hours
from models.inputs import PlanInputs
from models.money import present_value
from optimizer.plan_hour_costs import amounts, dated_amounts
from optimizer.plan_hour_tables import embodied_in_sites, embodied_t
from optimizer.plan_hours import Hours


def costs_table(
    inputs: PlanInputs,
    capacity: pd.DataFrame,
    serving: pd.DataFrame,
    unserved: pd.DataFrame,
    upgrades: pd.DataFrame,
    energy: pd.DataFrame,
    hours: Hours | None,
    connections: pd.DataFrame | None,
) -> pd.DataFrame:
    """Every cost by kind, year and item: undiscounted and discounted, summed over the stage.

    Parameters
    ----------
    hours, connections : None where there are no slices.
    """
    sites = inputs.sites
    once = present_values(inputs)
    yearly = yearly_weights(inputs)
    had_none = sites.index[sites.existing_it_mw == 0]
    opened = capacity[(capacity.open == 1) & capacity.site.isin(had_none)]
    opened = opened.drop_duplicates("site")
    standing = capacity[capacity.open == 1]
    routes = inputs.routes.network_cost_per_mw_year.reset_index()
    network = serving.merge(routes, on=["region", "workload", "site"])
    full_load = full_load_hours(inputs)
    unserved_hours = [
        full_load[key] for key in zip(unserved.region, unserved.workload, strict=True)
    ]
    unserved_mwh = unserved.it_mw * pd.Series(unserved_hours, index=unserved.index, dtype=float)
    kinds = [
        cost("opening", opened.year, opened.site, opened.site.map(sites.opening_cost), once),
        cost(
            "it",
            capacity.year,
            capacity.site,
            capacity.new_it_mw * capacity.site.map(sites.it_cost_per_mw),
            once,
        ),
        cost(
            "upgrade",
            upgrades.ordered_year,
            upgrades.node + "/" + upgrades.upgrade,
            upgrades.cost,
            once,
        ),
        cost(
            "fixed",
            standing.year,
            standing.site,
            standing.site.map(sites.fixed_cost_per_year),
            yearly,
        ),
        carbon_cost(inputs, capacity, energy, hours),
        cost(
            "network",
            network.year,
            network.site,
            network.it_mw * network.network_cost_per_mw_year,
            yearly,
        ),
        cost(
            "unserved",
            unserved.year,
            unserved.region,
            unserved_mwh * (inputs.unserved_penalty_per_mwh or 0.0),
            yearly,
        ),
    ]
    if hours is None or connections is None:
        price = energy.site.map(sites.node.map(inputs.nodes.energy_price_per_mwh))
        kinds.append(cost("energy", energy.year, energy.site, energy.facility_mwh * price, yearly))
    else:
        kinds += [
            cost(kind, rows.year, rows["item"], rows.amount, once if due_once else yearly)
            for kind, rows, due_once in amounts(hours, connections)
        ]
        kinds += [summed(kind, rows) for kind, rows in dated_amounts(hours)]
    # A plan may cost nothing at all: then the columns of the first kind stand alone.
    return pd.concat([kind for kind in kinds if len(kind)] or kinds[:1], ignore_index=True)


def cost(
    kind: str, year: pd.Series, item: pd.Series, amount: pd.Series, weights: pd.DataFrame
) -> pd.DataFrame:
    """Rows of one kind of cost: amounts summed by year and item, weighted; none for zero."""
    table = pd.DataFrame({"year": year, "item": item, "amount": amount.astype(float)})
    table = table[table.amount != 0].groupby(["year", "item"], as_index=False).amount.sum()
    table["cost"] = table.amount * table.year.map(weights.undiscounted)
    table["discounted_cost"] = table.amount * table.year.map(weights.discounted)
    return table.assign(kind=kind)[["kind", "year", "item", "cost", "discounted_cost"]]


def summed(kind: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of one kind of cost, by year and item; none for zero."""
    table = rows[rows.cost != 0].groupby(["year", "item"], as_index=False).sum()
    return table.assign(kind=kind)[["kind", "year", "item", "cost", "discounted_cost"]]


def carbon_cost(
    inputs: PlanInputs, capacity: pd.DataFrame, energy: pd.DataFrame, hours: Hours | None
) -> pd.DataFrame:
    """Carbon price on what is emitted in each year, and in a stage's first on what is embodied."""
    carbon_price = {
        t: pd.Series({y: inputs.carbon_price_per_t[y] for y in inputs.years(t)})
        for t in inputs.stages
    }
    carbon = yearly_weights(inputs, carbon_price)
    first = pd.DataFrame(
        {
            "undiscounted": {t: inputs.carbon_price_per_t[t] for t in inputs.stages},
            "discounted": {
                t: present_value(inputs, t) * inputs.carbon_price_per_t[t] for t in inputs.stages
            },
        }
    )
    if hours is None:
        mass = embodied_in_sites(inputs.sites, capacity)
    else:
        mass = embodied_t(hours, capacity).ravel()
    embodied = pd.Series(mass, index=capacity.index)
    return summed(
        "carbon",
        pd.concat(
            [
                cost("carbon", energy.year, energy.site, energy.carbon_t, carbon),
                cost("carbon", capacity.year, capacity.site, embodied, first),
            ]
        ).drop(columns="kind"),
    )


def present_values(inputs: PlanInputs) -> pd.DataFrame:
    """Weights, by stage, of an amount spent once in the stage's first year."""
    return pd.DataFrame(
        {"undiscounted": 1.0, "discounted": [present_value(inputs, t) for t in inputs.stages]},
        index=list(inputs.stages),
    )


def yearly_weights(inputs: PlanInputs, price: dict[int, pd.Series] | None = None) -> pd.DataFrame:
    """Weights, by stage, of an amount due in each of its years, at that year's price if given."""
    price = price or {t: pd.Series(1.0, index=list(inputs.years(t))) for t in inputs.stages}
    return pd.DataFrame(
        {
            "undiscounted": {t: price[t].sum() for t in inputs.stages},
            "discounted": {
                t: sum(present_value(inputs, y) * price[t][y] for y in inputs.years(t))
                for t in inputs.stages
            },
        }
    )

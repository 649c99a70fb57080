"""What the hours cost in which the utility cuts flexible power: fuel, moved load, carbon."""

from collections import defaultdict

import pyomo.environ as pyo

from models.dispatch import Terms
from models.inputs import PlanInputs
from models.linear import WeightedSum


def add_events(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.events`.

    Nobody knows the hours that the utility will choose: the dearest slice stands for all of
    them, the dirtiest for what they emit.

    Sets: `DEAREST` (site, stage, year) with the first of the years in which fuel costs the same;
    `DIRTIEST` (site, stage).

    Variables, at least 0: `cost` in currency a year; `carbon_t` in tonnes a year.
    """
    power = inputs.power
    assert power is not None
    events = model.events = pyo.Block()
    connection = model.connection
    lost = power.flexible.curtailed_hours_per_year.to_dict()
    events.lost_hours = {(s, t): lost[connection.node[s], t] for s, t, _ in connection.FLEXIBLE}
    cost = events.energy_cost = power.energy_cost_per_mwh.to_dict()
    events.carbon_kg = power.technologies.carbon_kg_per_mwh.to_dict()
    events.move_cost = power.workloads.move_cost_per_mwh.to_dict()
    # Years of a stage in which all that may be ready costs the same, by the first of them.
    events.years = defaultdict(list)
    for s, t in events.lost_hours:
        first: dict[tuple, int] = {}
        for year in inputs.years(t):
            prices = tuple(cost[k, year] for k in model.supply.at[s])
            events.years[s, t, first.setdefault(prices, year)].append(year)
    events.DEAREST = pyo.Set(
        dimen=3, initialize=[key for key in events.years if events.lost_hours[key[:2]] > 0]
    )
    events.DIRTIEST = pyo.Set(
        dimen=2,
        initialize=[
            (s, t)
            for (s, t), hours in events.lost_hours.items()
            if hours > 0 and any(events.carbon_kg[k] for k in model.supply.at[s])
        ],
    )
    events.cost = pyo.Var(events.DEAREST, domain=pyo.NonNegativeReals)
    events.carbon_t = pyo.Var(events.DIRTIEST, domain=pyo.NonNegativeReals)
    slices = range(len(power.slices))
    events.dearest_slice = pyo.Constraint(events.DEAREST, slices, rule=dearest_slice)
    events.dirtiest_slice = pyo.Constraint(events.DIRTIEST, slices, rule=dirtiest_slice)


def dearest_slice(events: pyo.Block, s: str, t: int, year: int, h: int) -> object:
    r"""Lost hours cost what is held ready in the dearest slice.

    $$\mathrm{curtailed\_hours}_{g,t} \Bigl(\sum_k \mathrm{energy\_cost}_{k,y}\,
      \mathrm{ready\_mw}_{s,k,t,h} + \sum_w \mathrm{move\_cost}_w\,\mathrm{paused\_mw}_{s,w,t,h}
      \Bigr) \le \mathrm{cost}_{s,t,y}$$

    Unit: currency a year. Source: power through the hours, "The lost hours cost".
    """
    connection, hours = events.model().connection, events.lost_hours[s, t]
    terms: Terms = [
        (hours * events.energy_cost[k, year], connection.ready_mw[s, k, t, h])
        for k in connection.ready_at[s, t, h]
    ]
    terms += [
        (hours * events.move_cost[w], connection.paused_mw[s, w, t, h])
        for w in connection.paused_at[s, t, h]
    ]
    return at_most(terms, events.cost[s, t, year])


def dirtiest_slice(events: pyo.Block, s: str, t: int, h: int) -> object:
    r"""Lost hours emit what is held ready in the dirtiest slice.

    $$\mathrm{curtailed\_hours}_{g,t} \sum_k \mathrm{carbon\_kg}_k\,\mathrm{ready\_mw}_{s,k,t,h}
      / 1000 \le \mathrm{carbon\_t}_{s,t}$$

    Unit: tonnes a year. Source: power through the hours, "they emit as much as in its dirtiest
    slice".
    """
    connection, hours = events.model().connection, events.lost_hours[s, t]
    terms: Terms = [
        (hours * events.carbon_kg[k] / 1000, connection.ready_mw[s, k, t, h])
        for k in connection.ready_at[s, t, h]
    ]
    return at_most(terms, events.carbon_t[s, t])


def at_most(terms: Terms, most: object) -> object:
    """Row that terms add up to at most a column; none where there is nothing to add."""
    terms = [(factor, variable) for factor, variable in terms if factor]
    if not terms:
        return pyo.Constraint.Skip
    coefficients, variables = zip(*terms, strict=True)
    return WeightedSum([*coefficients, -1.0], [*variables, most]) <= 0

"""Supply at a site: what is ordered, when it comes, how long it stands, what it makes."""

from collections import defaultdict

import pandas as pd
import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum


def add_supply(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.supply`.

    Sets: `ALLOWED` (site, technology, stage); `ORDERS` (site, technology, stage) that come before
    the horizon; `SALES` (site, technology, stage of the order, stage) in which an order may be
    retired; `MAKING` (site, technology, stage, slice) of all that is no battery. The same with
    `BATTERY_…` for what batteries hold.

    Variables, MW or MWh, at least 0: `order_mw`, `retire_mw`, `standing_mw`, and `order_mwh`,
    `retire_mwh`, `standing_mwh` of batteries; `made_mw`.
    """
    power = inputs.power
    assert power is not None
    supply = model.supply = pyo.Block()
    supply.kind = power.technologies.kind.to_dict()
    supply.land_ha_per_mw = power.technologies.land_ha_per_mw.to_dict()
    supply.land_ha = inputs.sites.land_ha.dropna().to_dict()
    supply.allowed = power.allowed.to_dict("index")
    supply.availability = dict(
        zip(power.availability.index, power.availability.to_numpy(float), strict=True)
    )
    pairs = [key for key, row in supply.allowed.items() if row["max_mw"] > 0]
    supply.at = defaultdict(list)
    for s, k in pairs:
        supply.at[s].append(k)
    stands = {
        (k, o): power.stands(k, o, inputs.stages)
        for k in power.technologies.index
        for o in inputs.stages
    }
    supply.ALLOWED = pyo.Set(
        dimen=3, initialize=[(s, k, t) for s, k in pairs for t in inputs.stages]
    )
    orders = [
        (s, k, o)
        for s, k in pairs
        for o in inputs.stages
        if o >= supply.allowed[s, k]["earliest_year"] and stands[k, o]
    ]
    supply.ORDERS = pyo.Set(dimen=3, initialize=orders)
    supply.SALES = pyo.Set(
        dimen=4, initialize=[(s, k, o, t) for s, k, o in orders for t in stands[k, o][1:]]
    )
    # Orders, and retirements of them, that make up what stands in a stage.
    supply.parts = defaultdict(list)
    for s, k, o in orders:
        for t in stands[k, o]:
            supply.parts[s, k, t].append((o, [x for x in stands[k, o][1:] if x <= t]))

    def batteries(keys: pyo.Set) -> list:
        return [key for key in keys if supply.kind[key[1]] == "battery"]

    supply.BATTERY_ALLOWED = pyo.Set(dimen=3, initialize=batteries(supply.ALLOWED))
    supply.BATTERY_ORDERS = pyo.Set(dimen=3, initialize=batteries(supply.ORDERS))
    supply.BATTERY_SALES = pyo.Set(dimen=4, initialize=batteries(supply.SALES))

    def most(what: str) -> object:
        return lambda block, s, k, *_: (0, none_if_empty(block.allowed[s, k][what]))

    supply.order_mw = pyo.Var(supply.ORDERS, bounds=most("max_mw"))
    supply.retire_mw = pyo.Var(supply.SALES, bounds=most("max_mw"))
    supply.standing_mw = pyo.Var(supply.ALLOWED, bounds=most("max_mw"))
    supply.order_mwh = pyo.Var(supply.BATTERY_ORDERS, bounds=most("max_mwh"))
    supply.retire_mwh = pyo.Var(supply.BATTERY_SALES, bounds=most("max_mwh"))
    supply.standing_mwh = pyo.Var(supply.BATTERY_ALLOWED, bounds=most("max_mwh"))

    supply.stands_mw = pyo.Constraint(supply.ALLOWED, rule=stands_mw)
    supply.stands_mwh = pyo.Constraint(supply.BATTERY_ALLOWED, rule=stands_mwh)
    supply.retired_once_mw = pyo.Constraint(supply.ORDERS, rule=retired_once_mw)
    supply.retired_once_mwh = pyo.Constraint(supply.BATTERY_ORDERS, rule=retired_once_mwh)
    supply.at_open_site = pyo.Constraint(supply.ALLOWED, rule=at_open_site)
    supply.most_mwh = {(s, k): most_mwh(inputs, s, k) for s, k, _ in supply.BATTERY_ALLOWED}
    supply.mwh_at_open_site = pyo.Constraint(supply.BATTERY_ALLOWED, rule=mwh_at_open_site)
    supply.LAND = pyo.Set(
        dimen=2,
        initialize=[
            (s, t)
            for s in supply.land_ha
            if any(supply.land_ha_per_mw[k] for k in supply.at[s])
            for t in inputs.stages
        ],
    )
    supply.within_land = pyo.Constraint(supply.LAND, rule=within_land)

    supply.MAKING = pyo.Set(
        dimen=4,
        initialize=[
            (s, k, t, h)
            for s, k, t in supply.ALLOWED
            if supply.kind[k] != "battery"
            for h in range(len(power.slices))
            if supply.availability[s, k][h] > 0
        ],
    )
    supply.made_mw = pyo.Var(supply.MAKING, domain=pyo.NonNegativeReals)
    supply.within_availability = pyo.Constraint(supply.MAKING, rule=within_availability)


def none_if_empty(value: float) -> float | None:
    """Bound from a cell: none where it is empty."""
    return None if pd.isna(value) else value


def stands(supply: pyo.Block, key: tuple, unit: str) -> object:
    """Row of what stands: what existed, what has come and not been retired."""
    s, k, _ = key
    order, retire = getattr(supply, f"order_{unit}"), getattr(supply, f"retire_{unit}")
    coefficients, variables = [1.0], [getattr(supply, f"standing_{unit}")[key]]
    for o, sold in supply.parts[key]:
        coefficients += [-1.0] + [1.0] * len(sold)
        variables += [order[s, k, o], *(retire[s, k, o, x] for x in sold)]
    return WeightedSum(coefficients, variables) == supply.allowed[s, k][f"existing_{unit}"]


def stands_mw(supply: pyo.Block, s: str, k: str, t: int) -> object:
    r"""MW that stand in a stage: what existed, what has come, less what was retired.

    $$\mathrm{standing\_mw}_{s,k,t} = \mathrm{existing\_mw}_{s,k} + \sum_{o:\,t \in T_{k,o}}
      \Bigl(\mathrm{order\_mw}_{s,k,o} - \sum_{x \in T_{k,o},\,\min T_{k,o} < x \le t}
      \mathrm{retire\_mw}_{s,k,o,x}\Bigr)$$

    with $T_{k,o}$ the stages from o + lead_years to before o + lead_years + life_years. Unit: MW.
    Nothing is retired when it comes: it would never have stood at an open site, and bring money
    from one stage's budget to another's. Source: power through the hours, "Building" and "Selling".
    """
    return stands(supply, (s, k, t), "mw")


def stands_mwh(supply: pyo.Block, s: str, k: str, t: int) -> object:
    r"""MWh that batteries can hold in a stage, likewise.

    $$\mathrm{standing\_mwh}_{s,k,t} = \mathrm{existing\_mwh}_{s,k} + \sum_{o:\,t \in T_{k,o}}
      \Bigl(\mathrm{order\_mwh}_{s,k,o} - \sum_{x \in T_{k,o},\,\min T_{k,o} < x \le t}
      \mathrm{retire\_mwh}_{s,k,o,x}\Bigr)$$

    Unit: MWh. Source: power through the hours, "a battery's MWh likewise".
    """
    return stands(supply, (s, k, t), "mwh")


def retired_once(supply: pyo.Block, key: tuple, unit: str) -> object:
    """Row that no more is retired of an order than was ordered."""
    retire, order = getattr(supply, f"retire_{unit}"), getattr(supply, f"order_{unit}")
    sold = [retire[(*key, t)] for t in supply.model().STAGES if (*key, t) in retire]
    if not sold:
        return pyo.Constraint.Skip
    return WeightedSum([1.0] * len(sold) + [-1.0], [*sold, order[key]]) <= 0


def retired_once_mw(supply: pyo.Block, s: str, k: str, o: int) -> object:
    r"""No more is retired of an order than was ordered.

    $$\sum_t \mathrm{retire\_mw}_{s,k,o,t} \le \mathrm{order\_mw}_{s,k,o}$$

    Unit: MW. Source: power through the hours, "Selling".
    """
    return retired_once(supply, (s, k, o), "mw")


def retired_once_mwh(supply: pyo.Block, s: str, k: str, o: int) -> object:
    r"""The same of what batteries hold.

    $$\sum_t \mathrm{retire\_mwh}_{s,k,o,t} \le \mathrm{order\_mwh}_{s,k,o}$$

    Unit: MWh. Source: power through the hours, "may be retired apart".
    """
    return retired_once(supply, (s, k, o), "mwh")


def at_open_site(supply: pyo.Block, s: str, k: str, t: int) -> object:
    r"""What is ordered comes to an open site.

    $$\mathrm{standing\_mw}_{s,k,t} - \mathrm{existing\_mw}_{s,k} \le
      (\mathrm{max\_mw}_{s,k} - \mathrm{existing\_mw}_{s,k})\,\mathrm{in\_use}_{s,t}$$

    Unit: MW. Source: power through the hours, "a site must be open in the stage in which they
    come".
    """
    siting, pair = supply.model().siting, supply.allowed[s, k]
    if siting.sites[s]["existing_it_mw"]:
        return pyo.Constraint.Skip
    room_mw = pair["max_mw"] - pair["existing_mw"]
    standing_mw = supply.standing_mw[s, k, t]
    return standing_mw - room_mw * siting.in_use[s, t] <= pair["existing_mw"]


def most_mwh(inputs: PlanInputs, s: str, k: str) -> float:
    """MWh that a battery may hold; without a limit, what no plan has a use for more than.

    Over a day it gives at most its MW all the time, and for cuts of flexible power holds as much
    ready as stops charging and discharges.
    """
    power = inputs.power
    assert power is not None
    pair = power.allowed.loc[(s, k)]
    if not pd.isna(pair.max_mwh):
        return float(pair.max_mwh)
    longest_day = power.slices.hours.groupby(power.slices.day).sum().max()
    one_way = float(power.technologies.efficiency[k]) ** 0.5
    return float(pair.existing_mwh + 3 * pair.max_mw * longest_day / one_way)


def mwh_at_open_site(supply: pyo.Block, s: str, k: str, t: int) -> object:
    r"""So do the MWh of batteries.

    $$\mathrm{standing\_mwh}_{s,k,t} - \mathrm{existing\_mwh}_{s,k} \le
      (\mathrm{max\_mwh}_{s,k} - \mathrm{existing\_mwh}_{s,k})\,\mathrm{in\_use}_{s,t}$$

    Unit: MWh; where there is no `max_mwh`, what a battery of `max_mw` could have a use for. Source:
    power through the hours, "a battery's MWh likewise".
    """
    siting, pair = supply.model().siting, supply.allowed[s, k]
    if siting.sites[s]["existing_it_mw"]:
        return pyo.Constraint.Skip
    room_mwh = supply.most_mwh[s, k] - pair["existing_mwh"]
    standing_mwh = supply.standing_mwh[s, k, t]
    return standing_mwh - room_mwh * siting.in_use[s, t] <= pair["existing_mwh"]


def within_land(supply: pyo.Block, s: str, t: int) -> object:
    r"""All that stands at a site fits its land.

    $$\sum_k \mathrm{land\_ha\_per\_mw}_k\,\mathrm{standing\_mw}_{s,k,t} \le \mathrm{land\_ha}_s$$

    Unit: ha. Source: power through the hours, "Building".
    """
    taking = [k for k in supply.at[s] if supply.land_ha_per_mw[k]]
    return (
        WeightedSum(
            [supply.land_ha_per_mw[k] for k in taking],
            [supply.standing_mw[s, k, t] for k in taking],
        )
        <= supply.land_ha[s]
    )


def within_availability(supply: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""A technology makes at most what it is available for.

    $$\mathrm{made\_mw}_{s,k,t,h} \le \mathrm{availability}_{s,k,h}\,\mathrm{standing\_mw}_{s,k,t}$$

    Unit: MW. What could be made and is not is curtailed. Source: power through the hours,
    "Supply".
    """
    available = float(supply.availability[s, k][h])
    return supply.made_mw[s, k, t, h] <= available * supply.standing_mw[s, k, t]

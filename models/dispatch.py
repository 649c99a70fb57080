"""Power by the slice, at the sites where it can be decided: balance, moving, selling."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.loads import load_terms
from models.power_inputs import PowerInputs
from models.siting import installed_terms, within_installed

Terms = list[tuple[float, object]]


def add_dispatch(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.dispatch`.

    Sets: `HOURS` (site, stage, slice) of dispatched sites; `MOVES` (site, workload, stage, slice)
    of load that may move, `CUTS` that may be cut; `EXPORTS` of sites that may sell.

    Variables, MW, at least 0: `load_mw` of IT after moving; `grid_mw` drawn; `exported_mw`;
    `out_mw`, `in_mw`, `cut_mw` of IT load. By blocks of slices also `beyond` (site, stage), what
    its slices cost more than its blocks, in millions: nothing but cuts asks for any.
    """
    power = inputs.power
    assert power is not None
    dispatch = model.dispatch = pyo.Block()
    loads = model.loads
    slices = range(len(power.slices))
    dispatch.power = power
    dispatch.pue = by_row(power.pue)
    dispatch.pue_finest = by_row(power.finest.pue)
    dispatch.highest_pue = by_row(power.pue if power.highest_pue is None else power.highest_pue)
    dispatch.idle_share = inputs.sites.idle_share.to_dict()
    dispatch.movable_share = power.workloads.movable_share.to_dict()
    dispatch.cut_share = power.workloads.cut_share.to_dict()
    dispatch.weight = power.weight.tolist()
    dispatch.hours = power.hours.tolist()
    dispatch.days = {
        day: [int(h) for h in rows.index]
        for day, rows in power.slices.reset_index().groupby("day", sort=False)
    }
    dispatch.HOURS = pyo.Set(
        dimen=3, initialize=[(s, t, h) for s, t in loads.DISPATCHED for h in slices]
    )
    dispatch.MOVES = pyo.Set(
        dimen=4, initialize=[(s, w, t, h) for s, w, t in loads.moves for h in slices]
    )
    dispatch.CUTS = pyo.Set(
        dimen=4, initialize=[key for key in dispatch.MOVES if dispatch.cut_share[key[1]] > 0]
    )
    node = inputs.sites.node.to_dict()
    dispatch.export_mw = inputs.nodes.export_mw.to_dict()
    dispatch.EXPORTS = pyo.Set(
        dimen=3,
        initialize=[
            (s, t, h)
            for s, t, h in dispatch.HOURS
            if dispatch.export_mw[node[s]] > 0 and makers(model, s)
        ],
    )
    dispatch.load_mw = pyo.Var(dispatch.HOURS, domain=pyo.NonNegativeReals)
    dispatch.grid_mw = pyo.Var(dispatch.HOURS, domain=pyo.NonNegativeReals)
    dispatch.exported_mw = pyo.Var(dispatch.EXPORTS, domain=pyo.NonNegativeReals)
    dispatch.out_mw = pyo.Var(dispatch.MOVES, domain=pyo.NonNegativeReals)
    dispatch.in_mw = pyo.Var(dispatch.MOVES, domain=pyo.NonNegativeReals)
    dispatch.cut_mw = pyo.Var(dispatch.CUTS, domain=pyo.NonNegativeReals)
    dispatch.beyond = pyo.Var(loads.DISPATCHED if power.fine else [], domain=pyo.NonNegativeReals)

    dispatch.slice_load = pyo.Constraint(dispatch.HOURS, rule=slice_load)
    dispatch.slice_capacity = pyo.Constraint(dispatch.HOURS, rule=slice_capacity)
    dispatch.balance = pyo.Constraint(dispatch.HOURS, rule=balance)
    dispatch.leaves = pyo.Constraint(dispatch.MOVES, rule=leaves)
    moved_days = [(*key, day) for key in loads.moves for day in dispatch.days]
    dispatch.MOVED_DAYS = pyo.Set(dimen=4, initialize=moved_days)
    dispatch.moved_within_day = pyo.Constraint(dispatch.MOVED_DAYS, rule=moved_within_day)
    dispatch.CUT_DAYS = pyo.Set(
        dimen=4, initialize=[key for key in moved_days if dispatch.cut_share[key[1]] > 0]
    )
    dispatch.cut_limit = pyo.Constraint(dispatch.CUT_DAYS, rule=cut_limit)
    dispatch.sold_on_site = pyo.Constraint(dispatch.EXPORTS, rule=sold_on_site)
    dispatch.exporting = {}
    for s, t, h in dispatch.EXPORTS:
        dispatch.exporting.setdefault((node[s], t, h), []).append((s, t, h))
    dispatch.NODE_EXPORTS = pyo.Set(dimen=3, initialize=list(dispatch.exporting))
    dispatch.export_limit = pyo.Constraint(dispatch.NODE_EXPORTS, rule=export_limit)


def slice_load(dispatch: pyo.Block, s: str, t: int, h: int) -> object:
    r"""The IT load of a slice: what its hour brings, less what left, and what came from others.

    $$\mathrm{load\_mw}_{s,t,h} = \sum_{w,p} \mathrm{profile}_{p,h}\,\mathrm{class\_mw}_{s,w,p,t}
      + \sum_c \mathrm{it\_mw}_{c,t}\,\mathrm{host}_{c,s}
      + \sum_w (\mathrm{in\_mw} - \mathrm{out\_mw} - \mathrm{cut\_mw})_{s,w,t,h}$$

    Unit: IT MW. Source: power through the hours, "Load".
    """
    loads = dispatch.model().loads
    coefficients, variables = load_terms(loads, s, t, h)
    for _, w, _ in moves_at(dispatch, s, t):
        key = s, w, t, h
        coefficients += [1.0, -1.0]
        variables += [dispatch.in_mw[key], dispatch.out_mw[key]]
        if key in dispatch.cut_mw:
            coefficients.append(-1.0)
            variables.append(dispatch.cut_mw[key])
    return WeightedSum([*coefficients, -1.0], [*variables, dispatch.load_mw[s, t, h]]) == 0


def slice_capacity(dispatch: pyo.Block, s: str, t: int, h: int) -> object:
    r"""The IT load of a slice is at most the installed IT capacity.

    $$\mathrm{load\_mw}_{s,t,h} \le \mathrm{installed\_mw}_{s,t}$$

    Unit: IT MW. Source: power through the hours, "With slices, capacity holds in every slice".
    """
    return within_installed(dispatch.model(), [(1.0, dispatch.load_mw[s, t, h])], s, t)


def balance(dispatch: pyo.Block, s: str, t: int, h: int) -> object:
    r"""Power in is power out.

    $$\mathrm{grid\_mw} + \sum_k (\mathrm{made\_mw}_k + \mathrm{discharge\_mw}_k -
      \mathrm{charge\_mw}_k) = \mathrm{exported\_mw} + \mathrm{pue}_{s,h}\bigl(
      \mathrm{idle\_share}_s\,\mathrm{installed\_mw}_{s,t} + (1 - \mathrm{idle\_share}_s)\,
      \mathrm{load\_mw}_{s,t,h}\bigr)$$

    Unit: MW, for each dispatched site, stage and slice. Source: power through the hours,
    "Balance".
    """
    model = dispatch.model()
    terms: Terms = [(1.0, dispatch.grid_mw[s, t, h])]
    terms += [(1.0, made) for made in made_at(model, s, t, h)]
    for k in batteries_at(model, s):
        terms.append((1.0, model.storage.discharge_mw[s, k, t, h]))
        terms.append((-1.0, model.storage.charge_mw[s, k, t, h]))
    if (s, t, h) in dispatch.exported_mw:
        terms.append((-1.0, dispatch.exported_mw[s, t, h]))
    needed, constant = facility_terms(model, s, t, h)
    terms += [(-coefficient, variable) for coefficient, variable in needed]
    surplus = WeightedSum(*map(list, zip(*terms, strict=True)))
    # A block knows the lowest PUE of its slices alone: more may be needed.
    return surplus == constant if dispatch.power.fine is None else surplus >= constant


def leaves(dispatch: pyo.Block, s: str, w: str, t: int, h: int) -> object:
    r"""A part of a workload's load may leave its slice.

    $$\mathrm{out\_mw}_{s,w,t,h} + \mathrm{cut\_mw}_{s,w,t,h} + \mathrm{ready\_mw}_{s,w,t,h} \le
      \mathrm{movable\_share}_w \sum_p \mathrm{profile}_{p,h}\,\mathrm{class\_mw}_{s,w,p,t}$$

    Unit: IT MW; `ready_mw` is what could pause beyond that, where flexible power may be cut.
    Source: power through the hours, "Movable load" and "Flexible MW".
    """
    key = s, w, t, h
    terms: Terms = [(1.0, dispatch.out_mw[key])]
    if key in dispatch.cut_mw:
        terms.append((1.0, dispatch.cut_mw[key]))
    if key in dispatch.model().connection.paused_mw:
        terms.append((1.0, dispatch.model().connection.paused_mw[key]))
    share = dispatch.movable_share[w]
    terms += [(-share * part, mw) for part, mw in workload_terms(dispatch, s, w, t, h)]
    return WeightedSum(*map(list, zip(*terms, strict=True))) <= 0


def moved_within_day(dispatch: pyo.Block, s: str, w: str, t: int, day: str) -> object:
    r"""What leaves a slice comes to others of its day.

    $$\sum_{h \in \mathrm{day}} \mathrm{hours}_h\,(\mathrm{out\_mw} - \mathrm{in\_mw})_{s,w,t,h}
      = 0$$

    Unit: MWh of IT. Source: power through the hours, "Movable load".
    """
    slices = dispatch.days[day]
    hours = [dispatch.hours[h] for h in slices]
    return (
        WeightedSum(
            hours + [-length for length in hours],
            [dispatch.out_mw[s, w, t, h] for h in slices]
            + [dispatch.in_mw[s, w, t, h] for h in slices],
        )
        == 0
    )


def cut_limit(dispatch: pyo.Block, s: str, w: str, t: int, day: str) -> object:
    r"""A part of a day's energy may be cut.

    $$\sum_{h \in \mathrm{day}} \mathrm{hours}_h\,\mathrm{cut\_mw}_{s,w,t,h} \le
      \mathrm{cut\_share}_w \sum_{h \in \mathrm{day}} \mathrm{hours}_h \sum_p
      \mathrm{profile}_{p,h}\,\mathrm{class\_mw}_{s,w,p,t}$$

    Unit: MWh of IT. Source: power through the hours, "Movable load".
    """
    slices = dispatch.days[day]
    share, loads = dispatch.cut_share[w], dispatch.model().loads
    energy = [
        (
            -share * sum(dispatch.hours[h] * loads.profile[p][h] for h in slices),
            loads.class_mw[s, w, p, t],
        )
        for p in loads.moves[s, w, t]
    ]
    cut = [(dispatch.hours[h], dispatch.cut_mw[s, w, t, h]) for h in slices]
    return WeightedSum(*map(list, zip(*(cut + energy), strict=True))) <= 0


def sold_on_site(dispatch: pyo.Block, s: str, t: int, h: int) -> object:
    r"""At most what is made and discharged on site is sold.

    $$\mathrm{exported\_mw}_{s,t,h} \le \sum_{k\,\mathrm{on\ site}} (\mathrm{made\_mw} +
      \mathrm{discharge\_mw})_{s,k,t,h}$$

    Unit: MW. What a contract delivers cannot be sold again. Source: power through the hours,
    "Balance".
    """
    model = dispatch.model()
    own = made_at(model, s, t, h, contracts=False)
    own += [model.storage.discharge_mw[s, k, t, h] for k in batteries_at(model, s)]
    return WeightedSum([1.0] + [-1.0] * len(own), [dispatch.exported_mw[s, t, h], *own]) <= 0


def export_limit(dispatch: pyo.Block, g: str, t: int, h: int) -> object:
    r"""A node takes back so much and no more.

    $$\sum_{s \in g} \mathrm{exported\_mw}_{s,t,h} \le \mathrm{export\_mw}_g$$

    Unit: MW. Source: power through the hours, "Balance".
    """
    sold = [dispatch.exported_mw[key] for key in dispatch.exporting[g, t, h]]
    return WeightedSum([1.0] * len(sold), sold) <= dispatch.export_mw[g]


def makers(model: pyo.ConcreteModel, s: str) -> list[str]:
    """Technologies that may make or store power on a site."""
    return [k for k in model.supply.at[s] if model.supply.kind[k] != "ppa"]


def batteries_at(model: pyo.ConcreteModel, s: str) -> list[str]:
    """Batteries that may stand at a site."""
    return [k for k in model.supply.at[s] if model.supply.kind[k] == "battery"]


def contracts_at(model: pyo.ConcreteModel, s: str) -> list[str]:
    """Contracts that a site may have."""
    return [k for k in model.supply.at[s] if model.supply.kind[k] == "ppa"]


def made_at(
    model: pyo.ConcreteModel, s: str, t: int, h: int, *, contracts: bool = True
) -> list[object]:
    """What is made at a site in a slice, and delivered to it if `contracts`."""
    supply = model.supply
    return [
        supply.made_mw[s, k, t, h]
        for k in supply.at[s]
        if (s, k, t, h) in supply.made_mw and (contracts or supply.kind[k] != "ppa")
    ]


def moves_at(dispatch: pyo.Block, s: str, t: int) -> list[tuple[str, str, int]]:
    """Workloads of a site that may move, as keys of `loads.moves`."""
    return [
        (s, w, t)
        for w, share in dispatch.movable_share.items()
        if share > 0 and (s, w, t) in dispatch.model().loads.moves
    ]


def workload_terms(dispatch: pyo.Block, s: str, w: str, t: int, h: int) -> Terms:
    """Load of a workload at a site in a slice, before it moves."""
    loads = dispatch.model().loads
    return [(float(loads.profile[p][h]), loads.class_mw[s, w, p, t]) for p in loads.moves[s, w, t]]


def facility_terms(
    model: pyo.ConcreteModel, s: str, t: int, h: int, *, finest: bool = False, highest: bool = False
) -> tuple[Terms, float]:
    """Facility power of a site in a slice as terms and a constant.

    Parameters
    ----------
    finest : whether the slice is one of the instance's own; only where nothing is dispatched.
    highest : at the highest PUE of a block, not the lowest.
    """
    dispatch, loads = model.dispatch, model.loads
    of_site = dispatch.highest_pue if highest else dispatch.pue
    pue = float((dispatch.pue_finest if finest else of_site)[s][h])
    idle = dispatch.idle_share[s]
    if (s, t) in loads.DISPATCHED:
        load: Iterable = [(1.0, dispatch.load_mw[s, t, h])]
    else:
        makes = loads.makes_finest if finest else loads.makes
        load = [(float(values[h]), variable) for variable, values in makes[s, t]]
    terms = [(pue * (1 - idle) * part, mw) for part, mw in load if part]
    installed, existing_mw = installed_terms(model, s, t) if idle else ([], 0.0)
    terms += [(pue * idle * part, mw) for part, mw in installed]
    return terms or [(1.0, model.nothing)], pue * idle * existing_mw


def facility_sum(
    model: pyo.ConcreteModel, s: str, t: int, times: Callable[[PowerInputs], np.ndarray]
) -> tuple[Terms, float]:
    """Sum over the slices of a site's facility power, each times its entry of a vector."""
    dispatch, loads = model.dispatch, model.loads
    idle = dispatch.idle_share[s]
    if (s, t) in loads.DISPATCHED:
        pue = dispatch.pue[s] * times(dispatch.power)
        terms: Terms = [
            (float(factor * (1 - idle)), dispatch.load_mw[s, t, h]) for h, factor in enumerate(pue)
        ]
    else:
        pue = dispatch.pue_finest[s] * times(dispatch.power.finest)
        terms = [
            (float(values @ pue) * (1 - idle), variable)
            for variable, values in loads.makes_finest[s, t]
        ]
    installed, existing_mw = installed_terms(model, s, t) if idle else ([], 0.0)
    terms += [(float(pue.sum()) * idle * part, mw) for part, mw in installed]
    return terms, float(pue.sum()) * idle * existing_mw


def grid_sum(
    model: pyo.ConcreteModel, s: str, t: int, times: Callable[[PowerInputs], np.ndarray]
) -> tuple[Terms, float]:
    """Sum over the slices of what a site draws from the grid, each times its entry of a vector."""
    if (s, t) not in model.loads.DISPATCHED:
        return facility_sum(model, s, t, times)
    dispatch = model.dispatch
    return [
        (float(factor), dispatch.grid_mw[s, t, h]) for h, factor in enumerate(times(dispatch.power))
    ], 0.0


def taken_terms(
    model: pyo.ConcreteModel, s: str, t: int, h: int, *, finest: bool = False
) -> tuple[Terms, float]:
    """What a site takes through its connection in a slice: from the grid and under contracts."""
    if (s, t) not in model.loads.DISPATCHED:
        return facility_terms(model, s, t, h, finest=finest)
    supply = model.supply
    delivered = [
        (1.0, supply.made_mw[s, k, t, h])
        for k in contracts_at(model, s)
        if (s, k, t, h) in supply.made_mw
    ]
    return [(1.0, model.dispatch.grid_mw[s, t, h]), *delivered], 0.0


def by_row(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows of a table as arrays."""
    return dict(zip(table.index, table.to_numpy(float), strict=True))

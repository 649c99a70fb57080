"""Carbon, water and clean energy of all sites, and the limits that policies set on them."""

import math
from collections.abc import Callable

import numpy as np
import pyomo.environ as pyo

from models.dispatch import Terms, batteries_at, facility_sum, facility_terms, grid_sum
from models.inputs import PlanInputs
from models.linear import WeightedSum
from models.money import HOURS_PER_YEAR, rise_terms
from models.power_inputs import PowerInputs

Sum = tuple[Terms, float]
Factor = Callable[[str, PowerInputs | None], float | np.ndarray]


def add_footprint(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.footprint`: the policies on carbon, water and clean energy that there are.

    Sets: `CARBON` (stage, part), the first year of a stage, which bears what is embodied, and
    the later ones; `WATER`, `ANNUAL`, `HOURLY` stages with such a limit.

    Variable: `matched_mw` by (site, stage, slice), clean power up to the load, where clean energy
    counts hour by hour.
    """
    footprint = model.footprint = pyo.Block()
    footprint.inputs = inputs
    years = {t: list(inputs.years(t)) for t in inputs.stages}
    cap = inputs.carbon_cap_t if inputs.carbon_cap_t is not None else {}
    footprint.carbon_cap_t = {
        (t, part): most
        for t in inputs.stages
        for part, those in (("first", years[t][:1]), ("later", years[t][1:]))
        if not math.isinf(most := min((cap[y] for y in those if len(cap)), default=math.inf))
    }
    water = inputs.water_cap_m3 if inputs.water_cap_m3 is not None else {}
    footprint.water_cap_m3 = {
        t: most
        for t in inputs.stages
        if len(water) and not math.isinf(most := min(water[y] for y in years[t]))
    }
    footprint.annual_share = clean_shares(inputs, hourly=False)
    footprint.hourly_share = clean_shares(inputs, hourly=True)
    footprint.carbon_cap = pyo.Constraint(list(footprint.carbon_cap_t), rule=carbon_cap)
    footprint.water_cap = pyo.Constraint(list(footprint.water_cap_m3), rule=water_cap)
    footprint.clean_annual = pyo.Constraint(list(footprint.annual_share), rule=clean_annual)
    if footprint.hourly_share:
        footprint.MATCHED = pyo.Set(
            dimen=3,
            initialize=[key for key in model.dispatch.HOURS if key[1] in footprint.hourly_share],
        )
        footprint.matched_mw = pyo.Var(footprint.MATCHED, domain=pyo.NonNegativeReals)
        footprint.matched_load = pyo.Constraint(footprint.MATCHED, rule=matched_load)
        footprint.matched_supply = pyo.Constraint(footprint.MATCHED, rule=matched_supply)
        footprint.clean_hourly = pyo.Constraint(list(footprint.hourly_share), rule=clean_hourly)


def clean_shares(inputs: PlanInputs, *, hourly: bool) -> dict[int, float]:
    """Highest clean share of a stage's years that counts this way, where there is one."""
    if inputs.clean_share is None or inputs.clean_hourly is None:
        return {}
    share = {
        t: max(
            (inputs.clean_share[y] for y in inputs.years(t) if inputs.clean_hourly[y] == hourly),
            default=0.0,
        )
        for t in inputs.stages
    }
    return {t: most for t, most in share.items() if most > 0}


def carbon_cap(footprint: pyo.Block, t: int, part: str) -> object:
    r"""The tonnes of a year are at most its cap.

    $$\sum_s (\mathrm{grid\_t} + \mathrm{supply\_t} + \mathrm{event\_t} +
      [\text{first year}]\,\mathrm{embodied\_t})_{s,t} \le \mathrm{carbon\_cap}_y$$

    Unit: tonnes a year, for the first year of a stage, and for the strictest of the later ones.
    Source: power through the hours, "Policies".
    """
    model, inputs = footprint.model(), footprint.inputs
    terms, constant = operating_t(model, inputs, t)
    if part == "first":
        terms = terms + embodied_t(model, inputs, t)
    return row(model, terms) <= footprint.carbon_cap_t[t, part] - constant


def water_cap(footprint: pyo.Block, t: int) -> object:
    r"""The water of a year is at most its cap.

    $$\sum_s \mathrm{water\_l\_per\_kwh}_s\,\mathrm{it\_mwh}_{s,t} \le \mathrm{water\_cap}_y$$

    Unit: m³ a year; a litre per kWh is a cubic metre per MWh. Source: power through the hours,
    "Policies".
    """
    model, inputs = footprint.model(), footprint.inputs
    terms, constant = water_m3(model, inputs, t)
    return row(model, terms) <= footprint.water_cap_m3[t] - constant


def clean_annual(footprint: pyo.Block, t: int) -> object:
    r"""Over a year, clean energy is a part of what sites need.

    $$\sum_s (\mathrm{clean\_made} + \mathrm{clean\_share}_g\,\mathrm{grid} -
      \mathrm{exported})_{s,t} \ge \mathrm{clean\_share}_y \sum_s \mathrm{facility}_{s,t}$$

    Unit: MWh a year. Source: power through the hours, "Policies".
    """
    model, inputs = footprint.model(), footprint.inputs
    clean, held = clean_mwh(model, inputs, t)
    needed, constant = facility_mwh(model, inputs, t)
    share = footprint.annual_share[t]
    terms = clean + [(-share * part, mw) for part, mw in needed]
    return row(model, terms) >= share * constant - held


def matched_load(footprint: pyo.Block, s: str, t: int, h: int) -> object:
    r"""Clean power counts up to what a site needs in the slice.

    $$\mathrm{matched\_mw}_{s,t,h} \le \mathrm{facility\_mw}_{s,t,h}$$

    Unit: MW. Source: power through the hours, "Policies".
    """
    needed, constant = facility_terms(footprint.model(), s, t, h, highest=True)
    terms = [(1.0, footprint.matched_mw[s, t, h])] + [(-part, mw) for part, mw in needed]
    return row(footprint.model(), terms) <= constant


def matched_supply(footprint: pyo.Block, s: str, t: int, h: int) -> object:
    r"""Clean power is made, delivered, drawn or discharged; charging and selling take it away.

    $$\mathrm{matched\_mw} \le \sum_{k\,\mathrm{clean}} \mathrm{made\_mw}_k +
      \mathrm{clean\_share}_g\,\mathrm{grid\_mw} + \sum_k (\mathrm{discharge\_mw} -
      \mathrm{charge\_mw})_k - \mathrm{exported\_mw}$$

    Unit: MW, for each site, stage and slice. Source: power through the hours, "Policies".
    """
    model, inputs = footprint.model(), footprint.inputs
    supply, storage, dispatch = model.supply, model.storage, model.dispatch
    assert inputs.power is not None
    clean = inputs.power.technologies.clean
    share = float(inputs.nodes.clean_share[inputs.sites.node[s]])
    terms: Terms = [(1.0, footprint.matched_mw[s, t, h]), (-share, dispatch.grid_mw[s, t, h])]
    for k in supply.at[s]:
        if clean[k] and (s, k, t, h) in supply.made_mw:
            terms.append((-1.0, supply.made_mw[s, k, t, h]))
    for k in batteries_at(model, s):
        terms.append((-1.0, storage.discharge_mw[s, k, t, h]))
        terms.append((1.0, storage.charge_mw[s, k, t, h]))
    if (s, t, h) in dispatch.exported_mw:
        terms.append((1.0, dispatch.exported_mw[s, t, h]))
    return row(model, terms) <= 0


def clean_hourly(footprint: pyo.Block, t: int) -> object:
    r"""Hour by hour, clean energy is a part of what sites need.

    $$\sum_{s,h} \mathrm{weight}_h\,\mathrm{matched\_mw}_{s,t,h} \ge \mathrm{clean\_share}_y
      \sum_s \mathrm{facility}_{s,t}$$

    Unit: MWh a year. A site that only draws from the grid matches its node's clean part. Source:
    power through the hours, "Policies".
    """
    model, inputs = footprint.model(), footprint.inputs
    assert inputs.power is not None
    weight, share = inputs.power.weight, footprint.hourly_share[t]
    terms: Terms = []
    constant = 0.0
    for s, g in inputs.sites.node.items():
        needed, fixed = facility_sum(model, s, t, lambda power: power.weight)
        if (s, t) in model.loads.DISPATCHED:
            terms += [
                (float(hours), footprint.matched_mw[s, t, h]) for h, hours in enumerate(weight)
            ]
            matched = 0.0
        else:
            matched = float(inputs.nodes.clean_share[g])
        terms += [((matched - share) * part, mw) for part, mw in needed]
        constant += (share - matched) * fixed
    return row(model, terms) >= constant


def row(model: pyo.ConcreteModel, terms: Terms) -> WeightedSum:
    """Sum of terms, of a column that is always 0 where there are none."""
    kept = [(factor, variable) for factor, variable in terms if factor]
    return WeightedSum(*map(list, zip(*(kept or [(1.0, model.nothing)]), strict=True)))


def served_mwh(model: pyo.ConcreteModel, inputs: PlanInputs, t: int, s: str) -> Terms:
    """IT energy of a site in a year, where there are no slices."""
    return [
        (HOURS_PER_YEAR * inputs.load_factor[serve.index()[1]] * whole_mw, serve)
        for whole_mw, serve in zip(*model.demand.served[s, t], strict=True)
    ]


def summed(
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    t: int,
    factor: Factor,
    of: str,
) -> Sum:
    """Yearly energy of all sites, each site's slices times a factor.

    Parameters
    ----------
    factor : of a site, and of the slices, if there are any; a number, or an array by slice.
    of : `grid`, `facility` or `it`.
    """
    terms: Terms = []
    constant = 0.0
    for s in inputs.sites.index:
        if inputs.power is None:
            scale = float(factor(s, None)) * (1.0 if of == "it" else float(inputs.sites.pue[s]))
            served = served_mwh(model, inputs, t, s)
            terms += [(scale * part, serve) for part, serve in served]
            continue
        over = grid_sum if of == "grid" else facility_sum
        of_site, fixed = over(model, s, t, times_weight(factor, s, of))
        terms += of_site
        constant += fixed
    return terms, constant


def times_weight(factor: Factor, s: str, of: str) -> Callable[[PowerInputs], np.ndarray]:
    """Hours of each slice times a factor; per IT power where `of` is `it`."""

    def vector(power: PowerInputs) -> np.ndarray:
        hours = power.weight * factor(s, power)
        return hours / power.pue.loc[s].to_numpy(float) if of == "it" else hours

    return vector


def operating_t(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> Sum:
    """Tonnes that all sites emit in a year of a stage by drawing and making power."""
    power, node = inputs.power, inputs.sites.node

    def carbon_t(s: str, slices: PowerInputs | None) -> float | np.ndarray:
        if slices is None:
            return inputs.nodes.carbon_kg_per_mwh[node[s]] / 1000
        return slices.carbon_kg_per_mwh.loc[node[s]].to_numpy(float) / 1000

    terms, constant = summed(model, inputs, t, carbon_t, "grid")
    if power is not None:
        carbon_kg = power.technologies.carbon_kg_per_mwh.to_dict()
        terms += [
            (float(power.weight[h]) * carbon_kg[k] / 1000, made)
            for (s, k, stage, h), made in model.supply.made_mw.items()
            if stage == t and carbon_kg[k]
        ]
        terms += [(1.0, mass) for (s, stage), mass in model.events.carbon_t.items() if stage == t]
    return terms, constant


def embodied_t(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> Terms:
    """Tonnes in what opens, is installed or ordered in a stage."""
    sites, siting = inputs.sites, model.siting
    per_mw = sites.embodied_t_per_it_mw
    terms = rise_terms(siting.open, [((s,), m) for s, m in sites.embodied_t.items()], inputs, t)
    terms += rise_terms(siting.extended_mw, [((s,), m) for s, m in per_mw.items()], inputs, t)
    a_block = (per_mw * sites.block_mw).fillna(0.0)
    terms += rise_terms(siting.blocks, [((s,), m) for s, m in a_block.items()], inputs, t)
    if inputs.power is not None:
        technologies = inputs.power.technologies
        for unit in ("mw", "mwh"):
            mass = technologies[f"embodied_t_per_{unit}"].to_dict()
            ordered = getattr(model.supply, f"order_{unit}")
            terms += [(mass[k], order) for (s, k, o), order in ordered.items() if o == t]
    return terms


def water_m3(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> Sum:
    """Water that all sites use in a year of a stage."""
    return summed(model, inputs, t, lambda s, _: float(inputs.sites.water_l_per_kwh[s]), "it")


def facility_mwh(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> Sum:
    """Energy that all sites need in a year of a stage."""
    return summed(model, inputs, t, lambda *_: 1.0, "facility")


def clean_mwh(model: pyo.ConcreteModel, inputs: PlanInputs, t: int) -> Sum:
    """Clean energy that all sites make, take and draw in a year of a stage, less what they sell."""
    share, node = inputs.nodes.clean_share, inputs.sites.node
    terms, constant = summed(model, inputs, t, lambda s, _: float(share[node[s]]), "grid")
    if inputs.power is not None:
        weight, clean = inputs.power.weight, inputs.power.technologies.clean
        terms += [
            (float(weight[h]), made)
            for (s, k, stage, h), made in model.supply.made_mw.items()
            if stage == t and clean[k]
        ]
        terms += [
            (-float(weight[h]), sold)
            for (s, stage, h), sold in model.dispatch.exported_mw.items()
            if stage == t
        ]
    return terms, constant

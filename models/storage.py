"""Batteries: MW in and out, MWh held, in the circle of a day."""

import math

import pyomo.environ as pyo

from models.inputs import PlanInputs


def add_storage(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `model.storage`.

    Set: `HOLDING` (site, technology, stage, slice).

    Variables, at least 0: `charge_mw`, `discharge_mw`; `stored_mwh` at the end of a slice.
    """
    power = inputs.power
    assert power is not None
    storage = model.storage = pyo.Block()
    storage.one_way = {k: math.sqrt(e) for k, e in power.technologies.efficiency.items()}
    storage.hours = power.hours.tolist()
    storage.slice_before = power.slice_before.tolist()
    storage.HOLDING = pyo.Set(
        dimen=4,
        initialize=[
            (*key, h) for key in model.supply.BATTERY_ALLOWED for h in range(len(power.slices))
        ],
    )
    for name in ("charge_mw", "discharge_mw", "stored_mwh"):
        setattr(storage, name, pyo.Var(storage.HOLDING, domain=pyo.NonNegativeReals))
    storage.level = pyo.Constraint(storage.HOLDING, rule=level)
    storage.charge_limit = pyo.Constraint(storage.HOLDING, rule=charge_limit)
    storage.discharge_limit = pyo.Constraint(storage.HOLDING, rule=discharge_limit)
    storage.level_limit = pyo.Constraint(storage.HOLDING, rule=level_limit)


def level(storage: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""The level follows from slice to slice, around the day.

    $$\mathrm{stored\_mwh}_h = \mathrm{stored\_mwh}_{h-1} + \sqrt{\eta_k}\,\mathrm{hours}_h\,
      \mathrm{charge\_mw}_h - \mathrm{hours}_h\,\mathrm{discharge\_mw}_h / \sqrt{\eta_k}$$

    Unit: MWh, for each site, battery k, stage and slice; before the first slice of a day comes
    its last. Source: power through the hours, "Energy".
    """
    key, one_way, hours = (s, k, t, h), storage.one_way[k], storage.hours[h]
    before = storage.slice_before[h]
    flow = one_way * hours * storage.charge_mw[key] - hours / one_way * storage.discharge_mw[key]
    if before == h:  # A day of one slice ends where it began.
        return flow == 0
    return storage.stored_mwh[key] - storage.stored_mwh[s, k, t, before] - flow == 0


def charge_limit(storage: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""A battery charges up to its MW.

    $$\mathrm{charge\_mw}_{s,k,t,h} \le \mathrm{standing\_mw}_{s,k,t}$$

    Unit: MW. Source: power through the hours, "Supply".
    """
    return storage.charge_mw[s, k, t, h] <= storage.model().supply.standing_mw[s, k, t]


def discharge_limit(storage: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""A battery discharges up to its MW.

    $$\mathrm{discharge\_mw}_{s,k,t,h} \le \mathrm{standing\_mw}_{s,k,t}$$

    Unit: MW. Source: power through the hours, "Supply".
    """
    return storage.discharge_mw[s, k, t, h] <= storage.model().supply.standing_mw[s, k, t]


def level_limit(storage: pyo.Block, s: str, k: str, t: int, h: int) -> object:
    r"""A battery holds up to its MWh.

    $$\mathrm{stored\_mwh}_{s,k,t,h} \le \mathrm{standing\_mwh}_{s,k,t}$$

    Unit: MWh. Source: power through the hours, "Supply".
    """
    return storage.stored_mwh[s, k, t, h] <= storage.model().supply.standing_mwh[s, k, t]

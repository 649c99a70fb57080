"""Machines for the load: a site serves no more than its installed IT capacity."""

import pyomo.environ as pyo

from models.siting import within_installed


def add_compute(model: pyo.ConcreteModel) -> None:
    """Make `model.compute`: rows that tie `demand.load_mw` to what is installed."""
    model.compute = pyo.Block()
    model.compute.enough_capacity = pyo.Constraint(model.SITES, model.STAGES, rule=enough_capacity)


def enough_capacity(compute: pyo.Block, s: str, t: int) -> object:
    r"""The IT load of a site is at most its installed IT capacity.

    $$\mathrm{load\_mw}_{s,t} \le \mathrm{existing\_it\_mw}_s + \mathrm{new\_mw}_{s,t}$$

    Unit: IT MW. Source: instance format, "It needs that much installed IT capacity at the sites
    that serve it".
    """
    model = compute.model()
    return within_installed(model, [(1.0, model.demand.load_mw[s, t])], s, t)

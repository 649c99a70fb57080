"""The mathematics of the planning problem, as Pyomo blocks: one aspect a module."""

import gc

import pyomo.environ as pyo

from models.compute import add_compute
from models.cost import add_cost
from models.cuts import strong_links
from models.demand import add_demand
from models.grid import add_grid
from models.inputs import PlanInputs, ShareRule
from models.policies import add_policies
from models.sets import add_sets
from models.siting import add_siting
from models.sovereignty import add_sovereignty

__all__ = ["PlanInputs", "ShareRule", "build_model", "strong_links"]


def build_model(inputs: PlanInputs) -> pyo.ConcreteModel:
    """State a planning problem as a Pyomo model.

    Aspects meet in two places: `demand.load_mw`, the IT load of a site, which capacity, grid and
    sovereignty limit; and `cost.total`, the objective, to which every aspect adds.
    """
    model = pyo.ConcreteModel(name="sitewatt")
    collecting = gc.isenabled()
    gc.disable()  # Millions of small objects and no cycles: the collector would only rescan them.
    try:
        add_sets(model, inputs)
        add_siting(model, inputs)
        add_demand(model, inputs)
        add_compute(model)
        add_grid(model, inputs)
        add_sovereignty(model, inputs)
        add_cost(model, inputs)
        add_policies(model, inputs)
    finally:
        if collecting:
            gc.enable()
    return model

"""The mathematics of the planning problem, as Pyomo blocks: one aspect a module."""

import pyomo.environ as pyo

from models.collector import undisturbed
from models.compute import add_compute
from models.connection import add_connection, add_connection_rows
from models.cost import add_cost
from models.cuts import strong_links
from models.demand import add_demand
from models.dispatch import add_dispatch
from models.events import add_events
from models.footprint import add_footprint
from models.grid import add_grid
from models.inputs import PlanInputs, ShareRule
from models.loads import add_loads
from models.policies import add_policies
from models.power_inputs import PowerInputs
from models.power_size import count_slices
from models.renewal import MONEY_BLOCKS, differ_in_money_alone, renew_money
from models.sets import add_sets
from models.siting import add_siting
from models.size import Frame, Size, count_peaks, count_rules, count_siting
from models.sovereignty import add_sovereignty
from models.storage import add_storage
from models.supply import add_supply

__all__ = [
    "MONEY_BLOCKS",
    "PlanInputs",
    "PowerInputs",
    "ShareRule",
    "Size",
    "build_model",
    "differ_in_money_alone",
    "renew_money",
    "size_of",
    "strong_links",
]


def build_model(inputs: PlanInputs) -> pyo.ConcreteModel:
    """State a planning problem as a Pyomo model.

    Aspects meet in two places: `demand.load_mw`, the IT load of a site, which capacity, grid and
    sovereignty limit; and `cost.total`, the objective, to which every aspect adds. With slices,
    `loads.class_mw` takes the first place, and `dispatch.balance` is where power meets.
    """
    model = pyo.ConcreteModel(name="sitewatt")
    with undisturbed():
        add_sets(model, inputs)
        add_siting(model, inputs)
        add_demand(model, inputs)
        add_grid(model, inputs)
        if inputs.power is None:
            add_compute(model)
        else:
            add_power(model, inputs)
        add_footprint(model, inputs)
        add_sovereignty(model, inputs)
        add_cost(model, inputs)
        add_policies(model, inputs)
    return model


def add_power(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """State what happens in the slices: load, supply, storage, connection, dispatch."""
    add_loads(model, inputs)
    add_supply(model, inputs)
    add_storage(model, inputs)
    add_connection(model, inputs)
    add_dispatch(model, inputs)
    add_connection_rows(model, inputs)
    add_events(model, inputs)


def size_of(inputs: PlanInputs) -> Size:
    """Rows, columns and nonzeros of `build_model(inputs)`, without building it.

    Exact, or a little too large: what turns out to be zero is counted.
    """
    frame = Frame(inputs)
    count_siting(frame)
    count_rules(frame)
    if inputs.power is None:
        count_peaks(frame)
    else:
        count_slices(frame)
    return frame.size

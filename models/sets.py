"""Index sets that every aspect shares. Sparse ones belong to the aspect that owns them."""

import pyomo.environ as pyo

from models.inputs import PlanInputs


def add_sets(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Make `SITES`, `NODES` and `STAGES`, each in the order of its table.

    `nothing` is a column that is always 0. A row that no variable can help to keep is stated on
    it, so that the row reaches the solver, and its name the explanation, instead of vanishing.
    """
    model.SITES = pyo.Set(initialize=list(inputs.sites.index))
    model.NODES = pyo.Set(initialize=list(inputs.nodes.index))
    model.STAGES = pyo.Set(initialize=list(inputs.stages))
    model.nothing = pyo.Var(bounds=(0, 0))

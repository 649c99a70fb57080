"""The last word on a plan: its choices fixed, everything else solved again to full precision."""

import numpy as np
import pyomo.environ as pyo

from models import PlanInputs, build_model
from optimizer.errors import SolverFailure
from optimizer.highs import Control, Outcome, Solver
from optimizer.program import Program, compile_program

# A reduced cost or dual beyond this part of the largest one is not zero.
ZERO_DUAL = 1e-9


def polish(inputs: PlanInputs, choices: dict[str, float]) -> pyo.ConcreteModel:
    """Solve the plan's linear part for every region apart, with the integer choices fixed.

    Among all ways to serve at that cost, the one of lowest latency is taken: columns and rows that
    the cheapest solution prices are held where they are, which leaves exactly the solutions of
    equal cost, and over those demand-weighted round trips are minimised.

    Parameters
    ----------
    inputs : the whole problem, unpooled.
    choices : value of each integer variable by name.

    Returns
    -------
    pyo.ConcreteModel
        The model of the sites in use, its variables at the plan's values.
    """
    model = build_model(inputs)
    program = compile_program(model)
    chosen = np.flatnonzero(program.integer)
    fixed = np.array([round(choices[program.variables[column].name]) for column in chosen])
    # A control of its own: an interrupted solve still gets its plan polished.
    solver = Solver(program, Control(), "polish", relaxed=True)
    solver.set_bounds(chosen, fixed.astype(float), fixed.astype(float))
    cheapest = solver.solve()
    if cheapest.values is None:
        raise SolverFailure(f"The plan's choices leave no plan: {cheapest.status.value}.")
    values = nearest(model, inputs, program, solver, cheapest)
    values[chosen] = fixed
    for variable, value in zip(program.variables, values.tolist(), strict=True):
        variable.set_value(value, skip_validation=True)
    return model


def nearest(
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    program: Program,
    solver: Solver,
    cheapest: Outcome,
) -> np.ndarray:
    """Lowest demand-weighted round trips among the solutions that cost as little."""
    assert cheapest.values is not None
    assert cheapest.row_dual is not None
    assert cheapest.column_dual is not None
    column_of = program.column_of()
    rtt_ms = inputs.routes.rtt_ms.to_dict()
    latency = np.zeros(len(program.cost))
    for (r, w, s, t), serve in model.demand.serve.items():
        latency[column_of[id(serve)]] = model.demand.demand_mw[r, w, t] * rtt_ms[r, w, s]
    hold = np.flatnonzero(priced(cheapest.column_dual))
    solver.set_bounds(hold, cheapest.values[hold], cheapest.values[hold])
    rows = np.flatnonzero(priced(cheapest.row_dual))
    activity = (program.matrix @ cheapest.values)[rows]
    solver.set_row_bounds(rows, activity, activity)
    solver.set_cost(latency)
    outcome = solver.solve()
    # Where rounding leaves nothing between the held rows, the cheapest solution stands.
    return cheapest.values if outcome.values is None else outcome.values


def priced(duals: np.ndarray) -> np.ndarray:
    """Mask of duals that are not zero."""
    return np.abs(duals) > ZERO_DUAL * np.abs(duals).max(initial=1.0)

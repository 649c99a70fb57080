"""The last word on a plan: its choices fixed, everything else solved again to full precision."""

from typing import Any

import numpy as np
import pyomo.environ as pyo

from models import PlanInputs
from optimizer.errors import SolverFailure
from optimizer.highs import Control, Outcome, Solver
from optimizer.kept import Kept
from optimizer.pooling import pool_of
from optimizer.program import Program
from optimizer.relaxation import MANY_ROWS

# What a price could move in money is nothing below this part of the plan's cost.
NO_MONEY = 1e-12


def polish(
    inputs: PlanInputs,
    pooled: Program,
    plan: np.ndarray,
    cheapest: Outcome | None = None,
    kept: Kept | None = None,
) -> pyo.ConcreteModel:
    """Solve a plan's linear part again, and tell regions apart that were pooled.

    The cheapest solution of the pooled program, with the integer choices fixed, is one of the whole
    program, too: every region of a pool gets the same shares, and its price is its part of the
    pool's. Among all solutions of equal cost the one of lowest latency is taken: columns and rows
    that have a price are held where they are, which leaves exactly those solutions, and over them
    demand-weighted round trips are minimised.

    Parameters
    ----------
    inputs : the whole problem, not pooled.
    pooled : the program of the pooled problem.
    plan : (columns,) a plan of it.
    cheapest : solution of the pooled program with the plan's choices, where there is one already.
    kept : models that may be those of the problem already, or be changed into them.

    Returns
    -------
    pyo.ConcreteModel
        The model of the whole problem, its variables at the plan's values.
    """
    cheapest = cheapest or fixed_choices(pooled, plan)
    if cheapest.values is None:
        raise SolverFailure(f"The plan's choices leave no plan: {cheapest.status.value}.")
    stated = (kept or Kept()).state_whole(inputs)
    model, program = stated.model, stated.program
    values, row_dual = spread(inputs, pooled, cheapest, program)
    values = nearest(model, inputs, program, values, row_dual)
    values[program.integer] = np.round(values[program.integer])
    for variable, value in zip(program.variables, values.tolist(), strict=True):
        variable.set_value(value, skip_validation=True)
    return model


def fixed_choices(program: Program, plan: np.ndarray, control: Control | None = None) -> Outcome:
    """Cheapest solution with the integer columns fixed at a plan's; without values if none."""
    return with_choices(program, plan, control).solve()


def with_choices(program: Program, plan: np.ndarray, control: Control | None = None) -> Solver:
    """Solver of the linear program that is left with the integer columns fixed at a plan's.

    Parameters
    ----------
    control : limits it; without, nothing does: an interrupted solve still gets its plan polished.
    """
    chosen = np.flatnonzero(program.integer)
    fixed = np.round(plan[chosen])
    solver = Solver(program, control or Control(), "polish", relaxed=True)
    solver.set_bounds(chosen, fixed, fixed)
    if len(program.row_lower) > MANY_ROWS:
        solver.set_option("solver", "ipm")
    return solver


def spread(
    inputs: PlanInputs, pooled: Program, cheapest: Outcome, program: Program
) -> tuple[np.ndarray, np.ndarray]:
    """Values and row duals of the whole program from those of the pooled one.

    Variables and constraints correspond by name, with a region's pool in the region's place; the
    dual of a region's demand is its part, by MW, of its pool's.
    """
    assert cheapest.values is not None
    assert cheapest.row_dual is not None
    if program is pooled:
        return cheapest.values.copy(), cheapest.row_dual
    pool = pool_of(inputs).to_dict()
    demand_mw = inputs.demand_mw.to_dict()
    pool_mw: dict[tuple, float] = {}
    for (r, w, t), mw in demand_mw.items():
        key = pool[r, w], w, t
        pool_mw[key] = pool_mw.get(key, 0.0) + mw

    def pooled_name(component: Any) -> tuple[str, Any]:
        kind, index = name(component)
        if kind in ("serve", "unserved", "all_served"):
            index = (pool[index[:2]], *index[1:])
        return kind, index

    value_of = dict(zip(map(name, pooled.variables), cheapest.values, strict=True))
    dual_of = dict(zip(map(name, pooled.constraints), cheapest.row_dual, strict=True))
    values = np.array([value_of[pooled_name(variable)] for variable in program.variables])
    duals = np.array([dual_of[pooled_name(row)] for row in program.constraints])
    for position, row in enumerate(program.constraints):
        kind, index = name(row)
        if kind == "all_served":
            duals[position] *= demand_mw[index] / pool_mw[pooled_name(row)[1]]
    return values, duals


def name(component: Any) -> tuple[str, Any]:
    """Name and index of a variable or constraint."""
    return component.parent_component().local_name, component.index()


def nearest(
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    program: Program,
    values: np.ndarray,
    row_dual: np.ndarray,
) -> np.ndarray:
    """Lowest demand-weighted round trips among the solutions that cost as little."""
    rtt_ms = inputs.routes.rtt_ms.to_dict()
    column_of = program.column_of()
    latency = np.zeros(len(program.cost))
    for (r, w, s, t), serve in model.demand.serve.items():
        latency[column_of[id(serve)]] = model.demand.demand_mw[r, w, t] * rtt_ms[r, w, s]
    column_dual = program.cost - program.matrix.T @ row_dual
    activity = program.matrix @ values
    # A dual of 0.05 is much for a budget in billions: what counts is price times amount.
    least = NO_MONEY * max(abs(program.objective(values)), np.abs(row_dual).max(initial=0.0))
    hold = np.flatnonzero(program.integer | at_stake(column_dual, values, least))
    rows = np.flatnonzero(at_stake(row_dual, activity, least))
    dearest = program.objective(values) + 1e-7 * abs(program.objective(values))
    solver = Solver(program, Control(), "polish", relaxed=True)
    solver.set_bounds(hold, values[hold], values[hold])
    solver.set_row_bounds(rows, activity[rows], activity[rows])
    solver.set_cost(latency)
    outcome = solver.solve()
    # Where rounding leaves nothing between the held rows, the cheapest solution stands.
    if outcome.values is None or program.objective(outcome.values) > dearest:
        return values
    return outcome.values


def at_stake(price: np.ndarray, amount: np.ndarray, least: float) -> np.ndarray:
    """Mask of prices that could move this much money by moving their whole amount, or one unit."""
    return np.abs(price) * np.maximum(np.abs(amount), 1.0) > least

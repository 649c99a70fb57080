"""The last word on a plan: its choices fixed, everything else solved again to full precision."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
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
from optimizer.sifting import Sifter
from optimizer.stations import Stations

# What a price could move in money is nothing below this part of the plan's cost.
NO_MONEY = 1e-12
# Pyomo's own attribute: the function that it has for it takes twenty times as long.
INDEX = attrgetter("_index")
# Variables and constraints whose first index is a region, or a pool of them.
POOLED = ("serve", "unserved", "all_served")


def polish(
    inputs: PlanInputs,
    pooled: Program,
    plan: np.ndarray,
    cheapest: Outcome | None = None,
    kept: Kept | None = None,
    stations: Stations | None = None,
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
    stations : of the pooled program; with them only columns that can matter are held.

    Returns
    -------
    pyo.ConcreteModel
        The model of the whole problem, its variables at the plan's values.
    """
    cheapest = cheapest or fixed_choices(pooled, plan, stations=stations)
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


def fixed_choices(
    program: Program,
    plan: np.ndarray,
    control: Control | None = None,
    stations: Stations | None = None,
) -> Outcome:
    """Cheapest solution with the integer columns fixed at a plan's; without values if none."""
    return with_choices(program, plan, control, stations).solve()


def with_choices(
    program: Program,
    plan: np.ndarray,
    control: Control | None = None,
    stations: Stations | None = None,
) -> Solver:
    """Solver of the linear program that is left with the integer columns fixed at a plan's.

    Parameters
    ----------
    control : limits it; without, nothing does: an interrupted solve still gets its plan polished.
    stations : of the same program; with them it begins with the services that the plan uses, and
        holds others only where they would make it cheaper.
    """
    chosen, control = np.flatnonzero(program.integer), control or Control()
    fixed = np.round(plan[chosen])
    if stations:
        solver: Solver = Sifter(program, stations, plan > program.lower, control, "polish")
    else:
        solver = Solver(program, control, "polish", relaxed=True)
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

    def of_pools(kind: str, indices: list) -> list:
        if kind not in POOLED:
            return indices
        return [(pool[index[:2]], *index[1:]) for index in indices]

    def all_of(components: list, numbers: dict[str, dict[Any, float]]) -> np.ndarray:
        return np.array(
            [
                numbers[kind][index]
                for kind, indices in named(components)
                for index in of_pools(kind, indices)
            ]
        )

    values = all_of(program.variables, by_name(pooled.variables, cheapest.values))
    duals = all_of(program.constraints, by_name(pooled.constraints, cheapest.row_dual))
    position = 0
    for kind, indices in named(program.constraints):
        if kind == "all_served":
            parts = zip(indices, of_pools(kind, indices), strict=True)
            part = [demand_mw[index] / pool_mw[of_pool] for index, of_pool in parts]
            duals[position : position + len(indices)] *= part
        position += len(indices)
    return values, duals


def by_name(components: list, numbers: np.ndarray) -> dict[str, dict[Any, float]]:
    """Numbers of variables or constraints by their names and indices."""
    found: dict[str, dict[Any, float]] = {}
    each = iter(numbers.tolist())
    for kind, indices in named(components):
        found.setdefault(kind, {}).update(zip(indices, each))  # noqa: B905, the longer one goes on
    return found


def named(components: list) -> Iterator[tuple[str, list]]:
    """Name of each variable or constraint with the indices of those of it that stand together."""
    for _, run in groupby(components, lambda component: id(component.parent_component())):
        together = list(run)
        kind = together[0].parent_component().local_name
        yield kind, list(map(INDEX, together))


def nearest(
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    program: Program,
    values: np.ndarray,
    row_dual: np.ndarray,
) -> np.ndarray:
    """Lowest demand-weighted round trips among the solutions that cost as little."""
    route, stage = inputs.services
    latency = np.zeros(len(program.cost))
    shares = program.columns_of(model.demand.each_share)
    latency[shares] = inputs.routed_mw[route, stage] * inputs.routes.rtt_ms.to_numpy()[route]
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

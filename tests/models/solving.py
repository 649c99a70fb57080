"""Solve models of tests with SciPy's solver, which shares no code with ours."""

from collections.abc import Iterable
from math import isclose

import numpy as np
import pyomo.environ as pyo
from scipy.optimize import Bounds, LinearConstraint, milp

from models import PlanInputs, build_model, strong_links
from optimizer.program import Program, compile_program


def optimum(inputs: PlanInputs, *, without: str = "", with_links: bool = False) -> float | None:
    """Least cost, None if there is no plan.

    Parameters
    ----------
    without : a constraint to leave out, such as `siting.stays_open`.
    with_links : write all strong links as rows.
    """
    model = build_model(inputs)
    if without:
        component = model.find_component(without)
        assert len(component), f"no row of {without}: leaving it out would change nothing"
        component.deactivate()
    if with_links:
        write_links(model, inputs)
    return solve(model)


def same_cost(one: float | None, other: float | None) -> bool:
    """Whether two optima agree to what a solver promises, or both are of no plan."""
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-6, abs_tol=1e-6)


def solved(inputs: PlanInputs) -> pyo.ConcreteModel:
    """Model with its variables at the optimum."""
    model = build_model(inputs)
    assert solve(model) is not None
    return model


def solve(model: pyo.ConcreteModel) -> float | None:
    """Set a model's variables to the cheapest plan and return its cost; None if there is none."""
    program = compile_program(model)
    result = run(program, program.integer)
    if result is None:
        return None
    values, cost = result
    for variable, value, whole in zip(program.variables, values, program.integer, strict=True):
        variable.set_value(round(value) if whole else float(value), skip_validation=True)
    return cost


def relaxed(inputs: PlanInputs, *, strong: bool) -> float | None:
    """Optimum of the linear relaxation, with all strong links or with none."""
    model = build_model(inputs)
    if strong:
        write_links(model, inputs)
    program = compile_program(model)
    result = run(program, np.zeros(len(program.cost)))
    return None if result is None else result[1]


def write_links(model: pyo.ConcreteModel, inputs: PlanInputs) -> None:
    """Write all strong links as rows, which models themselves never do."""
    stated = strong_links(model, inputs)
    links = {
        variable.index(): (variable, most, gate)
        for variable, most, gate in zip(stated.variables, stated.most, stated.gates, strict=True)
    }
    model.cuts = pyo.Block()
    # Some links are of a share, some of a site's load.
    model.cuts.LINKS = pyo.Set(dimen=None, initialize=list(links))
    model.cuts.strong_links = pyo.Constraint(
        model.cuts.LINKS,
        rule=lambda _, *key: links[key][0] <= links[key][1] * links[key][2],
    )


def run(program: Program, integer: Iterable[bool]) -> tuple[np.ndarray, float] | None:
    """Optimal point and its cost; None if no point is feasible."""
    result = milp(
        program.cost,
        integrality=np.asarray(integer, dtype=int),
        bounds=Bounds(program.lower, program.upper),
        constraints=LinearConstraint(program.matrix, program.row_lower, program.row_upper),
        options={"mip_rel_gap": 0.0},
    )
    if result.status == 2:
        return None
    assert result.status == 0, result.message
    return result.x, float(result.fun) + program.offset

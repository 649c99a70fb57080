"""The one file that talks to SCIP, the second solver: a program in, its optimum and bound out."""

import math
from importlib.util import find_spec
from typing import Any

import numpy as np

from optimizer.errors import SolverFailure
from optimizer.outcome import Outcome, Status
from optimizer.program import Program
from optimizer.scaling import cost_scale

# Names of SCIP's own for how a solve ends; a gap that is reached counts as an optimum.
STATUS = {
    "optimal": Status.OPTIMAL,
    "gaplimit": Status.OPTIMAL,
    "infeasible": Status.INFEASIBLE,
    "inforunbd": Status.INFEASIBLE,
    "timelimit": Status.TIME_LIMIT,
    "userinterrupt": Status.INTERRUPTED,
}


def is_installed() -> bool:
    """Whether PySCIPOpt, which brings SCIP along, can be imported."""
    return find_spec("pyscipopt") is not None


def version() -> str:
    """SCIP's version."""
    import pyscipopt  # noqa: PLC0415 — an extra

    return str(pyscipopt.Model().version())


def solve(program: Program, *, gap: float, seconds: float = math.inf, seed: int = 0) -> Outcome:
    """Solve a program with SCIP, from nothing that another solver found.

    Parameters
    ----------
    gap : relative gap at which to stop.
    seconds : time limit.
    seed : shift of all of SCIP's random choices.

    Raises
    ------
    SolverFailure
        SCIP ended in a way that proves nothing and is no limit.
    """
    scale = cost_scale(program.cost)
    model, columns = model_of(program, scale)
    model.setParam("randomization/randomseedshift", seed)
    model.setParam("limits/gap", gap)
    model.setParam("limits/time", min(seconds, 1e9))
    model.optimize()
    status = STATUS.get(model.getStatus())
    if status is None:
        raise SolverFailure(f"SCIP ended with status {model.getStatus()!r}.")
    best = model.getBestSol() if model.getNSols() else None
    bound = model.getDualbound()
    return Outcome(
        status=status,
        values=None if best is None else np.array([best[column] for column in columns]),
        objective=math.inf if best is None else model.getObjVal() * scale,
        bound=-math.inf if model.isInfinity(abs(bound)) else bound * scale,
    )


def model_of(program: Program, scale: float) -> tuple[Any, list]:
    """Program as a model of SCIP, its costs divided by a scale, and the model's columns."""
    import pyscipopt  # noqa: PLC0415 — an extra

    model = pyscipopt.Model("sitewatt")
    model.hideOutput()
    columns = [
        model.addVar(
            vtype="I" if whole else "C",
            lb=None if math.isinf(lower) else lower,
            ub=None if math.isinf(upper) else upper,
            obj=cost / scale,
        )
        for whole, lower, upper, cost in zip(
            program.integer.tolist(),
            program.lower.tolist(),
            program.upper.tolist(),
            program.cost.tolist(),
            strict=True,
        )
    ]
    model.addObjoffset(program.offset / scale)
    matrix = program.matrix
    ends = matrix.indptr.tolist()
    indices, values = matrix.indices.tolist(), matrix.data.tolist()
    limits = zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)
    for row, (lower, upper) in enumerate(limits):
        places = range(ends[row], ends[row + 1])
        activity = pyscipopt.quicksum(values[place] * columns[indices[place]] for place in places)
        if lower == upper:
            model.addCons(activity == upper)
            continue
        if not math.isinf(lower):
            model.addCons(activity >= lower)
        if not math.isinf(upper):
            model.addCons(activity <= upper)
    return model, columns

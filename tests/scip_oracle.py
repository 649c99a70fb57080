"""SCIP on an oracle's program: a solver that shares no code with HiGHS, which is SciPy's, too."""

from math import inf

from tests.oracle import Program

# Costs in millions are numbers of the size that SCIP's tolerances are made for.
MILLION = 1e6


def scip_optimum(program: Program) -> float | None:
    """Least cost of a program; None if nothing satisfies its rows."""
    from pyscipopt import Model, quicksum  # noqa: PLC0415 — an extra

    model = Model()
    model.hideOutput()
    model.setParam("numerics/feastol", 1e-9)
    model.setParam("numerics/dualfeastol", 1e-9)
    columns = [
        model.addVar(vtype="I" if whole else "C", lb=0, ub=None if upper == inf else upper)
        for whole, upper in zip(program.whole, program.upper, strict=True)
    ]
    model.setObjective(
        quicksum(c / MILLION * x for c, x in zip(program.cost, columns, strict=True))
    )
    activity = [[] for _ in program.low]
    for row, column, value in program.entries:
        activity[row].append(value * columns[column])
    for terms, low, high in zip(activity, program.low, program.high, strict=True):
        if not terms:
            if low > 0 or high < 0:
                return None
        elif low == high:
            model.addCons(quicksum(terms) == high)
        else:
            if low > -inf:
                model.addCons(quicksum(terms) >= low)
            if high < inf:
                model.addCons(quicksum(terms) <= high)
    model.optimize()
    assert model.getStatus() in ("optimal", "infeasible"), model.getStatus()
    return model.getObjVal() * MILLION if model.getStatus() == "optimal" else None

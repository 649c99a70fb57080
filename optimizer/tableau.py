"""Rows of the simplex tableau, rounded: each tells a number in fractions by others at limits.

Where an optimum of the relaxation leaves a number in fractions, its basis says which rows to add
up, each times what, so that all that is free to move cancels but for that number. Links and cuts
that were added on the way are among the rows.

Source: Gomory 1960, "An algorithm for the mixed integer problem"; Balas, Ceria, Cornuéjols and
Natraj 1996, "Gomory cuts revisited".
"""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from optimizer.cuts import Cut
from optimizer.highs import Solver
from optimizer.program import Program
from optimizer.rounding import FRACTION, ROUNDING, Limits, Point, Rows, Sum

# Numbers at most whose rows are rounded at a time, those first that are furthest from whole.
MOST_ROWS = 200


def tableau_cuts(program: Program, solver: Solver, values: np.ndarray) -> Iterator[Cut]:
    """Cuts from rows of the simplex tableau that its optimum breaks.

    Parameters
    ----------
    program : with all rows that the solver holds, in its order.
    solver : holds its relaxation, and has just solved it.
    values : (columns,) the optimum. Where `solver.control` asks to stop, no more follow.
    """
    limits = Limits.of(program)
    activity = program.matrix @ values
    upper = program.row_upper - activity < activity - program.row_lower
    sign = np.where(upper, -1.0, 1.0)
    rows = Rows(
        matrix=sparse.csr_array(sparse.diags_array(sign) @ program.matrix),
        least=np.where(upper, -program.row_upper, program.row_lower),
        equal=program.row_lower == program.row_upper,
    )
    point = Point(limits, rows, values)
    between = np.where(limits.whole, np.abs(values - np.round(values)), 0.0)
    columns = np.argsort(-between, kind="stable")[: min((between > FRACTION).sum(), MOST_ROWS)]
    for weights in solver.tableau(columns):
        used = np.flatnonzero(weights)
        if solver.control.must_stop():
            return
        if not np.isfinite(rows.least[used]).all():
            continue
        for way in (1.0, -1.0):
            _, cut = point.cut(added(limits, rows, used, way * sign[used] * weights[used]))
            if cut:
                yield cut


def added(limits: Limits, rows: Rows, some: np.ndarray, weights: np.ndarray) -> Sum:
    """Some rows, each times its weight, without what they cancel.

    What is left of that, as weights are rounded, is left out at its most: the sum is no less.
    """
    matrix = rows.matrix[some]
    total, terms = matrix.T @ weights, abs(matrix).T @ np.abs(weights)
    kept = np.abs(total) > ROUNDING * terms
    columns, gone = np.flatnonzero(kept), np.flatnonzero(~kept & (total != 0))
    most = np.where(total > 0, limits.upper, limits.lower)[gone]
    over = float((total[gone] * np.where(np.isfinite(most), most, 0.0)).sum())
    return Sum(columns, total[columns], float(weights @ rows.least[some]) - over, some, weights)

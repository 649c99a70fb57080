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
        for one in added(limits, rows, used, sign[used] * weights[used]):
            _, cut = point.cut(one)
            if cut:
                yield cut


def added(limits: Limits, rows: Rows, some: np.ndarray, weights: np.ndarray) -> Iterator[Sum]:
    """Some rows, each times its weight, without what they cancel; and the other way round.

    What is left of that, as weights are rounded, is left out at its most: the sum is no less.
    """
    matrix = rows.matrix[some]
    columns, where = np.unique(matrix.indices, return_inverse=True)
    terms = np.repeat(weights, np.diff(matrix.indptr)) * matrix.data
    total = np.bincount(where, terms)
    kept = np.abs(total) > ROUNDING * np.bincount(where, np.abs(terms))
    gone = ~kept & (total != 0)
    lower, upper = limits.lower[columns[gone]], limits.upper[columns[gone]]
    for way in (1.0, -1.0):
        most = np.where(way * total[gone] > 0, upper, lower)
        over = float((total[gone] * np.where(np.isfinite(most), most, 0.0)).sum())
        least = way * (float(weights @ rows.least[some]) - over)
        yield Sum(columns[kept], way * total[kept], least, some, way * weights)

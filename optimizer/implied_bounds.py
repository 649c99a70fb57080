"""Bounds that a program's rows imply for its columns, and multipliers that need no others.

A multiplier from a solver is right up to rounding, so a column may pull a little the wrong way: by
weak duality that costs its bound times very little, if it has one. Most columns of power have none
of their own, but the rows between them and a hall, a line or a demand do.
"""

import numpy as np

from optimizer.program import Program

# Rows hand bounds on to each other: from a hall to its load, to power, to what is stored.
MOST_PASSES = 30
# Added to every bound: far more than the rounding of the sums it comes from.
MARGIN = 1e-6
# Multipliers give in this often where a column without a bound still pulls.
MOST_REPAIRS = 50
ROUNDING = 1e-13


def implied_bounds(program: Program) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper bounds of columns, from their own and those of others in the same rows.

    Only columns without a bound get one: the others need none that is tighter. Each row says of
    one column what is left of its limit by the least that all others add (Brearley, Mitra and
    Williams 1975).
    """
    lower, upper = program.lower.copy(), program.upper.copy()
    matrix = program.matrix
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    column, entry = matrix.indices, matrix.data
    kept = entry != 0
    row, column, entry = row[kept], column[kept], entry[kept]
    for _ in range(MOST_PASSES):
        # sum <= row_upper, and -sum <= -row_lower.
        open_before = int(np.isinf(lower).sum() + np.isinf(upper).sum())
        for sign, limit in ((1.0, program.row_upper), (-1.0, -program.row_lower)):
            tighten(row, column, sign * entry, limit, lower, upper)
        if int(np.isinf(lower).sum() + np.isinf(upper).sum()) == open_before:
            break
    return lower, upper


def tighten(
    row: np.ndarray,
    column: np.ndarray,
    entry: np.ndarray,
    limit: np.ndarray,
    lower: np.ndarray,
    upper: np.ndarray,
) -> None:
    """Bound columns without one by rows of the form sum <= limit."""
    least = entry * np.where(entry > 0, lower[column], upper[column])
    finite = np.isfinite(least)
    known = np.where(finite, least, 0.0)
    size = len(limit)
    total = np.bincount(row, weights=known, minlength=size)
    scale = np.bincount(row, weights=np.abs(known), minlength=size)
    missing = np.bincount(row, weights=~finite, minlength=size)
    # All others of the row are known.
    usable = np.isfinite(limit[row]) & (missing[row] == ~finite)
    wanting = np.isinf(np.where(entry > 0, upper[column], lower[column]))
    at = np.flatnonzero(usable & wanting)
    room = limit[row[at]] - (total[row[at]] - known[at])
    bound = room / entry[at]
    size = (scale + np.abs(np.where(np.isfinite(limit), limit, 0.0)))[row[at]] / np.abs(entry[at])
    slack = MARGIN * (1 + size)
    up = entry[at] > 0
    np.minimum.at(upper, column[at][up], (bound + slack)[up])
    np.maximum.at(lower, column[at][~up], (bound - slack)[~up])


def repaired(
    program: Program, multipliers: np.ndarray, lower: np.ndarray, upper: np.ndarray
) -> np.ndarray:
    """Multipliers that pull no column the wrong way that has no bound there, if that can be had.

    Where rows ask a little more of a column than it costs, they are made to ask a little less:
    any multipliers give a valid bound, and these one that is more than minus infinity.

    Parameters
    ----------
    lower, upper : bounds of the columns, implied ones among them.
    """
    by_column, size = program.matrix.tocsc(), abs(program.matrix)
    y = multipliers.copy()
    open_below, open_above = np.isinf(lower), np.isinf(upper)
    for _ in range(MOST_REPAIRS):
        pull = program.cost - program.matrix.T @ y
        # Nearer to nothing than this, only fractions can tell the sign.
        near = ROUNDING * (np.abs(program.cost) + size.T @ np.abs(y))
        wrong = (open_above & (pull < near)) | (open_below & (pull > -near))
        repairs = 0
        for j in np.flatnonzero(wrong):
            sign = 1.0 if open_above[j] else -1.0
            entries = slice(by_column.indptr[j], by_column.indptr[j + 1])
            rows = by_column.indices[entries]
            asked = sign * by_column.data[entries] * y[rows]
            whole = asked[asked > 0].sum()
            if whole > 0:
                y[rows[asked > 0]] *= max(0.0, 1 - (4 * near[j] - sign * pull[j]) / whole)
                repairs += 1
        if not repairs:
            break
    return y

"""Powers of two that bring a program's numbers near 1, where a solver's tolerances mean something.

A solver calls a row kept that is broken by no more than 1e-6, whatever its unit: of a budget in
rupiah that is less than a float can tell apart. Powers of two change no digit, so that a dual
solution of the scaled program is, scaled back, exactly one of the program itself.
"""

import math

import numpy as np

# Rows whose coefficients are within this factor of 1 stay as they are.
NEAR_ONE = 2.0**10


def cost_scale(cost: np.ndarray) -> float:
    """Power of two near the typical cost, to divide costs by."""
    sizes = np.abs(cost[cost != 0])
    return float(2.0 ** round(math.log2(np.median(sizes)))) if sizes.size else 1.0


def row_scale(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Powers of two near the geometric mean of each row's coefficients, to divide the row by.

    Parameters
    ----------
    values : (nonzeros,) coefficients, row by row.
    starts : (rows + 1,) where each row starts in `values`, and their end.
    """
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    known = values != 0
    digits = np.log2(np.abs(values[known]))
    count = np.bincount(rows[known], minlength=len(starts) - 1)
    mean = np.bincount(rows[known], digits, minlength=len(starts) - 1) / np.maximum(count, 1)
    far = np.abs(mean) > math.log2(NEAR_ONE)
    return np.where(far, 2.0 ** np.round(mean), 1.0)

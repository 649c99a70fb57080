"""Bounds that a better plan must keep to, by reduced costs."""

import numpy as np


def narrowed(
    lower: np.ndarray,
    upper: np.ndarray,
    whole: np.ndarray,
    values: np.ndarray,
    reduced_cost: np.ndarray,
    spare: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of columns, each held near the one it is at, as far as a better plan can move it.

    A step of d off its bound costs a plan d times the column's reduced cost more than the
    relaxation, and a better plan has no more than `spare` to spend. Whole numbers move in steps.

    Parameters
    ----------
    lower, upper, values, reduced_cost : (columns,) of a linear program and its optimum.
    whole : (columns,) mask of the whole numbers.
    """
    price = np.abs(reduced_cost)
    step = np.divide(spare, price, out=np.full(len(price), np.inf), where=price > 0)
    step = np.where(whole, np.floor(step), step)
    near = step < upper - lower
    step = np.where(near, step, 0.0)
    rise = near & (reduced_cost > 0) & (values <= lower)
    fall = near & (reduced_cost < 0) & (values >= upper)
    return np.where(fall, upper - step, lower), np.where(rise, lower + step, upper)

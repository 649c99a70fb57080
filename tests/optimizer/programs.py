"""Small programs to hand to the solver."""

import numpy as np
from scipy import sparse

from optimizer.program import Program


def program(
    cost: list[float],
    rows: list[list[float]],
    row_lower: list[float],
    row_upper: list[float],
    *,
    upper: list[float] | None = None,
    integer: list[bool] | None = None,
    offset: float = 0.0,
) -> Program:
    """Minimise cost · x + offset over x ≥ 0, from plain lists."""
    count = len(cost)
    return Program(
        cost=np.array(cost, dtype=float),
        offset=offset,
        lower=np.zeros(count),
        upper=np.array(upper if upper is not None else [np.inf] * count, dtype=float),
        integer=np.array(integer if integer is not None else [False] * count),
        matrix=sparse.csr_array(np.array(rows, dtype=float)),
        row_lower=np.array(row_lower, dtype=float),
        row_upper=np.array(row_upper, dtype=float),
        variables=[],
        constraints=[],
    )


def knapsack(items: int, seed: int = 0) -> Program:
    """A knapsack with ten constraints, too hard to solve in a moment."""
    dice = np.random.default_rng(seed)
    weights = dice.integers(10, 1000, (10, items)).astype(float)
    values = weights.mean(axis=0) + dice.integers(0, 100, items)
    limits = weights.sum(axis=1) / 2
    return program(
        list(-values),
        weights.tolist(),
        [-np.inf] * 10,
        limits.tolist(),
        upper=[1.0] * items,
        integer=[True] * items,
    )

"""Cuts: rows that are true of every plan, but not of every point of the relaxation."""

from dataclasses import dataclass

import numpy as np

from optimizer.highs import Solver


@dataclass(frozen=True)
class Cut:
    """`coefficients · columns >= least`, true of every plan.

    Parameters
    ----------
    haste : how much longer than others the steps of its price are, in an ascent: a site is worth
        many demands.
    """

    columns: np.ndarray
    coefficients: np.ndarray
    least: float
    haste: float = 1.0


def add_cuts(solver: Solver, cuts: list[Cut]) -> None:
    """Add cuts to a solver as rows."""
    if not cuts:
        return
    sizes = [len(cut.columns) for cut in cuts]
    solver.add_rows(
        lower=np.array([cut.least for cut in cuts]),
        upper=np.full(len(cuts), np.inf),
        starts=np.cumsum([0, *sizes[:-1]]),
        indices=np.concatenate([cut.columns for cut in cuts]),
        values=np.concatenate([cut.coefficients for cut in cuts]),
    )

"""Cuts: rows that are true of every plan, but not of every point of the relaxation."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.highs import Solver
from optimizer.program import Program

# Terms of a cut at most: longer ones make linear programs slow, and bring in many columns.
MOST_TERMS = 300


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

    def fitting(self, solver: Solver) -> "Cut | None":
        """Without terms that a solver can do without; None where it is too long all the same.

        Columns that it does not hold are 0, and one that takes from the sum may stay out of it.
        """
        kept = solver.holds(self.columns) | (self.coefficients > 0)
        if kept.sum() > MOST_TERMS:
            return None
        return replace(self, columns=self.columns[kept], coefficients=self.coefficients[kept])


def tightest(cuts: Iterable[Cut]) -> list[Cut]:
    """Of parallel cuts the tightest."""
    found: dict[tuple, tuple[float, Cut]] = {}
    for cut in cuts:
        size = np.abs(cut.coefficients).max()
        alike = (*cut.columns, *(cut.coefficients / size).round(6))
        if alike not in found or cut.least / size > found[alike][0]:
            found[alike] = cut.least / size, cut
    return [cut for _, cut in found.values()]


def with_cuts(program: Program, cuts: list[Cut]) -> Program:
    """Program with cuts as rows behind its own."""
    rows = np.repeat(np.arange(len(cuts)), [len(cut.columns) for cut in cuts])
    entries = np.concatenate([cut.coefficients for cut in cuts])
    columns = np.concatenate([cut.columns for cut in cuts])
    added = sparse.csr_array((entries, (rows, columns)), shape=(len(cuts), len(program.cost)))
    least = np.array([cut.least for cut in cuts])
    return program.with_rows(added, least, np.full(len(cuts), np.inf))


def add_cuts(solver: Solver, cuts: list[Cut]) -> None:
    """Add cuts to a solver as rows."""
    if not cuts:
        return
    sizes = [len(cut.columns) for cut in cuts]
    columns = np.concatenate([cut.columns for cut in cuts])
    solver.hold(columns)
    solver.add_rows(
        lower=np.array([cut.least for cut in cuts]),
        upper=np.full(len(cuts), np.inf),
        starts=np.cumsum([0, *sizes[:-1]]),
        indices=columns,
        values=np.concatenate([cut.coefficients for cut in cuts]),
    )

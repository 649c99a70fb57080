"""Rows that are rounded together: each joins to be rid of a number that is not whole.

They are looked for only where the point at hand has a whole number in fractions.

Source: Marchand and Wolsey 2001, "Aggregation and mixed integer rounding to solve MIPs".
"""

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from optimizer.cuts import Cut
from optimizer.outcome import Control
from optimizer.program import Program
from optimizer.rounding import FRACTION, Limits, Point, Rows, Sum

# Longer rows are left out, but for those that add up shares of demands.
LONGEST_ROW = 100
# Rows that are added to one at most, each to be rid of a number that is not whole: of two stages of
# `europe` 0.066 % of 0.337 are left with two, 0.017 with six, 0.014 with eight; where several sites
# share a node, a row of each joins that of the node.
MOST_ADDED = 8


class Aggregator:
    """Rows of a program that may be added up and rounded.

    Attributes
    ----------
    defines : (rows,) mask of those that say what one number comes to by shares of demands, such as
        a site's load.
    definition, entry : (columns,) the row that defines a column, -1 for none, and its coefficient.
    """

    def __init__(self, program: Program) -> None:
        self.limits = Limits.of(program)
        share = ~program.integer & (program.upper <= 1)
        matrix = program.matrix
        length = np.diff(matrix.indptr)
        of_row = np.repeat(np.arange(len(length)), length)
        shares = np.bincount(of_row[share[matrix.indices]], minlength=len(length))
        equal = program.row_lower == program.row_upper
        defines = equal & (shares > 0) & (length - shares == 1)
        taken = defines | ((shares == 0) & (length <= LONGEST_ROW))
        low = np.flatnonzero(taken & np.isfinite(program.row_lower))
        high = np.flatnonzero(taken & np.isfinite(program.row_upper) & ~equal)
        self.rows = Rows(
            matrix=sparse.csr_array(sparse.vstack([matrix[low], -matrix[high]])),
            least=np.concatenate([program.row_lower[low], -program.row_upper[high]]),
            equal=np.concatenate([equal[low], equal[high]]),
        )
        self.defines = np.concatenate([defines[low], defines[high]])
        self.by_column = sparse.csc_array(self.rows.matrix)
        terms = self.rows.matrix.tocoo()
        row, column = terms.coords
        own = self.defines[row] & ~share[column]
        self.definition = np.full(len(program.cost), -1)
        self.definition[column[own]] = row[own]
        self.entry = np.ones(len(program.cost))
        self.entry[column[own]] = terms.data[own]

    def cuts(self, values: np.ndarray, control: Control) -> Iterator[Cut]:
        """Cuts that a point breaks, at most one for each row that has fractions.

        Parameters
        ----------
        values : (columns,)
        control : where it asks to stop, those found so far are all.
        """
        point = Point(self.limits, self.rows, values)
        in_fractions = self.limits.whole & (np.abs(values - np.round(values)) > FRACTION)
        for start in np.unique(self.by_column[:, np.flatnonzero(in_fractions)].indices):
            if control.must_stop():
                return
            if cut := self.deepest(point, start):
                yield cut

    def deepest(self, point: Point, start: int) -> Cut | None:
        """The cut furthest from a point, of those from a row alone and with others added."""
        best, deepest = None, 0.0
        one: Sum | None = point.plus(None, np.array([start]), np.ones(1))
        while one:
            for each in (one, self.by_shares(point, one)):
                depth, cut = point.cut(each) if each else (0.0, None)
                if depth > deepest:
                    best, deepest = cut, depth
            one = self.longer(point, one)
        return best

    def by_shares(self, point: Point, one: Sum) -> Sum | None:
        """A sum in which numbers are told by shares of demands, where rows define them so."""
        rows = self.definition[one.columns]
        told = (rows >= 0) & (point.between[one.columns] > FRACTION)
        if not told.any():
            return None
        return point.plus(one, rows[told], (-one.coefficients / self.entry[one.columns])[told])

    def longer(self, point: Point, one: Sum) -> Sum | None:
        """With one row more, and without the number that is furthest from both of its limits."""
        between = np.where(self.limits.whole[one.columns], 0.0, point.between[one.columns])
        if len(one.rows) > MOST_ADDED or between.max(initial=0.0) <= FRACTION:
            return None
        at = int(np.argmax(between))
        gone = one.columns[at]
        entries = slice(self.by_column.indptr[gone], self.by_column.indptr[gone + 1])
        rows, entry = self.by_column.indices[entries], self.by_column.data[entries]
        # The row that is kept most narrowly, of those that are not in it.
        spare = point.spare[rows] / np.abs(entry)
        spare[(rows[:, None] == one.rows).any(axis=1) | self.defines[rows]] = np.inf
        place = int(np.argmin(spare))
        if spare[place] == np.inf:
            return None
        return point.plus(one, rows[[place]], -one.coefficients[[at]] / entry[[place]])

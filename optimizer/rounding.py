"""Mixed-integer rounding: what rows say once some of their numbers are whole.

Servers come by 40 MW. A hall that has 10.7 MW of them, and power for 30, has use for one block
more, and a relaxation buys 0.48 of one. The row of its servers, less that of its power, rounded,
says that whoever serves more than 10.7 MW pays for a whole block. Such rows are looked for only
where the point at hand has a whole number in fractions.

Source: Marchand and Wolsey 2001, "Aggregation and mixed integer rounding to solve MIPs".
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.cuts import Cut
from optimizer.outcome import Control
from optimizer.program import Program

# A sum that is this near to a whole number is not rounded: little is gained, by large coefficients.
LEAST_FRACTION = 1e-3
# Nor is one of so many units, whose fraction is but rounding.
MOST_UNITS = 1e6
# Longer rows are left out, but for those that add up shares of demands.
LONGEST_ROW = 100
# Rows that are added to one at most, each to be rid of a number that is not whole: of two stages of
# `europe` 0.066 % of 0.337 are left with two, 0.017 with six, 0.014 with eight; where several sites
# share a node, a row of each joins that of the node.
MOST_ADDED = 8
# Divisors tried at most, the largest, and parts of each.
MOST_DIVISORS, PARTS = 20, np.array([1.0, 2.0, 4.0, 8.0])
# How far a point must be beyond a cut, and what is in fractions or between its limits.
LEAST_DEPTH, FRACTION = 1e-3, 1e-6
# Coefficients below this part of the largest are left out, and what cancels but for this part.
LEAST_COEFFICIENT, ROUNDING = 1e-6, 1e-11


def rounded(
    coefficients: np.ndarray, target: np.ndarray, divisor: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Divide a sum of whole numbers by some divisors and round it up.

    Parameters
    ----------
    coefficients : (numbers,) of whole numbers that are at least 0.
    target : (divisors,) what they and others come to at least, divided already.
    divisor : (divisors,) above 0.

    Returns
    -------
    (divisors, numbers) coefficients with which the numbers come to `ceil(target)`, and (divisors,)
    by what others are to be divided once more; not a number where rounding is for nothing.
    """
    fraction = target - np.floor(target)
    gains = (fraction > LEAST_FRACTION) & (fraction < 1 - LEAST_FRACTION)
    gains &= np.abs(target) < MOST_UNITS
    fraction = np.where(gains, fraction, np.nan)
    divided = coefficients / divisor[:, None]
    whole = np.floor(divided)
    return whole + np.minimum(1.0, (divided - whole) / fraction[:, None]), fraction


@dataclass(frozen=True)
class Sum:
    """Rows added, each times its weight: Σ coefficients · columns = least + Σ weights · spare.

    Parameters
    ----------
    columns, coefficients : (terms,)
    rows, weights : (rows,) what was added; `spare` is how much more than a row asks a point keeps.
    """

    columns: np.ndarray
    coefficients: np.ndarray
    least: float
    rows: np.ndarray
    weights: np.ndarray


@dataclass(frozen=True)
class Shifted:
    """Σ numbers · far + others ≥ least, of whole numbers by how far they are from a limit.

    Parameters
    ----------
    numbers, far, span : (numbers,) coefficients, where a point is, and from limit to limit.
    others, squares : what a point has of all that is not whole, and the sum of their coefficients'
        squares.
    """

    numbers: np.ndarray
    far: np.ndarray
    span: np.ndarray
    least: float
    others: float
    squares: float

    def depth(self, divisor: np.ndarray) -> np.ndarray:
        """How far the point is beyond the cuts by some divisors, (divisors,)."""
        steps, fraction = rounded(self.numbers, self.least / divisor, divisor)
        times = 1 / (divisor * fraction)
        short = np.ceil(self.least / divisor) - steps @ self.far - self.others * times
        norm = np.sqrt((steps**2).sum(axis=1) + self.squares * times**2)
        return np.where(norm > 0, short / np.where(norm > 0, norm, 1.0), 0.0)

    def turned(self, at: int) -> "Shifted":
        """The same with one number by how far it is from its other limit."""
        numbers, far = self.numbers.copy(), self.far.copy()
        numbers[at], far[at] = -numbers[at], self.span[at] - far[at]
        least = self.least - self.numbers[at] * self.span[at]
        return replace(self, numbers=numbers, far=far, least=least)


class Rounder:
    r"""Rows of a program that may be rounded, as `rows x >= least`.

    A sum of rows says of whole numbers $z$ and others $y$, all counted from a limit of theirs, that

    $$\sum_j a_j z_j + \sum_k c_k y_k \ge b.$$

    Then with any divisor $d > 0$ and $f = b/d - \lfloor b/d \rfloor > 0$ every plan keeps

    $$\sum_j \Bigl(\lfloor a_j/d \rfloor + \min\bigl(1, (a_j/d - \lfloor a_j/d \rfloor)/f\bigr)
      \Bigr) z_j + \sum_{c_k > 0} \frac{c_k}{d f}\,y_k \ge \lceil b/d \rceil.$$

    What a row keeps more than it asks for counts among the $y$. Unit: none, as whole numbers have
    none. Source: Marchand and Wolsey 2001, theorem 1 and section 4.

    Parameters
    ----------
    program : whose plans all cuts hold for.

    Attributes
    ----------
    share : (columns,) mask of shares of demands, and of whatever else is at most 1 and not whole.
    equal, defines : (rows,) masks of equations, and of those that say what one number comes to by
        shares of demands, such as a site's load.
    definition, entry : (columns,) the row that defines a column, -1 for none, and its coefficient.
    """

    def __init__(self, program: Program) -> None:
        self.whole = program.integer
        self.lower = np.where(self.whole, np.ceil(program.lower - FRACTION), program.lower)
        self.upper = np.where(self.whole, np.floor(program.upper + FRACTION), program.upper)
        self.share = ~self.whole & (program.upper <= 1)
        matrix = program.matrix
        length = np.diff(matrix.indptr)
        of_row = np.repeat(np.arange(len(length)), length)
        shares = np.bincount(of_row[self.share[matrix.indices]], minlength=len(length))
        equal = program.row_lower == program.row_upper
        defines = equal & (shares > 0) & (length - shares == 1)
        taken = defines | ((shares == 0) & (length <= LONGEST_ROW))
        low = np.flatnonzero(taken & np.isfinite(program.row_lower))
        high = np.flatnonzero(taken & np.isfinite(program.row_upper) & ~equal)
        self.rows = sparse.csr_array(sparse.vstack([matrix[low], -matrix[high]]))
        self.by_column = sparse.csc_array(self.rows)
        self.least = np.concatenate([program.row_lower[low], -program.row_upper[high]])
        self.equal, self.defines = (
            np.concatenate([flags[low], flags[high]]) for flags in (equal, defines)
        )
        terms = self.rows.tocoo()
        row, column = terms.coords
        own = self.defines[row] & ~self.share[column]
        self.definition = np.full(len(program.cost), -1)
        self.definition[column[own]] = row[own]
        self.entry = np.ones(len(program.cost))
        self.entry[column[own]] = terms.data[own]

    def row(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Columns and coefficients of a row."""
        entries = slice(self.rows.indptr[row], self.rows.indptr[row + 1])
        return self.rows.indices[entries], self.rows.data[entries]

    def cuts(self, point: np.ndarray, control: Control) -> list[Cut]:
        """Cuts that a point breaks, at most one for each row that has fractions.

        Parameters
        ----------
        point : (columns,)
        control : where it asks to stop, those found so far are all.
        """
        at = At(self, point)
        in_fractions = self.whole & (np.abs(point - np.round(point)) > FRACTION)
        found: dict[tuple, tuple[float, Cut]] = {}
        for start in np.unique(self.by_column[:, np.flatnonzero(in_fractions)].indices):
            if control.must_stop():
                break
            if cut := at.deepest(start):
                size = np.abs(cut.coefficients).max()
                alike = (*cut.columns, *(cut.coefficients / size).round(6))
                if alike not in found or cut.least / size > found[alike][0]:
                    found[alike] = cut.least / size, cut
        return [cut for _, cut in found.values()]


class At:
    """A point, and the cuts that it breaks."""

    def __init__(self, rounder: Rounder, point: np.ndarray) -> None:
        self.of = rounder
        self.spare = np.maximum(rounder.rows @ point - rounder.least, 0.0)
        self.from_low, self.from_high = point - rounder.lower, rounder.upper - point
        self.between = np.minimum(self.from_low, self.from_high)

    def deepest(self, start: int) -> Cut | None:
        """The cut furthest from the point, of those from a row alone and with others added."""
        best, deepest = None, 0.0
        one: Sum | None = self.plus(None, np.array([start]), np.ones(1))
        while one:
            for each in (one, self.by_shares(one)):
                depth, cut = self.cut(each) if each else (0.0, None)
                if depth > deepest:
                    best, deepest = cut, depth
            one = self.longer(one)
        return best

    def plus(self, one: Sum | None, rows: np.ndarray, weights: np.ndarray) -> Sum:
        """A sum with more rows, and without what they cancel."""
        of = self.of
        parts = [of.row(row) for row in rows]
        before = (one.columns, one.coefficients) if one else (np.array([], int), np.array([]))
        columns, where = np.unique(
            np.concatenate([before[0], *(part[0] for part in parts)]), return_inverse=True
        )
        more = [weight * part[1] for weight, part in zip(weights, parts, strict=True)]
        terms = np.concatenate([before[1], *more])
        total = np.bincount(where, terms)
        kept = np.abs(total) > ROUNDING * np.bincount(where, np.abs(terms))
        least = float(weights @ of.least[rows])
        if one:
            rows, weights = np.append(one.rows, rows), np.append(one.weights, weights)
            least += one.least
        return Sum(columns[kept], total[kept], least, rows, weights)

    def by_shares(self, one: Sum) -> Sum | None:
        """A sum in which numbers are told by shares of demands, where rows define them so."""
        of = self.of
        rows = of.definition[one.columns]
        told = (rows >= 0) & (self.between[one.columns] > FRACTION)
        if not told.any():
            return None
        return self.plus(one, rows[told], (-one.coefficients / of.entry[one.columns])[told])

    def longer(self, one: Sum) -> Sum | None:
        """With one row more, and without the number that is furthest from both of its limits."""
        of = self.of
        between = np.where(of.whole[one.columns], 0.0, self.between[one.columns])
        if len(one.rows) > MOST_ADDED or between.max(initial=0.0) <= FRACTION:
            return None
        at = int(np.argmax(between))
        gone = one.columns[at]
        entries = slice(of.by_column.indptr[gone], of.by_column.indptr[gone + 1])
        rows, entry = of.by_column.indices[entries], of.by_column.data[entries]
        # The row that is kept most narrowly, of those that are not in it.
        spare = self.spare[rows] / np.abs(entry)
        spare[(rows[:, None] == one.rows).any(axis=1) | of.defines[rows]] = np.inf
        place = int(np.argmin(spare))
        if spare[place] == np.inf:
            return None
        return self.plus(one, rows[[place]], -one.coefficients[[at]] / entry[[place]])

    def cut(self, one: Sum) -> tuple[float, Cut | None]:
        """The cut furthest from the point among those by which a sum may be rounded, and how far.

        Every number counts by its distance from a limit, the nearer one or, for some whole numbers,
        the other. What is not whole and counts against the sum is left out: without it the sum is
        no less.
        """
        of, columns = self.of, one.columns
        whole = of.whole[columns]
        is_between = self.between[columns[whole]] > FRACTION
        flipped = self.from_high[columns] < self.from_low[columns]
        limit = np.where(flipped, of.upper[columns], of.lower[columns])
        if not is_between.any() or not np.isfinite(limit).all():
            return 0.0, None
        signed = np.where(flipped, -one.coefficients, one.coefficients)
        distance = np.where(flipped, self.from_high[columns], self.from_low[columns])
        counted = ~whole & (signed > 0)
        if (of.share[columns[counted]] & (self.from_low[columns[counted]] == 0)).any():
            return 0.0, None  # A solver may hold no column for a share that is 0.
        lent = (one.weights < 0) & ~of.equal[one.rows]
        rows, weights = one.rows[lent], -one.weights[lent]
        best = Shifted(
            numbers=signed[whole],
            far=distance[whole],
            span=(of.upper - of.lower)[columns[whole]],
            least=one.least - float(one.coefficients @ limit),
            others=float(signed[counted] @ distance[counted] + weights @ self.spare[rows]),
            squares=float((signed[counted] ** 2).sum() + (weights**2).sum()),
        )
        sizes = np.unique(np.abs(best.numbers[is_between]))[-MOST_DIVISORS:]
        divisors = np.divide.outer(sizes, PARTS).ravel()
        divisor = divisors[[int(np.argmax(best.depth(divisors)))]]
        (depth,), turned = best.depth(divisor), np.zeros(len(best.numbers), dtype=bool)
        for at in np.flatnonzero(is_between & np.isfinite(best.span)).tolist():
            other = best.turned(at)
            (there,) = other.depth(divisor)
            if there > depth + FRACTION:
                best, depth, turned[at] = other, there, True
        if depth < LEAST_DEPTH:
            return 0.0, None
        flipped[whole] ^= turned
        (steps,), (fraction,) = rounded(best.numbers, best.least / divisor, divisor)
        weight = np.zeros(len(columns))
        weight[whole] = steps
        weight[counted] = signed[counted] / (divisor * fraction)
        least = float(np.ceil(best.least / divisor)[0])
        cut = self.stated(columns, weight, flipped, least, rows, weights / (divisor * fraction))
        return (depth, cut) if cut else (0.0, None)

    def stated(
        self,
        columns: np.ndarray,
        weight: np.ndarray,
        flipped: np.ndarray,
        least: float,
        rows: np.ndarray,
        owed: np.ndarray,
    ) -> Cut | None:
        """The cut Σ weight · distance + Σ owed · spare ≥ least, in the program's columns.

        None where a coefficient is too small to be kept and there is no limit to leave it out at.

        Parameters
        ----------
        columns, weight : (terms,)
        flipped : (terms,) mask of those that count by how far they are from their upper limit.
        rows, owed : (rows,) rows whose spare counts, and how much.
        """
        of = self.of
        limit = np.where(flipped, of.upper[columns], of.lower[columns])
        own = np.where(flipped, -weight, weight)
        least += float(own @ limit)
        for row, times in zip(rows, owed, strict=True):
            more, coefficients = of.row(row)
            columns, own = np.append(columns, more), np.append(own, times * coefficients)
            least += times * float(of.least[row])
        columns, where = np.unique(columns, return_inverse=True)
        total = np.bincount(where, own)
        # Small ones are left out at their most, which keeps the cut true.
        kept = np.abs(total) >= LEAST_COEFFICIENT * np.abs(total).max()
        small = ~kept & (total != 0)
        most = np.where(total > 0, of.upper[columns], of.lower[columns])[small]
        if not np.isfinite(most).all():
            return None
        return Cut(columns[kept], total[kept], least - float(total[small] @ most))

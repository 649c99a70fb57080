"""Mixed-integer rounding: what a sum of rows says once some of its numbers are whole.

Servers come by 40 MW. A hall that has 10.7 MW of them, and power for 30, has use for one block
more, and a relaxation buys 0.48 of one. The row of its servers, less that of its power, rounded,
says that whoever serves more than 10.7 MW pays for a whole block. Which rows are added up is said
in `optimizer.aggregation` and `optimizer.tableau`.

Source: Marchand and Wolsey 2001, "Aggregation and mixed integer rounding to solve MIPs".
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse

from optimizer.cuts import MOST_TERMS, Cut
from optimizer.program import Program

# A sum that is this near to a whole number is not rounded: little is gained, by large coefficients.
LEAST_FRACTION = 1e-3
# Nor is one of so many units, whose fraction is but rounding.
MOST_UNITS = 1e6
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


@dataclass(frozen=True)
class Limits:
    """Limits of a program's columns, those of whole numbers whole.

    Parameters
    ----------
    whole : (columns,) mask of whole numbers.
    lower, upper : (columns,)
    """

    whole: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, program: Program) -> Self:
        """Those of a program."""
        whole = program.integer
        return cls(
            whole=whole,
            lower=np.where(whole, np.ceil(program.lower - FRACTION), program.lower),
            upper=np.where(whole, np.floor(program.upper + FRACTION), program.upper),
        )


@dataclass(frozen=True)
class Rows:
    """Rows that may be added up, as `matrix x >= least`.

    Parameters
    ----------
    equal : (rows,) mask of equations.
    """

    matrix: sparse.csr_array
    least: np.ndarray
    equal: np.ndarray

    def row(self, row: int) -> tuple[np.ndarray, np.ndarray]:
        """Columns and coefficients of a row."""
        entries = slice(self.matrix.indptr[row], self.matrix.indptr[row + 1])
        return self.matrix.indices[entries], self.matrix.data[entries]


class Point:
    r"""A point, and the cuts that it breaks.

    A sum of rows says of whole numbers $z$ and others $y$, all counted from a limit of theirs, that

    $$\sum_j a_j z_j + \sum_k c_k y_k \ge b.$$

    Then with any divisor $d > 0$ and $f = b/d - \lfloor b/d \rfloor > 0$ every plan keeps

    $$\sum_j \Bigl(\lfloor a_j/d \rfloor + \min\bigl(1, (a_j/d - \lfloor a_j/d \rfloor)/f\bigr)
      \Bigr) z_j + \sum_{c_k > 0} \frac{c_k}{d f}\,y_k \ge \lceil b/d \rceil.$$

    What a row keeps more than it asks for counts among the $y$. Unit: none, as whole numbers have
    none. Source: Marchand and Wolsey 2001, theorem 1 and section 4.

    Parameters
    ----------
    limits, rows : of the program, whose plans all cuts hold for.
    values : (columns,)

    Attributes
    ----------
    spare : (rows,) how much more than each row asks for the point keeps.
    from_low, from_high, between : (columns,) how far it is from either limit, and the nearer one.
    """

    def __init__(self, limits: Limits, rows: Rows, values: np.ndarray) -> None:
        self.limits, self.rows = limits, rows
        self.spare = np.maximum(rows.matrix @ values - rows.least, 0.0)
        self.from_low, self.from_high = values - limits.lower, limits.upper - values
        self.between = np.minimum(self.from_low, self.from_high)

    def plus(self, one: Sum | None, rows: np.ndarray, weights: np.ndarray) -> Sum:
        """A sum with more rows, and without what they cancel."""
        parts = [self.rows.row(row) for row in rows]
        before = (one.columns, one.coefficients) if one else (np.array([], int), np.array([]))
        columns, where = np.unique(
            np.concatenate([before[0], *(part[0] for part in parts)]), return_inverse=True
        )
        more = [weight * part[1] for weight, part in zip(weights, parts, strict=True)]
        terms = np.concatenate([before[1], *more])
        total = np.bincount(where, terms)
        kept = np.abs(total) > ROUNDING * np.bincount(where, np.abs(terms))
        least = float(weights @ self.rows.least[rows])
        if one:
            rows, weights = np.append(one.rows, rows), np.append(one.weights, weights)
            least += one.least
        return Sum(columns[kept], total[kept], least, rows, weights)

    def cut(self, one: Sum) -> tuple[float, Cut | None]:
        """The cut furthest from the point among those by which a sum may be rounded, and how far.

        Every number counts by its distance from a limit, the nearer one or, for some whole numbers,
        the other. What is not whole and counts against the sum is left out: without it the sum is
        no less.
        """
        of, columns = self.limits, one.columns
        whole = of.whole[columns]
        is_between = self.between[columns[whole]] > FRACTION
        flipped = self.from_high[columns] < self.from_low[columns]
        limit = np.where(flipped, of.upper[columns], of.lower[columns])
        if not is_between.any() or not np.isfinite(limit).all():
            return 0.0, None
        signed = np.where(flipped, -one.coefficients, one.coefficients)
        distance = np.where(flipped, self.from_high[columns], self.from_low[columns])
        counted = ~whole & (signed > 0)
        if counted.sum() > MOST_TERMS:
            return 0.0, None
        lent = (one.weights < 0) & ~self.rows.equal[one.rows]
        rows, weights = one.rows[lent], -one.weights[lent]
        best = Shifted(
            numbers=signed[whole],
            far=distance[whole],
            span=of.upper[columns[whole]] - of.lower[columns[whole]],
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
        of = self.limits
        limit = np.where(flipped, of.upper[columns], of.lower[columns])
        own = np.where(flipped, -weight, weight)
        least += float(own @ limit)
        lent = [self.rows.row(row) for row in rows]
        least += float(owed @ self.rows.least[rows])
        own = np.concatenate(
            [own, *(times * each for times, (_, each) in zip(owed, lent, strict=True))]
        )
        columns, where = np.unique(
            np.concatenate([columns, *(each for each, _ in lent)]), return_inverse=True
        )
        total = np.bincount(where, own)
        # Small ones are left out at their most, which keeps the cut true.
        kept = np.abs(total) >= LEAST_COEFFICIENT * np.abs(total).max()
        small = ~kept & (total != 0)
        most = np.where(total > 0, of.upper[columns], of.lower[columns])[small]
        if not np.isfinite(most).all():
            return None
        return Cut(columns[kept], total[kept], least - float(total[small] @ most))

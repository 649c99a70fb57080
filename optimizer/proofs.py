"""What linear programs have proven of whole numbers, wherever in a tree it is of use again.

A branch that holds no better plan is shut by prices of the rows. The same prices mostly shut it in
other places of the tree, too, and there no linear program need say so.

Source: Achterberg 2007, "Conflict analysis in mixed integer programming"; Witzig, Berthold and
Heinz 2021, "Computational aspects of infeasibility analysis in mixed integer programming" (dual
proofs).
"""

from collections import deque
from typing import Self

import numpy as np

# Proofs that are kept, the newest, as long as they are no more numbers than this.
MOST_PROOFS, MOST_NUMBERS = 1_000, 1_000_000
# How often a node's limits are narrowed by all of them.
MOST_ROUNDS = 10
# Part of the cost that a proof may be wrong by, as prices are.
DOUBT = 1e-8
# A whole number that may be so near to the next one may be there.
NEARLY_WHOLE = 1e-6


class Proofs:
    r"""Bounds for any limits of whole numbers, by the prices that linear programs ended with.

    Where the whole numbers of one have reduced costs $r_j$, no plan within limits $l$ and $u$ of
    theirs costs less than

    $$c + \sum_j \min(r_j l_j, r_j u_j),$$

    with $c$ so that this is the linear program's bound at its own limits. Unit: as costs.

    Parameters
    ----------
    count : of whole numbers.

    Attributes
    ----------
    fresh : proofs that others do not know of yet.
    """

    def __init__(self, count: int) -> None:
        self.most = max(1, min(MOST_PROOFS, MOST_NUMBERS // max(1, count)))
        # Prices above 0 and below, each of which counts with another limit, and how large they are.
        self.above, self.below, self.size = np.zeros((3, self.most, count))
        self.rest, self.number = np.zeros(self.most), 0
        self.fresh: deque[tuple[float, np.ndarray]] = deque(maxlen=self.most)

    def twin(self) -> Self:
        """One that knows what this one does, and goes its own way."""
        other = type(self)(self.above.shape[1])
        other.above[:], other.below[:], other.size[:] = self.above, self.below, self.size
        other.rest[:], other.number = self.rest, self.number
        self.fresh.clear()
        return other

    def add(
        self, bound: float, reduced_cost: np.ndarray, lower: np.ndarray, upper: np.ndarray
    ) -> None:
        """Keep what a linear program within some limits has ended with."""
        rest = bound - float(np.minimum(reduced_cost * lower, reduced_cost * upper).sum())
        self.keep(rest, reduced_cost)
        self.fresh.append((rest, reduced_cost))

    def keep(self, rest: float, prices: np.ndarray) -> None:
        """Keep a proof in the place of the oldest."""
        at = self.number % self.most
        self.above[at], self.below[at] = np.maximum(prices, 0.0), np.minimum(prices, 0.0)
        self.size[at], self.rest[at] = np.abs(prices), rest
        self.number += 1

    def narrowed(
        self, lower: np.ndarray, upper: np.ndarray, cutoff: float
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Limits within which all plans below a cutoff are; None where there are none.

        Parameters
        ----------
        lower, upper : (whole numbers,) limits, finite and whole.
        """
        known = slice(self.number)  # Or all, if there are more.
        above, below, size, rest = (
            each[known] for each in (self.above, self.below, self.size, self.rest)
        )
        cutoff += DOUBT * abs(cutoff)
        for _ in range(MOST_ROUNDS if np.isfinite(cutoff) else 0):
            spare = cutoff - rest - sums(above, lower) - sums(below, upper)
            if (spare < 0).any():
                return None
            room = upper - lower
            useful = np.flatnonzero(size * room > spare[:, None])  # Four times as fast as in 2-D.
            if not useful.size:
                break
            proof, number = np.divmod(useful, len(room))
            steps = np.floor(spare[proof] / size[proof, number] + NEARLY_WHOLE)
            up = above[proof, number] > 0
            down = ~up
            lower, upper = lower.copy(), upper.copy()
            np.maximum.at(lower, number[down], (upper[number] - steps)[down])
            np.minimum.at(upper, number[up], (upper - room)[number[up]] + steps[up])
            if (lower > upper).any():
                return None
            if (upper - lower == room).all():
                break
        return lower, upper


def sums(prices: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """What each proof's whole numbers cost, on one core alone."""
    return np.asarray(np.einsum("pn,n->p", prices, limits))


def exchange(several: list[Proofs]) -> None:
    """Tell each what is fresh among the others."""
    fresh = [list(each.fresh) for each in several]
    for to, each in enumerate(several):
        for proofs in fresh[:to] + fresh[to + 1 :]:
            for proof in proofs:
                each.keep(*proof)
        each.fresh.clear()

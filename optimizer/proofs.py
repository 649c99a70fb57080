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
        self.prices, self.rest = np.zeros((self.most, count)), np.zeros(self.most)
        self.number = 0
        self.fresh: deque[tuple[float, np.ndarray]] = deque(maxlen=self.most)

    def twin(self) -> Self:
        """One that knows what this one does, and goes its own way."""
        other = type(self)(self.prices.shape[1])
        other.prices[:], other.rest[:], other.number = self.prices, self.rest, self.number
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
        self.prices[at], self.rest[at] = prices, rest
        self.number += 1

    def narrowed(
        self, lower: np.ndarray, upper: np.ndarray, cutoff: float
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Limits within which all plans below a cutoff are; None where there are none.

        Parameters
        ----------
        lower, upper : (whole numbers,) limits, finite and whole.
        """
        prices, rest = self.prices[: self.number], self.rest[: self.number]
        cutoff += DOUBT * abs(cutoff)
        for _ in range(MOST_ROUNDS if np.isfinite(cutoff) else 0):
            at_lower, at_upper, room = prices * lower, prices * upper, upper - lower
            spare = cutoff - rest - np.minimum(at_lower, at_upper).sum(axis=1)
            if (spare < 0).any():
                return None
            useful, number = np.nonzero(np.abs(at_upper - at_lower) > spare[:, None])
            if not useful.size:
                break
            price = prices[useful, number]
            steps = np.floor(spare[useful] / np.abs(price) + NEARLY_WHOLE)
            down, up = price < 0, price > 0
            lower, upper = lower.copy(), upper.copy()
            np.maximum.at(lower, number[down], (upper[number] - steps)[down])
            np.minimum.at(upper, number[up], (upper - room)[number[up]] + steps[up])
            if (lower > upper).any():
                return None
            if (upper - lower == room).all():
                break
        return lower, upper


def exchange(several: list[Proofs]) -> None:
    """Tell each what is fresh among the others."""
    fresh = [list(each.fresh) for each in several]
    for to, each in enumerate(several):
        for proofs in fresh[:to] + fresh[to + 1 :]:
            for proof in proofs:
                each.keep(*proof)
        each.fresh.clear()

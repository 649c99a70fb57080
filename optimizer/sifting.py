"""Linear programs of many more columns than rows, over the columns that matter: sifting.

Nearly every share of a demand is 0 at the optimum. A solver holds a few of them; its row prices
tell which others would pay, those join, and it goes on from where it was, until none is left. What
it ends with is the optimum over all columns, and every bound holds for all of them.

Source: Bixby, Gregory, Lustig, Marsten and Shanno 1992, "Very large-scale linear programming: a
case study in combining interior point and simplex methods"; Farkas pricing where too few columns
are held for a solution.
"""

import math
import time
from dataclasses import replace
from typing import Self

import numpy as np
from scipy import sparse

from optimizer.groups import within
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program
from optimizer.stations import Stations

# Cheapest services of a demand that join at a time.
EACH_JOIN = 5
# Times that too few columns are mended before all are held: 200 × 2,000 with 50 routes each and
# small halls needed six, half a second less than with all of them. `europe`, with rules on who may
# serve whom, needed 80, which took longer; 20 cost it a tenth of a second.
MOST_MENDING = 20
# Having grown by so much since it was narrowed, it is narrowed again.
MOST_GROWTH = 1.5
# What HiGHS takes a reduced cost for 0 below, in its own scale.
NO_GAIN = 1e-7
# Part of the most that an entry of a ray must come to, to be more than rounding.
NO_RAY = 1e-9


class Sifter(Solver):
    """A linear program inside HiGHS that holds a part of its services; columns are those of all.

    Parameters
    ----------
    program : what to solve.
    stations : of the same program; their services may be left out, and are 0 then.
    kept : (columns,) mask of the services to begin with.
    """

    def __init__(
        self,
        program: Program,
        stations: Stations,
        kept: np.ndarray,
        control: Control,
        phase: str,
    ) -> None:
        self.whole = program
        self.services, self.demand = stations.serve, stations.demand_rows(program)
        self.by_column = sparse.csc_array(program.matrix)
        self.by_service = sparse.csr_array(self.by_column[:, self.services].T)
        self.always = np.ones(len(kept), dtype=bool)
        self.always[self.services] = False
        self.held = np.flatnonzero(kept | self.always)
        self.kept, self.narrowest = kept, math.inf
        self.spoken_of = np.zeros(len(kept), dtype=bool)
        super().__init__(program.of_columns(self.held), control, phase, relaxed=True)

    def twin(self) -> Self:
        """As of `Solver`."""
        other = super().twin()
        other.spoken_of = self.spoken_of.copy()
        return other

    @property
    def held(self) -> np.ndarray:
        """Columns that the solver holds, in its order."""
        return self._held

    @held.setter
    def held(self, columns: np.ndarray) -> None:
        self._held = columns
        self.place = np.full(len(self.whole.cost), -1)
        self.place[columns] = np.arange(len(columns))

    def placed(self, columns: np.ndarray) -> np.ndarray:
        """Where columns stand among those that are held; from now on these stay."""
        places = self.place[columns]
        assert (places >= 0).all(), "a column that is not held is spoken of"
        self.spoken_of[columns] = True
        return places

    def holds(self, columns: np.ndarray) -> np.ndarray:
        """As of `Solver`."""
        return self.place[columns] >= 0

    def hold(self, columns: np.ndarray) -> None:
        """As of `Solver`."""
        missing = np.unique(columns[~self.holds(columns)])
        if missing.size:
            self.join(missing)

    def narrow(self, kept: np.ndarray) -> None:
        """Leave out services that are not kept, as far as basis and rows can do without.

        Parameters
        ----------
        kept : (columns,) mask of the services to hold on to.
        """
        self.kept = kept
        moved = self.ended_at()[0] > 0  # Not at their lower limit.
        stays = (kept | self.always | self.spoken_of | moved)[self.held]
        left_out = np.flatnonzero(~stays)
        self.check(
            self.highs.deleteCols(len(left_out), left_out.astype(np.int32)), "to leave columns out"
        )
        self.held, self.narrowings = self.held[stays], self.narrowings + 1
        self.narrowest = len(self.held)

    def ended_at(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each column and row is; columns that are left out are at their lower limit."""
        held, rows = super().ended_at()
        columns = np.zeros(len(self.whole.cost), np.uint8)
        columns[self.held] = held
        return columns, rows

    def start_at(self, columns: np.ndarray, rows: np.ndarray) -> None:
        """Start from a basis of all columns; those that are free to move there are held."""
        self.join(np.flatnonzero((columns > 0) & (self.place < 0)))
        super().start_at(columns[self.held], rows)

    def solve(
        self,
        gap: float = 0.0,
        seconds: float = math.inf,
        target: float = -math.inf,
        cutoff: float = math.inf,
        exact: bool = True,
    ) -> Outcome:
        """Solve over all columns, as `Solver` does."""
        if len(self.held) > MOST_GROWTH * self.narrowest:
            self.narrow(self.kept)
        until, mended = time.monotonic() + seconds, 0
        while True:
            outcome = super().solve(gap, until - time.monotonic(), target, cutoff)
            if outcome.status is Status.INFEASIBLE and not exact:
                return outcome
            if outcome.row_dual is not None:
                gains = self.reduced_cost(outcome.row_dual)
                outcome = self.of_all(outcome, gains)
                joining = self.joining(-gains, NO_GAIN * self.cost_scale)
                if not joining.size or outcome.bound >= cutoff:
                    return outcome
            elif outcome.status is Status.INFEASIBLE:
                mended += 1
                joining = self.mending() if mended < MOST_MENDING else self.left_out()
                if not joining.size:
                    return outcome
            else:
                return outcome
            self.join(joining)

    def left_out(self) -> np.ndarray:
        """Services that are not held."""
        return self.services[self.left_out_of(np.arange(len(self.services)))]

    def left_out_of(self, some: np.ndarray) -> np.ndarray:
        """Those of some services, by their place among all services, that are not held."""
        return some[self.place[self.services[some]] < 0]

    def reduced_cost(self, row_dual: np.ndarray) -> np.ndarray:
        """Reduced costs of all services, (services,), at prices of the rows."""
        rows = self.whole.matrix.shape[0]
        return self.whole.cost[self.services] - self.by_service @ row_dual[:rows]

    def of_all(self, outcome: Outcome, reduced_cost: np.ndarray) -> Outcome:
        """Outcome with all columns, and a bound that holds for all of them.

        A column that is left out takes at most its upper limit times its reduced cost off.
        """
        out = self.left_out_of(np.flatnonzero(reduced_cost < 0))
        could = reduced_cost[out] @ self.whole.upper[self.services[out]]
        dual = np.zeros(len(self.whole.cost))
        dual[self.services] = reduced_cost
        dual[self.held] = outcome.column_dual
        values = None
        if outcome.values is not None:
            values = np.zeros(len(self.whole.cost))
            values[self.held] = outcome.values
        return replace(outcome, values=values, bound=outcome.bound + could, column_dual=dual)

    def joining(self, gain: np.ndarray, least: float) -> np.ndarray:
        """Best services of each demand that are left out and gain more than the least."""
        of = self.left_out_of(np.flatnonzero(gain > least))
        rank = within(self.demand[of], -gain[of], np.ones(len(of)))
        return self.services[of[rank < EACH_JOIN]]

    def mending(self) -> np.ndarray:
        """Services without which there is no solution, as far as prices of rows can tell.

        Prices of the rows prove that there is none: with them, what the rows ask for is more than
        the columns that are held can come to. Those that come to something more might mend it.
        """
        _, known, ray = self.highs.getDualRay()
        if not known:  # HiGHS found it out another way.
            return self.left_out()
        price = np.array(ray)[: self.whole.matrix.shape[0]]
        price = price / self.row_scale[: len(price)]
        gain = self.by_service @ price
        return self.joining(gain, NO_RAY * np.abs(gain).max(initial=0.0))

    def join(self, columns: np.ndarray) -> None:
        """Hold more services."""
        whole, entries = self.whole, self.by_column[:, columns]
        self.cost = np.append(self.cost, whole.cost[columns])
        self.check(
            self.highs.addCols(
                len(columns),
                whole.cost[columns] / self.cost_scale,
                whole.lower[columns],
                whole.upper[columns],
                entries.nnz,
                entries.indptr[:-1].astype(np.int32),
                entries.indices.astype(np.int32),
                entries.data / self.row_scale[entries.indices],
            ),
            "new columns",
        )
        self.held = np.append(self.held, columns)

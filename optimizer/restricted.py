"""First plans, from small programs around the relaxation.

In the first, every site that the relaxation opens or shuts as a whole stays so: few sites are left
to decide, and a plan some tenths of a percent off is there in a moment. It is what HiGHS' own
neighbourhoods do (RENS: Berthold 2014), before any cut and over fewer columns. Where there is no
such plan, there may be one in a kernel in which every site may be decided.
"""

from dataclasses import dataclass

import numpy as np

from optimizer.found import Found
from optimizer.highs import Control, Solver, Status
from optimizer.kernel import kernel
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE, Links, Relaxation
from optimizer.stations import Stations

# Part of all columns that are shares of demand where siting is nearly all there is to decide: 0.99
# on `europe`, 0.8 on `europe_hourly` by blocks.
MOSTLY_SHARES = 0.9
# A small program that is hard by itself is left with what it has found after so many nodes.
MOST_NODES = 100
# So near its own best, a first plan will do.
SETTLED_GAP = 5e-4


@dataclass(frozen=True)
class FirstPlans:
    """Plans to be found before the whole program is solved.

    Parameters
    ----------
    gap : to the bound known, at which a plan is enough.
    found : takes the plans.
    seconds : for each of the small programs.
    """

    program: Program
    links: Links
    relaxation: Relaxation
    control: Control
    gap: float
    found: Found
    seconds: float

    def find(self, stations: Stations | None) -> None:
        """Solve small programs, the smallest first, until there is a plan.

        With a plan the whole is as soon done as a kernel: `europe` within 0.1 % took 25 s with
        both, 14 without the kernel, `world` as long.

        Parameters
        ----------
        stations : of the same program, where it is one of siting alone.
        """
        kept = kernel(self.program, self.relaxation, stations)
        is_settled = False
        # The point that stands for an ascent settles every site.
        if stations is not None and self.found.root is None:
            is_settled = self.settle(kept, stations.gate[stations.gate >= 0])
        if not is_settled or self.found.values is None:
            self.restrict(kept)

    def settle(self, kept: np.ndarray, gates: np.ndarray) -> bool:
        """Find a plan that leaves sites as the relaxation has them, where it has them as a whole.

        False where that leaves none.

        Parameters
        ----------
        kept : (columns,) mask of a kernel.
        gates : columns that open sites.
        """
        opened = self.relaxation.values[gates]
        settled = np.abs(opened - np.round(opened)) < BROKEN_SHARE
        fixed, at = ~kept, self.program.lower.copy()
        fixed[gates[settled]] = True
        at[gates[settled]] = np.round(opened[settled])
        return self.solve(fixed, at, max(self.gap / 2, SETTLED_GAP))

    def restrict(self, kept: np.ndarray) -> None:
        """Find a plan in the program over the columns that the relaxation uses or finds cheap.

        Where they leave no plan, only shares are left out. So they are from the start where much
        else is to be decided: power may have to arrive in other ways than the relaxation tells.

        Parameters
        ----------
        kept : (columns,) mask of those columns.
        """
        program, known = self.program, self.found.values
        narrow = kept if known is None else kept | (known > program.lower)
        shares = ~program.integer & (program.upper <= 1)
        wide = narrow | ~shares
        for mask in (narrow, wide) if shares.mean() > MOSTLY_SHARES else (wide,):
            if self.solve(~mask, program.lower, self.gap / 2):
                return

    def solve(self, fixed: np.ndarray, at: np.ndarray, gap: float) -> bool:
        """Solve the program with some columns fixed; false where that leaves no plan.

        Parameters
        ----------
        fixed, at : (columns,) mask of those columns, and where they are held.
        gap : to the best plan there is so, at which to stop.
        """
        solver = Solver(self.program, self.control, "restricted", proves=False)
        solver.set_option("mip_max_nodes", MOST_NODES)
        self.links.add_to(solver, self.relaxation.written)
        if self.found.values is not None:
            solver.start_from(self.found.values)
        columns = np.flatnonzero(fixed)
        if columns.size:
            solver.set_bounds(columns, at[columns], at[columns])
        target = self.found.enough(self.gap)
        outcome = solver.solve(gap=gap, seconds=self.seconds, target=target)
        if outcome.status is Status.INFEASIBLE:
            return False
        self.found.take(outcome)
        self.control.on_progress("restricted", self.found.objective, self.found.bound)
        return True

"""First plans, from small programs around the relaxation.

In the first, every site that the relaxation opens or shuts as a whole stays so: few sites are left
to decide, and a plan some tenths of a percent off is there in a moment. It is what HiGHS' own
neighbourhoods do (RENS: Berthold 2014), before any cut and over fewer columns. The second is a
kernel in which every site may be decided, where that is much smaller than the whole.
"""

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
# A kernel with a larger part of the columns takes longer than it saves: it has 0.09 of them in a
# problem of 200 × 2,000 and 0.13 on `europe`, 0.14 to 0.28 where the whole alone was quicker.
WORTH_SHARE = 0.14
# So near its own best, a first plan will do.
SETTLED_GAP = 5e-4


def first_plans(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
    seconds: float,
    stations: Stations | None = None,
) -> None:
    """Find plans before the whole program is solved, until one is within the gap.

    Parameters
    ----------
    seconds : for each of the programs.
    stations : of the same program, where it is one of siting alone.
    """
    kept = kernel(program, relaxation, stations)
    if stations is not None and found.root is None:
        gates = stations.gate[stations.gate >= 0]
        opened = relaxation.values[gates]
        settled = np.abs(opened - np.round(opened)) < BROKEN_SHARE
        values = program.lower.copy()
        values[gates[settled]] = np.round(opened[settled])
        fixed = ~kept
        fixed[gates[settled]] = True
        near = max(gap / 2, SETTLED_GAP)
        attempt(program, links, relaxation, control, near, found, seconds, fixed, values, gap)
        if found.gap <= gap or (found.values is not None and kept.mean() > WORTH_SHARE):
            return
    restrict(program, links, relaxation, control, gap, found, seconds, kept)


def restrict(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
    seconds: float,
    kept: np.ndarray,
) -> None:
    """Find a plan in the program over the columns that the relaxation uses or finds cheap.

    Where they leave no plan, only shares are left out. So they are from the start where much else
    is to be decided: power may have to arrive in other ways than the relaxation tells.

    Parameters
    ----------
    kept : (columns,) mask of those columns.
    """
    narrow = kept.copy()
    if found.values is not None:
        narrow |= found.values > program.lower
    shares = ~program.integer & (program.upper <= 1)
    wide = narrow | ~shares
    for mask in (narrow, wide) if shares.mean() > MOSTLY_SHARES else (wide,):
        fixed, at = ~mask, program.lower
        if attempt(program, links, relaxation, control, gap / 2, found, seconds, fixed, at, gap):
            return


def attempt(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    near: float,
    found: Found,
    seconds: float,
    fixed: np.ndarray,
    values: np.ndarray,
    gap: float,
) -> bool:
    """Solve the program with some columns fixed; false where that leaves no plan.

    Parameters
    ----------
    near : gap to the best plan there is so, at which to stop.
    fixed, values : (columns,) mask of columns, and where they are held.
    gap : to the bound known, at which to stop.
    """
    solver = Solver(program, control, "restricted", proves=False)
    links.add_to(solver, relaxation.written)
    if found.values is not None:
        solver.start_from(found.values)
    columns = np.flatnonzero(fixed)
    if columns.size:
        solver.set_bounds(columns, values[columns], values[columns])
    outcome = solver.solve(gap=near, seconds=seconds, target=found.enough(gap))
    if outcome.status is Status.INFEASIBLE:
        return False
    found.take(outcome)
    control.on_progress("restricted", found.objective, found.bound)
    return True

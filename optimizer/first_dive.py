"""The first plans: a dive from the relaxation, alone or while cuts are made."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from optimizer.bounding import tighten
from optimizer.covers import Base
from optimizer.diving import AT_ONCE, WAYS, Way, dive
from optimizer.found import Found
from optimizer.grove import AlsoSet
from optimizer.highs import Solver
from optimizer.program import Program
from optimizer.relaxation import Links, Relaxation

# A dive for a first plan may take as long as the relaxation did, or so long.
LEAST_DIVE_SECONDS = 3.0
# One beside cuts need not come nearer than this: one after them soon does, and steps take turns
# with cuts at Python. `europe` in five stages to 0.1 % takes 7 s so, 8 if it goes on, 7 without.
NEAR_ENOUGH = 0.01


def look_down(
    program: Program, relaxation: Relaxation, seconds: float, enough: float, found: Found
) -> None:
    """Dive from the relaxation for a first plan, for as long as the relaxation took."""
    solver = found.solver
    if solver is None or not program.integer.any():
        return
    basis = solver.ended_at()
    take_plans(program, solver, relaxation, seconds, enough, found, WAYS[0])
    if not solver.control.must_stop():
        solver.start_at(*basis)  # A tree begins at the relaxation, not at the plan.


def take_plans(
    program: Program,
    solver: Solver,
    relaxation: Relaxation,
    seconds: float,
    enough: float,
    found: Found,
    how: Way,
) -> None:
    """Take the plans of a dive, and tell of each."""
    seconds = max(seconds, LEAST_DIVE_SECONDS)
    for plan in dive(program, solver, relaxation.values, seconds, enough, how):
        found.take(plan)
        solver.control.on_progress("dive", found.objective, found.bound)


def tighten_and_dive(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    sums: list[Base],
    seconds: float,
    gap: float,
    found: Found,
) -> Relaxation:
    """Make cuts, while a dive on another core finds plans without them.

    But for the time that a dive may take, what comes out does not depend on which of them is
    faster: nobody goes on before the dive has ended, and where it comes to the gap asked for, what
    cuts have proven until then is forgotten.

    Parameters
    ----------
    seconds : as of `look_down`.
    gap : relative gap at which to stop.

    Returns
    -------
    Relaxation
        With the cuts, as of `tighten`.
    """
    solver, bound = found.solver, found.bound
    enough, near = found.enough(gap), found.enough(max(gap, NEAR_ENOUGH))
    assert solver is not None
    control, given_up = solver.control, AlsoSet(solver.control.interrupted)

    def tell(phase: str, plan: float, _: float) -> None:
        control.on_progress(phase, plan, bound)

    def is_enough() -> bool:
        return found.objective <= enough

    solver.start_lightly()
    diver = solver.twin()
    diver.control = replace(control, on_progress=tell, interrupted=given_up)
    solver.control = replace(control, on_progress=tell)
    with ThreadPoolExecutor(1) as pool:
        dives = pool.submit(take_plans, program, diver, relaxation, seconds, near, found, AT_ONCE)
        try:
            tight = tighten(program, links, relaxation, sums, found, is_enough)
        except BaseException:
            given_up.set()
            raise
        dives.result()
    solver.control = control
    if is_enough():
        found.bound = bound
    return tight

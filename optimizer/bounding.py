"""The first bound: the linear relaxation, or an ascent in its place where that takes long."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import numpy as np

from optimizer.aggregation import Aggregator
from optimizer.basis import Basis
from optimizer.covers import Base, broken_covers
from optimizer.cuts import add_cuts, tightest, with_cuts
from optimizer.errors import Infeasible
from optimizer.found import Found
from optimizer.highs import Control, Solver, Status
from optimizer.kernel import first_columns, kernel
from optimizer.program import Program
from optimizer.relaxation import MANY_ROWS, Links, Relaxation
from optimizer.root import climb
from optimizer.sifting import Sifter
from optimizer.stations import Stations
from optimizer.tableau import tableau_cuts

# A round of links that raises the bound by less than this part of it is one of the last; one that
# raises it by more than the other is the first of many: 0.1 to 0.3 where the way to demand weighs
# as much as the sites, 0.02 where it weighs little and the relaxation is soon there.
NEARLY, STEEP = 1e-4, 0.05
# One that raises it by less than this and breaks only so few links more, as a part of those that
# are there, is the last. Where it breaks many, a later one may raise the bound yet.
SETTLED, FEW_MORE = 1e-7, 0.05
# A round of cuts that raises the bound by less than this part of it is the last, or by less than
# this part of what all have, as is this one. Without the second, small problems take 15 rounds: 8
# slices to 0.01 % 2.4 s instead of 1.8, `world` in one stage 1.8 instead of 1.1; with 0.05 of
# `europe` in three stages too much is left, and that takes 9 s instead of 4. Up to so many columns
# nodes are cheaper than rounds: with the larger part two slices take 0.65 s instead of 1.2.
LEAST_RISE, MOST_CUT_ROUNDS = 5e-6, 15
LEAST_SHARE, LEAST_SHARE_OF_FEW, FEW_COLUMNS = 0.02, 0.1, 6_000


def relax(
    program: Program,
    links: Links,
    control: Control,
    found: Found,
    stations: Stations | None = None,
    patience: float = math.inf,
    steep: float = math.inf,
    start: Basis | None = None,
    guess: Relaxation | None = None,
) -> Relaxation | None:
    """Solve the linear relaxation, adding strong links only where it breaks them.

    Where that takes long, an ascent tries to come further, once, and takes over if it does.

    Parameters
    ----------
    stations : of the same program; without, all columns are held, and there is no ascent.
    patience : seconds of processor time after which it takes long; infinite for no ascent.
    steep : rise of the bound in a round of links, as a part of it, that tells that it will.
    start : links and basis to go on from.
    guess : what an ascent says of it, to begin with.

    Returns
    -------
    Relaxation
        The last one solved in half of the time there is; None if none was.
    """
    solver, added = begun(program, links, control, stations, start, guess)
    relaxation = None
    started = time.process_time()
    until = time.monotonic() + control.seconds_left() / 2
    while True:
        first_of_many = relaxation is None and start is None and len(program.row_lower) > MANY_ROWS
        solver.set_option("solver", "ipm" if first_of_many else "choose")
        seconds = until - time.monotonic()
        outcome = solver.solve(seconds=min(seconds, patience) if stations else seconds)
        found.status = outcome.status
        if outcome.status is Status.INFEASIBLE:
            raise Infeasible("No plan exists: even fractions of sites could not keep every limit.")
        solved = outcome.values is not None and outcome.column_dual is not None
        broken = np.array([], dtype=int)
        nearly, far, rise = False, False, 0.0
        if solved:
            assert outcome.values is not None
            rise = outcome.bound - found.bound
            nearly = rise < NEARLY * abs(outcome.bound)
            far = relaxation is not None and rise > steep * abs(outcome.bound)
            found.bound = max(found.bound, outcome.bound)
            control.on_progress("relaxation", found.objective, found.bound)
            before = relaxation.bound if relaxation else -math.inf
            relaxation = Relaxation.of(outcome, len(program.row_lower), added)
            found.relaxation = relaxation
            broken = np.setdiff1d(links.broken_by(outcome.values), added)
            settled = outcome.bound - before < SETTLED * abs(outcome.bound)
            if not broken.size or (settled and broken.size <= FEW_MORE * len(added)):
                if isinstance(solver, Sifter):
                    solver.narrow(kernel(program, relaxation, stations))
                relaxation = replace(relaxation, basis=Basis(added, *solver.ended_at()))
                found.solver, found.relaxation = solver, relaxation
                return relaxation
        if control.must_stop() or (not solved and (stations is None or math.isinf(patience))):
            return relaxation
        is_long = far or not solved or time.process_time() - started > patience
        if stations and is_long and not nearly:
            why = f"the relaxation takes more than {patience:g} s"
            if far:
                part = rise / max(abs(outcome.bound), 1e-9)
                why = f"a round of links raised the bound by {part:.0%}"
            control.choose(f"an ascent to a bound: {why}")
            root = climb(program, stations, control)
            if root.bound > found.bound:
                found.bound, found.root = root.bound, root
                return root.relaxation(links)
            stations = None
        added = np.concatenate([added, broken])
        links.add_to(solver, broken)


def tighten(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    sums: list[Base],
    found: Found,
    is_enough: Callable[[], bool] = lambda: False,
) -> Relaxation:
    """The relaxation with covers and rounded rows, for as long as they raise its bound.

    An ascent has covers of its own.

    Parameters
    ----------
    relaxation : the one that `found.solver` holds, and that `found` keeps: a certificate knows no
        cuts.
    sums : what covers are made of.
    is_enough : asked before each round; true if there need not be more.
    """
    solver, rows = found.solver, len(program.row_lower)
    if solver is None:
        return relaxation
    solver.start_lightly()  # From here on, in dives and trees, too, few steps follow each change.
    aggregator = Aggregator(program)
    # Links by their position, cuts as -1, in the order of the solver's rows behind the program's.
    assert relaxation.basis is not None
    added = relaxation.basis.links
    tight, stated = relaxation, links.joined_to(program, added)
    least_share = LEAST_SHARE_OF_FEW if len(program.cost) <= FEW_COLUMNS else LEAST_SHARE
    until = time.monotonic() + solver.control.seconds_left() / 2  # The rest is for plans.
    for _ in range(MOST_CUT_ROUNDS):
        if is_enough() or time.monotonic() >= until:
            break
        broken_sums = chain(
            aggregator.cuts(tight.values, solver.control),
            tableau_cuts(stated, solver, tight.values),
        )
        fitting = (cut.fitting(solver) for cut in broken_sums)
        cuts = broken_covers(sums, tight.values) + tightest(filter(None, fitting))
        if not cuts:
            break
        add_cuts(solver, cuts)
        stated = with_cuts(stated, cuts)
        found.cuts += cuts
        added = np.concatenate([added, np.full(len(cuts), -1)])
        before = tight.bound
        while True:
            outcome = solver.solve(seconds=until - time.monotonic())
            if outcome.status is Status.INFEASIBLE:
                raise Infeasible("No plan exists: no whole numbers keep every limit.")
            if outcome.values is None or outcome.column_dual is None:
                return tight
            tight = Relaxation.of(outcome, rows, added)
            found.bound = max(found.bound, tight.bound)
            solver.control.on_progress("cuts", found.objective, found.bound)
            broken = np.setdiff1d(links.broken_by(outcome.values), tight.written)
            if broken.size <= FEW_MORE * len(tight.written):
                break
            added = np.concatenate([added, broken])
            links.add_to(solver, broken)
            stated = links.joined_to(stated, broken)
        so_far = tight.bound - relaxation.bound
        if tight.bound - before < max(LEAST_RISE * abs(tight.bound), least_share * so_far):
            break
    return tight


def begun(
    program: Program,
    links: Links,
    control: Control,
    stations: Stations | None,
    start: Basis | None,
    guess: Relaxation | None,
) -> tuple[Solver, np.ndarray]:
    """Solver of the relaxation, over the columns that matter where there are many, and its links.

    Parameters
    ----------
    start, guess : as in `relax`.
    """
    written = np.array([], dtype=int)
    if start is not None:
        written = start.links
    elif guess is not None:
        written = guess.written
    if stations is None:
        solver = Solver(program, control, "relaxation", relaxed=True)
    else:
        kept = kernel(program, guess, stations) if guess else first_columns(program, stations)
        if start is not None:
            kept |= start.columns > 0  # Not at their lower limit.
            kept[links.column[start.links]] = True
        solver = Sifter(program, stations, kept, control, "relaxation")
    links.add_to(solver, written)
    if start is not None:
        solver.start_at(start.columns, start.rows)
    return solver, written

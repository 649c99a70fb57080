"""Bounds and plans faster than one plain solve of the strong model.

The relaxation is solved without strong links; those it breaks are added, and it is solved again
from where it was. Its reduced costs then say which columns can matter: a small program over them
gives a plan, the plan proves most other columns useless, and a last program over what remains
closes the gap. Where the relaxation takes long, an ascent without linear programs takes its place.
"""

import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.basis import Basis
from optimizer.bounding import STEEP, relax, tighten
from optimizer.branching import Tree
from optimizer.covers import Base, bases
from optimizer.cuts import add_cuts
from optimizer.errors import Infeasible, Interrupted, NoPlan
from optimizer.first_dive import look_down, tighten_and_dive
from optimizer.fixing import narrowed
from optimizer.found import Found
from optimizer.grove import cores, grow
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.kernel import kernel
from optimizer.lp_tree import LinearTree
from optimizer.pace import Pace
from optimizer.program import Program
from optimizer.relaxation import BROKEN_SHARE, Links, Relaxation
from optimizer.restricted import FirstPlans
from optimizer.root import Root
from optimizer.stations import Stations

__all__ = ["Found", "Links", "Relaxation", "relax", "search"]

# Part of a plan's cost that HiGHS' tolerances leave open.
ROUNDING = 1e-6
# Up to this size the whole program is solved at once. To 0.01 % four problems of 50 × 500, 10,000
# columns, took 28 s in all, after small programs 34 and plain HiGHS 32; two of 80 × 800, 16,000
# columns, 18, 13 and 21. One that is all about the way took 7, on the ascent 21, plain HiGHS 14.
SMALL_COLUMNS = 12_000
# From this part of that size on the relaxation is sifted: seven problems of 6,000 to 10,000 columns
# in one stage took 0.4 to 0.85 times as long as with all columns, those of 800 to 2,500 up to 1.2.
SIFTED_PART = 1 / 3
# A relaxation that takes more processor time than this gives way to an ascent: soon where a tree on
# the ascent may follow, late where it would only stand in for the relaxation.
PATIENCE_SECONDS, LONG_PATIENCE_SECONDS = 5.0, 60.0
# A tree on the ascent is given up that closes less than this part of the gap with so many nodes:
# of eight problems of 60 to 400 sites, each reaching all, given up after 10 it took longer in six.
TRIAL_NODES, LEAST_CLOSED = 100, 0.1
# A relaxation that leaves more whole numbers in fractions than this, with cuts and without, is left
# to HiGHS. Many more than 80 were not tried with cuts of today: of four that leave more, `world` in
# five stages takes 11 s to 0.01 % with a tree and 16 without, and three in eight stages end 0.12 to
# 0.22 % from the bound after a minute and 0.15 to 0.43.
MANY_FRACTIONS = 200
# From this size on a tree grows on all cores: nodes of smaller ones take 10 ms, so that problems of
# 3,000 to 5,600 columns took up to a third longer on two.
SHARED_COLUMNS = 6_000
# A tree that comes this much nearer than asked is near enough whatever the rounding.
NEARER = 1 - 1e-6
# A tree on the ascent does not come nearer than this.
LEAST_TREE_GAP = 1e-5


def search(
    program: Program,
    links: Links,
    control: Control,
    gap: float,
    *,
    method: str = "search",
    stations: Callable[[], Stations] | None = None,
    start: Outcome | None = None,
    basis: Basis | None = None,
    took: float = 0.0,
) -> Found:
    """Find a plan and prove a bound.

    Parameters
    ----------
    gap : relative gap at which to stop.
    method : `search`, or `plain` for one HiGHS run on the model with all strong links.
    stations : makes those of the same program, where a relaxation takes long; without, it takes
        the time it takes.
    start : a plan to start from.
    basis : of another relaxation, for this one to go on from.
    took : seconds that the relaxation took whose basis it is: as long may a first plan take.

    Raises
    ------
    Infeasible
        If it is proven that there is no plan.
    NoPlan, Interrupted
        If a limit or an interruption came before any plan.
    """
    found = Found(links=(0, len(links.column)))
    if start is not None:
        found.take(start)
    if method == "plain":
        control.choose("one run of HiGHS on the whole model, as asked for")
        every = np.arange(len(links.column))
        close(program, links, every, control, gap, found)
    else:
        known = stations() if stations else None
        by_relaxation(program, links, control, gap, found, known, basis, took)
    if found.values is None:
        ended = Interrupted if found.status is Status.INTERRUPTED else NoPlan
        raise ended(f"The solve ended ({found.status.value}) before any plan was found.")
    return found


def by_relaxation(
    program: Program,
    links: Links,
    control: Control,
    gap: float,
    found: Found,
    known: Stations | None,
    basis: Basis | None,
    took: float,
) -> None:
    """Solve the relaxation, or an ascent in its place, and go on as what it leaves suggests.

    Parameters
    ----------
    known, basis, took : stations, and as in `search`.
    """
    sums = bases(program, known) if known else []
    is_small = len(program.cost) <= SMALL_COLUMNS  # For an ascent, or small programs first.
    sifted = known if len(program.cost) > SIFTED_PART * SMALL_COLUMNS else None
    tree_suits = known is not None and not is_small and suits(program, known, gap)
    patience = PATIENCE_SECONDS if tree_suits else LONG_PATIENCE_SECONDS
    if is_small:
        patience = math.inf
    steep = STEEP if tree_suits else math.inf
    began = time.monotonic() - took
    relaxation = relax(program, links, control, found, sifted, patience, steep, basis)
    if relaxation and found.root and tree_suits and found.gap > gap:
        control.choose("a tree on the ascent: openings are the only whole numbers")
        found.links = len(relaxation.written), len(links.column)
        relaxation = branch(program, links, relaxation, control, gap, found, sifted)
    if relaxation is None:
        return
    if found.gap > gap:
        relaxation = look_closer(program, links, control, gap, found, relaxation, sums, began)
    found.links = len(relaxation.written), len(links.column)
    if found.gap <= gap:
        control.choose("nothing more: a plan is near enough to the bound")
        return
    if found.root is None:
        branch_on_relaxation(program, links, relaxation, control, gap, found, sums, known)
    else:
        program, known = found.root.program, found.root.stations
    if found.gap <= gap:
        return
    if stopped := control.must_stop():
        found.status = stopped
        return
    if is_small:
        control.choose(f"all {len(program.cost):,} columns at once: few enough")
    elif program.integer.any():
        control.choose(f"small programs first: there are {len(program.cost):,} columns")
        seconds = control.seconds_left() / 2
        FirstPlans(program, links, relaxation, control, gap, found, seconds).find(known)
    if found.gap > gap and not control.must_stop():
        close(program, links, relaxation.written, control, gap, found, relaxation)


def look_closer(
    program: Program,
    links: Links,
    control: Control,
    gap: float,
    found: Found,
    relaxation: Relaxation,
    sums: list[Base],
    began: float,
) -> Relaxation:
    """Cut a relaxation that `found.solver` holds, and dive from it for a first plan.

    Parameters
    ----------
    began : when its work did.

    Returns
    -------
    Relaxation
        With the cuts.
    """
    given, seconds = (program, links, relaxation, sums), time.monotonic() - began
    if found.solver and comes_in_blocks(program) and cores_for(program, control) > 1:
        relaxation = tighten_and_dive(*given, seconds, gap, found)
    else:
        relaxation = tighten(*given, found)
    if found.gap > gap:
        look_down(program, relaxation, time.monotonic() - began, found.enough(gap), found)
    return relaxation


def branch_on_relaxation(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
    sums: list[Base],
    known: Stations | None,
) -> None:
    """Prove the gap by branching on the relaxation, where few whole numbers are in fractions."""
    assert found.relaxation is not None
    # Before cuts and with them: some leave more, and less to prove.
    at = np.stack([found.relaxation.values, relaxation.values])[:, program.integer]
    in_fractions = (np.abs(at - np.round(at)) > BROKEN_SHARE).sum(axis=1)
    fractions = int(in_fractions.min())
    solver, found.solver = found.solver, None
    if solver is None or not in_fractions.any() or fractions > MANY_FRACTIONS:
        return
    count = cores_for(program, control)
    at_a_time = f", {count} nodes at a time" if count > 1 else ""
    control.choose(
        f"a tree on the relaxation{at_a_time}: it leaves {fractions} whole numbers in fractions"
    )
    tree = LinearTree(program, links, relaxation, solver, control, gap * NEARER, found, sums)

    def help_it() -> None:
        control.choose("small programs in between: the bound stands still")
        seconds = control.seconds_left() / 2
        FirstPlans(program, links, relaxation, control, gap, found, seconds).find(known)

    grow(tree, count, goes_on=Pace(tree, help_it).goes_on)
    if found.values is None and tree.is_done:
        raise Infeasible("No plan exists: proven by branch and bound.")
    found.bound = max(found.bound, min(tree.lowest, tree.cutoff))
    stopped = control.must_stop()
    found.status = stopped if stopped and not tree.is_done else Status.OPTIMAL


def cores_for(program: Program, control: Control) -> int:
    """How many cores share the work on a program of this size."""
    return cores(control.threads) if len(program.cost) > SHARED_COLUMNS else 1


def comes_in_blocks(program: Program) -> bool:
    """Whether there are whole numbers beyond yes and no, and so rounds of cuts that take time."""
    return bool(program.upper[program.integer].max(initial=0.0) > 1)


def suits(program: Program, stations: Stations, gap: float) -> bool:
    """Whether a tree on the ascent decides everything, and can come so near."""
    gates = np.zeros(len(program.cost), dtype=bool)
    gates[stations.gate[stations.gate >= 0]] = True
    return bool((gates >= program.integer).all()) and gap >= LEAST_TREE_GAP


def branch(
    program: Program,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
    known: Stations | None,
) -> Relaxation | None:
    """Prove the gap by a tree on the ascent, or solve the relaxation after all.

    Parameters
    ----------
    relaxation : what the ascent says of it.
    known : stations of the program.

    Returns
    -------
    Relaxation
        To go on from; None if there is nothing more to do.
    """
    root = found.root
    assert root is not None
    tree = Tree(root.program, root.stations, root.ascent, control, gap)
    if found.values is not None:
        tree.adopt(found.values, found.objective)
    tree.sprout(root.openings)
    if tree.values is None:
        seed(tree, root, links, relaxation, control, gap, found)
    tree.grow(TRIAL_NODES)
    if tree.closed >= LEAST_CLOSED:
        tree.grow()
    if tree.objective < found.objective:
        found.values, found.objective = tree.values, tree.objective
    stopped = control.must_stop()
    found.status = stopped if stopped and tree.open else Status.OPTIMAL
    if found.values is None and not tree.open:
        raise Infeasible("No plan exists: proven by branch and bound.")
    found.bound = max(found.bound, min(tree.lowest, tree.cutoff))
    if stopped or not tree.open:
        return None
    control.choose(f"linear programs after all: the tree closes {tree.closed:.0%} of the gap")
    solved = relax(program, links, control, found, known, guess=relaxation)
    if found.solver is None or solved is None:
        return relaxation
    found.root = None
    return solved


def seed(
    tree: Tree,
    root: Root,
    links: Links,
    relaxation: Relaxation,
    control: Control,
    gap: float,
    found: Found,
) -> None:
    """Give a tree a plan from a restricted program."""
    if tree.objective < found.objective:
        found.values, found.objective = tree.values, tree.objective
    seconds = control.seconds_left() / 3
    kept = kernel(root.program, relaxation, root.stations)
    FirstPlans(root.program, links, relaxation, control, gap, found, seconds).restrict(kept)
    if found.values is not None:
        tree.adopt(found.values, found.objective)


def close(
    program: Program,
    links: Links,
    written: np.ndarray,
    control: Control,
    gap: float,
    found: Found,
    relaxation: Relaxation | None = None,
) -> None:
    """Solve the program over every column that could still improve the best plan."""
    if relaxation is not None and found.values is not None:
        program = tightened(program, relaxation, found.objective)
    solver = Solver(program, control, "proof")
    links.add_to(solver, written)
    add_cuts(solver, found.cuts)
    if found.values is not None:
        solver.start_from(found.values)
    outcome = solver.solve(gap=gap)
    if outcome.status is Status.INFEASIBLE:
        if found.values is None:
            raise Infeasible("No plan exists: proven by branch and bound.")
        found.bound = found.objective  # nothing off the fixed columns beats the best plan
        return
    found.take(outcome)
    # What was fixed away costs at least as much as the best plan.
    found.bound = max(found.bound, min(outcome.bound, found.objective))


def tightened(program: Program, relaxation: Relaxation, objective: float) -> Program:
    """Program with columns held near the bounds they are at, as far as a better plan can move."""
    spare = objective - relaxation.bound + ROUNDING * abs(objective)
    lower, upper = narrowed(
        program.lower,
        program.upper,
        program.integer,
        relaxation.values,
        relaxation.reduced_cost,
        spare,
    )
    return replace(program, lower=lower, upper=upper)

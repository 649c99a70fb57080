"""Is there a plan? Asked of an instance and of changed versions of it, the quickest proof first."""

import math
import time
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

import numpy as np

from models import PlanInputs, build_model
from optimizer.errors import Infeasible, Interrupted, NoPlan
from optimizer.explain.elastic import SMALL_COLUMNS
from optimizer.explain.shortage import shortages
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.pooling import pool_regions
from optimizer.program import Program, compile_program
from optimizer.relaxation import MANY_ROWS
from optimizer.search import Links, search
from optimizer.stations import Stations

# Above SMALL_COLUMNS a plan this close to its bound says enough of what a change is worth.
LOOSE_GAP = 0.1
TIGHT_GAP = 1e-4
SECONDS_PER_PROOF = 120.0


class Proof(Enum):
    """How it was proven that there is no plan."""

    FLOW = "a maximum flow of demand over sites and nodes"
    LINEAR = "a linear program: not even fractions of sites and blocks would do"
    INTEGER = "branch and bound: fractions of sites, blocks or upgrades would do, whole ones do not"


@dataclass(frozen=True)
class Verdict:
    """Whether there is a plan, or that it could not be told in the time given.

    Parameters
    ----------
    possible : None where neither was proven.
    proof : why it is not possible.
    cost, bound : present value of a plan found, not polished, and of the least it could cost.
    """

    possible: bool | None
    proof: Proof | None = None
    cost: float = math.inf
    bound: float = -math.inf


def judge(inputs: PlanInputs, control: Control) -> Verdict:
    """Find out whether a problem has a plan, and how that is proven."""
    if shortages(inputs):
        return Verdict(possible=False, proof=Proof.FLOW)
    program = posed(inputs)
    program = replace(program, cost=np.zeros(len(program.cost)), offset=0.0)
    relaxed = Solver(program, control, "explain", relaxed=True)
    if len(program.row_lower) > MANY_ROWS:
        relaxed.set_option("solver", "ipm")
    outcome = relaxed.solve(seconds=SECONDS_PER_PROOF)
    if outcome.status is Status.INFEASIBLE:
        return Verdict(possible=False, proof=Proof.LINEAR)
    if outcome.status is not Status.OPTIMAL:
        return Verdict(possible=None)
    return verdict_of(solve(program, control))


def price(inputs: PlanInputs, control: Control) -> Verdict:
    """Find out what a plan costs, if there is one: to TIGHT_GAP for a small problem, or LOOSE_GAP.

    Where there is none, the proof that is told may be another than the simplest.
    """
    if shortages(inputs):
        return Verdict(possible=False, proof=Proof.FLOW)
    pooled = pool_regions(inputs)
    model = build_model(pooled)
    program = compile_program(model)
    if len(program.cost) <= SMALL_COLUMNS:
        return verdict_of(solve(program, control))
    links = Links.of(model, pooled, program)
    stations = None if pooled.power else partial(Stations.of, model, pooled, program)
    control = replace(control, time_limit=SECONDS_PER_PROOF, started=time.monotonic())
    try:
        found = search(program, links, control, LOOSE_GAP, stations=stations)
    except Infeasible:
        return Verdict(possible=False, proof=Proof.INTEGER)
    except (NoPlan, Interrupted):
        return Verdict(possible=None)
    return Verdict(possible=True, cost=found.objective, bound=found.bound)


def posed(inputs: PlanInputs) -> Program:
    """A problem as arrays, of regions that no row can tell apart one."""
    return compile_program(build_model(pool_regions(inputs)))


def verdict_of(outcome: Outcome) -> Verdict:
    """What a run over whole numbers says."""
    if outcome.values is not None:
        return Verdict(possible=True, cost=outcome.objective, bound=outcome.bound)
    if outcome.status is Status.INFEASIBLE:
        return Verdict(possible=False, proof=Proof.INTEGER)
    return Verdict(possible=None)


def solve(program: Program, control: Control) -> Outcome:
    """Solve a program as far as it matters here."""
    solver, gap = Solver(program, control, "explain"), TIGHT_GAP
    if len(program.cost) > SMALL_COLUMNS:
        gap = LOOSE_GAP
        solver.set_option("mip_lp_solver", "ipm")  # half the time of the simplex method
    return solver.solve(gap=gap, seconds=SECONDS_PER_PROOF)

"""Is there a plan? Asked of an instance and of changed versions of it, the quickest proof first."""

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np

from models import PlanInputs, build_model
from optimizer.explain.shortage import shortages
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.pooling import pool_regions
from optimizer.program import Program, compile_program
from optimizer.search import SMALL_COLUMNS

# Above SMALL_COLUMNS a plan this close to its bound says enough of what a change is worth.
LOOSE_GAP = 0.05
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


def judge(inputs: PlanInputs, control: Control, *, price: bool = False) -> Verdict:
    """Find out whether a problem has a plan.

    Parameters
    ----------
    price : also find what a plan costs: to TIGHT_GAP for a small problem, else to LOOSE_GAP.
    """
    if shortages(inputs):
        return Verdict(possible=False, proof=Proof.FLOW)
    program = compile_program(build_model(pool_regions(inputs)))
    if not price:
        program = replace(program, cost=np.zeros(len(program.cost)), offset=0.0)
        outcome = Solver(program, control, "explain", relaxed=True).solve()
        if outcome.status is Status.INFEASIBLE:
            return Verdict(possible=False, proof=Proof.LINEAR)
    outcome = solve(program, control)
    if outcome.values is not None:
        return Verdict(possible=True, cost=outcome.objective, bound=outcome.bound)
    if outcome.status is Status.INFEASIBLE:
        relaxed = Solver(program, control, "explain", relaxed=True).solve()
        linear = relaxed.status is Status.INFEASIBLE
        return Verdict(possible=False, proof=Proof.LINEAR if linear else Proof.INTEGER)
    return Verdict(possible=None)


def solve(program: Program, control: Control) -> Outcome:
    """Solve a program as far as it matters here."""
    gap = TIGHT_GAP if len(program.cost) <= SMALL_COLUMNS else LOOSE_GAP
    return Solver(program, control, "explain").solve(gap=gap, seconds=SECONDS_PER_PROOF)

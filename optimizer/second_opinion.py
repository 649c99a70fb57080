"""Second opinions on a finished plan: HiGHS without presolve, and SCIP where it is installed.

HiGHS has returned wrong optima as optimal before, in presolve. Each opinion starts from the
program alone, tightened by nothing that the search concluded but the strong links it wrote, which
every plan keeps. It knows neither plan nor bound.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from optimizer import highs, scip
from optimizer.errors import SolverFailure
from optimizer.highs import Control, Outcome, Solver, Status
from optimizer.program import Program

# Part of a plan's cost that the solvers' tolerances leave open.
ROUNDING = 1e-6
PROVED, AGREES, CONTRADICTS = "proved", "agrees so far", "contradicts"
FAILED, ABSENT = "failed", "not installed"


@dataclass(frozen=True)
class Opinion:
    """What another solver says of a plan.

    Parameters
    ----------
    solver : its name, version and settings.
    verdict : `proved`, its optimum and the plan agree within the sum of their gaps, or its bound
        is within the gap of the plan; `agrees so far`, time ran out with nothing against the plan
        or its bound; `contradicts`; `failed`; `not installed`.
    objective, bound : its own, None where it has none.
    seconds : that it took.
    """

    solver: str
    verdict: str
    objective: float | None = None
    bound: float | None = None
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return asdict(self)


def second_opinions(
    program: Program, objective: float, bound: float, gap: float, control: Control
) -> list[Opinion]:
    """Ask both solvers.

    Parameters
    ----------
    program : the whole problem, with the strong links that the search wrote.
    objective, bound : of the plan to be judged.
    gap : relative gap that the plan was to be proven to.
    control : its time limit holds for each opinion by itself, from now on.
    """
    control = replace(control, started=time.monotonic())
    seconds = math.inf if control.time_limit is None else control.time_limit

    def without_presolve() -> Outcome:
        solver = Solver(program, control, "check")
        solver.set_option("presolve", "off")
        return solver.solve(gap=gap, seconds=seconds)

    def by_scip() -> Outcome:
        return scip.solve(program, gap=gap, seconds=seconds, seed=control.seed)

    def ask(name: str, solve: Callable[[], Outcome]) -> Opinion:
        started = time.perf_counter()
        try:
            outcome = solve()
        except SolverFailure as error:  # that of the second solver must not cost the plan
            return Opinion(f"{name} ({error})", FAILED)
        took = round(time.perf_counter() - started, 3)
        judged = verdict(outcome, objective, bound, gap)
        return Opinion(name, judged, finite(outcome.objective), finite(outcome.bound), took)

    opinions = [ask(f"HiGHS {highs.version()} without presolve", without_presolve)]
    if not scip.is_installed():
        opinions.append(Opinion("SCIP", ABSENT))
    elif not control.interrupted.is_set():
        opinions.append(ask(f"SCIP {scip.version()}", by_scip))
    return opinions


def verdict(outcome: Outcome, objective: float, bound: float, gap: float) -> str:
    """What an outcome says of a plan and a bound.

    Both are right only if no bound of either solver is above a plan of either, and some plan
    exists. Then optima agree within the sum of their gaps.
    """
    rounding = ROUNDING * max(1.0, abs(objective))
    if (
        outcome.status is Status.INFEASIBLE
        or outcome.bound > objective + rounding
        or outcome.objective < bound - rounding
    ):
        return CONTRADICTS
    within = outcome.bound >= objective - gap * abs(objective) - rounding
    return PROVED if within or outcome.status is Status.OPTIMAL else AGREES


def finite(number: float) -> float | None:
    """Number as JSON can hold it."""
    return number if math.isfinite(number) else None


def opinion_text(opinion: dict[str, Any], currency: str) -> str:
    """One opinion as a line for a terminal."""
    words = {
        PROVED: "proves the plan again",
        AGREES: "found nothing against plan and bound in the time it had",
        CONTRADICTS: "CONTRADICTS the plan or its bound: do not rely on this run, report it",
        FAILED: "failed, and has no opinion",
        ABSENT: "is not installed: pip install 'sitewatt[scip]'",
    }[opinion["verdict"]]
    figures = [
        f"{name} {opinion[name]:,.0f} {currency}"
        for name in ("objective", "bound")
        if opinion[name] is not None
    ]
    detail = f" ({', '.join([*figures, format(opinion['seconds'], '.0f') + ' s'])})"
    return f"check: {opinion['solver']} {words}{detail if figures else ''}"

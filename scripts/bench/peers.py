"""Who solves: Sitewatt, HiGHS on its models, and others; each on a clock that starts at stating.

Everybody is given the problem in memory, and notes plans and bounds in a `Track` as they come.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from bench.console import watched
from bench.siting import first_demand, of
from bench.track import Track
from models import PlanInputs, build_model
from optimizer import scip
from optimizer.errors import NoPlan
from optimizer.highs import Control, Solver
from optimizer.instance import Instance
from optimizer.pooling import pool_regions
from optimizer.prepare import prepare
from optimizer.program import Program, compile_program
from optimizer.routes import find_routes
from optimizer.run import Clock, Options, solve_instance
from optimizer.scaling import cost_scale
from optimizer.search import Links


@dataclass(frozen=True)
class Task:
    """What a peer is asked for.

    Parameters
    ----------
    instance : the problem.
    gap : relative gap to prove.
    threads : that it may use.
    track : where it notes what it finds.
    seed : of its random choices.
    """

    instance: Instance
    gap: float
    threads: int
    track: Track
    seed: int = 0

    def inputs(self) -> PlanInputs:
        """The problem as the model is told."""
        return prepare(self.instance, find_routes(self.instance))

    def control(self) -> Control:
        """Limits of a solve by HiGHS that begins now."""
        return Control(
            time_limit=self.track.left,
            threads=self.threads,
            seed=self.seed,
            log=self.track.file.with_suffix(".log"),  # Without one HiGHS reports nothing.
            on_progress=lambda _, plan, bound: self.track.note(plan, bound),
        )


@dataclass(frozen=True)
class Peer:
    """Somebody who solves.

    Parameters
    ----------
    title : for tables.
    solve : does it, and notes the start.
    needs : package that has to be there, if any.
    siting_only : knows the plain siting problem alone.
    asked_always : also where a case is for HiGHS and Sitewatt alone.
    """

    title: str
    solve: Callable[[Task], None]
    needs: str | None = None
    siting_only: bool = False
    asked_always: bool = False

    @property
    def is_there(self) -> bool:
        """Whether what it needs is installed."""
        return self.needs is None or find_spec(self.needs) is not None


def solve_command(task: Task, method: str) -> None:
    """Solve as `sitewatt solve` does; the clock starts where the model is built."""
    track, control = task.track, task.control()
    phases: list[str] = []

    def report(phase: str) -> None:
        if phase in ("build", "search") and math.isnan(track.started):
            track.start()
            control.time_limit, control.started = track.limit, track.started
        if phase == "search":
            track.handed_over()
        if phase == "polish":
            phases.append(f"{track.seconds}")

    options = Options(
        gap=task.gap,
        threads=task.threads,
        seed=task.seed,
        method=method,  # type: ignore[arg-type]
    )
    try:
        plan = solve_instance(task.instance, options, control, Clock(report))
    except NoPlan:
        return
    # Found where the search ended, and not where its tables were ready.
    track.note(plan.record["objective"], plan.record["bound"], at=float(phases[0]))


def solve_sitewatt(task: Task) -> None:
    """Sitewatt's search."""
    solve_command(task, "search")


def solve_strong(task: Task) -> None:
    """One run of HiGHS on the model with every strong link."""
    solve_command(task, "plain")


def solve_weak(task: Task) -> None:
    """One run of HiGHS on the model without strong links."""
    inputs = task.inputs()
    task.track.start()
    program = compile_program(build_model(pool_regions(inputs)))
    solver = Solver(program, task.control(), "weak")
    task.track.handed_over()
    outcome = solver.solve(gap=task.gap)
    task.track.note(outcome.objective, outcome.bound)


def solve_linopy(task: Task) -> None:
    """The plain siting problem with every strong link in linopy, solved by HiGHS."""
    from bench.linopy_siting import state  # noqa: PLC0415 — an extra

    inputs = task.inputs()
    siting = of(inputs)
    state(of(first_demand(inputs)), links=True)
    task.track.start()
    highs = state(siting, links=True).to_highspy()
    task.track.handed_over()
    for name, value in (
        ("log_to_console", False),  # With output_flag off HiGHS reports nothing.
        ("mip_rel_gap", task.gap),
        ("mip_abs_gap", 0.0),
        ("threads", task.threads),
        ("random_seed", task.seed),
        ("time_limit", task.track.left),
    ):
        highs.setOptionValue(name, value)

    def report(event: Any) -> None:
        task.track.note(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    highs.cbMipLogging += report
    highs.run()
    info = highs.getInfo()
    task.track.note(info.objective_function_value, info.mip_dual_bound)


def solve_cbc(task: Task) -> None:
    """The plain siting problem with every strong link in PuLP, solved by its CBC."""
    import pulp  # noqa: PLC0415 — an extra

    from bench.pulp_siting import state  # noqa: PLC0415

    siting = of(task.inputs())
    task.track.start()
    problem = state(siting)
    task.track.handed_over()
    solver = pulp.PULP_CBC_CMD(
        msg=True,
        gapRel=task.gap,
        timeLimit=max(task.track.left, 0.01),
        threads=task.threads,
        options=[f"randomCbcSeed {task.seed}"],
    )
    with watched(task.track):
        problem.solve(solver)


def solve_scip(task: Task) -> None:
    """SCIP on the arrays of the model with every strong link."""
    import pyscipopt  # noqa: PLC0415 — an extra

    inputs = task.inputs()
    task.track.start()
    program = strong_program(inputs)
    scale = cost_scale(program.cost)
    model, _ = scip.model_of(program, scale)
    task.track.handed_over()
    model.setParam("randomization/randomseedshift", task.seed)
    model.setParam("limits/gap", task.gap)
    model.setParam("limits/time", task.track.left)

    class Watch(pyscipopt.Eventhdlr):  # type: ignore[misc]
        """Notes every better plan and, node by node, the bound."""

        kinds = (
            pyscipopt.SCIP_EVENTTYPE.BESTSOLFOUND,
            pyscipopt.SCIP_EVENTTYPE.NODESOLVED,
            pyscipopt.SCIP_EVENTTYPE.LPSOLVED,
        )

        def eventinit(self) -> None:
            for kind in self.kinds:
                self.model.catchEvent(kind, self)

        def eventexec(self, _event: object) -> None:
            note_scip(task.track, self.model, scale)

    model.includeEventhdlr(Watch(), "watch", "notes plans and bounds")
    model.optimize()
    note_scip(task.track, model, scale)


def note_scip(track: Track, model: Any, scale: float) -> None:
    """Note what SCIP knows."""
    plan, bound = model.getPrimalbound(), model.getDualbound()
    track.note(
        math.inf if model.isInfinity(abs(plan)) else plan * scale,
        -math.inf if model.isInfinity(abs(bound)) else bound * scale,
    )


def strong_program(inputs: PlanInputs) -> Program:
    """Arrays of the model with every strong link."""
    pooled = pool_regions(inputs)
    model = build_model(pooled)
    program = compile_program(model)
    links = Links.of(model, pooled, program)
    return links.joined_to(program, np.arange(len(links.column)))


PEERS = {
    "sitewatt": Peer("Sitewatt", solve_sitewatt, asked_always=True),
    "strong": Peer("HiGHS, strong model", solve_strong, asked_always=True),
    "weak": Peer("HiGHS, weak model", solve_weak, asked_always=True),
    "linopy": Peer("linopy + HiGHS", solve_linopy, needs="linopy", siting_only=True),
    "cbc": Peer("PuLP + CBC", solve_cbc, needs="pulp", siting_only=True),
    "scip": Peer("SCIP", solve_scip, needs="pyscipopt"),
}

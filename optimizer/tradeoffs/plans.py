"""Points of a problem's program as plans: tables, record, run folder, audit."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyomo.environ as pyo

from models import build_model
from optimizer.audit import AuditReport
from optimizer.highs import Control, Outcome
from optimizer.plan import plan_tables
from optimizer.polish import polish, spread
from optimizer.program import Program, compile_program
from optimizer.routes import Routes, find_routes
from optimizer.run import Clock, Options, Plan, record, write_run
from optimizer.search import Found
from optimizer.tradeoffs.problem import Problem


@dataclass
class Writer:
    """Writes plans of a problem as run folders.

    Parameters
    ----------
    bound : no plan of the instance costs less.
    options : of the solve; its gap is what a plan may cost more than the bound.
    """

    problem: Problem
    bound: float
    options: Options

    def __post_init__(self) -> None:
        self.routes: Routes = find_routes(self.problem.instance)

    def cheapest(self, values: np.ndarray) -> Plan:
        """Cheapest plan with a point's choices, and of those the one of lowest latency."""
        problem = self.problem
        return self.plan(polish(problem.inputs, problem.program, values))

    def as_it_is(self, outcome: Outcome) -> Plan:
        """Plan at the very point, with pooled regions told apart."""
        return self.plan(stated(self.problem, outcome))

    def plan(self, model: pyo.ConcreteModel) -> Plan:
        """Tables and record of a model with values."""
        problem = self.problem
        tables = plan_tables(problem.instance, problem.inputs, self.routes, model)
        cost = float(tables["costs"].discounted_cost.sum())
        found = Found(np.empty(0), cost, min(self.bound, cost))
        # A plan found beside the cheapest is asked to be no nearer to the bound than it is.
        options = replace(self.options, gap=max(self.options.gap, found.gap), check=False)
        clock = Clock(lambda *_: None)
        told = record(
            *(problem.instance, options, Control(), found, problem.inputs, self.routes),
            *(problem.program, clock, tables),
        )
        return Plan(told, tables)

    def write(self, plan: Plan, folder: Path) -> AuditReport:
        """Write a plan as a run folder, audited."""
        return write_run(plan, self.problem.instance, folder, None)


def stated(problem: Problem, outcome: Outcome) -> pyo.ConcreteModel:
    """Model of the whole problem with a point's values."""
    assert outcome.values is not None
    model, program, values = problem.model, problem.program, outcome.values
    if problem.pooled is not problem.inputs:
        model = build_model(problem.inputs)
        program = compile_program(model)
        values, _ = spread(
            problem.inputs, problem.program, without_prices(problem, outcome), program
        )
    values = np.where(program.integer, np.round(values), values)
    for variable, value in zip(program.variables, values.tolist(), strict=True):
        variable.set_value(value, skip_validation=True)
    return model


def without_prices(problem: Problem, outcome: Outcome) -> Outcome:
    """Outcome whose rows are the problem's own, at no price."""
    program: Program = problem.program
    return replace(outcome, row_dual=np.zeros(len(program.constraints)))

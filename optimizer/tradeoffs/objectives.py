"""What cost is traded against, as a linear objective over a problem's columns.

The same figures as in `measures`, where they are taken from a plan's tables.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from models.footprint import embodied_t, operating_t, water_m3
from models.inputs import PlanInputs
from optimizer.instance import Instance
from optimizer.program import Program
from optimizer.tradeoffs.problem import Problem


@dataclass(frozen=True)
class Against:
    """A figure to trade cost against, the less the better.

    Parameters
    ----------
    problem : that it is about.
    measure : its name in `measures`.
    program : of the problem, with a column behind for what is the largest of several.
    coefficients : (columns,) of the figure.
    constant : what it has besides.
    unserved : as what demand that goes unserved counts; "" where none may, or it counts as nothing.
    """

    problem: Problem
    measure: str
    program: Program
    coefficients: np.ndarray
    constant: float
    unserved: str = ""

    def value(self, values: np.ndarray) -> float:
        """Figure at a point of `program`."""
        return float(self.coefficients @ values) + self.constant


def carbon(problem: Problem) -> Against:
    """Tonnes of all years until the horizon, not discounted, embodied ones included."""
    return yearly(problem, "carbon_t", operating_t, once=True)


def water(problem: Problem) -> Against:
    """Cubic metres of all years until the horizon."""
    return yearly(problem, "water_m3", water_m3)


def yearly(problem: Problem, measure: str, of_year: Callable, *, once: bool = False) -> Against:
    """Figure that falls in every year of a stage, and at once in what is built."""
    model, inputs, column_of = problem.model, problem.pooled, problem.program.column_of()
    coefficients, constant = np.zeros(len(problem.program.cost)), 0.0
    for t in inputs.stages:
        years = len(inputs.years(t))
        terms, fixed = of_year(model, inputs, t)
        constant += years * fixed
        weighted = [(years * part, variable) for part, variable in terms]
        for part, variable in weighted + (embodied_t(model, inputs, t) if once else []):
            # A variable that no row and no cost speaks of is 0.
            if (column := column_of.get(id(variable))) is not None:
                coefficients[column] += part
    return Against(problem, measure, problem.program, coefficients, constant)


def latency(problem: Problem) -> Against:
    """Mean round trip, weighted by IT MW and by the years of each stage."""
    rtt_ms = problem.inputs.routes.rtt_ms.to_dict()
    longest = max(rtt_ms.values(), default=0.0)
    counts = f"as if served from {longest:.4g} ms away, the longest round trip allowed"
    return of_services(
        problem, "mean_rtt_ms", lambda r, w, s: rtt_ms[r, w, s], unserved=longest, counts=counts
    )


def sovereignty(problem: Problem) -> Against:
    """Share, weighted alike, served by operators whose country of control is not the user's."""
    user, control = problem.inputs.user_country, problem.inputs.sites.operator_country
    return of_services(
        problem,
        "foreign_share",
        lambda r, _, s: float(user[r] != control[s]),
        unserved=1.0,
        counts="as under foreign control",
    )


def of_services(
    problem: Problem, measure: str, figure: Callable, *, unserved: float, counts: str
) -> Against:
    """Mean of a figure over all demand.

    Parameters
    ----------
    unserved : the figure of demand that goes unserved, the worst there is: over what is served
        alone the mean would not be linear, and to serve less would be a way to better it.
    counts : the same in words.
    """
    inputs, column_of = problem.inputs, problem.program.column_of()
    coefficients = np.zeros(len(problem.program.cost))
    demand = problem.model.demand
    years = {t: len(inputs.years(t)) for t in inputs.stages}
    total = sum(mw * years[t] for (_, _, t), mw in demand.demand_mw.items())
    for (r, w, s, t), serve in demand.serve.items():
        weight = demand.demand_mw[r, w, t] * years[t] / total
        coefficients[column_of[id(serve)]] = weight * figure(r, w, s)
    for (r, w, t), share in demand.unserved.items():
        coefficients[column_of[id(share)]] = demand.demand_mw[r, w, t] * years[t] / total * unserved
    counts = counts if len(demand.unserved) else ""
    return Against(problem, measure, problem.program, coefficients, 0.0, counts)


def resilience(problem: Problem) -> Against:
    """Largest part of a stage's demand that one grid node carries: what is lost with it.

    What goes unserved is lost with any of them.
    """
    inputs, program, demand = problem.pooled, problem.program, problem.model.demand
    column_of, load_mw = program.column_of(), demand.load_mw
    total_mw = inputs.demand_mw.groupby(level="stage").sum()
    rows = []
    for _, sites in inputs.sites.groupby("node"):
        for t in total_mw.index:
            row = np.zeros(len(program.cost) + 1)
            columns = [column_of.get(id(load_mw[s, t])) for s in sites.index]
            row[[column for column in columns if column is not None]] = 1.0
            for (r, w, stage), share in demand.unserved.items():
                if stage == t:
                    row[column_of[id(share)]] = demand.demand_mw[r, w, t]
            row[-1] = -total_mw[t]
            rows.append(row)
    largest = with_column(program, np.array(rows))
    coefficients = np.zeros(len(largest.cost))
    coefficients[-1] = 1.0
    counts = "as lost with any node" if len(demand.unserved) else ""
    return Against(problem, "largest_node_share", largest, coefficients, 0.0, counts)


def with_column(program: Program, rows: np.ndarray) -> Program:
    """Program with a share as a last column, and rows, (rows, columns), that are at most 0."""
    empty = sparse.csr_array((program.matrix.shape[0], 1))
    widened = sparse.hstack([program.matrix, empty])
    return replace(
        program,
        cost=np.append(program.cost, 0.0),
        lower=np.append(program.lower, 0.0),
        upper=np.append(program.upper, 1.0),
        integer=np.append(program.integer, False),
        matrix=sparse.csr_array(sparse.vstack([widened, sparse.csr_array(rows)])),
        row_lower=np.append(program.row_lower, np.full(len(rows), -np.inf)),
        row_upper=np.append(program.row_upper, np.zeros(len(rows))),
    )


KINDS: dict[str, Callable[[Problem], Against]] = {
    "carbon": carbon,
    "latency": latency,
    "sovereignty": sovereignty,
    "resilience": resilience,
    "water": water,
}
# Regions that cost alike may differ in what they are measured by: they are not pooled.
BY_REGION = frozenset({"latency", "sovereignty"})


def against(kind: str, instance: Instance, inputs: PlanInputs) -> Against:
    """Build the problem of an instance with a figure to trade its cost against."""
    return KINDS[kind](Problem.of(instance, inputs, pool=kind not in BY_REGION))

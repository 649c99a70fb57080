"""Solve one case: whatever happens, what comes back is a result that says so."""

import gc
import pickle
from typing import Any

import pandas as pd

from optimizer.errors import Infeasible, InvalidInstance, NoPlan, printable
from optimizer.finished import Finished
from optimizer.highs import Control
from optimizer.instance import Instance
from optimizer.kept import Kept
from optimizer.points import Point
from optimizer.run import Clock, Options, Plan, solve_instance
from optimizer.study.engine import Result
from optimizer.study.results import CAPACITY
from optimizer.tradeoffs.measures import measure

LONGEST_REASON = 500

# What is loaded by now stays: looking through it for garbage, once or so a case, takes as long as
# a tenth of a short one, and in a process that was forked copies all of it.
gc.freeze()


def solve_case(
    packed: bytes,
    solve: dict[str, Any],
    start: dict[str, Any] | None = None,
    kept: Kept | None = None,
) -> Result:
    """Solve the instance of a case in one thread.

    Parameters
    ----------
    packed : the instance, pickled: it goes to another process, and must be there whole.
    solve : gap, time_limit_s and seed, and whether others start from this plan.
    start : point to start from, as `Point` writes it.
    kept : models that the case before has left here.

    Returns
    -------
    dict
        Status, reason and, where there is a plan, what results are made of; JSON can hold it.
    """
    clock, kept = Clock(lambda *_: None), kept or Kept()
    try:
        instance: Instance = pickle.loads(packed)
        options = Options(solve["gap"], solve["time_limit_s"], threads=1, seed=solve["seed"])
        control = Control(options.time_limit, threads=1, seed=options.seed)
        point = Point.from_dict(start) if start else None
        plan = solve_instance(instance, options, control, clock, point, kept)
        kept.forget_large()
        result = told(instance, plan)
        if solve["warm_start"] and plan.point:
            result["point"] = plan.point().as_dict()
        return result
    except Exception as error:  # A case may fail in any way without stopping others.
        kept.forget()  # Whatever it was in the midst of.
        return ended_by(error)


def ended_by(error: Exception) -> Result:
    """Result of a case that an error has ended."""
    if isinstance(error, Infeasible | InvalidInstance):  # Demand without a site that may serve it.
        return without_plan("infeasible", error)
    if isinstance(error, MemoryError):
        return without_plan("crashed", error)
    return without_plan("no_plan" if isinstance(error, NoPlan) else "failed", error)


def without_plan(status: str, error: BaseException) -> Result:
    """Result of a case that has no plan."""
    kind = "" if status in ("infeasible", "no_plan") else f"{type(error).__name__}: "
    lines = [printable(line.strip()) for line in f"{kind}{error}".splitlines()]
    return {"status": status, "reason": "; ".join(filter(None, lines))[:LONGEST_REASON]}


def told(instance: Instance, plan: Plan) -> Result:
    """What a study keeps of a plan."""
    record, tables = plan.record, plan.tables
    capacity = tables["capacity"]
    costs = tables["costs"].groupby(["kind", "year"], sort=False)[["cost", "discounted_cost"]].sum()
    return {
        "status": record["status"],
        "reason": "",
        **{name: record[name] for name in ("objective", "bound", "gap")},
        "figures": key_figures(Finished(instance, tables)),
        "capacity": rows_of(capacity[capacity.installed_it_mw > 0][CAPACITY]),
        "costs": rows_of(costs.reset_index()),
        "seconds": record["seconds"],
    }


def rows_of(table: pd.DataFrame) -> list[list[Any]]:
    """Rows of a table in Python's own types."""
    return [list(row) for row in table.astype(object).itertuples(index=False, name=None)]


def key_figures(run: Finished) -> dict[str, float]:
    """Figures by which plans are compared.

    What is measured as `compare` and `pareto` do, and energy, is of all years of the horizon; the
    others are those of the last stage.
    """
    last, years = run.stages[-1], {stage: len(run.years_of(stage)) for stage in run.stages}
    capacity, energy, measures = run.tables["capacity"], run.tables["energy"], measure(run)
    lasting = capacity[capacity.year == last]
    return {
        "installed_it_mw": float(lasting.installed_it_mw.sum()),
        "served_it_mw": float(lasting.served_it_mw.sum()),
        "sites": int((lasting.open == 1).sum()),
        "energy_mwh": float((energy.facility_mwh * energy.year.map(years)).sum()),
        "carbon_t": measures.carbon_t,
        "mean_rtt_ms": measures.mean_rtt_ms,
        "foreign_share": measures.foreign_share,
        "unserved_it_mw": float(unserved_mw(run, last)),
    }


def unserved_mw(run: Finished, stage: int) -> float:
    """IT MW that nobody serves in a stage."""
    unserved = run.tables["unserved"]
    return float(unserved.it_mw[unserved.year == stage].sum())

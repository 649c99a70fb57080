"""Plans through the hours in two steps: a bound and choices by blocks of hours, then the hours.

By blocks the problem is a fraction of its size, and no plan can cost less than its bound. Cuts
(`benders`) tell it what hours ask for beyond that. What it leaves unused (sites, technologies,
routes) is left out of the problem by the hour, whose choices are then made: a linear program that
says what the plan costs. Where that is too far above the bound, blocks become shorter.
"""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo

from models import PlanInputs, build_model
from models.coarse import blocks_of, coarse
from optimizer.benders import View, tell, with_hours
from optimizer.errors import NoPlan
from optimizer.highs import Control, Outcome, Status
from optimizer.operation import Cut, Operation
from optimizer.polish import fixed_choices
from optimizer.pooling import pool_regions
from optimizer.program import Program, compile_program
from optimizer.search import Found, Links, search

# Below this number of slices over stages and technologies at sites the hours are solved at once.
FEW_HOURS = 10_000
# Blocks of a day, as long as the gap is not reached; in the end as many as it has slices.
EACH_DAY = (4, 8, 10_000)
# Part of the gap that the search by blocks may leave open.
GAP_BY_BLOCKS = 0.8
# Part of the time left that a search by blocks may take: its plan has to be priced by the hour yet.
SHARE_OF_TIME = 0.6
UNUSED_MW = 1e-6


@dataclass(frozen=True)
class Narrowed:
    """A plan by the hour, in a problem without what it does not use.

    Parameters
    ----------
    inputs : the problem, whole regions.
    model, program : pooled; the variables of a program are gone with their model.
    cheapest : a plan of it.
    """

    inputs: PlanInputs
    model: pyo.ConcreteModel
    program: Program
    cheapest: Outcome


def pays(inputs: PlanInputs) -> bool:
    """Whether a problem is large enough by the hour to be solved by blocks first."""
    return hours_of(inputs) > FEW_HOURS


def hours_of(inputs: PlanInputs) -> int:
    """Slices, over all stages and technologies that a site may have."""
    power = inputs.power
    if power is None:
        return 0
    return int((power.allowed.max_mw > 0).sum()) * len(inputs.stages) * len(power.slices)


def search_by_blocks(
    inputs: PlanInputs, control: Control, gap: float
) -> tuple[Found, Narrowed] | None:
    """Find a plan by the hour and a bound on all of them.

    Returns
    -------
    Found
        The bound, and the cost of the plan.
    Narrowed
        The plan. None of both, where no choices by blocks leave a plan in every hour.

    Raises
    ------
    Infeasible
        No plan exists: none even by blocks, which ask for less.
    NoPlan, Interrupted
        A limit or an interruption came before any plan.
    """
    pooled = pool_regions(inputs)
    best, told = None, Found()
    control.choose(f"blocks of hours first: {hours_of(inputs):,} hours of supply are many")
    blocks = Blocks(pooled, control, gap)
    for each_day in EACH_DAY:
        left = control.seconds_left()
        try:
            found, chosen = blocks.search(each_day)
        except NoPlan:
            if best is None:
                raise
            break
        plan = next(plans(inputs, chosen), None)
        if plan is not None and (best is None or plan.cheapest.objective < told.objective):
            best = plan
            told.values, told.objective = plan.cheapest.values, plan.cheapest.objective
        told.bound = max(told.bound, found.bound)
        told.status, told.links = found.status, found.links
        control.on_progress(f"{each_day} blocks", told.objective, told.bound)
        took = left - control.seconds_left()
        # Shorter blocks take longer.
        if told.gap <= gap or control.must_stop() or control.seconds_left() < took:
            break
    if told.gap > gap and told.status is Status.OPTIMAL and control.time_limit is not None:
        told.status = Status.TIME_LIMIT  # Optimal by blocks, and time for no shorter ones.
    return (told, best) if best else None


class Blocks:
    """Searches by blocks of hours, each of which knows what those before have found.

    Parameters
    ----------
    inputs : the problem by the hour, its regions pooled.
    """

    def __init__(self, inputs: PlanInputs, control: Control, gap: float) -> None:
        self.inputs, self.control, self.gap = inputs, control, gap
        self.operation: Operation | None = None
        self.cuts: list[Cut] = []
        self.chosen: dict[Any, float] = {}

    def search(self, each_day: int) -> tuple[Found, dict[Any, float]]:
        """Find a plan by so many blocks a day; its sizes are such that hours can be run.

        Returns
        -------
        Found
            Its bound is one by the hour, too.
        dict
            Values of the plan by name and index of a variable, without shares that are 0 and not
            likely to be of use.
        """
        power = self.inputs.power
        assert power is not None
        blocks = blocks_of(power, each_day)
        are_hours = len(blocks) == len(power.slices)
        inputs = self.inputs if are_hours else replace(self.inputs, power=coarse(power, blocks))
        model = build_model(inputs)
        program = compile_program(model)
        links = Links.of(model, inputs, program)
        own, nearly = within(self.control, each_day), self.gap * GAP_BY_BLOCKS
        view, basis, took = None, None, 0.0
        if not are_hours:
            if self.operation is None:
                self.operation = operation_of(self.inputs, program, self.control)
            view, began = View.of(program, self.operation), time.monotonic()
            program, basis = tell(view, links, self.cuts, own)
            took = time.monotonic() - began
        # Longer blocks have left choices to start from.
        known = bool(self.chosen)
        start = fixed_choices(program, choices(program, self.chosen)) if known else None
        found = search(program, links, own, nearly, start=start, basis=basis, took=took)
        values = found.values
        assert values is not None
        kept = np.ones(len(values), dtype=bool)
        if view is not None and found.relaxation is not None:
            values, kept = with_hours(view, self.cuts, values, found.relaxation, self.control)
        self.chosen = {
            name(program.variables[column]): float(values[column])
            for column in np.flatnonzero(kept).tolist()
        }
        return found, self.chosen


def operation_of(pooled: PlanInputs, program: Program, control: Control) -> Operation:
    """Hours of a problem, next to its program by blocks."""
    model = build_model(pooled)
    return Operation(compile_program(model), program, pooled.sites.node.to_dict(), control)


def within(control: Control, each_day: int) -> Control:
    """Control of a search by blocks: its plans are none by the hour, and leaves them time."""

    def report(phase: str, _plan: float, bound: float) -> None:
        control.on_progress(f"{phase}, {each_day} blocks", math.inf, bound)

    limit = control.time_limit
    if limit is not None:
        limit -= (1 - SHARE_OF_TIME) * control.seconds_left()
    return replace(control, on_progress=report, time_limit=limit)


def plans(inputs: PlanInputs, chosen: dict[Any, float]) -> Iterator[Narrowed]:
    """Plans by the hour that make the choices of one by blocks.

    First with the technologies that it uses; where those are not enough in some hour, with all
    that its sites may have.
    """
    for every_technology in (False, True):
        narrowed = narrow(inputs, chosen, every_technology=every_technology)
        model = build_model(pool_regions(narrowed))
        program = compile_program(model)
        for every_route in (False, True):
            cheapest = priced(program, chosen, every_route=every_route)
            if cheapest.values is not None:
                yield Narrowed(narrowed, model, program, cheapest)


def priced(program: Program, chosen: dict[Any, float], *, every_route: bool) -> Outcome:
    """Cheapest solution by the hour with the choices of one by blocks.

    Parameters
    ----------
    every_route : whether a demand may be served where by blocks it is not likely to be. Without,
        it takes two thirds of the time, and costs 3e-5 more on `europe_hourly`.
    """
    values = choices(program, chosen)
    if every_route:
        return fixed_choices(program, values)
    # Fewer sites, and regions may be pooled otherwise: those of another name keep their routes.
    regions = {index[0] for kind, index in chosen if kind == "serve"}
    names = [name(variable) for variable in program.variables]
    used = np.array(
        [kind != "serve" or (kind, at) in chosen or at[0] not in regions for kind, at in names]
    )
    outcome = fixed_choices(program.of_columns(used), values[used])
    if outcome.values is None:
        return outcome
    values[used] = outcome.values
    return replace(outcome, values=values, column_dual=None)


def choices(program: Program, chosen: dict[Any, float]) -> np.ndarray:
    """Values of integer columns by their names; (columns,), zero where there is none."""
    values = np.zeros(len(program.cost))
    for position in np.flatnonzero(program.integer):
        values[position] = chosen.get(name(program.variables[position]), 0.0)
    return values


def narrow(inputs: PlanInputs, chosen: dict[Any, float], *, every_technology: bool) -> PlanInputs:
    """Problem without the sites and technologies that a plan by blocks does not use."""
    power = inputs.power
    assert power is not None
    kept = inputs.sites.existing_it_mw > 0
    used = power.allowed.existing_mw > 0
    for (kind, index), value in chosen.items():
        if kind == "open" and value > 0.5:
            kept[index[0]] = True
        if kind in ("standing_mw", "order_mw") and value > UNUSED_MW:
            used[index[:2]] = True
    kept |= inputs.sites.index.isin(used[used].index.get_level_values("site"))
    sites = inputs.sites[kept]
    of_kept = power.allowed.index.get_level_values("site").isin(sites.index)
    allowed = power.allowed[of_kept & (used | every_technology)]
    return replace(
        inputs,
        sites=sites,
        routes=inputs.routes[inputs.routes.index.get_level_values("site").isin(sites.index)],
        power=replace(
            power,
            pue=power.pue.loc[sites.index],
            allowed=allowed,
            availability=power.availability.loc[allowed.index],
            hosts=tuple(host for host in power.hosts if host[1] in sites.index),
        ),
    )


def name(variable: pyo.Var) -> tuple[str, Any]:
    """Name and index of a variable, which problems of other sizes have in common."""
    return variable.parent_component().local_name, variable.index()

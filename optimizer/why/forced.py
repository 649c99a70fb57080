"""Solve a problem again with one site forced in or out: a choice is worth what differing costs."""

import pyomo.environ as pyo

from models import PlanInputs, build_model
from optimizer.highs import Control
from optimizer.pooling import pool_regions
from optimizer.program import compile_program
from optimizer.search import Found, Links, search


def solve_forced(
    inputs: PlanInputs, control: Control, gap: float, *, site: str = "", used: bool = False
) -> Found:
    """Find the cheapest plan with a site in use, or without it; as it is, where none is named.

    Raises
    ------
    Infeasible
        There is no such plan.
    NoPlan, Interrupted
        A limit or an interruption came before any plan.
    """
    pooled = pool_regions(inputs)
    model = build_model(pooled)
    if site:
        force(model, site, used=used)
    program = compile_program(model)
    return search(program, Links.of(model, pooled, program), control, gap)


def force(model: pyo.ConcreteModel, site: str, *, used: bool) -> None:
    """Hold a site open by the last stage, or closed in all of them, by the bounds of its variables.

    A site with existing capacity cannot be closed: it stays in use, serves nobody, buys nothing
    and trains nothing.
    """
    siting, last = model.siting, model.STAGES.last()
    if used:
        siting.open[site, last].setlb(1)
        return
    for variable in (siting.open, siting.extended_mw, siting.blocks, model.demand.load_mw):
        for key in variable:
            if key[0] == site:
                variable[key].setub(0)
    if hasattr(model, "loads"):
        for campaign, host in model.loads.HOSTS:
            if host == site:
                model.loads.host[campaign, host].setub(0)
        for ordered in (model.supply.order_mw, model.supply.order_mwh):
            for key in ordered:
                if key[0] == site:
                    ordered[key].setub(0)

"""Limits that the model keeps as bounds of its columns, loosened there and stated as rows."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pyomo.environ as pyo
from scipy import sparse

from models import PlanInputs
from optimizer.program import Program


def loosened(inputs: PlanInputs) -> PlanInputs:
    """Same problem with ample halls and with every service, however little a site could serve."""
    most_mw = most_it_mw(inputs)
    loose = replace(inputs, sites=inputs.sites.assign(max_it_mw=inputs.sites.max_it_mw + most_mw))
    if inputs.power is not None:
        # Nothing needs more than to make, hold and store all that is asked for.
        allowed, ample = inputs.power.allowed, 10 * most_mw
        more = allowed.assign(max_mw=allowed.max_mw + ample, max_mwh=allowed.max_mwh + 24 * ample)
        loose = replace(loose, power=replace(inputs.power, allowed=more))
    everything = pd.MultiIndex.from_product([inputs.sites.index, inputs.stages])
    # Takes the place of the cached property, which would leave out sites without power or room.
    vars(loose)["reach_it_mw"] = pd.Series(most_mw, index=everything)
    return loose


def with_halls(
    program: Program,
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    kinds: list[str],
    keys: list[tuple],
) -> Program:
    """Program with a row `hall` for each (site, stage): new MW fit the hall as it is."""
    siting, block_mw = model.siting, inputs.sites.block_mw.to_dict()
    room_mw = (room_it_mw(inputs) - spare_it_mw(inputs)).to_dict()
    new = [(key, 1.0, variable) for key, variable in siting.extended_mw.items()]
    new += [(key, block_mw[key[0]], variable) for key, variable in siting.blocks.items()]
    rows = [(key, mw, variable, room_mw[key[0]]) for key, mw, variable in new]
    return with_limits(program, "hall", rows, kinds, keys)


def with_supply(
    program: Program,
    model: pyo.ConcreteModel,
    inputs: PlanInputs,
    kinds: list[str],
    keys: list[tuple],
) -> Program:
    """Program with rows `room_mw` and `room_mwh` for each (site, technology, stage)."""
    assert inputs.power is not None
    for unit in ("mw", "mwh"):
        most = inputs.power.allowed[f"max_{unit}"].dropna().to_dict()
        standing = getattr(model.supply, f"standing_{unit}")
        rows = [
            (key, 1.0, variable, most[key[:2]])
            for key, variable in standing.items()
            if key[:2] in most
        ]
        program = with_limits(program, f"room_{unit}", rows, kinds, keys)
    return program


def with_limits(
    program: Program,
    kind: str,
    limits: list[tuple[tuple, float, object, float]],
    kinds: list[str],
    keys: list[tuple],
) -> Program:
    """Program with a row for each limit: key, coefficient, variable, and the most it may come to.

    Variables that no row and no cost speaks of are left out.
    """
    column_of = program.column_of()
    new = [limit for limit in limits if id(limit[2]) in column_of]
    rows = sparse.csr_array(
        (
            [coefficient for _, coefficient, _, _ in new],
            (np.arange(len(new)), [column_of[id(variable)] for _, _, variable, _ in new]),
        ),
        shape=(len(new), len(program.cost)),
        dtype=float,
    )
    kinds += [kind] * len(new)
    keys += [key for key, *_ in new]
    return replace(
        program,
        matrix=sparse.csr_array(sparse.vstack([program.matrix, rows])),
        row_lower=np.concatenate([program.row_lower, np.full(len(new), -np.inf)]),
        row_upper=np.concatenate([program.row_upper, np.array([most for *_, most in new], float)]),
    )


def most_it_mw(inputs: PlanInputs) -> float:
    """IT MW of the stage that asks for the most, campaigns included."""
    asked = inputs.demand_mw.groupby(level="stage").sum()
    if inputs.power is not None and len(inputs.power.campaign_mw):
        campaigns = inputs.power.campaign_mw.groupby(level="stage").sum()
        asked = asked.add(campaigns, fill_value=0.0)
    return float(asked.max())


def room_it_mw(inputs: PlanInputs) -> pd.Series:
    """IT MW that each hall has room for beside what exists."""
    return (inputs.sites.max_it_mw - inputs.sites.existing_it_mw).clip(lower=0.0)


def spare_it_mw(inputs: PlanInputs) -> pd.Series:
    """Part of that room that holds no whole block; 0 where any amount may be bought."""
    in_blocks_mw = inputs.most_blocks * inputs.sites.block_mw
    return (room_it_mw(inputs) - in_blocks_mw).clip(lower=0.0).fillna(0.0)

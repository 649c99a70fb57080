"""What is stated anew where two problems differ in money alone: the cost and the budget."""

from dataclasses import fields, is_dataclass
from typing import Any

import pandas as pd
import pyomo.environ as pyo

from models import cost, policies, power_cost
from models.collector import undisturbed
from models.inputs import PlanInputs

# Blocks without a variable and of which no other speaks: they can be taken out and stated anew.
MONEY_BLOCKS = ("cost", "policies")
MONEY = cost.MONEY | power_cost.MONEY | policies.MONEY
# Fields of which only some columns are money.
TABLES = {name.rpartition(".")[0] for name in MONEY}


def differ_in_money_alone(before: PlanInputs, now: PlanInputs) -> bool:
    """Whether the models of two problems are the same but for `MONEY_BLOCKS`.

    What is free in one of them has to be free in the other: a price that comes or goes moves
    columns, and there are variables for a tariff where one is due.
    """
    return same(before, now, "")


def renew_money(model: pyo.ConcreteModel, before: PlanInputs, inputs: PlanInputs) -> None:
    """Turn the model of a problem into that of one that differs in money alone."""
    # What is worked out once of the inputs is nowhere money.
    vars(inputs).update({**vars(before), **vars(inputs)})
    with undisturbed():
        for name in MONEY_BLOCKS:
            model.del_component(name)
        if inputs.power is not None:
            model.dispatch.power = inputs.power  # Energy is priced by the slices that it holds.
        cost.add_cost(model, inputs)
        policies.add_policies(model, inputs)


def same(before: Any, now: Any, name: str) -> bool:
    """Whether two values of a field are the same, or are money and free in the same places."""
    if before is now:
        return True
    if type(before) is not type(now):
        return False
    if name in MONEY:
        free, still_free = before == 0, now == 0
        return bool(free.equals(still_free) if is_pandas(before) else free == still_free)
    if is_dataclass(before):
        return all(
            same(getattr(before, field.name), getattr(now, field.name), within(name, field.name))
            for field in fields(before)
        )
    if name in TABLES and not before.equals(now):
        money = [column for column in before if within(name, column) in MONEY and column in now]
        return bool(before.drop(columns=money).equals(now.drop(columns=money))) and all(
            same(before[column], now[column], within(name, column)) for column in money
        )
    return bool(before.equals(now) if is_pandas(before) else before == now)


def within(name: str, part: str) -> str:
    """Name of a field of a field, or of a table's column."""
    return f"{name}.{part}" if name else part


def is_pandas(value: Any) -> bool:
    """Whether a value is a table or a column."""
    return isinstance(value, pd.DataFrame | pd.Series)

"""Money over the years: present values, and what a cumulative column costs when it rises."""

import pyomo.environ as pyo

from models.inputs import PlanInputs
from models.linear import WeightedSum

HOURS_PER_YEAR = 8760
MILLION = 1e6


def present_value(inputs: PlanInputs, year: int) -> float:
    r"""Weight of a cost in a year: $(1 + \mathrm{discount\_rate})^{-(y - \mathrm{base\_year})}$."""
    return (1 + inputs.discount_rate) ** -(year - inputs.base_year)


def annuity(inputs: PlanInputs, stage: int) -> float:
    """Weight of a cost that falls in each year of a stage: the sum of its present values."""
    return sum(present_value(inputs, year) for year in inputs.years(stage))


def rise(variable: pyo.Var, prices: list, inputs: PlanInputs, t: int) -> WeightedSum:
    """Cost of what a cumulative variable, indexed by a key and the stage, gains in stage t."""
    terms = rise_terms(variable, prices, inputs, t)
    return WeightedSum([price for price, _ in terms], [column for _, column in terms])


def rise_terms(
    variable: pyo.Var, prices: list, inputs: PlanInputs, t: int
) -> list[tuple[float, object]]:
    """Terms of what a cumulative variable gains in stage t, each key at its price."""
    return [
        (sign * price, variable[(*key, stage)])
        for key, price in prices
        for stage, sign in ((t, 1), (inputs.before(t), -1))
        if price and (*key, stage) in variable
    ]

"""Problems that differ in money alone: which those are, and that the model is changed into theirs.

A column that is declared to be money though a row depends on it shows here: every column of every
table is changed, and the changed model compared with one that is built anew.
"""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models import build_model, differ_in_money_alone, renew_money, renewal
from optimizer.program import compile_program
from tests.models.baselines import hourly_inputs, reference_inputs
from tests.models.small_problems import small_problems


def capped_inputs():
    """Caps on carbon and water and a share of clean energy, where peaks and energy count."""
    inputs = reference_inputs()
    years = range(inputs.stages[0], inputs.horizon_end)
    return replace(
        inputs,
        sites=inputs.sites.assign(embodied_t=9.0, embodied_t_per_it_mw=2.0, water_l_per_kwh=0.5),
        nodes=inputs.nodes.assign(carbon_kg_per_mwh=300.0, clean_share=0.3),
        carbon_cap_t=pd.Series(90_000.0, years),
        water_cap_m3=pd.Series(80_000.0, years),
        clean_share=pd.Series(0.2, years),
        clean_hourly=pd.Series(data=False, index=years),
    )


INPUTS = {"peak": reference_inputs(), "capped": capped_inputs(), "slices": hourly_inputs()}
ARRAYS = ("cost", "offset", "lower", "upper", "integer", "row_lower", "row_upper")


def numbers_of(inputs, name=""):
    """Names of all numbers of a problem: fields, and columns of tables."""
    for field in fields(inputs):
        value, own = getattr(inputs, field.name), renewal.within(name, field.name)
        if is_dataclass(value):
            yield from numbers_of(value, own)
        elif isinstance(value, pd.DataFrame):
            columns = value.select_dtypes("number").columns
            yield from (renewal.within(own, column) for column in columns)
        elif isinstance(value, pd.Series | float | int) and pd.api.types.is_numeric_dtype(
            getattr(value, "dtype", type(value))
        ):
            yield own


def doubled(value):
    return value + 1 if isinstance(value, int) else value * 2  # A year is one later.


def first_doubled(value):
    """A table's first number alone; others as a whole."""
    if not isinstance(value, pd.Series | pd.DataFrame):
        return value + 1
    return value.mask(np.arange(len(value)) == 0, value * 2)


NUMBERS = [(which, name) for which, inputs in INPUTS.items() for name in numbers_of(inputs)]


def changed(inputs, name, change):
    """The problem with one field or column changed."""
    first, _, rest = name.partition(".")
    value = getattr(inputs, first)
    if rest and is_dataclass(value):
        new = changed(value, rest, change)
    elif rest:
        column = value[rest]
        new = value.assign(**{rest: change(column).astype(column.dtype)})
    else:
        new = change(value)
    return replace(inputs, **{first: new})


def facts_of(model):
    """All that a program is made of: its numbers, and the names of columns and rows."""
    program = compile_program(model)
    arrays = [getattr(program, name) for name in ARRAYS]
    arrays += [getattr(program.matrix, name) for name in ("data", "indices", "indptr")]
    return arrays, [part.name for part in (*program.variables, *program.constraints)]


def is_renewed(before, now):
    """Whether the model of one problem, changed into the other's, is as one built anew."""
    model = build_model(before)
    renew_money(model, before, now)
    arrays, names = facts_of(model)
    anew, its_names = facts_of(build_model(now))
    return names == its_names and all(map(np.array_equal, arrays, anew))


@pytest.mark.parametrize(("which", "name"), NUMBERS, ids=map("-".join, NUMBERS))
def test_any_number_may_change_if_it_is_money(which, name):
    before = INPUTS[which]
    for change in (doubled, first_doubled):
        now = changed(before, name, change)
        assert not differ_in_money_alone(before, now) or is_renewed(before, now)
        assert differ_in_money_alone(before, now) or name not in renewal.MONEY


@pytest.mark.parametrize(
    ("which", "name"),
    [
        ("peak", "sites.pue"),
        ("capped", "load_factor"),
        ("capped", "nodes.carbon_kg_per_mwh"),
        ("slices", "power.workloads.move_cost_per_mwh"),
    ],
)
def test_what_a_row_depends_on_is_no_money(monkeypatch, which, name):
    before = INPUTS[which]
    now = changed(before, name, doubled)
    assert not differ_in_money_alone(before, now)
    monkeypatch.setattr(renewal, "MONEY", renewal.MONEY | {name})
    assert differ_in_money_alone(before, now)  # As if it were declared to be.
    assert not is_renewed(before, now)


def test_a_price_that_comes_or_goes_makes_another_model():
    before = INPUTS["peak"]
    for name in ("sites.opening_cost", "carbon_price_per_t", "discount_rate"):
        free = changed(before, name, lambda value: value * 0)
        assert not differ_in_money_alone(before, free)
        assert not differ_in_money_alone(free, before)


@given(small_problems(), st.data())
@settings(max_examples=30, deadline=None)
def test_all_prices_may_change_at_once(before, data):
    prices = st.lists(st.integers(1, 9), min_size=5, max_size=5)
    now = replace(before, capital_budget=before.capital_budget * data.draw(st.sampled_from([1, 2])))
    for name in sorted(renewal.MONEY):
        table = name.rpartition(".")[0]
        if isinstance(getattr(before, table, None), pd.DataFrame):
            factors = np.resize(data.draw(prices), len(getattr(before, table)))
            now = changed(now, name, lambda value, factors=factors: value * factors)
    assert differ_in_money_alone(before, now)
    assert is_renewed(before, now)
